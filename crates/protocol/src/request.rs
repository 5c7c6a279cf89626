//! A request, read from bytes. The regular expression decides about the request line (RFC 9112, section 3), httparse
//! about the shape of the header fields (section 5), and [`fields`](crate::fields) about what they say.

use std::fmt;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::authority::names_a_host;
use crate::body::{self, BODY_MAX, Framing};
use crate::fields::Fields;
use crate::{Preconditions, Status};

/// The longest request target that is served, in bytes. RFC 9112, section 3, asks for at least 8,000 for the whole
/// line.
pub const TARGET_MAX: usize = 8 * 1024;
/// The longest header section that is read, in bytes, from behind the request line to the empty line.
pub const HEADER_SECTION_MAX: usize = 16 * 1024;
/// The most header fields that are read.
pub const REQUEST_FIELDS_MAX: usize = 64;

/// The longest method that is looked for, in bytes; the longest registered one has 17.
const METHOD_MAX: usize = 32;
/// A request line with a method, a target and a version of full length.
const REQUEST_LINE_MAX: usize = METHOD_MAX + 1 + TARGET_MAX + " HTTP/1.1\r\n".len();
/// How many empty lines may come before a request.
const EMPTY_LINES_MAX: usize = 8;

/// The request line: method, target, version, each parted by one space, with nothing before and CR LF behind.
///
/// `(?-u)`: bytes, not Unicode. `\A`: without it, the pattern would find a request in the middle of something else.
/// The target is any visible ASCII but `#`, since a fragment never leaves the browser (RFC 9112, section 3.2), and `\`,
/// which no URI has and some systems take for a slash.
static REQUEST_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x-u) \A
        (?<method> [!\#$%&'*+.^_`|~0-9A-Za-z-]+ ) \x20
        (?<target> [!-\x22$-\[\]-~]+ ) \x20
        HTTP/ (?<major>[0-9]) \. (?<minor>[0-9]) \r\n",
    )
    .expect("the pattern is a constant, and every test runs it")
});

/// Compiles the patterns now, not at the first request: so that a child which is forked finds them ready, and a
/// coroutine needs no stack for it.
pub(crate) fn prepare() {
    LazyLock::force(&REQUEST_LINE);
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

/// The methods of RFC 9110, section 9, and PATCH (RFC 5789). Names are case-sensitive: `get` is not GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Method {
    Get,
    Head,
    Options,
    Post,
    Put,
    Delete,
    Patch,
    Trace,
    Connect,
    /// A well-formed name that no RFC named here defines.
    Unknown,
}

/// Why bytes are not a request that this server takes. Each has one status; after each the connection is closed,
/// because where the next request would begin is no longer certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRequest {
    /// Not `METHOD target HTTP/1.x` (RFC 9112, section 3).
    RequestLine,
    /// A target of no form that its method allows (section 3.2), or one with an authority that names no host.
    Target,
    /// An `https` URI on a connection without TLS (RFC 9110, section 7.4).
    Https,
    /// A line that ends in LF alone, or a CR that ends none (section 2.2).
    LineEnd,
    /// NUL or another control byte (section 2.2; RFC 9110, section 5.5).
    ControlByte,
    /// A header field that is not `name: value` (section 5), or continues on the next line (section 5.2).
    Field,
    /// No `Host`, more than one, or one that names no host (section 3.2).
    Host,
    /// A `Content-Length` that is not one number (section 6.3).
    ContentLength,
    /// A `Transfer-Encoding` that does not end in `chunked`, or stands beside a `Content-Length`, or in HTTP/1.0
    /// (sections 6.1 and 6.3).
    TransferEncoding,
    /// A transfer coding besides `chunked`.
    UnknownCoding,
    /// A chunk whose size or end is not where it should be (section 7.1).
    Chunk,
    /// A body longer than [`BODY_MAX`].
    BodyTooLong,
    /// Not whole when its time was over (RFC 9110, section 15.5.9).
    Timeout,
    /// A method longer than any that there is (section 3).
    MethodTooLong,
    /// A target longer than [`TARGET_MAX`].
    TargetTooLong,
    /// A header section longer than [`HEADER_SECTION_MAX`].
    HeaderTooLong,
    /// More than [`REQUEST_FIELDS_MAX`] header fields.
    TooManyFields,
    /// A major version that is not 1 (RFC 9110, section 15.6.6).
    Version,
}

/// What was refused before it was a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub why: BadRequest,
    /// Whether it was to be a HEAD request, as far as can be told: the answer to that has no body.
    pub head: bool,
}

impl From<BadRequest> for Refused {
    fn from(why: BadRequest) -> Refused {
        Refused { why, head: false }
    }
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

/// What the first line of a request says.
#[derive(Debug)]
struct RequestLine {
    method: Method,
    target: String,
    version: Version,
}

/// The versions that are answered. A higher minor version is taken for the highest known one (RFC 9110, section 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Http10,
    Http11,
}

impl RequestLine {
    fn parse(line: &[u8]) -> Result<RequestLine, BadRequest> {
        let (_, [method, target, major, minor]) = REQUEST_LINE.captures(line).ok_or(BadRequest::RequestLine)?.extract();
        let version = match (major, minor) {
            (b"1", b"0") => Version::Http10,
            (b"1", _) => Version::Http11,
            _ => return Err(BadRequest::Version),
        };
        let method = Method::from_name(method);
        if target.len() > TARGET_MAX {
            return Err(BadRequest::TargetTooLong);
        }
        let target = without_authority(method, target)?;
        // The pattern admits ASCII only, so nothing is replaced here.
        let target = String::from_utf8_lossy(target).into_owned();
        Ok(RequestLine { method, target, version })
    }
}

/// The four forms of a target (RFC 9112, section 3.2), made one: `/path?query`, or `*` as it is.
fn without_authority(method: Method, target: &[u8]) -> Result<&[u8], BadRequest> {
    match (method, target) {
        // Refused by its method anyway, whatever it names.
        (Method::Connect, _) => Ok(target),
        (Method::Options, b"*") | (_, [b'/', ..]) => Ok(target),
        _ => {
            let (https, path) = absolute(target).ok_or(BadRequest::Target)?;
            match path {
                _ if https => Err(BadRequest::Https),
                [] if method == Method::Options => Ok(b"*"),
                [b'/', ..] => Ok(path),
                // `http://host?query`: a path may be left out, and is then `/`; no file has a use for the query.
                _ => Ok(b"/"),
            }
        }
    }
}

/// Of an absolute URI, whether it is of `https`, and its path and query. Its authority outweighs `Host`, and so must
/// be one by the same measure (RFC 9112, section 3.2.2; RFC 9110, section 4.2).
fn absolute(target: &[u8]) -> Option<(bool, &[u8])> {
    let colon = target.iter().position(|byte| *byte == b':')?;
    let (scheme, rest) = target.split_at(colon);
    let https = scheme.eq_ignore_ascii_case(b"https");
    let rest = rest.strip_prefix(b"://")?;
    let (authority, path) =
        rest.split_at(rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len()));
    ((https || scheme.eq_ignore_ascii_case(b"http")) && names_a_host(authority)).then_some((https, path))
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

impl Method {
    fn from_name(name: &[u8]) -> Method {
        match name {
            b"GET" => Method::Get,
            b"HEAD" => Method::Head,
            b"OPTIONS" => Method::Options,
            b"POST" => Method::Post,
            b"PUT" => Method::Put,
            b"DELETE" => Method::Delete,
            b"PATCH" => Method::Patch,
            b"TRACE" => Method::Trace,
            b"CONNECT" => Method::Connect,
            _ => Method::Unknown,
        }
    }
}

/// Finds the lines of a head, and looks at no byte twice. Only the shape matters: CR LF and nothing else ends a line,
/// and no control byte stands in one but a tab.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lines {
    /// Where the line begins that has not ended yet.
    start: usize,
    /// How many bytes have been looked at.
    seen: usize,
}

impl Lines {
    /// The next line, with its end. `None` while that has not come: call again with more bytes behind these.
    fn next<'bytes>(&mut self, bytes: &'bytes [u8]) -> Result<Option<&'bytes [u8]>, BadRequest> {
        while let [byte, behind @ ..] = &bytes[self.seen..] {
            match (byte, behind) {
                (b'\r', []) => return Ok(None),
                (b'\r', [b'\n', ..]) => {
                    let line = &bytes[self.start..self.seen + 2];
                    self.seen += 2;
                    self.start = self.seen;
                    return Ok(Some(line));
                }
                (b'\r' | b'\n', _) => return Err(BadRequest::LineEnd),
                (b'\t', _) => {}
                (0..=31 | 127, _) => return Err(BadRequest::ControlByte),
                _ => {}
            }
            self.seen += 1;
        }
        Ok(None)
    }

    /// Where the section of fields ends that begins at `section`: behind the empty line. `None` while that has not
    /// come.
    pub(crate) fn end_of_section(&mut self, bytes: &[u8], section: usize) -> Result<Option<usize>, BadRequest> {
        let room = &bytes[..bytes.len().min(section + HEADER_SECTION_MAX)];
        while let Some(line) = self.next(room)? {
            if line == b"\r\n" {
                return Ok(Some(self.start));
            }
        }
        if room.len() < bytes.len() { Err(BadRequest::HeaderTooLong) } else { Ok(None) }
    }
}

/// What is too long in a first line that has not ended yet.
fn too_long(line: &[u8]) -> BadRequest {
    if line[..=METHOD_MAX].contains(&b' ') { BadRequest::TargetTooLong } else { BadRequest::MethodTooLong }
}

impl BadRequest {
    /// The status that tells the client.
    pub fn status(self) -> Status {
        match self {
            BadRequest::Https => Status::MisdirectedRequest,
            BadRequest::UnknownCoding => Status::NotImplemented,
            BadRequest::Timeout => Status::RequestTimeout,
            BadRequest::BodyTooLong => Status::ContentTooLarge,
            BadRequest::TargetTooLong => Status::UriTooLong,
            BadRequest::HeaderTooLong | BadRequest::TooManyFields => Status::RequestHeaderFieldsTooLarge,
            BadRequest::Version => Status::HttpVersionNotSupported,
            _ => Status::BadRequest,
        }
    }
}

/// What was wrong, for the log.
impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadRequest::RequestLine => "not a request line",
            BadRequest::Target => "not a target for this method",
            BadRequest::Https => "an https URI without TLS",
            BadRequest::LineEnd => "a line that does not end in CR LF",
            BadRequest::ControlByte => "a control byte in the head",
            BadRequest::Field => "not a header field",
            BadRequest::Host => "no Host, or not one valid one",
            BadRequest::ContentLength => "not a valid Content-Length",
            BadRequest::TransferEncoding => "not a valid Transfer-Encoding",
            BadRequest::UnknownCoding => "a transfer coding that is not known",
            BadRequest::Chunk => "not a valid chunk",
            BadRequest::BodyTooLong => "a body that is too long",
            BadRequest::Timeout => "not whole in time",
            BadRequest::MethodTooLong => "a method that does not end",
            BadRequest::TargetTooLong => "a target that is too long",
            BadRequest::HeaderTooLong => "a header that is too long",
            BadRequest::TooManyFields => "too many header fields",
            BadRequest::Version => "not HTTP/1.x",
        })
    }
}

/// `GET /index.html`, for the log.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Options => "OPTIONS",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Patch => "PATCH",
            Method::Trace => "TRACE",
            Method::Connect => "CONNECT",
            Method::Unknown => "(unknown method)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
