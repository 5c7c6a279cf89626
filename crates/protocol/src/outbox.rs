//! An answer on its way out.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Take, Write};

/// How much of a file is in memory at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// Bytes that a client is still to get: the head, then the body, a piece of it at a time.
///
/// Keeps its place: after any error that passes (`WouldBlock`, a time-out), the next call goes on where this one stopped.
#[derive(Debug)]
pub struct Outbox {
    /// What goes next: at first the head and as much of the body as there is room for, so that both leave in one write.
    chunk: Vec<u8>,
    /// How many bytes of `chunk` have gone.
    sent: usize,
    /// What comes after the chunk.
    rest: Option<Take<File>>,
}

impl Outbox {
    pub(crate) fn new(head_and_body: Vec<u8>) -> Outbox {
        Outbox { chunk: head_and_body, sent: 0, rest: None }
    }

    pub(crate) fn with_file(head: Vec<u8>, file: File, length: u64) -> Outbox {
        Outbox { chunk: head, sent: 0, rest: Some(file.take(length)) }
    }

    /// Whether all of it has gone.
    pub fn is_sent(&self) -> bool {
        self.sent == self.chunk.len() && self.rest.as_ref().is_none_or(|file| file.limit() == 0)
    }

    /// Sends all of it, in as many writes as that takes.
    ///
    /// # Errors
    ///
    /// See [`send_some`](Outbox::send_some).
    pub fn send(&mut self, sink: &mut impl Write) -> io::Result<()> {
        while !self.is_sent() {
            self.send_some(sink)?;
        }
        Ok(())
    }

    /// Sends as much as one write takes.
    ///
    /// # Errors
    ///
    /// Whatever `sink` says, but for `Interrupted`; `WriteZero` if it takes nothing. What reading the file says; and
    /// `UnexpectedEof` if it has become shorter than its announced length: then only closing the connection tells the
    /// client the truth.
    pub fn send_some(&mut self, sink: &mut impl Write) -> io::Result<()> {
        self.fill()?;
        if self.is_sent() {
            return Ok(());
        }
        match sink.write(&self.chunk[self.sent..]) {
            Ok(0) => Err(ErrorKind::WriteZero.into()),
            Ok(length) => {
                self.sent += length;
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
        while self.sent == 0 && self.chunk.len() < CHUNK && file.limit() > 0 {
            let room = CHUNK - self.chunk.len();
            let room = usize::try_from(file.limit()).map_or(room, |left| left.min(room));
            if read_behind(&mut self.chunk, room, file)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }
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
