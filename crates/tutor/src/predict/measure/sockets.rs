//! What the kernel does with sockets, descriptors and processes, whoever asks.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use http_suite::process::{Process, until};
use http_suite::{IMPATIENT, PATIENT};
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use socket2::{Domain, Socket, Type};

use super::{Bench, Unseen, Value};
use crate::both;

/// A connection of this machine with itself: the server's end, then the client's.
fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    client.set_nodelay(true)?;
    let (server, _) = listener.accept()?;
    for end in [&server, &client] {
        end.set_read_timeout(Some(PATIENT))?;
    }
    Ok((server, client))
}

fn unexpected() -> Unseen {
    Unseen(both!("the kernel did something that this measurement does not know", "内核的表现在这项测量的意料之外"))
}

/// A third of a request comes, and the rest only when one read has returned.
pub fn first_read(bench: &Bench) -> Result<Value, Unseen> {
    let (mut server, mut client) = pair()?;
    let request = vec![b'x'; bench.given.bytes];
    let (first, rest) = request.split_at(request.len() / 3);
    client.write_all(first)?;
    let came = server.read(&mut [0; 1024])?;
    client.write_all(rest)?;
    Ok(Value::count(came))
}

pub fn close_with_unread_bytes(bench: &Bench) -> Result<Value, Unseen> {
    let (mut server, mut client) = pair()?;
    client.write_all(&vec![b'x'; bench.given.bytes])?;
    // All of them have come, and stay where they are.
    let mut room = vec![0; bench.given.bytes];
    if !until(PATIENT, || server.peek(&mut room).is_ok_and(|came| came == room.len())) {
        return Err(unexpected());
    }
    server.write_all(b"answer")?;
    drop(server);
    loop {
        match client.read(&mut [0; 64]) {
            Ok(0) => return Ok(Value::key("end")),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(Value::key("reset")),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The server's end closes first, so it is the one that remembers the connection.
pub fn bind_in_time_wait(_: &Bench) -> Result<Value, Unseen> {
    let listener = bound(&SocketAddr::from(([127, 0, 0, 1], 0)))?;
    listener.listen(1)?;
    let address = listener.local_addr()?.as_socket().ok_or_else(unexpected)?;
    let mut client = TcpStream::connect(address)?;
    drop(listener.accept()?);
    client.read_to_end(&mut Vec::new())?;
    drop((client, listener));
    match bound(&address) {
        Ok(_) => Ok(Value::key("granted")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(Value::key("refused")),
        Err(error) => Err(error.into()),
    }
}

/// Without `SO_REUSEADDR`, which the standard library sets.
fn bound(address: &SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&(*address).into())?;
    Ok(socket)
}

pub fn read_of_nothing(_: &Bench) -> Result<Value, Unseen> {
    let (server, _client) = pair()?;
    server.set_nonblocking(true)?;
    nonblocking_read(&server)
}

pub fn read_after_the_end(_: &Bench) -> Result<Value, Unseen> {
    let (server, client) = pair()?;
    drop(client);
    // The end has come, and is not taken.
    server.peek(&mut [0])?;
    server.set_nonblocking(true)?;
    nonblocking_read(&server)
}

fn nonblocking_read(mut stream: &TcpStream) -> Result<Value, Unseen> {
    match stream.read(&mut [0; 64]) {
        Ok(0) => Ok(Value::key("zero")),
        Ok(_) => Err(unexpected()),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Value::key("would-block")),
        Err(error) => Err(error.into()),
    }
}

/// How many KiB one write takes, if nobody reads at the other end.
pub fn one_write(bench: &Bench) -> Result<Value, Unseen> {
    let (mut server, _client) = pair()?;
    server.set_nonblocking(true)?;
    let taken = server.write(&vec![b'x'; bench.given.bytes])?;
    Ok(Value::count(taken / 1024))
}

/// A child that does nothing. What it is given as standard input is a copy of ours, as `fork` makes it.
fn child_with(copy: impl Into<OwnedFd>) -> io::Result<Child> {
    Command::new("sleep").arg("60").stdin(Stdio::from(copy.into())).stdout(Stdio::null()).spawn()
}

fn end(mut child: Child) -> io::Result<()> {
    child.kill()?;
    child.wait().map(drop)
}

pub fn copied_descriptor(_: &Bench) -> Result<Value, Unseen> {
    let (server, mut client) = pair()?;
    let child = child_with(server.try_clone()?)?;
    drop(server);
    client.set_read_timeout(Some(IMPATIENT))?;
    let seen = match client.read(&mut [0]) {
        Ok(0) => Ok(Value::key("ends")),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(Value::key("stays")),
        _ => Err(unexpected()),
    };
    end(child)?;
    // Without the child's copy it does end.
    client.set_read_timeout(Some(PATIENT))?;
    if client.read(&mut [0])? == 0 { seen } else { Err(unexpected()) }
}

pub fn inherited_listener(_: &Bench) -> Result<Value, Unseen> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let child = child_with(listener.try_clone()?)?;
    drop(listener);
    // With `SO_REUSEADDR`, as the lessons do it.
    let seen = match TcpListener::bind(address) {
        Ok(_) => Ok(Value::key("free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(Value::key("taken")),
        Err(error) => Err(error.into()),
    };
    end(child)?;
    TcpListener::bind(address)?;
    seen
}

pub fn ended_child(_: &Bench) -> Result<Value, Unseen> {
    let mut child = Command::new("true").stdin(Stdio::null()).spawn()?;
    let process = Process(child.id());
    if !until(PATIENT, || process.has_ended()) {
        return Err(unexpected());
    }
    let key = if process.is_zombie() { "zombie" } else { "nothing" };
    child.wait()?;
    Ok(Value::key(key))
}

/// Whether an epoll instance reports its socket at once, or within so long.
fn reports(epoll: &OwnedFd, wait: Duration) -> Result<bool, Unseen> {
    let wait = Timespec::try_from(wait).map_err(|_| unexpected())?;
    let mut events = Vec::with_capacity(1);
    epoll::wait(epoll, rustix::buffer::spare_capacity(&mut events), Some(&wait))?;
    Ok(!events.is_empty())
}

/// Of ten bytes four are read. Does the next wait return?
pub fn level_and_edge(bench: &Bench) -> Result<Value, Unseen> {
    let again = |flags: EventFlags| -> Result<bool, Unseen> {
        let (mut server, mut client) = pair()?;
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &server, EventData::new_u64(0), flags)?;
        client.write_all(&vec![b'x'; bench.given.bytes])?;
        if !reports(&epoll, PATIENT)? {
            return Err(unexpected());
        }
        server.read_exact(&mut [0; 4])?;
        reports(&epoll, IMPATIENT)
    };
    let (level, edge) = (again(EventFlags::IN)?, again(EventFlags::IN | EventFlags::ET)?);
    Ok(Value::key(match (level, edge) {
        (true, true) => "both",
        (true, false) => "level",
        (false, true) => "edge",
        (false, false) => "neither",
    }))
}

/// How many of so many waits return at once, if an idle connection is watched for writing.
pub fn waits_for_writing(bench: &Bench) -> Result<Value, Unseen> {
    let (server, _client) = pair()?;
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, &server, EventData::new_u64(0), EventFlags::IN | EventFlags::OUT)?;
    let mut returned = 0;
    for _ in 0..bench.given.times {
        returned += usize::from(reports(&epoll, Duration::ZERO)?);
    }
    Ok(Value::count(returned))
}
