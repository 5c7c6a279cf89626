//! Lesson 09 without HTTP: what work that blocks does to an event loop, and what a pool of threads makes of it. A
//! client sends the name of a file, a line, and is told how many bytes there are in it. To count them the file is read:
//!
//! - `--pool 0`: the loop reads it, and until it has read it nobody else is served;
//! - `--pool 4`: the loop hands the name to one of four threads, goes on, and is handed back the number.
//!
//! A disk is seldom slow when one wants to watch it. A FIFO (`mkfifo slow`) is as slow as you like: a reader waits
//! until somebody has written to it. Be a client in another window: `echo slow | nc 127.0.0.1 7890`.

use std::collections::HashMap;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Builder};

use lexopt::prelude::*;
use polling::{AsRawSource, Event, Events, Poller};
use support::{Failure, value};

const LISTENER: usize = 0;
/// A line that is longer is none of ours.
const LINE_MAX: u64 = 256;

const HELP: &str = "\
Usage: watch-the-pool [OPTIONS]

      --pool THREADS        how many threads read the files (default 4; 0: the loop does it itself)
      --folder FOLDER       where the files are (default: here)
  -p, --port PORT           where to listen, on 127.0.0.1 (default 7890; 0 takes any free port)
  -h, --help                print this
";

struct Options {
    port: u16,
    pool: u8,
    folder: PathBuf,
}

/// What the loop hands to the pool. The client is only a key: by the time the work is done it may have gone.
struct Job {
    client: usize,
    name: String,
}

/// What the pool hands back.
struct Done {
    client: usize,
    answer: String,
}

struct Client {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
    /// As much of it as has come.
    line: Vec<u8>,
}

fn main() -> Result<(), Failure> {
    let options = command_line().unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "watch-the-pool: {error}; try --help");
        process::exit(2)
    });
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let listener = TcpListener::bind(address).map_err(|error| Failure::to_listen(address, &error))?;
    let poller = Poller::new().map_err(|error| Failure::to_wait(&error))?;
    say(format_args!("listening on {}", listener.local_addr().unwrap_or(address)));

    let (to_pool, jobs) = mpsc::channel();
    let (to_loop, done) = mpsc::channel();
    let jobs = Mutex::new(jobs);
    thread::scope(|scope| {
        for number in 1..=options.pool {
            let (jobs, folder, to_loop, poller) = (&jobs, &options.folder, to_loop.clone(), &poller);
            let thread = Builder::new().name(format!("pool {number}"));
            let thread = thread.spawn_scoped(scope, move || work(jobs, folder, &to_loop, poller));
            thread.map_err(|error| Failure::to_start_thread(&error).end()).ok();
        }
        watch(&listener, &poller, &options, &to_pool, &done).map_err(|error| Failure::to_wait(&error).end()).ok();
    });
    Ok(())
}

/// The loop. It waits in one place, for clients and for the pool alike.
fn watch(
    listener: &TcpListener,
    poller: &Poller,
    options: &Options,
    to_pool: &Sender<Job>,
    done: &Receiver<Done>,
) -> io::Result<()> {
    let (mut clients, mut last_key, mut events) = (HashMap::new(), LISTENER, Events::new());
    add(poller, listener, LISTENER)?;
    loop {
        events.clear();
        poller.wait(&mut events, None)?;
        for Event { key, .. } in events.iter() {
            if key == LISTENER {
                last_key += 1;
                clients.insert(last_key, welcome(listener, poller, last_key)?);
                continue;
            }
            let Some(client) = clients.get_mut(&key) else { continue };
            match client.receive() {
                Ok(name) => {
                    say(format_args!("{} asks for {name}", client.address));
                    if options.pool == 0 {
                        let answer = count(&options.folder, &name, "loop");
                        leave(&mut clients, poller, Done { client: key, answer })?;
                    } else {
                        // Somebody will take it: the pool ends after this loop.
                        let _ = to_pool.send(Job { client: key, name });
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    poller.modify(client.stream.get_ref(), Event::readable(key))?;
                }
                Err(error) => leave(&mut clients, poller, Done { client: key, answer: error.to_string() })?,
            }
        }
        for done in done.try_iter() {
            leave(&mut clients, poller, done)?;
        }
    }
}

fn welcome(listener: &TcpListener, poller: &Poller, key: usize) -> io::Result<Client> {
    let (stream, address) = listener.accept()?;
    poller.modify(listener, Event::readable(LISTENER))?;
    stream.set_nonblocking(true)?;
    say(format_args!("{address} is a new client"));
    add(poller, &stream, key)?;
    Ok(Client { stream: BufReader::new(stream), address, line: Vec::new() })
}

/// A thread of the pool. It blocks, and nobody minds.
fn work(jobs: &Mutex<Receiver<Job>>, folder: &Path, to_loop: &Sender<Done>, poller: &Poller) {
    loop {
        // One of the pool waits for a job, the others wait for the lock.
        // It is free again before the work begins.
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { client, name }) = job else { return };
        let answer = count(folder, &name, "pool");
        // First the answer, then the call that ends the wait of the loop.
        if to_loop.send(Done { client, answer }).is_err() || poller.notify().is_err() {
            return;
        }
    }
}

/// How many bytes there are in a file of this folder. It takes as long as it takes.
fn count(folder: &Path, name: &str, reader: &str) -> String {
    say(format_args!("the {reader} reads {name}"));
    // Only names of this folder: a `/` could lead out of it.
    let path = if name.contains('/') { Err(ErrorKind::PermissionDenied.into()) } else { Ok(folder.join(name)) };
    let bytes = path.and_then(File::open).and_then(|mut file| io::copy(&mut file, &mut io::sink()));
    say(format_args!("the {reader} has read {name}"));
    bytes.map_or_else(|error| error.to_string(), |bytes| format!("{bytes} bytes"))
}

/// The client gets its answer, if it is still there, and goes.
fn leave(clients: &mut HashMap<usize, Client>, poller: &Poller, done: Done) -> io::Result<()> {
    let Some(mut client) = clients.remove(&done.client) else { return Ok(()) };
    poller.delete(client.stream.get_ref())?;
    match writeln!(client.stream.get_mut(), "{}", done.answer) {
        Ok(()) => say(format_args!("{} is told: {}", client.address, done.answer)),
        Err(error) => say(format_args!("{} has gone: {error}", client.address)),
    }
    Ok(())
}

impl Client {
    /// The line that it sends, once it is whole. `WouldBlock` keeps what has come.
    fn receive(&mut self) -> io::Result<String> {
        let rest = LINE_MAX.saturating_sub(self.line.len() as u64);
        self.stream.by_ref().take(rest).read_until(b'\n', &mut self.line)?;
        let line = self.line.strip_suffix(b"\n").ok_or(ErrorKind::UnexpectedEof)?;
        Ok(line.escape_ascii().to_string())
    }
}

/// Reported once, and then not until it is armed again: a client whose work is not done is not listened to.
fn add(poller: &Poller, source: impl AsRawSource, key: usize) -> io::Result<()> {
    // SAFETY: a client is deleted from the poller before it is dropped, and the listener outlives the loop.
    #[allow(unsafe_code)]
    unsafe {
        poller.add(source, Event::readable(key))
    }
}

/// One line. Once nobody can read it, there is nothing left to do.
fn say(what: impl Display) {
    if writeln!(io::stdout(), "{what}").is_err() {
        process::exit(1);
    }
}

fn command_line() -> Result<Options, lexopt::Error> {
    let mut options = Options { port: 7890, pool: 4, folder: PathBuf::from(".") };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("pool") => options.pool = value(&mut arguments, "--pool", "a number of threads from 0 to 255")?,
            Long("folder") => options.folder = arguments.value()?.into(),
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
