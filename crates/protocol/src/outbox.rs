//! An answer on its way out.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Take, Write};
use std::os::fd::AsFd;

#[cfg(target_os = "linux")]
use rustix::net::SendFlags;

/// How much of a file is in memory at a time, in bytes. A file that fits in leaves in one write with its head.
pub(crate) const CHUNK: usize = 16 * 1024;
/// The unit in which the system keeps files in memory, in bytes; on most machines.
const PAGE: u64 = 4 * 1024;
/// How much of a file the system sends in one call, in bytes, where it can take that from the file itself. More would
/// only wait in the buffer of the socket, and no longer be in the processor's cache when it leaves.
const DIRECT: usize = 512 * 1024;

/// Bytes that a client is still to get: the head, then the body, a piece of it at a time.
///
/// Keeps its place: after any error that passes (`WouldBlock`, a time-out), the next call goes on where this one
/// stopped.
#[derive(Debug)]
pub struct Outbox {
    /// What goes next: at first the head and as much of the body as there is room for, so that both leave in one write.
    chunk: Vec<u8>,
    /// How many bytes of `chunk` have gone.
    sent: usize,
    /// What comes after the chunk.
    rest: Option<Take<File>>,
    /// How long the file is in all.
    length: u64,
}

impl Outbox {
    pub(crate) fn new(head_and_body: Vec<u8>) -> Outbox {
        Outbox { chunk: head_and_body, sent: 0, rest: None, length: 0 }
    }

    pub(crate) fn with_file(head: Vec<u8>, file: File, length: u64) -> Outbox {
        Outbox { chunk: head, sent: 0, rest: Some(file.take(length)), length }
    }

    /// Whether all of it has gone.
    pub fn is_sent(&self) -> bool {
        self.sent == self.chunk.len() && self.rest.as_ref().is_none_or(|file| file.limit() == 0)
    }

    /// Sends all of it, in as many calls as that takes.
    ///
    /// # Errors
    ///
    /// See [`send_some`](Outbox::send_some).
    pub fn send(&mut self, sink: &mut (impl Write + AsFd)) -> io::Result<()> {
        while !self.is_sent() {
            self.send_some(sink)?;
        }
        Ok(())
    }

    /// Sends the next piece, or as much of it as there is room for: the head and a small body in one write; of a large
    /// one, at most 512 KiB, which the system copies from file to socket by itself (`sendfile(2)`).
    ///
    /// # Errors
    ///
    /// Whatever `sink` says, but for `Interrupted`; `WriteZero` if it takes nothing. What reading the file says; and
    /// `UnexpectedEof` if it has become shorter than its announced length: then only closing the connection tells the
    /// client the truth.
    pub fn send_some(&mut self, sink: &mut (impl Write + AsFd)) -> io::Result<()> {
        let left = self.rest.as_ref().map_or(0, Take::limit);
        if self.sent < self.chunk.len() && left > CHUNK as u64 {
            match send_before_file(sink, &self.chunk[self.sent..]) {
                Ok(length) => self.advance(length),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(error),
                // Not every sink can do that. Where something is really wrong, the write says so.
                Err(_) => self.write(sink)?,
            }
            if self.sent < self.chunk.len() {
                return Ok(());
            }
        }
        if let Some(file) = self.rest.as_mut().filter(|_| left > CHUNK as u64) {
            match send_from_file(sink, file) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(error),
                // Not every file system can do that. Where something is really wrong, the write says so.
                Err(_) => {}
            }
        }
        self.write_some(sink)
    }

    /// Sends as much as one write takes, of a file too: for a sink that is no socket of the system.
    ///
    /// # Errors
    ///
    /// See [`send_some`](Outbox::send_some).
    pub fn write_some(&mut self, sink: &mut impl Write) -> io::Result<()> {
        let piece = self.next_piece()?;
        if piece.is_empty() { Ok(()) } else { self.write(sink) }
    }

    /// The bytes that go next, at most 16 KiB of them and none at the end: for a server that has the system send them.
    /// What has been sent is told by [`advance`](Outbox::advance).
    ///
    /// # Errors
    ///
    /// What reading the file says; `UnexpectedEof` if it has become shorter than its announced length.
    pub fn next_piece(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        Ok(&self.chunk[self.sent..])
    }

    /// Takes note that so many bytes of the [next piece](Outbox::next_piece) have been sent.
    pub fn advance(&mut self, sent: usize) {
        self.sent = self.chunk.len().min(self.sent + sent);
    }

    fn write(&mut self, sink: &mut impl Write) -> io::Result<()> {
        match sink.write(&self.chunk[self.sent..]) {
            Ok(0) => Err(ErrorKind::WriteZero.into()),
            Ok(length) => {
                self.advance(length);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Reads on in the file where the chunk has room: behind the head, or when all of the chunk has gone.
    fn fill(&mut self) -> io::Result<()> {
        if self.sent == self.chunk.len() {
            self.chunk.clear();
            self.sent = 0;
        }
        let Some(file) = &mut self.rest else { return Ok(()) };
        let position = self.length - file.limit();
        if !self.chunk.is_empty() && position > 0 {
            return Ok(());
        }
        // Up to the end of a page: from there `sendfile` is at its best.
        let most = CHUNK - (position % PAGE) as usize;
        while self.chunk.len() < most && file.limit() > 0 {
            let room = most - self.chunk.len();
            let room = usize::try_from(file.limit()).map_or(room, |left| left.min(room));
            if read_behind(&mut self.chunk, room, file)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }
}

/// How many of the bytes of a head the socket has taken. They wait there for the first bytes of the file (`MSG_MORE`,
/// send(2)), so that both leave in one segment: one that comes alone is a read more for the client.
#[cfg(target_os = "linux")]
fn send_before_file(socket: &impl AsFd, head: &[u8]) -> io::Result<usize> {
    Ok(rustix::net::send(socket, head, SendFlags::MORE | SendFlags::NOSIGNAL)?)
}

/// Only Linux has it.
#[cfg(not(target_os = "linux"))]
fn send_before_file(_: &impl AsFd, _: &[u8]) -> io::Result<usize> {
    Err(ErrorKind::Unsupported.into())
}

/// From file to socket without a detour through this program: how many bytes. 0: the file has become shorter.
#[cfg(target_os = "linux")]
fn send_from_file(socket: &impl AsFd, file: &mut Take<File>) -> io::Result<usize> {
    let most = usize::try_from(file.limit()).map_or(DIRECT, |left| left.min(DIRECT));
    let length = rustix::fs::sendfile(socket, file.get_ref(), None, most)?;
    file.set_limit(file.limit() - length as u64);
    Ok(length)
}

/// Other systems have the call too, each its own.
#[cfg(not(target_os = "linux"))]
fn send_from_file(_: &impl AsFd, _: &mut Take<File>) -> io::Result<usize> {
    Err(ErrorKind::Unsupported.into())
}

/// One read of at most `room` bytes, put behind those that `bytes` has. After an error, `bytes` is as it was.
pub(crate) fn read_behind(bytes: &mut Vec<u8>, room: usize, source: &mut impl Read) -> io::Result<usize> {
    let held = bytes.len();
    bytes.resize(held + room, 0);
    let result = loop {
        match source.read(&mut bytes[held..]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => break result,
        }
    };
    bytes.truncate(held + result.as_ref().map_or(0, |length| *length));
    result
}

/// All of it, as bytes.
#[cfg(test)]
pub(crate) fn bytes_of(mut outbox: Outbox) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !outbox.is_sent() {
        outbox.write_some(&mut bytes).unwrap();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::io::Seek;
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::os::fd::BorrowedFd;
    use std::os::unix::net::UnixStream;
    use std::thread;

    use super::*;

    /// Takes at most `most` bytes a write, and says something else in between if there is something to say. Its
    /// descriptor is good for nothing, so all has to come by writes.
    struct Sink {
        descriptor: File,
        most: usize,
        in_between: Option<ErrorKind>,
        writes: usize,
        got: Vec<u8>,
    }

    impl Sink {
        fn taking(most: usize) -> Sink {
            let descriptor = File::open("/dev/null").unwrap();
            Sink { descriptor, most, in_between: None, writes: 0, got: Vec::new() }
        }

        /// All of an answer, with another call after every error that passes.
        fn take_all_of(&mut self, mut outbox: Outbox) {
            while let Err(error) = outbox.send(self) {
                assert_eq!(Some(error.kind()), self.in_between);
                assert_ne!(error.kind(), ErrorKind::Interrupted, "no reason to stop");
                assert!(!outbox.is_sent());
            }
            assert!(outbox.is_sent());
        }
    }

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.writes += 1;
            match self.in_between {
                Some(error) if self.writes.is_multiple_of(2) => Err(error.into()),
                _ => {
                    let length = bytes.len().min(self.most);
                    self.got.extend_from_slice(&bytes[..length]);
                    Ok(length)
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl AsFd for Sink {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.descriptor.as_fd()
        }
    }

    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";

    fn body(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        file
    }

    fn with_file(body: &[u8]) -> Outbox {
        Outbox::with_file(HEAD.to_vec(), file(body), body.len() as u64)
    }

    #[test]
    fn all_of_it_arrives_however_little_a_write_takes() {
        for length in [0, 1, 100, 3000] {
            let body = body(length);
            let whole = [HEAD, &body].concat();
            for most in [1, 2, 3, 7, 19, 20, 1000, usize::MAX] {
                for in_between in [None, Some(ErrorKind::WouldBlock), Some(ErrorKind::Interrupted)] {
                    for outbox in [Outbox::new(whole.clone()), with_file(&body)] {
                        let mut sink = Sink { in_between, ..Sink::taking(most) };
                        sink.take_all_of(outbox);
                        assert!(sink.got == whole, "{length} bytes, {most} at a time, {in_between:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn all_of_a_file_of_several_chunks_arrives() {
        for length in [CHUNK - HEAD.len(), CHUNK, CHUNK + 1, 2 * CHUNK - HEAD.len(), 3 * CHUNK + 17] {
            let body = body(length);
            for most in [1000, CHUNK - 1, CHUNK, usize::MAX] {
                let mut sink = Sink { in_between: Some(ErrorKind::WouldBlock), ..Sink::taking(most) };
                sink.take_all_of(with_file(&body));
                assert!(sink.got == [HEAD, &body].concat(), "{length} bytes, {most} at a time");
            }
        }
    }

    #[test]
    fn head_and_small_body_leave_in_one_write() {
        let small = body(1000);
        for outbox in [Outbox::new([HEAD, &small].concat()), with_file(&small), with_file(&body(CHUNK - HEAD.len()))] {
            let mut sink = Sink::taking(usize::MAX);
            sink.take_all_of(outbox);
            assert_eq!(sink.writes, 1);
        }
    }

    #[test]
    fn send_some_writes_once() {
        let mut outbox = with_file(&body(1000));
        let mut sink = Sink::taking(10);
        outbox.send_some(&mut sink).unwrap();
        assert_eq!((sink.writes, &sink.got[..]), (1, &HEAD[..10]));
        assert!(!outbox.is_sent());
    }

    #[test]
    fn what_has_been_sent_is_not_sent_again() {
        let mut outbox = with_file(b"body");
        let mut sink = Sink::taking(usize::MAX);
        outbox.send(&mut sink).unwrap();
        outbox.send(&mut sink).unwrap();
        outbox.send_some(&mut sink).unwrap();
        assert_eq!(sink.got, [HEAD, b"body"].concat());
        assert_eq!(sink.writes, 1);
    }

    #[test]
    fn no_more_of_a_file_is_sent_than_was_announced() {
        let mut sink = Sink::taking(usize::MAX);
        sink.take_all_of(Outbox::with_file(HEAD.to_vec(), file(b"it has grown"), 6));
        assert_eq!(sink.got, [HEAD, b"it has"].concat());
    }

    #[test]
    fn a_file_that_has_become_shorter_is_an_error() {
        for (length, announced) in [(0, 1), (10, 11), (CHUNK, CHUNK + 1), (CHUNK + 1, 3 * CHUNK)] {
            let mut outbox = Outbox::with_file(HEAD.to_vec(), file(&body(length)), announced as u64);
            let mut sink = Sink::taking(1000);
            for _ in 0..2 {
                assert_eq!(
                    outbox.send(&mut sink).unwrap_err().kind(),
                    ErrorKind::UnexpectedEof,
                    "{length}, {announced}"
                );
                assert!(!outbox.is_sent());
            }
            assert!(sink.got.len() <= HEAD.len() + length);
        }
    }

    #[test]
    fn a_sink_that_takes_nothing_is_an_error() {
        let error = with_file(b"body").send(&mut Sink::taking(0)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WriteZero);
    }

    #[test]
    fn a_sink_that_fails_is_an_error() {
        let mut sink = Sink { in_between: Some(ErrorKind::ConnectionReset), ..Sink::taking(1) };
        let error = with_file(b"body").send(&mut sink).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }

    #[test]
    fn a_big_file_takes_little_memory() {
        const ENOUGH: usize = 64 * 1024;
        let mut outbox = with_file(&body(5 * ENOUGH));
        let mut sink = Sink::taking(10_000);
        while !outbox.is_sent() {
            outbox.send_some(&mut sink).unwrap();
            assert!(outbox.chunk.capacity() <= ENOUGH, "{} bytes", outbox.chunk.capacity());
        }
    }

    #[test]
    fn all_of_a_large_file_arrives_at_a_socket() {
        for length in [CHUNK, CHUNK + 1, DIRECT, DIRECT + CHUNK + 1, 3 * DIRECT + 17] {
            let (mut socket, mut other) = UnixStream::pair().unwrap();
            let reader = thread::spawn(move || {
                let mut got = Vec::new();
                other.read_to_end(&mut got).map(|_| got)
            });
            let body = body(length);
            with_file(&body).send(&mut socket).unwrap();
            socket.shutdown(Shutdown::Both).unwrap();
            assert!(reader.join().unwrap().unwrap() == [HEAD, &body].concat(), "{length} bytes");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_head_waits_for_the_first_bytes_of_its_file() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        // The system waits a fifth of a second. Where this test is held up for as long, it tries again.
        let waits = (0..50).any(|_| {
            let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            socket.set_nodelay(true).unwrap();
            let (client, _) = listener.accept().unwrap();
            client.set_nonblocking(true).unwrap();
            assert_eq!(send_before_file(&socket, HEAD).unwrap(), HEAD.len());
            client.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
        });
        assert!(waits, "it left alone");
    }

    #[test]
    fn a_full_socket_loses_nothing() {
        let (mut socket, mut other) = UnixStream::pair().unwrap();
        socket.set_nonblocking(true).unwrap();
        let body = body(2 * DIRECT + 17);
        let mut outbox = with_file(&body);
        let mut got = Vec::new();
        let mut piece = vec![0; 10_000];
        let mut waits = 0;
        // By turns: what the system copies, and what a sink that waits by itself would be given.
        while !outbox.is_sent() {
            let result = if waits % 2 == 0 { outbox.send_some(&mut socket) } else { outbox.write_some(&mut socket) };
            if let Err(error) = result {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                waits += 1;
                let length = other.read(&mut piece).unwrap();
                got.extend_from_slice(&piece[..length]);
            }
        }
        socket.shutdown(Shutdown::Both).unwrap();
        other.read_to_end(&mut got).unwrap();
        assert!(waits > 1 && got == [HEAD, &body].concat());
    }

    #[test]
    fn a_file_that_has_become_shorter_is_an_error_at_a_socket_too() {
        let (mut socket, other) = UnixStream::pair().unwrap();
        let reader = thread::spawn(move || io::copy(&mut &other, &mut io::sink()));
        let mut outbox = Outbox::with_file(HEAD.to_vec(), file(&body(DIRECT)), 2 * DIRECT as u64);
        assert_eq!(outbox.send(&mut socket).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        drop(socket);
        assert_eq!(reader.join().unwrap().unwrap(), (HEAD.len() + DIRECT) as u64);
    }
}
