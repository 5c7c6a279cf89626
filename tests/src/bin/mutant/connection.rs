//! One client, from its first byte to the close, as in lesson 04.

use std::io::{self, Read};
use std::mem;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::Server;
use crate::defect::Defect;
use crate::receive::{head_only, in_time, receive};
use crate::send::send;

const LINGERING_TIME: Duration = Duration::from_secs(1);

pub fn serve(mut stream: TcpStream, client: SocketAddr, server: &Server) {
    if let Err(error) = serve_or_fail(&mut stream, server) {
        server.options.log.lost(client, &error);
    }
}

fn serve_or_fail(stream: &mut TcpStream, server: &Server) -> io::Result<()> {
    let timeout = (server.defect != Defect::NeverTimesOut).then_some(server.options.timeout);
    stream.set_read_timeout(timeout)?;
    stream.set_write_timeout(timeout)?;
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
    match received {
        Some(received) => send(stream, &received, server),
        None => Ok(()),
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
