//! The floor: what a request costs at least. An epoll loop that reads what comes and sends a constant answer, without
//! looking at it. What a server costs more than that, it pays for HTTP, for files, and for its model.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use rustix::event::epoll;
use rustix::io::Errno;

/// As long as the page that the others are asked for.
const BODY: usize = 1024;
/// The key of the listener; connections have the numbers after it.
const LISTENER: u64 = 0;

/// Serves for ever.
pub fn serve(port: u16) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, &listener, epoll::EventData::new_u64(LISTENER), epoll::EventFlags::IN)?;
    let answers = Answers { kept: answer("keep-alive"), last: answer("close") };
    let mut streams: Vec<Option<TcpStream>> = Vec::new();
    let mut events = Vec::with_capacity(256);
    loop {
        events.clear();
        match epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), None) {
            // Who is watched (`just trace`) is woken up for it.
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in &events {
            match event.data.u64() {
                LISTENER => accept(&listener, &epoll, &mut streams)?,
                key => {
                    let place = &mut streams[key as usize - 1];
                    if !place.as_mut().is_some_and(|stream| answers.serve(stream)) {
                        *place = None;
                    }
                }
            }
        }
    }
}

fn accept(
    listener: &TcpListener,
    epoll: impl rustix::fd::AsFd,
    streams: &mut Vec<Option<TcpStream>>,
) -> io::Result<()> {
    let Ok((stream, _)) = listener.accept() else { return Ok(()) };
    stream.set_nonblocking(true)?;
    let place = streams.iter().position(Option::is_none).unwrap_or(streams.len());
    let data = epoll::EventData::new_u64(place as u64 + 1);
    epoll::add(epoll, &stream, data, epoll::EventFlags::IN)?;
    if place == streams.len() {
        streams.push(Some(stream));
    } else {
        streams[place] = Some(stream);
    }
    Ok(())
}

struct Answers {
    kept: Vec<u8>,
    last: Vec<u8>,
}

impl Answers {
    /// Whether the connection goes on. A request of our own generator comes in one piece.
    fn serve(&self, stream: &mut TcpStream) -> bool {
        let mut bytes = [0; 4096];
        match stream.read(&mut bytes) {
            Ok(0) => false,
            Ok(length) if bytes[..length].ends_with(b"close\r\n\r\n") => {
                let _ = stream.write_all(&self.last);
                false
            }
            Ok(_) => stream.write_all(&self.kept).is_ok(),
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        }
    }
}

fn answer(connection: &str) -> Vec<u8> {
    let body = "x".repeat(BODY);
    format!("HTTP/1.1 200 OK\r\nContent-Length: {BODY}\r\nConnection: {connection}\r\n\r\n{body}").into_bytes()
}
