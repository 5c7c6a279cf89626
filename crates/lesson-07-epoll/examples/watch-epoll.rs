//! Lesson 07 without HTTP: what the kernel tells of a client, and when. Of what came, only a few bytes are read each
//! time, so that it can be seen what becomes of the rest:
//!
//! - level: it is told of again and again, until nothing is left;
//! - edge: it is told of once, and then only when more comes. What is left then waits, and a client that leaves
//!   meanwhile is not noticed: anyone who uses edges has to read until `WouldBlock`;
//! - one-shot: nothing is told of any more, whatever comes, until the client is armed again.
//!
//! Start it, and be a client in another window: `nc 127.0.0.1 7890`. Type more than four letters, wait, and leave.

use std::collections::{HashMap, VecDeque};
use std::fmt::Display;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroU16;
use std::process;
use std::time::{Duration, Instant};

use lexopt::prelude::*;
use polling::{AsRawSource, Event, Events, PollMode, Poller};
use support::{Failure, value};

const LISTENER: usize = 0;

const HELP: &str = "\
Usage: watch-epoll [OPTIONS]

      --level               told again and again while there is something (default)
      --edge                told once when something comes
      --oneshot             told once, and then not until armed again
      --read BYTES          how much is read when told (default 4)
      --rearm MILLISECONDS  with --oneshot, when to arm again after being told (default 3000)
  -p, --port PORT           where to listen, on 127.0.0.1 (default 7890; 0 takes any free port)
  -h, --help                print this
";

struct Options {
    port: u16,
    mode: PollMode,
    read: usize,
    rearm: Duration,
}

fn main() -> Result<(), Failure> {
    let options = command_line().unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "watch-epoll: {error}; try --help");
        process::exit(2)
    });
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let listener = TcpListener::bind(address).map_err(|error| Failure::to_listen(address, &error))?;
    say(format_args!("listening on {}", listener.local_addr().unwrap_or(address)));
    watch(&listener, &options).map_err(|error| Failure::to_wait(&error))
}

fn watch(listener: &TcpListener, options: &Options) -> io::Result<()> {
    let start = Instant::now();
    let tell = |what: &dyn Display| say(format_args!("{:8.3} s  {what}", start.elapsed().as_secs_f64()));
    let (poller, mut events) = (Poller::new()?, Events::new());
    add(&poller, listener, LISTENER, PollMode::Level)?;
    let mut clients: HashMap<usize, (TcpStream, SocketAddr)> = HashMap::new();
    let mut last_key = LISTENER;
    // Who is to be armed again when. All wait equally long, so whoever was told of first is in front.
    let mut disarmed: VecDeque<(Instant, usize)> = VecDeque::new();
    loop {
        events.clear();
        poller.wait(&mut events, disarmed.front().map(|(time, _)| time.saturating_duration_since(Instant::now())))?;
        for Event { key, .. } in events.iter() {
            if key == LISTENER {
                let (stream, client) = listener.accept()?;
                stream.set_nonblocking(true)?;
                tell(&format_args!("{client} is a new client"));
                last_key += 1;
                add(&poller, &stream, last_key, options.mode)?;
                clients.insert(last_key, (stream, client));
            } else if let Some((stream, client)) = clients.get_mut(&key) {
                let (stays, what) = read(stream, options.read);
                tell(&format_args!("{client} told of: {what}"));
                if !stays {
                    poller.delete(&*stream)?;
                    clients.remove(&key);
                } else if options.mode == PollMode::Oneshot {
                    disarmed.push_back((Instant::now() + options.rearm, key));
                }
            }
        }
        while let Some((_, key)) = disarmed.front().copied().filter(|(time, _)| *time <= Instant::now()) {
            disarmed.pop_front();
            if let Some((stream, client)) = clients.get(&key) {
                tell(&format_args!("{client} armed again"));
                poller.modify_with_mode(stream, Event::readable(key), options.mode)?;
            }
        }
    }
}

fn add(poller: &Poller, source: impl AsRawSource, key: usize, mode: PollMode) -> io::Result<()> {
    // SAFETY: a client is deleted from the poller before it is dropped, and the listener outlives the poller.
    #[allow(unsafe_code)]
    unsafe {
        poller.add_with_mode(source, Event::readable(key), mode)
    }
}

/// Once, and only so much: what that leaves is what there is to see. Whether the client stays, and what came.
fn read(stream: &mut TcpStream, bytes: usize) -> (bool, String) {
    let mut data = vec![0; bytes];
    match stream.read(&mut data) {
        Ok(0) => (false, "offline".to_owned()),
        Ok(length) => (true, format!("\"{}\"", data[..length].escape_ascii())),
        Err(error) => (error.kind() == ErrorKind::WouldBlock, error.to_string()),
    }
}

/// One line. Once nobody can read it, there is nothing left to do.
fn say(what: impl Display) {
    if writeln!(io::stdout(), "{what}").is_err() {
        process::exit(1);
    }
}

fn command_line() -> Result<Options, lexopt::Error> {
    let mut options = Options { port: 7890, mode: PollMode::Level, read: 4, rearm: Duration::from_secs(3) };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("level") => options.mode = PollMode::Level,
            Long("edge") => options.mode = PollMode::Edge,
            Long("oneshot") => options.mode = PollMode::Oneshot,
            Long("read") => {
                let bytes: NonZeroU16 = value(&mut arguments, "--read", "a number of bytes from 1 to 65535")?;
                options.read = bytes.get().into();
            }
            Long("rearm") => {
                let time: u16 = value(&mut arguments, "--rearm", "a number of milliseconds from 0 to 65535")?;
                options.rearm = Duration::from_millis(time.into());
            }
            Short('p') | Long("port") => options.port = value(&mut arguments, "--port", "a number from 0 to 65535")?,
            Short('h') | Long("help") => {
                let _ = io::stdout().write_all(HELP.as_bytes());
                process::exit(0)
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(options)
}
