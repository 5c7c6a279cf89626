//! One client, from its first byte to the close.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use protocol::{Inbox, Outbox, Received, Site};
use support::{Options, keep_little_unsent};

/// How long we read on after the answer, at most, until the client closes too.
const LINGERING_TIME: Duration = Duration::from_secs(1);
/// How often we look at the clock while the client takes nothing of its answer.
const PAUSE_IN_SENDING: Duration = Duration::from_millis(250);

/// Serves one client. Whatever goes wrong with it is one line in the log, and no one else's trouble.
pub fn serve(mut stream: TcpStream, client: SocketAddr, site: &Site, options: &Options) {
    options.log.event(format_args!("{client} connected"));
    if let Err(error) = answer(&mut stream, client, site, options).and_then(|()| lingering_close(&mut stream)) {
        options.log.lost(client, &error);
    }
}

fn answer(stream: &mut TcpStream, client: SocketAddr, site: &Site, options: &Options) -> io::Result<()> {
    keep_little_unsent(&*stream)?;
    let mut inbox = Inbox::default();
    if let Some(received) = receive(stream, &mut inbox, options.timeout)? {
        let response = site.answer(&received);
        options.log.event(format_args!("{client} {received} -> {response}"));
        send(stream, response.encode(), options.timeout)?;
    }
    Ok(())
}

/// The next request, or what came instead of one. `None`: the client has gone.
///
/// The deadline is that of the whole request, not of each read: otherwise a client that sends a byte now and then could
/// stay for ever. Only a body may take longer, as long as it makes progress.
fn receive(stream: &mut TcpStream, inbox: &mut Inbox, timeout: Duration) -> io::Result<Option<Received>> {
    let (mut progress, mut deadline) = (inbox.progress(), Instant::now() + timeout);
    loop {
        if let Some(received) = inbox.next() {
            return Ok(Some(received));
        }
        if inbox.progress() > progress {
            (progress, deadline) = (inbox.progress(), Instant::now() + timeout);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return inbox.time_out().map(Some).ok_or(ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match inbox.read_from(stream) {
            Ok(0) => return Ok(None),
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
    }
}

/// Sends all of an answer. A client that takes nothing of it for as long as it may be silent is gone.
fn send(stream: &mut TcpStream, mut outbox: Outbox, timeout: Duration) -> io::Result<()> {
    stream.set_write_timeout(Some(PAUSE_IN_SENDING))?;
    let mut deadline = Instant::now() + timeout;
    while !outbox.is_sent() {
        match outbox.send_some(stream) {
            Ok(()) => deadline = Instant::now() + timeout,
            Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < deadline => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Says "that was all", and reads what still comes until the client closes too. A close with unread bytes would be a
/// reset, and that can take back an answer which is still on its way (RFC 9112, section 9.6).
fn lingering_close(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let deadline = Instant::now() + LINGERING_TIME;
    let mut unread = [0; 16 * 1024];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        stream.set_read_timeout(Some(left))?;
        if !matches!(stream.read(&mut unread), Ok(1..)) {
            return Ok(());
        }
    }
}
