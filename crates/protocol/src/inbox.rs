//! Bytes that arrived and are not yet a request.

use std::fmt;
use std::io::{self, Read};
use std::mem;

use crate::body::Unread;
use crate::outbox::read_behind;
use crate::request::{Head, asks_for_head};
use crate::{BadRequest, Refused, Request};

/// How much the first read of a request takes at most, in bytes. What a browser sends fits in, and a coroutine that
/// waits for a request holds no more.
const FIRST_READ: usize = 1024;
/// How much every further read takes at most.
const READ: usize = 8 * 1024;
/// How much of a body counts as progress, in bytes. A client that sends less than this in the time that it has is as
/// good as silent.
const PROGRESS: u64 = 1024;

/// What a client sent, up to and including what has not been understood yet.
///
/// Whatever a client sends, it never holds more than one head and one trailer section of the largest permitted size,
/// and one read behind them.
#[derive(Debug, Default)]
pub struct Inbox {
    /// The head of the request in hand or given out last, and what came behind it.
    bytes: Vec<u8>,
    /// How many of `bytes` are that head.
    head: usize,
    state: State,
    /// How many bytes of the body in hand have come.
    body: usize,
    progress: u64,
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
    Bad(Refused),
}

impl Inbox {
    /// What is in the bytes that have come: the next request, its body checked and dropped, or what is wrong with them.
    /// `None` while more are needed. Once something bad has come, nothing else comes.
    ///
    /// Its work is bounded by what the reads since the last call have brought.
    // Not an iterator: after `None`, more may come.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Received> {
        self.drop_last();
        let next = self.parse().transpose().map(|result| match result {
            Ok(request) => Received::Request(request),
            Err(bad) => self.refuse(bad),
        });
        self.progress += u64::from(next.is_some());
        self.release();
        next
    }

    /// Makes one read, of at most 8 KiB: how many bytes it brought. 0: the client has ended its side of the connection.
    ///
    /// # Errors
    ///
    /// Whatever `source` says, but for `Interrupted`. Nothing is lost: call again.
    pub fn read_from(&mut self, source: &mut impl Read) -> io::Result<usize> {
        let room = if self.bytes.is_empty() { FIRST_READ } else { READ };
        let result = read_behind(&mut self.bytes, room, source);
        self.release();
        result
    }

    /// Takes bytes that were read elsewhere: by the system itself, where it is asked for the work and not for
    /// readiness.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Drops the bytes of the request that was given out last: with nothing behind them, no buffer is held any more.
    fn drop_last(&mut self) {
        if let State::Head(_) = self.state {
            self.bytes.drain(..self.head);
            self.head = 0;
        }
        self.release();
    }

    /// Whether nothing has come behind the request that was given out last.
    pub fn is_empty(&self) -> bool {
        matches!(self.state, State::Head(_)) && self.bytes.len() == self.head
    }

    /// How far the client has come, in no unit: more with each whole request and with each further KiB of a body. A
    /// byte that completes neither is no progress, however often one comes. A deadline should be set anew only when
    /// this has grown.
    pub fn progress(&self) -> u64 {
        self.progress
    }

    /// What there is to answer when the time is over: 408 if a part of a request has come (RFC 9110, section 15.5.9).
    /// `None` for a client that has sent nothing: it expects no answer.
    pub fn time_out(&mut self) -> Option<Received> {
        (!self.is_empty()).then(|| self.refuse(BadRequest::Timeout))
    }

    fn refuse(&mut self, bad: BadRequest) -> Received {
        self.state = State::Bad(bad);
        // The head that is in hand, or the beginning of one, is what `bytes` begin with.
        Received::Bad(Refused { why: bad, head: asks_for_head(&self.bytes) })
    }

    /// A client that is only connected costs no buffer.
    fn release(&mut self) {
        if self.bytes.is_empty() {
            self.bytes = Vec::new();
        }
    }

    /// The next request, if what has come is all of it.
    fn parse(&mut self) -> Result<Option<Request>, BadRequest> {
        let (request, mut unread) = match mem::take(&mut self.state) {
            State::Head(mut head) => match head.go_on(&self.bytes)? {
                Some((request, length)) => {
                    self.head = length;
                    self.body = 0;
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
        self.progress += (self.body + used) as u64 / PROGRESS - self.body as u64 / PROGRESS;
        self.body += used;
        match unread {
            Unread::Nothing => Ok(Some(request)),
            unread => {
                self.state = State::Body(request, unread);
                Ok(None)
            }
        }
    }

    /// The head of the request that was received last, as it came, with its empty line; of something that is no
    /// request, all that came.
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
            Received::Bad(bad) => bad.why.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::io::ErrorKind;

    use super::*;
    use crate::{HEADER_SECTION_MAX, Method, TARGET_MAX};

    /// Gives these pieces, one a read, and then hangs up. A piece that is an error is said in its turn.
    struct Source(VecDeque<Result<Vec<u8>, ErrorKind>>);

    impl Source {
        fn of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Source {
            Source(pieces.into_iter().map(|piece| Ok(piece.to_vec())).collect())
        }

        /// With this error before every piece and at the end.
        fn with_errors<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, error: ErrorKind) -> Source {
            let mut source = VecDeque::new();
            for piece in pieces {
                source.extend([Err(error), Ok(piece.to_vec())]);
            }
            source.push_back(Err(error));
            Source(source)
        }
    }

    impl Read for Source {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.pop_front() {
                None => Ok(0),
                Some(Err(error)) => Err(error.into()),
                Some(Ok(mut piece)) => {
                    let length = piece.len().min(buffer.len());
                    buffer[..length].copy_from_slice(&piece[..length]);
                    if length < piece.len() {
                        self.0.push_front(Ok(piece.split_off(length)));
                    }
                    Ok(length)
                }
            }
        }
    }

    impl Inbox {
        /// The next request, in as many reads as that takes. `None` when the client has hung up.
        fn receive(&mut self, source: &mut impl Read) -> io::Result<Option<Received>> {
            loop {
                if let Some(received) = self.next() {
                    return Ok(Some(received));
                }
                if self.read_from(source)? == 0 {
                    return Ok(None);
                }
            }
        }
    }

    const THREE: &[u8] = b"GET /one HTTP/1.1\r\nHost: a\r\n\r\n\
        POST /two HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
        5\r\nGET /\r\n3;x=\"\"\r\n\r\n\r\r\n0\r\nTrailer: x\r\n\r\n\
        \r\nPUT /three HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";

    /// All that comes from a source until it hangs up or something bad comes. Every would-be wait is met with another
    /// call.
    fn all_from(source: &mut Source) -> Vec<Received> {
        let mut inbox = Inbox::default();
        let mut all = Vec::new();
        loop {
            match inbox.receive(source) {
                Ok(None) => return all,
                Ok(Some(bad @ Received::Bad(_))) => {
                    all.push(bad);
                    return all;
                }
                Ok(Some(request)) => all.push(request),
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
        }
    }

    fn shown(all: &[Received]) -> Vec<String> {
        all.iter().map(Received::to_string).collect()
    }

    #[test]
    fn pipelined_requests_are_the_same_in_whatever_pieces_they_come() {
        let whole = all_from(&mut Source::of([THREE]));
        assert_eq!(shown(&whole), ["GET /one", "POST /two", "PUT /three"]);
        for at in 0..=THREE.len() {
            let (first, second) = THREE.split_at(at);
            assert_eq!(all_from(&mut Source::of([first, second].into_iter().filter(|piece| !piece.is_empty()))), whole);
        }
        for size in 1..=50 {
            assert_eq!(all_from(&mut Source::of(THREE.chunks(size))), whole, "pieces of {size}");
        }
    }

    #[test]
    fn an_error_that_passes_loses_nothing() {
        let whole = all_from(&mut Source::of([THREE]));
        for size in 1..=50 {
            for error in [ErrorKind::WouldBlock, ErrorKind::Interrupted] {
                let mut source = Source::with_errors(THREE.chunks(size), error);
                assert_eq!(all_from(&mut source), whole, "pieces of {size}, {error}");
            }
        }
    }

    #[test]
    fn a_request_is_given_out_before_more_is_read() {
        let mut source = Source::with_errors([THREE], ErrorKind::WouldBlock);
        let mut inbox = Inbox::default();
        assert!(inbox.receive(&mut source).is_err());
        for _ in 0..3 {
            assert!(matches!(inbox.receive(&mut source), Ok(Some(Received::Request(_)))));
            assert_eq!(source.0.len(), 1, "only the last error is left");
        }
    }

    #[test]
    fn a_hang_up_is_told_wherever_it_comes() {
        for length in 0..THREE.len() {
            let mut inbox = Inbox::default();
            let mut source = Source::of([&THREE[..length]]);
            while inbox.receive(&mut source).unwrap().is_some() {}
            // And once more, if it is asked again.
            assert_eq!(inbox.receive(&mut source).unwrap(), None, "{}", THREE[..length].escape_ascii());
        }
    }

    #[test]
    fn an_error_that_lasts_is_told() {
        let mut source = Source::with_errors([&b"GET"[..]], ErrorKind::ConnectionReset);
        let error = Inbox::default().receive(&mut source).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }

    #[test]
    fn after_something_bad_no_request_is_looked_for() {
        let request = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
        for (bad, why) in [
            ("nonsense\r\n", BadRequest::RequestLine),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", BadRequest::Chunk),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n", BadRequest::Chunk),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad\r\n\r\n", BadRequest::Field),
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n", BadRequest::RequestLine),
        ] {
            let sent = format!("{bad}{request}");
            for size in [1, 7, 4096] {
                let mut source = Source::of(sent.as_bytes().chunks(size));
                let mut inbox = Inbox::default();
                let first_bad = std::iter::from_fn(|| inbox.receive(&mut source).unwrap())
                    .find(|received| matches!(received, Received::Bad(_)));
                assert_eq!(first_bad, Some(Received::Bad(why.into())), "{bad:?}");
                for _ in 0..3 {
                    assert_eq!(
                        inbox.receive(&mut source).unwrap(),
                        Some(Received::Bad(why.into())),
                        "again, after {bad:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_wrong_with_a_head_request_is_known_to_be_of_one() {
        for (sent, head) in [
            ("HEAD / HTTP/2.0\r\n", true),
            ("\r\n\r\nHEAD / HTTP/1.1\r\n\r\n", true),
            ("HEAD / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", true),
            ("HEAD /a b HTTP/1.1\r\n", true),
            ("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", true),
            ("HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab", true),
            ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nHEAD / HTTP/1.1\r\n\r\n", true),
            ("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n", false),
            ("GET /HEAD HTTP/2.0\r\n", false),
            ("HEADS / HTTP/2.0\r\n", false),
            ("head / HTTP/2.0\r\n", false),
        ] {
            for size in [1, 4096] {
                let all = all_from(&mut Source::of(sent.as_bytes().chunks(size)));
                assert!(matches!(all.last(), Some(Received::Bad(bad)) if bad.head == head), "{sent:?}: {all:?}");
            }
        }
    }

    #[test]
    fn only_a_request_can_keep_the_connection() {
        let head = |line| format!("GET / HTTP/1.1\r\nHost: a\r\n{line}\r\n");
        let kept = |sent: &str| all_from(&mut Source::of([sent.as_bytes()])).last().unwrap().keep_alive();
        assert!(kept(&head("")));
        assert!(!kept(&head("Connection: close\r\n")));
        assert!(!kept("nonsense\r\n"));
    }

    #[test]
    fn the_head_can_be_shown_as_it_came() {
        let mut source = Source::of([THREE, b"nonsense\r\n"]);
        let mut inbox = Inbox::default();
        let mut shown = Vec::new();
        while let Ok(Some(Received::Request(_))) = inbox.receive(&mut source) {
            shown.push(inbox.last_received().to_vec());
        }
        assert_eq!(shown[0], b"GET /one HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(shown[1], b"POST /two HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        assert_eq!(shown[2], b"\r\nPUT /three HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n");
        assert_eq!(inbox.last_received(), b"nonsense\r\n");
    }

    #[test]
    fn a_body_that_is_permitted_is_dropped_and_does_not_pile_up() {
        let mut sent = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n".to_vec();
        sent.resize(sent.len() + 65_536, b'x');
        let mut source = Source::of(sent.chunks(READ).chain([&b"GET / HTTP/1.0\r\n\r\n"[..]]));
        let mut inbox = Inbox::default();
        let first = inbox.receive(&mut source).unwrap().unwrap();
        assert!(matches!(first, Received::Request(Request { method: Method::Post, .. })));
        assert!(inbox.bytes.capacity() <= 2 * READ, "{} bytes", inbox.bytes.capacity());
        assert!(matches!(inbox.receive(&mut source), Ok(Some(Received::Request(_)))));
    }

    #[test]
    fn a_hostile_client_does_not_fill_the_memory() {
        let line =
            format!("POST /{} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: ", "a".repeat(TARGET_MAX - 1));
        let head = line.clone() + &"x".repeat(HEADER_SECTION_MAX - 100) + "\r\n\r\n";
        // A vector that grows takes twice what it holds.
        let most = 2 * (head.len() + HEADER_SECTION_MAX + READ + 100);
        for (beginning, again) in [
            ("", "A"),
            ("GET /", "a"),
            (line.as_str(), "x"),
            (line.as_str(), "x\r\nX:"),
            (head.as_str(), "1\r\nx\r\n"),
            (head.as_str(), "1;a"),
            (&(head.clone() + "0\r\nX: "), "x"),
            (&(head.clone() + "0\r\n"), "X: x\r\n"),
            ("", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ] {
            let pieces = [beginning.to_owned(), again.repeat(1_000_000 / again.len())];
            let mut source = Source::of(pieces.iter().filter(|piece| !piece.is_empty()).map(|piece| piece.as_bytes()));
            let mut inbox = Inbox::default();
            while let Some(Received::Request(_)) = inbox.receive(&mut source).unwrap() {
                assert!(inbox.bytes.capacity() <= most);
            }
            let held = inbox.bytes.capacity();
            assert!(held <= most, "{again:?}: {held} bytes, where {most} is the most");
        }
    }

    /// Bytes that have been looked at are overwritten with what would be refused.
    #[test]
    fn what_has_been_looked_at_is_not_looked_at_again() {
        let trailer = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: ";
        for begun in ["GET / HTTP/1.1\r\nHost: ", "GET /a", trailer] {
            let mut source = Source::with_errors([begun.as_bytes(), b"a"], ErrorKind::WouldBlock);
            let mut inbox = Inbox::default();
            assert!(inbox.receive(&mut source).is_err(), "nothing has come");
            assert!(inbox.receive(&mut source).is_err(), "half of it has come");
            inbox.bytes.fill(0);
            assert!(inbox.receive(&mut source).is_err(), "{begun:?} is looked at again");
        }
    }

    #[test]
    fn an_idle_inbox_holds_no_buffer() {
        let mut inbox = Inbox::default();
        let mut source = Source::with_errors([THREE], ErrorKind::WouldBlock);
        assert!(inbox.receive(&mut source).is_err());
        assert_eq!(inbox.bytes.capacity(), 0, "a client that is only connected");
        while let Ok(Some(_)) = inbox.receive(&mut source) {}
        assert_eq!(inbox.bytes.capacity(), 0, "a client between two requests");
        inbox.push(b"GET / HTTP/1.0\r\n\r\n");
        assert!(inbox.next().is_some() && inbox.is_empty());
        assert_ne!(inbox.bytes.capacity(), 0, "the request can still be shown");
        inbox.drop_last();
        assert_eq!(inbox.bytes.capacity(), 0, "a request that has been answered");
    }

    #[test]
    fn bytes_may_be_pushed_instead_of_read() {
        for size in 1..=THREE.len() {
            let mut inbox = Inbox::default();
            let mut all = Vec::new();
            for piece in THREE.chunks(size) {
                inbox.push(piece);
                all.extend(std::iter::from_fn(|| inbox.next()));
            }
            assert_eq!(shown(&all), ["GET /one", "POST /two", "PUT /three"], "pieces of {size}");
            assert!(inbox.is_empty());
        }
    }

    #[test]
    fn one_call_makes_one_read() {
        let mut source = Source::of(THREE.chunks(10));
        let mut inbox = Inbox::default();
        for read in 1..=2 {
            assert_eq!(inbox.read_from(&mut source).unwrap(), 10);
            assert_eq!(source.0.len(), THREE.chunks(10).len() - read);
        }
        assert_eq!(inbox.next(), None);
        assert_eq!(source.0.len(), THREE.chunks(10).len() - 2, "to look at what has come reads nothing");
    }

    #[test]
    fn progress_is_a_request_or_a_kibibyte_of_a_body() {
        let mut inbox = Inbox::default();
        let progress_after = |inbox: &mut Inbox, sent: &[u8]| {
            let before = inbox.progress();
            for byte in sent {
                inbox.push(&[*byte]);
                while inbox.next().is_some() {}
            }
            inbox.progress() - before
        };
        assert_eq!(progress_after(&mut inbox, b"GET / HTTP/1.1\r\nHost: a\r\n"), 0, "a head that is not whole");
        assert_eq!(progress_after(&mut inbox, b"\r\n"), 1, "a request");
        assert_eq!(progress_after(&mut inbox, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2500\r\n\r\n"), 0);
        assert_eq!(progress_after(&mut inbox, &[b'x'; 1023]), 0, "less than a kibibyte");
        assert_eq!(progress_after(&mut inbox, b"x"), 1, "a kibibyte");
        assert_eq!(progress_after(&mut inbox, &[b'x'; 1475]), 1, "another, and some");
        assert_eq!(progress_after(&mut inbox, b"x"), 1, "all of it");
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(progress_after(&mut inbox, chunked.as_bytes()), 0);
        assert_eq!(progress_after(&mut inbox, "1\r\nx\r\n".repeat(342).as_bytes()), 2, "chunks count with their lines");
    }

    #[test]
    fn when_the_time_is_over_a_part_of_a_request_is_answered() {
        let part_of_body = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab";
        for (sent, answered) in
            [("", false), ("G", true), ("\r\n", true), ("GET / HTTP/1.1\r\n", true), (part_of_body, true)]
        {
            for before in ["", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
                let mut inbox = Inbox::default();
                inbox.push(before.as_bytes());
                inbox.push(sent.as_bytes());
                while inbox.next().is_some() {}
                let late = inbox.time_out();
                assert_eq!(
                    late,
                    answered.then_some(Received::Bad(BadRequest::Timeout.into())),
                    "{sent:?} behind {before:?}"
                );
                assert_eq!(inbox.next(), late, "once something bad has come, nothing else comes");
            }
        }
    }
}
