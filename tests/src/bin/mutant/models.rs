//! Who serves whom: the loops of lessons 02, 03 and 04.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use std::{process, thread};

use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use socket2::{Domain, SockRef, Socket, Type};
use support::{Log, turn_away};

use crate::Server;
use crate::connection::serve;
use crate::defect::Defect;

const BACKLOG: i32 = 1024;
const PAUSE: Duration = Duration::from_millis(100);

pub fn in_turn(listener: &TcpListener, server: &Server) -> ! {
    loop {
        let Some((stream, client)) = next_client(listener, &server.options.log) else { continue };
        serve(stream, client, server);
    }
}

/// As [`in_turn`], with a new listener for each client. There is one again when that client has said something, so that
/// whoever asks only after the last answer meets no gap.
pub fn anew(mut listener: TcpListener, server: &Server) -> io::Result<()> {
    let address = listener.local_addr()?;
    loop {
        let Some((stream, client)) = next_client(&listener, &server.options.log) else { continue };
        drop(listener);
        let _ = stream.peek(&mut [0]);
        listener = listen(address)?;
        serve(stream, client, server);
    }
}

pub fn in_threads(listener: &TcpListener, server: Server) -> ! {
    let server = Arc::new(server);
    loop {
        let Some((stream, client)) = next_client(listener, &server.options.log) else { continue };
        let (its_server, again) = (Arc::clone(&server), stream.try_clone());
        if let Err(error) = thread::Builder::new().spawn(move || serve(stream, client, &its_server)) {
            server.options.log.event(format_args!("{client} turned away: cannot start a thread: {error}"));
            if server.defect != Defect::DropsTheRefused {
                let _ = again.map(|stream| turn_away(stream, &server.site));
            }
        }
    }
}

pub fn in_processes(listener: TcpListener, server: &Server) -> ! {
    let mut children = 0;
    loop {
        match server.defect {
            Defect::Zombies => {}
            Defect::CountsEveryChild => children = reap_and_count(children),
            _ => reap(),
        }
        let _ = SockRef::from(&listener).set_read_timeout(Some(PAUSE));
        let Some((stream, client)) = next_client(&listener, &server.options.log) else { continue };
        // SAFETY: this process has one thread, so nothing that the child needs is locked by another.
        #[allow(unsafe_code)]
        match unsafe { fork() } {
            Ok(ForkResult::Parent { .. }) => {
                drop(stream);
                children = children.wrapping_add(1);
            }
            Ok(ForkResult::Child) => {
                drop(listener);
                if server.defect != Defect::Orphans {
                    end_with_the_parent();
                }
                serve(stream, client, server);
                process::exit(0);
            }
            Err(error) => {
                server.options.log.event(format_args!("{client} turned away: cannot fork: {error}"));
                turn_away(stream, &server.site);
            }
        }
    }
}

fn end_with_the_parent() {
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGTERM);
}

fn reap() {
    while !matches!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Ok(WaitStatus::StillAlive) | Err(_)) {}
}

/// As many are left, if all were children that serve clients. Below zero are very many.
fn reap_and_count(mut children: u32) -> u32 {
    const CHILDREN_MAX: u32 = 512;
    loop {
        let wait = if children < CHILDREN_MAX { WaitPidFlag::WNOHANG } else { WaitPidFlag::empty() };
        match waitpid(None, Some(wait)) {
            Ok(WaitStatus::StillAlive) | Err(_) => return children,
            Ok(_) => children = children.wrapping_sub(1),
        }
    }
}

pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// One that waits at the door. A pause where accepting fails, so that an error that lasts is no flood of messages.
pub fn next_client(listener: &TcpListener, log: &Log) -> Option<(TcpStream, SocketAddr)> {
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
