//! The listening socket.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

/// How many clients the kernel lets wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long an `accept` that failed is not tried again: an error that lasts must not become a flood of messages.
pub const PAUSE: Duration = Duration::from_millis(100);
/// How many clients more than its share a worker accepts before it leaves them to the others.
pub const EXTRA: usize = 4;
/// How long it leaves one to the others: they may be busy.
pub const COURTESY: Duration = Duration::from_millis(1);
/// How long the kernel may take to wind up the queues of a server that has just ended, and how often we look.
const WINDING_UP: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(10);

pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Connections of the last run may still be in TIME_WAIT; that is no reason to refuse the port.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// As soon as the port is free: the queues of the last run keep it for some milliseconds.
pub fn listen_when_free(address: SocketAddr) -> io::Result<TcpListener> {
    let enough = Instant::now() + WINDING_UP;
    loop {
        match listen(address) {
            Err(error) if error.kind() == ErrorKind::AddrInUse && Instant::now() < enough => thread::sleep(LOOK),
            result => return result,
        }
    }
}
