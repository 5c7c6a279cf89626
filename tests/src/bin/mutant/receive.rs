//! Ways to read a request: the right one, and wrong ones.

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use protocol::{Inbox, Received, Request};

use crate::defect::Defect;

/// How much one read takes at most, in bytes.
const READ_SIZE: usize = 4 * 1024;

pub fn receive(stream: &mut impl Read, defect: Defect) -> io::Result<Option<Received>> {
    match defect {
        Defect::AnswersWithoutReading => first_line(stream),
        Defect::BareLfGlues => whole(&mut LfMended { stream, last: 0, line: 0, in_head: true }),
        Defect::OneReadIsOneRequest => in_one_read(stream),
        Defect::EmptyLineAtTheEnd => to_an_empty_line(stream),
        Defect::ClosesWithUnreadBytes => head_only(stream, &mut Vec::new()),
        _ => whole(stream),
    }
}

/// The next request, in as many reads as that takes. `None` at the end.
pub fn whole(stream: &mut impl Read) -> io::Result<Option<Received>> {
    let mut inbox = Inbox::default();
    loop {
        if let Some(received) = inbox.next() {
            return Ok(Some(received));
        }
        if inbox.read_from(stream)? == 0 {
            return Ok(None);
        }
    }
}

/// The same, as lesson 04 does it: the deadline is that of the whole request, and begins anew when it makes progress.
pub fn in_time(stream: &mut TcpStream, timeout: Duration) -> io::Result<Option<Received>> {
    let mut inbox = Inbox::default();
    let (mut progress, mut deadline) = (0, Instant::now() + timeout);
    loop {
        if let Some(received) = inbox.next() {
            return Ok(Some(received));
        }
        if inbox.progress() > progress {
            (progress, deadline) = (inbox.progress(), Instant::now() + timeout);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return inbox.time_out().map(Some).ok_or(ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match inbox.read_from(stream) {
            Ok(0) => return Ok(None),
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
    }
}

/// A request that consists of its first line: of what comes behind, nothing is waited for and nothing looked at.
fn first_line(stream: &mut impl Read) -> io::Result<Option<Received>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            bytes.truncate(end + 1);
            bytes.extend_from_slice(b"Host: localhost\r\n\r\n");
            return whole(&mut bytes.as_slice());
        }
        let Some(piece) = read(stream)? else { return Ok(None) };
        bytes.extend(piece);
    }
}

/// A request that has come if an empty line is the last that has: with more behind that, it has not.
fn to_an_empty_line(stream: &mut impl Read) -> io::Result<Option<Received>> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let Some(piece) = read(stream)? else { return Ok(None) };
        bytes.extend(piece);
    }
    whole(&mut bytes.as_slice())
}

/// A request that comes whole in one read. A piece of one is nothing, and the next piece does not mend it.
fn in_one_read(stream: &mut impl Read) -> io::Result<Option<Received>> {
    let mut first = true;
    while let Some(piece) = read(stream)? {
        match whole(&mut piece.as_slice())? {
            Some(Received::Bad(_)) if !first => {}
            None => {}
            received => return Ok(received),
        }
        first = false;
    }
    Ok(None)
}

/// A request without its body, which stays where it is: in `bytes`, or unread.
pub fn head_only(stream: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<Option<Received>> {
    loop {
        match Request::parse(bytes) {
            Ok(Some((request, length))) => {
                bytes.drain(..length);
                return Ok(Some(Received::Request(request)));
            }
            Ok(None) => {}
            Err(bad) => return Ok(Some(Received::Bad(bad.into()))),
        }
        let Some(piece) = read(stream)? else { return Ok(None) };
        bytes.extend(piece);
    }
}

/// One read. `None` at the end.
fn read(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut piece = vec![0; READ_SIZE];
    let length = stream.read(&mut piece)?;
    piece.truncate(length);
    Ok((length > 0).then_some(piece))
}

/// A stream in which CR LF has taken the place of LF alone, up to the end of the head.
struct LfMended<'a, R> {
    stream: &'a mut R,
    last: u8,
    /// How many bytes the line has so far, without its end.
    line: usize,
    in_head: bool,
}

impl<R: Read> Read for LfMended<'_, R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut came = vec![0; room.len() / 2];
        let length = self.stream.read(&mut came)?;
        let mut filled = 0;
        for byte in came[..length].iter().copied() {
            if self.in_head && byte == b'\n' && self.last != b'\r' {
                room[filled] = b'\r';
                filled += 1;
            }
            room[filled] = byte;
            filled += 1;
            match byte {
                b'\n' if self.line == 0 => self.in_head = false,
                b'\n' => self.line = 0,
                b'\r' => {}
                _ => self.line += 1,
            }
            self.last = byte;
        }
        Ok(filled)
    }
}
