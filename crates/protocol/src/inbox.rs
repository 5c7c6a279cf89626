//! Bytes that arrived and are not yet a request.

use std::fmt;
use std::io::{self, Read};
use std::mem;

use crate::body::Unread;
use crate::outbox::read_behind;
use crate::request::Head;
use crate::{BadRequest, Request};

/// How much one read takes at most, in bytes. A browser's request fits in many times over.
const READ_SIZE: usize = 4 * 1024;

/// What a client sent, up to and including what has not been understood yet.
///
/// Whatever a client sends, it never holds more than one head and one trailer section of the largest permitted size, and one
/// read behind them.
#[derive(Debug, Default)]
pub struct Inbox {
    /// The head of the request in hand or given out last, and what came behind it.
    bytes: Vec<u8>,
    /// How many of `bytes` are that head.
    head: usize,
    state: State,
}

/// What is awaited.
#[derive(Debug)]
enum State {
    /// The head of the next request.
    Head(Head),
    /// The rest of the body of this one.
    Body(Request, Unread),
    /// Nothing any more: what comes behind this could be anything, so no request is looked for in it.
    Bad(BadRequest),
}

impl Default for State {
    fn default() -> State {
        State::Head(Head::default())
    }
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
    /// The next request, read from `source` as far as that is necessary. `None` when the client has hung up. Once something
    /// bad has come, nothing else comes.
    ///
    /// # Errors
    ///
    /// Whatever `source` says, but for `Interrupted`. After `WouldBlock` or `TimedOut` nothing is lost: call again.
    pub fn receive(&mut self, source: &mut impl Read) -> io::Result<Option<Received>> {
        if let State::Head(_) = self.state {
            self.bytes.drain(..self.head);
            self.head = 0;
        }
        loop {
            match self.next() {
                Ok(Some(request)) => return Ok(Some(Received::Request(request))),
                Ok(None) => {}
                Err(bad) => {
                    self.state = State::Bad(bad);
                    return Ok(Some(Received::Bad(bad)));
                }
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
        let (request, mut unread) = match mem::take(&mut self.state) {
            State::Head(mut head) => match head.go_on(&self.bytes)? {
                Some((request, length)) => {
                    self.head = length;
                    let unread = Unread::all_of(request.body);
                    (request, unread)
                }
                None => {
                    self.state = State::Head(head);
                    return Ok(None);
                }
            },
            State::Body(request, unread) => (request, unread),
            State::Bad(bad) => return Err(bad),
        };
        let used = unread.consume(&self.bytes[self.head..])?;
        self.bytes.drain(self.head..self.head + used);
        match unread {
            Unread::Nothing => Ok(Some(request)),
            unread => {
                self.state = State::Body(request, unread);
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
