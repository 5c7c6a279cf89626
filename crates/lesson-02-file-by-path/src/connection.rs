//! One client, from its first byte to the close.

use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use protocol::{Inbox, Site};
use support::Options;

/// How long the client may take to hang up after us, from one byte to the next and in all.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_IN_ALL: Duration = Duration::from_secs(10);

/// Serves one client. Whatever goes wrong with it is one line in the log, and no one else's trouble.
pub fn serve(mut stream: TcpStream, client: SocketAddr, site: &Site, options: &Options) {
    options.log.event(format_args!("{client} connected"));
    if let Err(error) = answer(&mut stream, client, site, options).and_then(|()| lingering_close(&mut stream)) {
        options.log.lost(client, &error);
    }
}

fn answer(stream: &mut TcpStream, client: SocketAddr, site: &Site, options: &Options) -> io::Result<()> {
    stream.set_read_timeout(Some(options.timeout))?;
    stream.set_write_timeout(Some(options.timeout))?;
    let mut inbox = Inbox::default();
    if let Some(received) = inbox.receive(stream)? {
        let response = site.answer(&received);
        options.log.event(format_args!("{client} {received} -> {response}"));
        response.encode().send(stream)?;
    }
    Ok(())
}

/// Says "that was all", and reads what still comes until the client hangs up too. A close with unread bytes would be a
/// reset, and that can take back an answer which is still on its way (RFC 9112, section 9.6).
fn lingering_close(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(LINGER))?;
    let enough = Instant::now() + LINGER_IN_ALL;
    let mut unread = [0; 16 * 1024];
    while matches!(stream.read(&mut unread), Ok(1..)) && Instant::now() < enough {}
    Ok(())
}
