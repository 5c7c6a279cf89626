//! Lesson 02, a file by path: the answer now depends on the question. The path of the request names a file below the
//! document root.
//!
//! It serves one client after another: while one is silent, all others wait.

mod connection;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use support::{Failure, Flag, Log, Options};

use connection::serve;

/// How many clients the kernel lets wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long an `accept` that failed is not tried again: an error that lasts must not become a flood of messages.
const PAUSE: Duration = Duration::from_millis(100);

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    loop {
        let Some((stream, client)) = next_client(&listener, &options.log) else { continue };
        serve(stream, client, &site, &options);
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Connections of the last run may still be in TIME_WAIT; that is no reason to refuse the port.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// `None`: nobody, this time.
fn next_client(listener: &TcpListener, log: &Log) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept() {
        Ok(client) => Some(client),
        Err(error) => {
            log.event(format_args!("cannot accept: {error}"));
            thread::sleep(PAUSE);
            None
        }
    }
}
