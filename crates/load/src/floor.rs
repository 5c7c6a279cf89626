//! The floor: what a request costs at least. A bare epoll loop that reads up to an empty line and sends a response that
//! was made in advance. It is no HTTP server: it looks at no request line and at no header field but the last. What a
//! server costs more than this, it pays for HTTP, for files, and for its model.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;

/// As long as the page that the servers are asked for, in bytes.
const BODY: usize = 1024;
/// More than this without an empty line, in bytes, and the connection is closed.
const REQUEST_MOST: usize = 4096;

/// A client, and the beginning of its request.
struct Connection {
    stream: TcpStream,
    buffer: Box<[u8; REQUEST_MOST]>,
    length: usize,
}

/// Serves for ever, on one thread. Fails only if epoll does.
pub fn serve(listener: &TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, listener, key(listener), EventFlags::IN)?;
    let (kept, last) = (response("keep-alive"), response("close"));
    // Each in the place of its descriptor.
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut events = Vec::with_capacity(256);
    loop {
        events.clear();
        match epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), None) {
            // A process that is being traced is woken up for it.
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in &events {
            let from = event.data.u64();
            if from == key(listener).u64() {
                let Ok((stream, _)) = listener.accept() else { continue };
                stream.set_nonblocking(true)?;
                epoll::add(&epoll, &stream, key(&stream), EventFlags::IN)?;
                let place = stream.as_raw_fd() as usize;
                connections.resize_with(connections.len().max(place + 1), || None);
                connections[place] = Some(Connection { stream, buffer: Box::new([0; REQUEST_MOST]), length: 0 });
            } else {
                let place = &mut connections[from as usize];
                if !place.as_mut().is_some_and(|connection| connection.serve(&kept, &last)) {
                    *place = None;
                }
            }
        }
    }
}

impl Connection {
    /// One read, and a response if the request ends there: our own generator does not pipeline. Returns whether the
    /// connection stays open.
    fn serve(&mut self, kept: &[u8], last: &[u8]) -> bool {
        // A full buffer reads nothing, like a client that has closed.
        match self.stream.read(&mut self.buffer[self.length..]) {
            Ok(0) => return false,
            Ok(length) => self.length += length,
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
        let request = &self.buffer[..self.length];
        if !request.ends_with(b"\r\n\r\n") {
            return true;
        }
        let closes = request.ends_with(b"close\r\n\r\n");
        self.length = 0;
        self.stream.write_all(if closes { last } else { kept }).is_ok() && !closes
    }
}

fn key(source: &impl AsRawFd) -> EventData {
    EventData::new_u64(source.as_raw_fd() as u64)
}

fn response(connection: &str) -> Vec<u8> {
    let body = "x".repeat(BODY);
    format!("HTTP/1.1 200 OK\r\nContent-Length: {BODY}\r\nConnection: {connection}\r\n\r\n{body}").into_bytes()
}
