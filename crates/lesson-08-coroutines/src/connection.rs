//! One client, from its first byte to the close.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use protocol::{Inbox, Site};
use support::{Options, Permit};

use crate::deadline::Deadline;
use crate::worker::{Stream, give_way};

/// How long the client may take to hang up after us, from one byte to the next and in all.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_IN_ALL: Duration = Duration::from_secs(10);
/// How many steps a client may take in one turn: enough for a few requests, or a few mebibytes.
const STEPS: usize = 8;

/// Serves one client. Whatever goes wrong with it is one line in the log, and no one else's trouble.
pub fn serve(stream: TcpStream, client: SocketAddr, _permit: Permit, site: &Site, options: &Options) {
    options.log.event(format_args!("{client} connected"));
    let served = Stream::new(stream).map_err(io::Error::from).and_then(|mut stream| {
        answer(&mut stream, client, site, options)?;
        lingering_close(&mut stream)
    });
    if let Err(error) = served {
        options.log.lost(client, &error);
    }
}

fn answer(stream: &mut Stream, client: SocketAddr, site: &Site, options: &Options) -> io::Result<()> {
    // The end of an answer is not held back until the client has confirmed the rest (Nagle's algorithm).
    stream.inner().set_nodelay(true)?;
    stream.set_write_timeout(Some(options.timeout))?;
    let (mut inbox, mut steps) = (Inbox::default(), 0);
    let mut keep_alive = true;
    while keep_alive {
        let mut stream = Deadline { stream, until: Instant::now() + options.timeout };
        let Some(received) = inbox.receive(&mut stream)? else { break };
        keep_alive = received.keep_alive();
        let response = site.answer(&received).keeping_alive(keep_alive);
        options.log.event(format_args!("{client} {received} -> {response}"));
        let mut outbox = response.encode();
        loop {
            match outbox.send_some(&mut stream) {
                // The system knows nothing of coroutines. A write of their own stream puts this one aside until there
                // is much room. For a client that reads slowly that may be too late: a little room will do then.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    outbox.write_some(&mut stream).or_else(|_| outbox.send_some(&mut stream))?;
                }
                result => result?,
            }
            if !outbox.is_sent() || inbox.has_more() {
                end_of_step(&mut steps, stream.stream)?;
            }
            if outbox.is_sent() {
                break;
            }
        }
    }
    Ok(())
}

/// Says "that was all", and reads what still comes until the client hangs up too. A close with unread bytes would be a
/// reset, and that can take back an answer which is still on its way (RFC 9112, section 9.6).
fn lingering_close(stream: &mut Stream) -> io::Result<()> {
    stream.inner().shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(LINGER))?;
    let enough = Instant::now() + LINGER_IN_ALL;
    let (mut unread, mut steps) = ([0; 1024], 0);
    while matches!(stream.read(&mut unread), Ok(1..)) && Instant::now() < enough {
        end_of_step(&mut steps, stream)?;
    }
    Ok(())
}

/// Nobody interrupts a coroutine: while it has more to do, it has to let the others have a turn.
fn end_of_step(steps: &mut usize, stream: &Stream) -> io::Result<()> {
    *steps += 1;
    if steps.is_multiple_of(STEPS) { give_way(stream) } else { Ok(()) }
}
