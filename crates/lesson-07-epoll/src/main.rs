//! Lesson 07, epoll: the same connections, and the kernel says which of them can go on. The server sleeps until then,
//! and an idle client costs nothing but its memory.
//!
//! One thread still means one core. And the program is cut into steps, which is not how anybody thinks of it.

mod connection;
mod server;

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Socket, Type};
use support::{Failure, Flag, Options};

use server::Server;

/// How many clients the kernel lets wait to be accepted.
const BACKLOG: i32 = 1024;

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root, Flag::PerClient]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    let server = Server::new(&listener, &site, &options).and_then(|mut server| server.run());
    server.map_err(|error| Failure::to_wait(&error))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Connections of the last run may still be in TIME_WAIT; that is no reason to refuse the port.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}
