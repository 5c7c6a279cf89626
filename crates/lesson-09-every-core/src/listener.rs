//! The listening socket, and the clients that it accepts.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use support::Log;

/// How many clients the kernel lets wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long an `accept` that failed is not tried again: an error that lasts must not become a flood of messages.
pub const PAUSE: Duration = Duration::from_millis(100);
/// How many clients more than its share a worker accepts before it leaves them to the others.
pub const EXTRA: usize = 4;
/// How long it leaves one to the others: they may be busy.
pub const COURTESY: Duration = Duration::from_millis(1);

pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Connections of the last run may still be in TIME_WAIT; that is no reason to refuse the port.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// `None`: nobody, this time. After a failure nobody is accepted until the time in `accept_again`.
pub fn next_client(listener: &TcpListener, accept_again: &mut Instant, log: &Log) -> Option<(TcpStream, SocketAddr)> {
    if Instant::now() < *accept_again {
        return None;
    }
    match listener.accept() {
        Ok(client) => Some(client),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => {
            log.event(format_args!("cannot accept: {error}"));
            *accept_again = Instant::now() + PAUSE;
            None
        }
    }
}
