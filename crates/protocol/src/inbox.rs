//! Bytes that arrived and are not yet a request.

use std::fmt;
use std::io::{self, Read};

use crate::body::Unread;
use crate::outbox::read_behind;
use crate::{BadRequest, Request};

/// How much one read takes at most, in bytes. A browser's request fits in many times over.
const READ_SIZE: usize = 4 * 1024;

/// What a client sent, up to and including what has not been understood yet.
///
/// Never holds more than one head of the largest permitted size and one read behind it, whatever a client sends.
#[derive(Debug, Default)]
pub struct Inbox {
    /// The head of the request in hand or given out last, and what came behind it.
    bytes: Vec<u8>,
    /// How many of `bytes` are that head.
    head: usize,
    /// The request whose body is being read.
    in_hand: Option<(Request, Unread)>,
}

/// A request, or what came instead of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A request that RFC 9112 allows.
    Request(Request),
    /// Something else. Where it ends is not known, so the connection cannot go on after the answer.
    Bad(BadRequest),
}

impl Inbox {
    /// The next request, read from `source` as far as that is necessary. `None` when the client has hung up.
    ///
    /// # Errors
    ///
    /// Whatever `source` says, but for `Interrupted`. After `WouldBlock` or `TimedOut` nothing is lost: call again.
    pub fn receive(&mut self, source: &mut impl Read) -> io::Result<Option<Received>> {
        if self.in_hand.is_none() {
            self.bytes.drain(..self.head);
            self.head = 0;
        }
        loop {
            match self.next() {
                Ok(Some(request)) => return Ok(Some(Received::Request(request))),
                Ok(None) => {}
                Err(bad) => return Ok(Some(Received::Bad(bad))),
            }
            let result = read_behind(&mut self.bytes, READ_SIZE, source);
            if self.bytes.is_empty() {
                // A client that is only connected costs no buffer.
                self.bytes = Vec::new();
            }
            if result? == 0 {
                return Ok(None);
            }
        }
    }

    /// The next request, if what has come is all of it. Its body is checked and dropped.
    fn next(&mut self) -> Result<Option<Request>, BadRequest> {
        let (request, mut unread) = match self.in_hand.take() {
            Some(in_hand) => in_hand,
            None => {
                let Some((request, length)) = Request::parse(&self.bytes)? else { return Ok(None) };
                self.head = length;
                let unread = Unread::all_of(request.body);
                (request, unread)
            }
        };
        let used = unread.consume(&self.bytes[self.head..])?;
        self.bytes.drain(self.head..self.head + used);
        match unread {
            Unread::Nothing => Ok(Some(request)),
            unread => {
                self.in_hand = Some((request, unread));
                Ok(None)
            }
        }
    }

    /// The head of the request that was received last, as it came, with its empty line; of something that is no request,
    /// all that came.
    pub fn last_received(&self) -> &[u8] {
        if self.head == 0 { &self.bytes } else { &self.bytes[..self.head] }
    }
}

impl Received {
    /// Whether the connection may go on after the answer: see [`Request::keep_alive`].
    pub fn keep_alive(&self) -> bool {
        matches!(self, Received::Request(request) if request.keep_alive)
    }
}

/// For the log: `GET /index.html`, or what was wrong.
impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Received::Request(request) => request.fmt(f),
            Received::Bad(bad) => bad.fmt(f),
        }
    }
}
