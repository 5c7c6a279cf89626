//! What the header fields of a request say, as far as a server of static files has to know.

use std::sync::LazyLock;
use std::time::SystemTime;

use regex::bytes::Regex;

use crate::body::Framing;
use crate::request::{BadRequest, REQUEST_FIELDS_MAX, Version};

/// `host`, `host:port`, `192.0.2.1`, `[2001:db8::1]:8080` (RFC 9110, section 7.2; RFC 3986, section 3.2.2).
///
/// Narrower than the RFC by a comma: `a, b` is two hosts glued together by somebody on the way.
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x-u) \A
        (?: \[ [0-9A-Fa-f:.]+ \] | [A-Za-z0-9._~!$&'()*+;=%-]+ )
        (?: : (?<port>[0-9]{0,5}) )? \z",
    )
    .expect("the pattern is a constant, and every test runs it")
});

/// The fields of one request that have been looked at and found good.
pub(crate) struct Fields {
    pub(crate) if_modified_since: Option<SystemTime>,
    /// `Content-Length` or `Transfer-Encoding`, whichever there is.
    pub(crate) body: Framing,
    /// The client waits to be told whether to send the body.
    pub(crate) expects_continue: bool,
    close: bool,
    keep_alive: bool,
}

impl Fields {
    /// Reads a header section, from behind the request line to behind the empty line.
    pub(crate) fn parse(section: &[u8], version: Version) -> Result<Fields, BadRequest> {
        let mut room = [httparse::EMPTY_HEADER; REQUEST_FIELDS_MAX];
        let mut fields = Fields {
            if_modified_since: None,
            body: Framing::NoBody,
            expects_continue: false,
            close: false,
            keep_alive: false,
        };
        let mut host = None;
        let mut content_length = None;
        let mut transfer_encoding = None;
        let mut conditions = 0;
        for field in parse(section, &mut room)? {
            let value = field.value;
            // Names in any case (RFC 9110, section 5.1).
            if field.name.eq_ignore_ascii_case("Host") {
                if host.replace(value).is_some() {
                    return Err(BadRequest::Host);
                }
            } else if field.name.eq_ignore_ascii_case("Content-Length") {
                let length = number(value).ok_or(BadRequest::ContentLength)?;
                if content_length.replace(length).is_some_and(|before| before != length) {
                    return Err(BadRequest::ContentLength);
                }
            } else if field.name.eq_ignore_ascii_case("Transfer-Encoding") {
                if transfer_encoding.replace(value).is_some() {
                    return Err(BadRequest::TransferEncoding);
                }
            } else if field.name.eq_ignore_ascii_case("Connection") {
                fields.close |= list_has(value, b"close");
                fields.keep_alive |= list_has(value, b"keep-alive");
            } else if field.name.eq_ignore_ascii_case("Expect") {
                fields.expects_continue |= version == Version::Http11 && value.eq_ignore_ascii_case(b"100-continue");
            } else if field.name.eq_ignore_ascii_case("If-Modified-Since") {
                conditions += 1;
                fields.if_modified_since = date(value);
            } else if field.name.eq_ignore_ascii_case("If-None-Match") {
                conditions += 1;
            }
        }
        // An entity tag outweighs a date, and two dates are none (RFC 9110, section 13.1.3). No file here has a tag.
        if conditions > 1 {
            fields.if_modified_since = None;
        }

        match host {
            Some(host) if !names_a_host(host) => return Err(BadRequest::Host),
            None if version == Version::Http11 => return Err(BadRequest::Host),
            _ => {}
        }
        fields.body = match (transfer_encoding, content_length) {
            (None, None | Some(0)) => Framing::NoBody,
            (None, Some(length)) => Framing::Length(length),
            (Some(codings), None) => framing_of(codings, version)?,
            (Some(_), Some(_)) => return Err(BadRequest::TransferEncoding),
        };
        Ok(fields)
    }

    /// The rule of RFC 9112, section 9.3: 1.1 stays unless it says `close`, 1.0 closes unless it says `keep-alive`.
    pub(crate) fn keep_alive(&self, version: Version) -> bool {
        !self.close && (version == Version::Http11 || self.keep_alive)
    }
}

/// Digits and nothing else. `str::parse` would take `+5`; RFC 9110, section 8.6, does not. It would also take `010`, and so
/// does the RFC; but C libraries read that as eight, and what two readers read differently is refused.
fn number(value: &[u8]) -> Option<u64> {
    if !value.iter().all(u8::is_ascii_digit) || (value.len() > 1 && value[0] == b'0') {
        return None;
    }
    str::from_utf8(value).ok()?.parse().ok()
}

/// Whether a list such as `foo, close` has this member, in any case (RFC 9110, section 5.6.1).
fn list_has(value: &[u8], member: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(member))
}

/// A date in one of the three forms of RFC 9110, section 5.6.7. One that cannot be read is as good as none
/// (section 13.1.3).
fn date(value: &[u8]) -> Option<SystemTime> {
    httpdate::parse_http_date(str::from_utf8(value).ok()?).ok()
}

fn names_a_host(value: &[u8]) -> bool {
    HOST.captures(value).is_some_and(|parts| match parts.name("port").map(|port| port.as_bytes()) {
        None | Some(b"") => true,
        Some(port) => number(port).is_some_and(|port| port <= u64::from(u16::MAX)),
    })
}

/// RFC 9112, sections 6.1 and 6.3: `chunked` must come last, once, and HTTP/1.0 has no codings.
fn framing_of(codings: &[u8], version: Version) -> Result<Framing, BadRequest> {
    let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
    let mut codings = codings.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    if version == Version::Http10 || !codings.next_back().is_some_and(is_chunked) {
        return Err(BadRequest::TransferEncoding);
    }
    match codings.next() {
        None => Ok(Framing::Chunked),
        Some(coding) if coding.is_empty() || is_chunked(coding) => Err(BadRequest::TransferEncoding),
        Some(_) => Err(BadRequest::UnknownCoding),
    }
}

/// Whether this is a section of header fields, whatever they say.
pub(crate) fn check_shape(section: &[u8]) -> Result<(), BadRequest> {
    let mut room = [httparse::EMPTY_HEADER; REQUEST_FIELDS_MAX];
    parse(section, &mut room).map(|_| ())
}

/// The fields of a section, from its first byte to behind its empty line.
fn parse<'bytes, 'room>(
    section: &'bytes [u8],
    room: &'room mut [httparse::Header<'bytes>],
) -> Result<&'room [httparse::Header<'bytes>], BadRequest> {
    match httparse::parse_headers(section, room) {
        Ok(httparse::Status::Complete((_, list))) => Ok(list),
        Err(httparse::Error::TooManyHeaders) => Err(BadRequest::TooManyFields),
        Ok(httparse::Status::Partial) | Err(_) => Err(BadRequest::Field),
    }
}
