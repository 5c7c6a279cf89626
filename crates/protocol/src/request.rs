//! A request, read from bytes. The regular expression decides about the request line (RFC 9112, section 3), httparse about
//! the shape of the header fields (section 5), and [`fields`](crate::fields) about what they say.

use std::fmt;
use std::sync::LazyLock;
use std::time::SystemTime;

use regex::bytes::Regex;

use crate::Status;
use crate::body::{BODY_MAX, Framing};
use crate::fields::Fields;

/// The longest request target that is served, in bytes. RFC 9112, section 3, asks for at least 8,000 for the whole line.
pub const TARGET_MAX: usize = 8 * 1024;
/// The longest header section that is read, in bytes, from behind the request line to the empty line.
pub const HEADER_SECTION_MAX: usize = 16 * 1024;
/// The most header fields that are read.
pub const REQUEST_FIELDS_MAX: usize = 100;

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

/// One request, owned: the bytes that it came in may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is to be done.
    pub method: Method,
    /// To what, as it was sent: still with its query and percent-encoded, but without `http://host` if that was there.
    pub target: String,
    /// The date of the copy that the client has (`If-Modified-Since`), if it sent one that can be read.
    pub if_modified_since: Option<SystemTime>,
    /// Whether the connection may serve another request after this one: the client did not say `close` (or, in HTTP/1.0,
    /// said `keep-alive`). RFC 9112, section 9.3.
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

/// Why bytes are not a request that this server takes. Each has one status; after each the connection is closed, because
/// where the next request would begin is no longer certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRequest {
    /// Not `METHOD target HTTP/1.x` (RFC 9112, section 3).
    RequestLine,
    /// A target of no form that its method allows (section 3.2).
    Target,
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

impl Request {
    /// Reads the request at the beginning of `bytes`: it, and how many bytes it takes up to the end of its empty line.
    /// `None` if more bytes are needed to tell.
    ///
    /// Keeps no state: more bytes mean a call with all of them. What is wrong is said as early as it can be known, so that
    /// a client that speaks another protocol is not waited for.
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
        let Some(line) = &self.line else { return Ok(None) };
        let Some(head_end) = self.lines.end_of_section(bytes, self.section)? else { return Ok(None) };
        let fields = Fields::parse(&bytes[self.section..head_end], line.version)?;

        // Whoever asks whether to send a body (`Expect: 100-continue`) is told the final status at once, and no: that
        // leaves it open where the next request would begin, so there is none (RFC 9110, section 10.1.1).
        let unwanted = fields.expects_continue && fields.body != Framing::NoBody;
        let request = Request {
            method: line.method,
            target: line.target.clone(),
            if_modified_since: fields.if_modified_since,
            keep_alive: fields.keep_alive(line.version) && !unwanted,
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
        let parts = REQUEST_LINE.captures(line).ok_or(BadRequest::RequestLine)?;
        let version = match (&parts["major"], &parts["minor"]) {
            (b"1", b"0") => Version::Http10,
            (b"1", _) => Version::Http11,
            _ => return Err(BadRequest::Version),
        };
        let method = Method::from_name(&parts["method"]);
        let target = &parts["target"];
        if target.len() > TARGET_MAX {
            return Err(BadRequest::TargetTooLong);
        }
        let target = without_authority(method, target).ok_or(BadRequest::Target)?;
        // The pattern admits ASCII only, so nothing is replaced here.
        let target = String::from_utf8_lossy(target).into_owned();
        Ok(RequestLine { method, target, version })
    }
}

/// The four forms of a target (RFC 9112, section 3.2), made one: `/path?query`, or `*` as it is.
fn without_authority(method: Method, target: &[u8]) -> Option<&[u8]> {
    match (method, target) {
        // Refused by its method anyway, whatever it names.
        (Method::Connect, _) => Some(target),
        (Method::Options, b"*") | (_, [b'/', ..]) => Some(target),
        _ => {
            let colon = target.iter().position(|byte| *byte == b':')?;
            let (scheme, rest) = target.split_at(colon);
            let http = scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https");
            let rest = rest.strip_prefix(b"://")?;
            let path = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
            match &rest[path..] {
                _ if !http || path == 0 => None,
                [] if method == Method::Options => Some(b"*"),
                [] => Some(b"/"),
                [b'/', ..] => Some(&rest[path..]),
                // `http://host?query`: a path may be left out, and is then `/`; no file has a use for the query.
                _ => Some(b"/"),
            }
        }
    }
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

/// Finds the lines of a head, and looks at no byte twice. Only the shape matters: CR LF and nothing else ends a line, and no
/// control byte stands in one but a tab.
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

    /// Where the section of fields ends that begins at `section`: behind the empty line. `None` while that has not come.
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
            BadRequest::UnknownCoding => Status::NotImplemented,
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
            BadRequest::LineEnd => "a line that does not end in CR LF",
            BadRequest::ControlByte => "a control byte in the head",
            BadRequest::Field => "not a header field",
            BadRequest::Host => "no Host, or not one valid one",
            BadRequest::ContentLength => "not a valid Content-Length",
            BadRequest::TransferEncoding => "not a valid Transfer-Encoding",
            BadRequest::UnknownCoding => "a transfer coding that is not known",
            BadRequest::Chunk => "not a valid chunk",
            BadRequest::BodyTooLong => "a body that is too long",
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
