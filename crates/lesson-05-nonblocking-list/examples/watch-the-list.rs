//! Lesson 05 without HTTP: one thread and a list of clients. Nobody is waited for; each is asked in turn whether there
//! is anything, round after round, and what each of them says can be watched.
//!
//! Start it, and be a client in another window, or in two: `nc 127.0.0.1 7890`. Type, and leave.

use std::fmt::Display;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroU16;
use std::process;
use std::thread;
use std::time::Duration;

use lexopt::prelude::*;
use support::{Failure, value};

/// How much one read takes, in bytes: what fits in a line. The rest has to wait for the next round.
const READ: usize = 64;

const HELP: &str = "\
Usage: watch-the-list [OPTIONS]

  -p, --port PORT           where to listen, on 127.0.0.1 (default 7890; 0 takes any free port)
      --every MILLISECONDS  from one round to the next (default 500)
  -h, --help                print this
";

fn main() -> Result<(), Failure> {
    let (port, every) = command_line().unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "watch-the-list: {error}; try --help");
        process::exit(2)
    });
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = listen(address).map_err(|error| Failure::to_listen(address, &error))?;
    say(format_args!("listening on {}", listener.local_addr().unwrap_or(address)));

    let mut clients: Vec<(TcpStream, SocketAddr)> = Vec::new();
    for round in 1_u64.. {
        say(format_args!("round {round}"));
        clients.extend(ask_for_a_client(&listener));
        clients.retain_mut(|(stream, client)| ask_for_data(stream, *client));
        thread::sleep(every);
    }
    Ok(())
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// `WouldBlock` is no error. It is the answer "not now", where lesson 01 would have slept until there is a client.
fn ask_for_a_client(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    let accepted = listener.accept().and_then(|(stream, client)| {
        stream.set_nonblocking(true)?;
        Ok((stream, client))
    });
    match &accepted {
        Ok((_, client)) => say(format_args!("  a new client: {client}")),
        Err(error) if error.kind() == ErrorKind::WouldBlock => say("  no new client"),
        Err(error) => say(format_args!("  cannot accept: {error}")),
    }
    accepted.ok()
}

/// Whether the client stays in the list.
fn ask_for_data(stream: &mut TcpStream, client: SocketAddr) -> bool {
    let mut data = [0; READ];
    let read = stream.read(&mut data);
    match &read {
        Ok(0) => say(format_args!("  {client} closed")),
        Ok(length) => say(format_args!("  data from {client}: \"{}\"", data[..*length].escape_ascii())),
        Err(error) if error.kind() == ErrorKind::WouldBlock => say(format_args!("  no data from {client}")),
        Err(error) => say(format_args!("  {client} lost: {error}")),
    }
    match read {
        Ok(length) => length > 0,
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}

/// One line. Once nobody can read it, there is nothing left to do.
fn say(what: impl Display) {
    if writeln!(io::stdout(), "{what}").is_err() {
        process::exit(1);
    }
}

/// The port, and the time from round to round.
fn command_line() -> Result<(u16, Duration), lexopt::Error> {
    let (mut port, mut every) = (7890, Duration::from_millis(500));
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('p') | Long("port") => port = value(&mut arguments, "--port", "a number from 0 to 65535")?,
            Long("every") => {
                let milliseconds: NonZeroU16 =
                    value(&mut arguments, "--every", "a number of milliseconds from 1 to 65535")?;
                every = Duration::from_millis(milliseconds.get().into());
            }
            Short('h') | Long("help") => {
                let _ = io::stdout().write_all(HELP.as_bytes());
                process::exit(0)
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok((port, every))
}
