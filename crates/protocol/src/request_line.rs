//! The first line of a request: method, target, version (RFC 9112, section 3).

use std::fmt;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::BadRequest;
use crate::authority::names_a_host;

/// The longest request target that is served, in bytes. RFC 9112, section 3, asks for at least 8,000 for the whole
/// line.
pub const TARGET_MAX: usize = 8 * 1024;

/// The longest method that is looked for, in bytes; the longest registered one has 17.
const METHOD_MAX: usize = 32;

/// A request line with a method, a target and a version of full length.
pub(crate) const REQUEST_LINE_MAX: usize = METHOD_MAX + 1 + TARGET_MAX + " HTTP/1.1\r\n".len();

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

/// What the first line of a request says.
#[derive(Debug)]
pub(crate) struct RequestLine {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) version: Version,
}

impl RequestLine {
    pub(crate) fn parse(line: &[u8]) -> Result<RequestLine, BadRequest> {
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

/// The versions that are answered. A higher minor version is taken for the highest known one (RFC 9110, section 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Http10,
    Http11,
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

/// What is too long in a first line that has not ended yet.
pub(crate) fn too_long(line: &[u8]) -> BadRequest {
    if line[..=METHOD_MAX].contains(&b' ') { BadRequest::TargetTooLong } else { BadRequest::MethodTooLong }
}

/// Compiles the pattern now, not at the first request.
pub(crate) fn prepare() {
    LazyLock::force(&REQUEST_LINE);
}
