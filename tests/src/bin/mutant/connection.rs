//! One client, from its first byte to the close, as in lesson 04.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{mem, process, thread};

use support::keep_little_unsent;

use crate::Server;
use crate::defect::Defect;
use crate::receive::{head_only, in_time, receive};
use crate::send::send;

const LINGERING_TIME: Duration = Duration::from_secs(1);

/// What makes a line of the log as long as such lines are.
const TALKATIVE: &str = "asked for by a client whose address, process, thread and time might stand here as well";

pub fn serve(mut stream: TcpStream, client: SocketAddr, server: &Server) {
    if let Err(error) = serve_or_fail(&mut stream, server) {
        server.options.log.lost(client, &error);
    }
}

fn serve_or_fail(stream: &mut TcpStream, server: &Server) -> io::Result<()> {
    let timeout = (server.defect != Defect::NeverTimesOut).then_some(server.options.timeout);
    stream.set_read_timeout(timeout)?;
    stream.set_write_timeout(timeout)?;
    if server.defect != Defect::FillsTheSocket {
        keep_little_unsent(&*stream)?;
    }
    match server.defect {
        Defect::Always400 | Defect::Always200 | Defect::Silent | Defect::ClosesAtOnce => {
            crate::dummy::act(stream, server)?
        }
        Defect::BodyAsRequest => answer_each(stream, server)?,
        _ => answer_one(stream, server)?,
    }
    match server.defect {
        Defect::ClosesAtOnce | Defect::ClosesWithUnreadBytes => return Ok(()),
        Defect::DescriptorLeak => mem::forget(stream.try_clone()?),
        _ => {}
    }
    lingering_close(stream)
}

fn answer_one(stream: &mut TcpStream, server: &Server) -> io::Result<()> {
    let received = match server.defect {
        Defect::None | Defect::NoneWithProcesses => in_time(stream, server.options.timeout)?,
        defect => receive(stream, defect)?,
    };
    let Some(received) = received else { return Ok(()) };
    match server.defect {
        Defect::WaitsForTheLog => drop(writeln!(io::stderr(), "{received}, {TALKATIVE}")),
        Defect::WakeupLost => be_late_now_and_then(),
        _ => {}
    }
    let sent = send(stream, &received, server);
    if server.defect == Defect::FailedWriteEndsIt && sent.is_err() {
        process::exit(1);
    }
    sent
}

fn be_late_now_and_then() {
    static ANSWERS: AtomicUsize = AtomicUsize::new(0);
    if (ANSWERS.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(400) {
        thread::sleep(Duration::from_secs(2));
    }
}

/// The answers to a head and to what stands behind it.
fn answer_each(stream: &mut TcpStream, server: &Server) -> io::Result<()> {
    let mut bytes = Vec::new();
    while let Some(received) = head_only(stream, &mut bytes)? {
        send(stream, &received, server)?;
        if bytes.is_empty() || !matches!(received, protocol::Received::Request(_)) {
            break;
        }
    }
    Ok(())
}

fn lingering_close(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(LINGERING_TIME))?;
    let enough = Instant::now() + LINGERING_TIME;
    let mut unread = [0; 16 * 1024];
    while matches!(stream.read(&mut unread), Ok(1..)) && Instant::now() < enough {}
    Ok(())
}
