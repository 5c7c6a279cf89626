//! One connection of the load generator: a request goes out, an answer comes in, and nothing of it is kept.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use socket2::{Domain, Socket, Type};

/// How long a connection that blocks waits for anything.
const PATIENT: Duration = Duration::from_secs(10);
/// More than this, and it is no head.
const HEAD_MOST: usize = 64 * 1024;

/// A connection that does not block.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing is asked.
    Idle,
    /// Asked, and this much of the head of the answer has come.
    Head(Vec<u8>),
    /// This much of the body is still to come; whether the server keeps the connection after it.
    Body(u64, bool),
    /// The server has said that it closes.
    Ending,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Only the server can go on.
    Waits,
    /// The answer is whole; the connection can be used again.
    Kept,
    /// The answer is whole; the connection ends.
    Ends,
    /// The connection has ended, as was due.
    Ended,
}

/// What is said by the head of an answer.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    /// With the empty line.
    length: usize,
    status: u16,
    body: u64,
    keeps: bool,
}

impl Wire {
    /// A connection that is made, or being made: on this machine that is much the same.
    pub fn connect(address: SocketAddr) -> io::Result<Wire> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        match socket.connect(&address.into()) {
            Err(error) if error.raw_os_error() != Some(Errno::INPROGRESS.raw_os_error()) => Err(error),
            _ => Ok(Wire { stream: socket.into(), state: State::Idle }),
        }
    }

    /// A connection that is made, and blocks: for a caller that has nothing else to do.
    pub fn open(address: SocketAddr) -> io::Result<Wire> {
        let stream = TcpStream::connect_timeout(&address, PATIENT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENT))?;
        Ok(Wire { stream, state: State::Idle })
    }

    /// Asks, and waits for the whole answer.
    pub fn fetch(&mut self, request: &[u8]) -> io::Result<Progress> {
        let begin = Instant::now();
        self.ask(request)?;
        let mut scratch = [0; 16 * 1024];
        loop {
            match self.advance(&mut scratch, |_| {})? {
                Progress::Waits if begin.elapsed() > PATIENT => return Err(ErrorKind::TimedOut.into()),
                Progress::Waits => {}
                come => return Ok(come),
            }
        }
    }

    /// Waits for the server's close.
    pub fn see_close(&mut self) -> io::Result<()> {
        match self.advance(&mut [0; 1024], |_| {})? {
            Progress::Ended => Ok(()),
            _ => Err(ErrorKind::TimedOut.into()),
        }
    }

    /// The socket below it.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// A request, in one write. `WouldBlock`: the connection is not made yet.
    pub fn ask(&mut self, request: &[u8]) -> io::Result<()> {
        match (&self.stream).write(request) {
            Ok(length) if length == request.len() => {
                self.state = State::Head(Vec::new());
                Ok(())
            }
            Ok(_) => Err(io::Error::other("the request does not fit into the socket")),
            Err(error) if error.kind() == ErrorKind::NotConnected => Err(ErrorKind::WouldBlock.into()),
            Err(error) => Err(error),
        }
    }

    /// Reads once. `count` is told how many bytes came.
    pub fn advance(&mut self, scratch: &mut [u8], mut count: impl FnMut(usize)) -> io::Result<Progress> {
        let length = match (&self.stream).read(scratch) {
            Ok(0) => return self.hung_up(),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Progress::Waits),
            Err(error) => return Err(error),
        };
        count(length);
        self.take(&scratch[..length])
    }

    fn hung_up(&self) -> io::Result<Progress> {
        match self.state {
            State::Idle | State::Ending => Ok(Progress::Ended),
            _ => Err(io::Error::new(ErrorKind::UnexpectedEof, "the server closed before the answer was whole")),
        }
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<Progress> {
        match &mut self.state {
            State::Idle | State::Ending => Err(io::Error::other("the server said something that nobody had asked")),
            State::Body(left, keeps) => {
                let keeps = *keeps;
                *left = left.checked_sub(bytes.len() as u64).ok_or_else(too_long)?;
                let left = *left;
                Ok(self.come_to(left, keeps))
            }
            State::Head(begun) => {
                begun.extend_from_slice(bytes);
                let Some(head) = Head::parse(begun)? else { return Ok(Progress::Waits) };
                let come = (begun.len() - head.length) as u64;
                let left = head.body.checked_sub(come).ok_or_else(too_long)?;
                match head.status {
                    200 => Ok(self.come_to(left, head.keeps)),
                    status => Err(io::Error::other(format!("the server answered with status {status}"))),
                }
            }
        }
    }

    fn come_to(&mut self, left: u64, keeps: bool) -> Progress {
        let (state, progress) = match (left, keeps) {
            (0, true) => (State::Idle, Progress::Kept),
            (0, false) => (State::Ending, Progress::Ends),
            _ => (State::Body(left, keeps), Progress::Waits),
        };
        self.state = state;
        progress
    }
}

fn too_long() -> io::Error {
    io::Error::other("the answer is longer than its Content-Length")
}

impl Head {
    /// `None` if it is not whole yet.
    fn parse(bytes: &[u8]) -> io::Result<Option<Head>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return if bytes.len() > HEAD_MOST { Err(io::Error::other("the head has no end")) } else { Ok(None) };
        };
        let mut lines = bytes[..end].split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let line = lines.next().unwrap_or_default();
        let status = line.get(9..12).and_then(number).filter(|_| line.starts_with(b"HTTP/1."));
        let status = status.ok_or_else(|| io::Error::other("this is no answer in HTTP/1"))?;
        let mut head = Head { length: end + 4, status: status as u16, body: 0, keeps: line.starts_with(b"HTTP/1.1") };
        let mut stated = false;
        for (name, value) in lines.filter_map(|line| line.split_at_checked(line.iter().position(|byte| *byte == b':')?))
        {
            let value = value[1..].trim_ascii();
            if name.eq_ignore_ascii_case(b"content-length") {
                head.body = number(value).ok_or_else(|| io::Error::other("the Content-Length is no number"))?;
                stated = true;
            } else if name.eq_ignore_ascii_case(b"connection") {
                head.keeps = value.eq_ignore_ascii_case(b"keep-alive");
            }
        }
        if stated { Ok(Some(head)) } else { Err(io::Error::other("the answer has no Content-Length")) }
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    str::from_utf8(digits).ok()?.parse().ok()
}

/// The request for a file, on a connection that is to stay or not.
pub fn request(target: &str, keep_alive: bool) -> Vec<u8> {
    let connection = if keep_alive { "keep-alive" } else { "close" };
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_how_long_the_body_is_and_whether_the_connection_stays() {
        let bytes = b"HTTP/1.1 200 OK\r\nServer: x\r\ncontent-LENGTH:  12 \r\nConnection: close\r\n\r\nbody";
        let head = Head::parse(bytes).expect("a good head").expect("a whole head");
        assert_eq!(head, Head { length: bytes.len() - 4, status: 200, body: 12, keeps: false });
        let old = Head::parse(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n").expect("good").expect("whole");
        assert_eq!((old.status, old.keeps), (404, false));
    }

    #[test]
    fn what_is_not_whole_is_waited_for_and_what_is_wrong_is_an_error() {
        assert_eq!(Head::parse(b"HTTP/1.1 200 OK\r\nContent-Le").expect("nothing wrong yet"), None);
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err(), "no length");
        assert!(Head::parse(b"SSH-2.0-x\r\n\r\n").is_err(), "no HTTP");
    }
}
