//! One client, from its first byte to the close.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use protocol::{Inbox, Outbox, Received, Site};
use support::Options;

use crate::executor::Turn;
use crate::source::{Reactor, Source};

/// How long we read on after the answer, at most, until the client closes too.
const LINGERING_TIME: Duration = Duration::from_secs(1);

/// A client's socket, on which only its task waits.
type Stream<'a> = Source<'a, TcpStream>;

/// Serves one client. Whatever goes wrong with it is one line in the log, and no one else's trouble.
pub async fn serve(stream: TcpStream, client: SocketAddr, site: &Site, options: &Options, reactor: &Reactor) {
    options.log.event(format_args!("{client} connected"));
    let served = async {
        stream.set_nonblocking(true)?;
        let (mut stream, mut turn) = (Source::new(stream, reactor)?, Turn::default());
        answer(&mut stream, &mut turn, client, site, options).await?;
        lingering_close(&mut stream, &mut turn).await
    };
    if let Err(error) = served.await {
        options.log.lost(client, &error);
    }
}

async fn answer(
    stream: &mut Stream<'_>,
    turn: &mut Turn,
    client: SocketAddr,
    site: &Site,
    options: &Options,
) -> io::Result<()> {
    // The end of an answer is not held back until the client has confirmed the rest (Nagle's algorithm).
    stream.socket().set_nodelay(true)?;
    let mut inbox = Inbox::default();
    let mut keep_alive = true;
    while keep_alive {
        let Some(received) = receive(stream, turn, &mut inbox, options.timeout).await? else { break };
        keep_alive = received.keep_alive();
        let response = site.answer(&received).keeping_alive(keep_alive);
        options.log.event(format_args!("{client} {received} -> {response}"));
        send(stream, turn, response.encode(), options.timeout).await?;
    }
    Ok(())
}

/// The next request, or what came instead of one. `None`: the client has gone.
///
/// The deadline is that of the whole request, not of each read: otherwise a client that sends a byte now and then could
/// stay for ever. Only a body may take longer, as long as it makes progress.
async fn receive(
    stream: &mut Stream<'_>,
    turn: &mut Turn,
    inbox: &mut Inbox,
    timeout: Duration,
) -> io::Result<Option<Received>> {
    let mut progress = inbox.progress();
    stream.set_deadline(Instant::now() + timeout);
    loop {
        if let Some(received) = inbox.next() {
            return Ok(Some(received));
        }
        if inbox.progress() > progress {
            progress = inbox.progress();
            stream.set_deadline(Instant::now() + timeout);
        }
        match stream.when_ready(|socket| inbox.read_from(socket)).await {
            _ if stream.is_late() => return inbox.time_out().map(Some).ok_or(ErrorKind::TimedOut.into()),
            Ok(0) => return Ok(None),
            result => result?,
        };
        turn.end_of_step().await;
    }
}

/// Sends all of an answer. A client that takes nothing of it for as long as it may be silent is gone.
async fn send(stream: &mut Stream<'_>, turn: &mut Turn, mut outbox: Outbox, timeout: Duration) -> io::Result<()> {
    while !outbox.is_sent() {
        stream.set_deadline(Instant::now() + timeout);
        stream.when_ready(|socket| outbox.send_some(socket)).await?;
        // The next piece of a large answer comes after everyone else's turn.
        if outbox.is_sent() { turn.end_of_step().await } else { turn.end().await }
    }
    Ok(())
}

/// Says "that was all", and reads what still comes until the client closes too. A close with unread bytes would be a
/// reset, and that can take back an answer which is still on its way (RFC 9112, section 9.6).
async fn lingering_close(stream: &mut Stream<'_>, turn: &mut Turn) -> io::Result<()> {
    stream.socket().shutdown(Shutdown::Write)?;
    stream.set_deadline(Instant::now() + LINGERING_TIME);
    // The array is gone before the task waits: one that is still needed afterwards would be a part of the future.
    while !stream.is_late() && matches!(stream.when_ready(|socket| socket.read(&mut [0; 1024])).await, Ok(1..)) {
        turn.end_of_step().await;
    }
    Ok(())
}
