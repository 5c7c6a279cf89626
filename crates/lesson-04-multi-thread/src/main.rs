//! Lesson 04, multi-thread: a thread for every client. Threads share memory and descriptors, so nothing is copied, and
//! a client costs a stack instead of a process.
//!
//! Still each client holds a thread for as long as it likes, and most of that time the thread waits.

mod connection;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use support::{Failure, Flag, Log, Options};

use connection::serve;

/// How many clients the kernel lets wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long an `accept` that failed is not tried again: an error that lasts must not become a flood of messages.
const PAUSE: Duration = Duration::from_millis(100);
/// How many clients are served at a time; one more waits for a thread to end.
const THREADS_MAX: usize = 512;

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    let mut threads = Vec::new();
    loop {
        leave_room(&mut threads);
        let Some((stream, client)) = next_client(&listener, &options.log) else { continue };
        let (site, its_options) = (site.clone(), options.clone());
        let name = format!("client-{}", client.port());
        match thread::Builder::new().name(name).spawn(move || serve(stream, client, &site, &its_options)) {
            Ok(thread) => threads.push(thread),
            Err(error) => options.log.event(format_args!("{client} refused: cannot start a thread: {error}")),
        }
    }
}

/// Forgets the threads that have ended, and waits for one to end while there are as many as may be.
fn leave_room(threads: &mut Vec<JoinHandle<()>>) {
    threads.retain(|thread| !thread.is_finished());
    while threads.len() >= THREADS_MAX {
        thread::sleep(PAUSE);
        threads.retain(|thread| !thread.is_finished());
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
