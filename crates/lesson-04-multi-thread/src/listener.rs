//! The listening socket, and the clients that it accepts.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use support::Log;

/// How many clients the kernel lets wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long an `accept` that failed is not tried again: an error that lasts must not become a flood of messages.
pub const PAUSE: Duration = Duration::from_millis(100);

pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Connections of the last run may still be in TIME_WAIT; that is no reason to refuse the port.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// `None`: nobody, this time.
pub fn next_client(listener: &TcpListener, log: &Log) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept() {
        Ok(client) => Some(client),
        Err(error) => {
            log.event(format_args!("cannot accept: {error}"));
            thread::sleep(PAUSE);
            None
        }
    }
}
