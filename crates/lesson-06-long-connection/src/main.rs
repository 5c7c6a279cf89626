//! Lesson 06, long connection: a client asks for many things, one after another, on one connection. That saves it a
//! handshake for each; the server keeps each connection for as long as the client makes progress, and so many for each.
//!
//! Idle clients are cheap now, but not free: each is asked in every round whether it has something to say.

mod connection;

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use support::{ConnectionLimit, Failure, Flag, Options, turn_away};

use connection::{Connection, Turn};

/// How many clients the kernel lets wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long an `accept` that failed is not tried again: an error that lasts must not become a flood of messages.
const PAUSE: Duration = Duration::from_millis(100);
/// How long to rest after a round in which nothing happened. Shorter burns more, longer makes clients wait longer.
const REST: Duration = Duration::from_millis(1);

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root, Flag::PerClient]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    let limit = ConnectionLimit::new(&options);
    let mut connections: Vec<Connection> = Vec::new();
    let mut accept_again = Instant::now();
    loop {
        let mut moved = false;
        if accept_again <= Instant::now() {
            match listener.accept() {
                Ok((stream, client)) => {
                    match limit.admit(client.ip()) {
                        Some(permit) => connections.extend(Connection::new(stream, client, permit, &options)),
                        None => {
                            options.log.event(format_args!("{client} turned away: it has too many connections"));
                            turn_away(stream, &site);
                        }
                    }
                    moved = true;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => {
                    options.log.event(format_args!("cannot accept: {error}"));
                    accept_again = Instant::now() + PAUSE;
                }
            }
        }
        // `retain_mut` visits each once and keeps or drops it on the way: nothing is removed behind the walker's back.
        connections.retain_mut(|connection| {
            let turn = connection.advance(&site, &options);
            moved |= turn == Turn::Moved;
            turn != Turn::Ended
        });
        if !moved {
            thread::sleep(REST);
        }
    }
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
