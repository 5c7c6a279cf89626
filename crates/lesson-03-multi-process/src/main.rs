//! Lesson 03, multi-process: a process for every client. The parent only accepts; a child that it forks serves, and
//! ends.
//!
//! A silent client now holds up only its own child. But a process is a lot to pay for a client.

mod children;
mod connection;

use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use std::{process, thread};

use nix::unistd::{ForkResult, fork, getpid};
use socket2::{Domain, SockRef, Socket, Type};
use support::{Failure, Flag, Log, Options, turn_away};

use children::{die_with_parent, reap};
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

    let parent = getpid();
    let mut children = HashSet::new();
    loop {
        reap(&mut children);
        // While children live, `accept` comes back now and then, so that none stays unburied for long. That is Linux:
        // on macOS and the BSDs this time-out does not reach `accept`, and the next client sees to it.
        let _ = SockRef::from(&listener).set_read_timeout((!children.is_empty()).then_some(PAUSE));
        let Some((stream, client)) = next_client(&listener, &options.log) else { continue };
        // SAFETY: this process has one thread, so nothing that the child needs is locked by another.
        #[allow(unsafe_code)]
        match unsafe { fork() } {
            Ok(ForkResult::Parent { child }) => {
                // The child has its own copy. While this one was open, the connection could not end.
                drop(stream);
                children.insert(child);
            }
            Ok(ForkResult::Child) => {
                drop(listener);
                die_with_parent(parent);
                serve(stream, client, &site, &options);
                process::exit(0);
            }
            Err(error) => {
                options.log.event(format_args!("{client} turned away: cannot fork: {error}"));
                turn_away(stream, &site);
            }
        }
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
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => {
            log.event(format_args!("cannot accept: {error}"));
            thread::sleep(PAUSE);
            None
        }
    }
}
