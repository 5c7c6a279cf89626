//! A request, read from bytes. The regular expression decides about the request line (RFC 9112, section 3), httparse
//! about the shape of the header fields (section 5), and [`fields`](crate::fields) about what they say.

use std::fmt;

use crate::body::{self, BODY_MAX};
use crate::fields::Fields;
use crate::lines::Lines;
use crate::request_line::{self, REQUEST_LINE_MAX, RequestLine, too_long};
use crate::{BadRequest, Framing, Method, Preconditions};

/// How many empty lines may come before a request.
const EMPTY_LINES_MAX: usize = 8;

/// Compiles the patterns now, not at the first request: so that a child which is forked finds them ready, and a
/// coroutine needs no stack for it.
pub(crate) fn prepare() {
    request_line::prepare();
    body::prepare();
}

/// One request, owned: the bytes that it came in may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is to be done.
    pub method: Method,
    /// To what, as it was sent: still with its query and percent-encoded, but without `http://host` if that was there.
    pub target: String,
    /// On what the answer depends besides (`If-Modified-Since` and its like).
    pub preconditions: Preconditions,
    /// Whether the connection may serve another request after this one: the client did not say `close` (or, in
    /// HTTP/1.0, said `keep-alive`). RFC 9112, section 9.3.
    pub keep_alive: bool,
    /// Whether a body follows, and where it ends.
    pub body: Framing,
}

impl Request {
    /// Reads the request at the beginning of `bytes`: it, and how many bytes it takes up to the end of its empty line.
    /// `None` if more bytes are needed to tell.
    ///
    /// Keeps no state: more bytes mean a call with all of them. What is wrong is said as early as it can be known, so
    /// that a client that speaks another protocol is not waited for.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, BadRequest> {
        Head::default().go_on(bytes)
    }
}

/// How far the head of a request has been read. With it, a head that comes byte by byte is gone over once, not once for
/// each byte; and what is said of it does not depend on the pieces that it came in.
#[derive(Debug, Default)]
pub(crate) struct Head {
    lines: Lines,
    line: Option<RequestLine>,
    /// Where the header section begins, once there is a request line.
    section: usize,
}

impl Head {
    /// As [`Request::parse`]. `bytes` are those of the last call, and what came behind them.
    pub(crate) fn go_on(&mut self, bytes: &[u8]) -> Result<Option<(Request, usize)>, BadRequest> {
        if self.line.is_none() {
            self.line = self.request_line(bytes)?;
            self.section = self.lines.start;
        }
        let Some(RequestLine { method, version, .. }) = self.line else { return Ok(None) };
        let Some(head_end) = self.lines.end_of_section(bytes, self.section)? else { return Ok(None) };
        let fields = Fields::parse(&bytes[self.section..head_end], version)?;

        // Whoever asks whether to send a body (`Expect: 100-continue`) is told the final status at once, and no: that
        // leaves it open where the next request would begin, so there is none (RFC 9110, section 10.1.1).
        let unwanted = fields.expects_continue && fields.body != Framing::NoBody;
        let request = Request {
            method,
            // Nobody asks this head again.
            target: self.line.take().map(|line| line.target).unwrap_or_default(),
            keep_alive: fields.keep_alive(version) && !unwanted,
            preconditions: fields.preconditions,
            body: if unwanted { Framing::NoBody } else { fields.body },
        };
        if matches!(request.body, Framing::Length(length) if length > BODY_MAX) {
            return Err(BadRequest::BodyTooLong);
        }
        Ok(Some((request, head_end)))
    }

    fn request_line(&mut self, bytes: &[u8]) -> Result<Option<RequestLine>, BadRequest> {
        loop {
            let start = self.lines.start;
            let room = &bytes[..bytes.len().min(start + REQUEST_LINE_MAX)];
            match self.lines.next(room)? {
                // Empty lines before the request are a leftover of old clients: ignored (section 2.2).
                Some(b"\r\n") if start < EMPTY_LINES_MAX * 2 => {}
                Some(line) => return RequestLine::parse(line).map(Some),
                None if room.len() < bytes.len() => return Err(too_long(&room[start..])),
                None => return Ok(None),
            }
        }
    }
}

/// Whether what begins so is a HEAD request, or was meant to be one: then nobody expects a body, not even of an error
/// (RFC 9110, section 9.3.2).
pub(crate) fn asks_for_head(bytes: &[u8]) -> bool {
    let mut line = bytes;
    while let Some(rest) = line.strip_prefix(b"\r\n") {
        line = rest;
    }
    line.starts_with(b"HEAD ")
}

/// `GET /index.html`, for the log.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HEADER_SECTION_MAX, REQUEST_FIELDS_MAX, TARGET_MAX};

    fn parsed(head: impl AsRef<[u8]>) -> Result<Request, BadRequest> {
        let head = head.as_ref();
        let (request, length) = Request::parse(head)?.expect("a whole head");
        assert_eq!(length, head.len(), "the head ends where it ends: {}", head.escape_ascii());
        Ok(request)
    }

    fn with_line(line: &str) -> Result<Request, BadRequest> {
        parsed(format!("{line}\r\nHost: localhost\r\n\r\n"))
    }

    #[test]
    fn a_request_line_says_method_and_target() {
        for (line, method, target) in [
            ("GET / HTTP/1.1", Method::Get, "/"),
            ("HEAD /page.html HTTP/1.1", Method::Head, "/page.html"),
            ("OPTIONS * HTTP/1.1", Method::Options, "*"),
            ("OPTIONS / HTTP/1.1", Method::Options, "/"),
            ("POST /?a=1&b=%20 HTTP/1.1", Method::Post, "/?a=1&b=%20"),
            ("PUT /a HTTP/1.1", Method::Put, "/a"),
            ("DELETE /a HTTP/1.1", Method::Delete, "/a"),
            ("PATCH /a HTTP/1.1", Method::Patch, "/a"),
            ("TRACE / HTTP/1.1", Method::Trace, "/"),
            ("CONNECT localhost:443 HTTP/1.1", Method::Connect, "localhost:443"),
            ("get / HTTP/1.1", Method::Unknown, "/"),
            ("GETTY / HTTP/1.1", Method::Unknown, "/"),
            ("M-SEARCH /!$&'()*+,;=:@[]{}|^`\"<>~ HTTP/1.1", Method::Unknown, "/!$&'()*+,;=:@[]{}|^`\"<>~"),
            ("GET //x HTTP/1.1", Method::Get, "//x"),
            ("GET /http://other/ HTTP/1.1", Method::Get, "/http://other/"),
        ] {
            let request = with_line(line).unwrap_or_else(|bad| panic!("{line}: {bad:?}"));
            assert_eq!((request.method, request.target.as_str()), (method, target), "{line}");
        }
    }

    #[test]
    fn an_absolute_target_loses_its_authority() {
        for (sent, target) in [
            ("GET http://localhost/a?b HTTP/1.1", "/a?b"),
            ("GET HTTP://localhost/a HTTP/1.1", "/a"),
            ("GET http://[::1]:80/a HTTP/1.1", "/a"),
            ("GET http://localhost HTTP/1.1", "/"),
            ("GET http://localhost?query HTTP/1.1", "/"),
            ("GET http://localhost//a HTTP/1.1", "//a"),
            ("OPTIONS http://localhost HTTP/1.1", "*"),
            ("OPTIONS http://localhost/ HTTP/1.1", "/"),
        ] {
            assert_eq!(with_line(sent).map(|request| request.target), Ok(target.into()), "{sent}");
        }
    }

    #[test]
    fn what_is_no_request_line_is_refused() {
        for (line, bad) in [
            ("GET", BadRequest::RequestLine),
            ("GET /", BadRequest::RequestLine),
            ("GET  / HTTP/1.1", BadRequest::RequestLine),
            ("GET /  HTTP/1.1", BadRequest::RequestLine),
            ("GET / HTTP/1.1 ", BadRequest::RequestLine),
            (" GET / HTTP/1.1", BadRequest::RequestLine),
            ("GET\t/ HTTP/1.1", BadRequest::RequestLine),
            ("GET /a b HTTP/1.1", BadRequest::RequestLine),
            ("GET HTTP/1.1", BadRequest::RequestLine),
            ("G(T / HTTP/1.1", BadRequest::RequestLine),
            ("GET /a#b HTTP/1.1", BadRequest::RequestLine),
            ("GET /a\\b HTTP/1.1", BadRequest::RequestLine),
            ("GET /ä HTTP/1.1", BadRequest::RequestLine),
            ("x GET / HTTP/1.1", BadRequest::RequestLine),
            ("GET /\0 HTTP/1.1", BadRequest::ControlByte),
            ("GET /\x7f HTTP/1.1", BadRequest::ControlByte),
            ("GET /\r HTTP/1.1", BadRequest::LineEnd),
            ("GET / HTTP/1.1\nHost: a", BadRequest::LineEnd),
            ("GET * HTTP/1.1", BadRequest::Target),
            ("GET a HTTP/1.1", BadRequest::Target),
            ("GET localhost:80 HTTP/1.1", BadRequest::Target),
            ("GET ftp://localhost/ HTTP/1.1", BadRequest::Target),
            ("GET http:/a HTTP/1.1", BadRequest::Target),
            ("GET http:///a HTTP/1.1", BadRequest::Target),
            ("GET http:// HTTP/1.1", BadRequest::Target),
            ("GET http://?a HTTP/1.1", BadRequest::Target),
            ("GET http://:80/ HTTP/1.1", BadRequest::Target),
            ("GET http://@/ HTTP/1.1", BadRequest::Target),
            ("GET http://user@localhost/ HTTP/1.1", BadRequest::Target),
            ("GET http://a\"b<>/ HTTP/1.1", BadRequest::Target),
            ("GET http://localhost:99999999/ HTTP/1.1", BadRequest::Target),
            ("GET http://localhost%/ HTTP/1.1", BadRequest::Target),
            ("GET http://[:1]/ HTTP/1.1", BadRequest::Target),
            ("GET http://[::1/ HTTP/1.1", BadRequest::Target),
            ("GET http:////a HTTP/1.1", BadRequest::Target),
            ("POST http://:80/ HTTP/1.1", BadRequest::Target),
            ("OPTIONS http://a%zz HTTP/1.1", BadRequest::Target),
            ("GET https://localhost/ HTTP/1.1", BadRequest::Https),
            ("GET HTTPS://localhost HTTP/1.1", BadRequest::Https),
            ("GET https://@/ HTTP/1.1", BadRequest::Target),
            ("GET https:/a HTTP/1.1", BadRequest::Target),
            ("OPTIONS ** HTTP/1.1", BadRequest::Target),
        ] {
            assert_eq!(with_line(line), Err(bad), "{line:?}");
        }
    }

    #[test]
    fn only_http_1_is_spoken() {
        for (version, bad) in [
            ("HTTP/1.0", None),
            ("HTTP/1.1", None),
            ("HTTP/1.2", None),
            ("HTTP/1.9", None),
            ("HTTP/0.9", Some(BadRequest::Version)),
            ("HTTP/2.0", Some(BadRequest::Version)),
            ("HTTP/9.9", Some(BadRequest::Version)),
            ("HTTP/1", Some(BadRequest::RequestLine)),
            ("HTTP/1.", Some(BadRequest::RequestLine)),
            ("HTTP/1.11", Some(BadRequest::RequestLine)),
            ("HTTP/01.1", Some(BadRequest::RequestLine)),
            ("HTTP/ 1.1", Some(BadRequest::RequestLine)),
            ("HTTP/1,1", Some(BadRequest::RequestLine)),
            ("http/1.1", Some(BadRequest::RequestLine)),
            ("HTTPS/1.1", Some(BadRequest::RequestLine)),
        ] {
            assert_eq!(with_line(&format!("GET / {version}")).err(), bad, "{version}");
        }
    }

    #[test]
    fn other_protocols_are_refused_as_soon_as_they_can_be_known() {
        for (sent, bad) in [
            (&b"\x16\x03\x01"[..], BadRequest::ControlByte),
            (b"PRI * HTTP/2.0\r\n", BadRequest::Version),
            (b"SSH-2.0-OpenSSH_9.6\r\n", BadRequest::RequestLine),
            (b"EHLO localhost\r\n", BadRequest::RequestLine),
            (b"\n", BadRequest::LineEnd),
        ] {
            assert_eq!(Request::parse(sent), Err(bad), "{}", sent.escape_ascii());
        }
    }

    #[test]
    fn a_few_empty_lines_may_come_before_a_request() {
        let request = "GET / HTTP/1.0\r\n\r\n";
        for lines in 0..=EMPTY_LINES_MAX {
            assert!(parsed("\r\n".repeat(lines) + request).is_ok(), "{lines} lines");
        }
        let too_many = "\r\n".repeat(EMPTY_LINES_MAX + 1);
        assert_eq!(Request::parse(too_many.as_bytes()), Err(BadRequest::RequestLine));
        assert_eq!(parsed(too_many + request), Err(BadRequest::RequestLine));
        assert_eq!(parsed(format!("\r\n \r\n{request}")), Err(BadRequest::RequestLine));
    }

    #[test]
    fn every_prefix_of_a_request_is_incomplete() {
        let request = b"\r\nGET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
        for length in 0..request.len() {
            assert_eq!(Request::parse(&request[..length]), Ok(None), "{}", request[..length].escape_ascii());
        }
        assert!(matches!(Request::parse(request), Ok(Some((_, length))) if length == request.len()));
    }

    /// Bytes that have been looked at are overwritten with what would be refused.
    #[test]
    fn a_head_in_pieces_is_gone_over_once() {
        let mut bytes = b"\r\nGET / HTTP/1.1\r\nHost: localhost\r\nAccept: ".to_vec();
        for seen in 1..=bytes.len() {
            let mut head = Head::default();
            assert_eq!(head.go_on(&bytes[..seen]), Ok(None));
            let mut overwritten = bytes.clone();
            // A CR at the end is still to be judged by what follows it.
            overwritten[..seen - 1].fill(0);
            assert_ne!(head.go_on(&overwritten).err(), Some(BadRequest::ControlByte), "{seen} bytes seen");
        }
        bytes.fill(0);
        assert_eq!(Request::parse(&bytes), Err(BadRequest::ControlByte));
    }

    #[test]
    fn what_comes_behind_a_request_is_not_looked_at() {
        let request = b"GET / HTTP/1.0\r\n\r\n";
        let (_, length) = Request::parse(&[&request[..], b"\0\n\r"].concat()).unwrap().unwrap();
        assert_eq!(length, request.len());
    }

    #[test]
    fn a_target_may_have_just_the_permitted_length() {
        let line = |length: usize| format!("GET /{} HTTP/1.1", "a".repeat(length - 1));
        assert_eq!(with_line(&line(TARGET_MAX)).unwrap().target.len(), TARGET_MAX);
        assert_eq!(with_line(&line(TARGET_MAX + 1)), Err(BadRequest::TargetTooLong));
        assert_eq!(with_line(&line(TARGET_MAX * 12)), Err(BadRequest::TargetTooLong));
        // Nobody waits for its end.
        let endless = format!("GET /{}", "a".repeat(REQUEST_LINE_MAX));
        assert_eq!(Request::parse(endless.as_bytes()), Err(BadRequest::TargetTooLong));
        assert_eq!(Request::parse(&endless.as_bytes()[..REQUEST_LINE_MAX]), Ok(None));
    }

    #[test]
    fn a_method_that_does_not_end_is_not_waited_for() {
        let endless = "A".repeat(REQUEST_LINE_MAX + 1);
        assert_eq!(Request::parse(endless.as_bytes()), Err(BadRequest::MethodTooLong));
        assert_eq!(with_line(&format!("{endless} / HTTP/1.1")), Err(BadRequest::MethodTooLong));
    }

    #[test]
    fn a_header_section_may_have_just_the_permitted_length() {
        let head = |length: usize| {
            let fixed = "Host: a\r\nX: \r\n\r\n".len();
            format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(length - fixed))
        };
        assert!(parsed(head(HEADER_SECTION_MAX)).is_ok());
        assert_eq!(parsed(head(HEADER_SECTION_MAX + 1)), Err(BadRequest::HeaderTooLong));
        // Nobody waits for its end, and what is said does not depend on how much of the rest is there.
        let endless = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\0", "x".repeat(HEADER_SECTION_MAX));
        assert_eq!(Request::parse(endless.as_bytes()), Err(BadRequest::HeaderTooLong));
    }

    #[test]
    fn as_many_fields_as_permitted_are_read() {
        let head = |fields: usize| format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(fields - 1));
        assert!(parsed(head(REQUEST_FIELDS_MAX)).is_ok());
        assert_eq!(parsed(head(REQUEST_FIELDS_MAX + 1)), Err(BadRequest::TooManyFields));
    }

    #[test]
    fn who_asks_before_sending_a_body_is_answered_at_once_and_not_kept() {
        let head = |version: &str, fields: &str| {
            parsed(format!("POST / {version}\r\nHost: a\r\nConnection: keep-alive\r\n{fields}\r\n")).unwrap()
        };
        let asks = head("HTTP/1.1", "Expect: 100-Continue\r\nContent-Length: 5\r\n");
        assert_eq!((asks.body, asks.keep_alive), (Framing::NoBody, false));
        let asks = head("HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 99999999999\r\n");
        assert_eq!((asks.body, asks.keep_alive), (Framing::NoBody, false));
        let has_no_body = head("HTTP/1.1", "Expect: 100-continue\r\n");
        assert_eq!((has_no_body.body, has_no_body.keep_alive), (Framing::NoBody, true));
        // In HTTP/1.0 nobody asks.
        let sends = head("HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 5\r\n");
        assert_eq!((sends.body, sends.keep_alive), (Framing::Length(5), true));
    }

    #[test]
    fn a_body_may_have_just_the_permitted_length() {
        let head = |length| parsed(format!("POST / HTTP/1.0\r\nContent-Length: {length}\r\n\r\n"));
        assert_eq!(head(BODY_MAX).unwrap().body, Framing::Length(BODY_MAX));
        assert_eq!(head(BODY_MAX + 1), Err(BadRequest::BodyTooLong));
        assert_eq!(head(u64::MAX), Err(BadRequest::BodyTooLong));
    }

    #[test]
    fn every_bad_request_has_a_status_and_words_for_the_log() {
        for (bad, code) in [
            (BadRequest::RequestLine, 400),
            (BadRequest::Target, 400),
            (BadRequest::Https, 421),
            (BadRequest::LineEnd, 400),
            (BadRequest::ControlByte, 400),
            (BadRequest::Field, 400),
            (BadRequest::Host, 400),
            (BadRequest::ContentLength, 400),
            (BadRequest::TransferEncoding, 400),
            (BadRequest::UnknownCoding, 501),
            (BadRequest::Chunk, 400),
            (BadRequest::BodyTooLong, 413),
            (BadRequest::MethodTooLong, 400),
            (BadRequest::TargetTooLong, 414),
            (BadRequest::HeaderTooLong, 431),
            (BadRequest::TooManyFields, 431),
            (BadRequest::Version, 505),
        ] {
            assert_eq!(bad.status().code(), code, "{bad:?}");
            assert!(!bad.to_string().is_empty());
        }
    }

    #[test]
    fn the_log_shows_method_and_target() {
        assert_eq!(with_line("GET /a?b HTTP/1.1").unwrap().to_string(), "GET /a?b");
        assert_eq!(with_line("BREW / HTTP/1.1").unwrap().to_string(), "(unknown method) /");
    }
}
