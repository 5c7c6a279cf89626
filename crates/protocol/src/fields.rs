//! What the header fields of a request say, as far as a server of static files has to know.

use crate::authority::names_a_host;
use crate::request_line::Version;
use crate::{BadRequest, Framing, Preconditions};

/// The most header fields that are read.
pub const REQUEST_FIELDS_MAX: usize = 64;

/// The fields of one request that have been looked at and found good.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) preconditions: Preconditions,
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
            preconditions: Preconditions::default(),
            body: Framing::NoBody,
            expects_continue: false,
            close: false,
            keep_alive: false,
        };
        let mut host = None;
        let mut content_length = None;
        let mut codings = Codings::default();
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
                codings.note(value);
            } else if field.name.eq_ignore_ascii_case("Connection") {
                fields.close |= list_has(value, b"close");
                fields.keep_alive |= list_has(value, b"keep-alive");
            } else if field.name.eq_ignore_ascii_case("Expect") {
                fields.expects_continue |= version == Version::Http11 && list_has(value, b"100-continue");
            } else {
                fields.preconditions.note(field.name, value);
            }
        }

        match host {
            Some(host) if !names_a_host(host) => return Err(BadRequest::Host),
            None if version == Version::Http11 => return Err(BadRequest::Host),
            _ => {}
        }
        fields.body = match (codings.framing(version)?, content_length) {
            (None, None | Some(0)) => Framing::NoBody,
            (None, Some(length)) => Framing::Length(length),
            (Some(framing), None) => framing,
            (Some(_), Some(_)) => return Err(BadRequest::TransferEncoding),
        };
        Ok(fields)
    }

    /// The rule of RFC 9112, section 9.3: 1.1 stays unless it says `close`, 1.0 closes unless it says `keep-alive`.
    pub(crate) fn keep_alive(&self, version: Version) -> bool {
        !self.close && (version == Version::Http11 || self.keep_alive)
    }
}

/// Digits and nothing else. `str::parse` would take `+5`; RFC 9110, section 8.6, does not. It would also take `010`,
/// and so does the RFC; but C libraries read that as eight, and what two readers read differently is refused.
fn number(value: &[u8]) -> Option<u64> {
    if !value.iter().all(u8::is_ascii_digit) || (value.len() > 1 && value[0] == b'0') {
        return None;
    }
    str::from_utf8(value).ok()?.parse().ok()
}

/// Whether a list such as `foo, close` has this member, in any case (RFC 9110, section 5.6.1).
fn list_has(list: &[u8], member: &[u8]) -> bool {
    members(list).any(|item| item.eq_ignore_ascii_case(member))
}

/// The members of a list, without the blanks around them. A comma in a quoted string parts none (section 5.6.4).
fn members(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = list.split(move |byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
        *byte == b',' && !quoted
    });
    parts.map(<[u8]>::trim_ascii)
}

/// The transfer codings of a request: one list, on however many lines it comes (RFC 9110, section 5.3).
#[derive(Debug, Default)]
struct Codings {
    any: bool,
    chunked: bool,
    unknown: bool,
    /// A member that is empty, or comes behind `chunked`.
    misplaced: bool,
}

impl Codings {
    fn note(&mut self, value: &[u8]) {
        self.any = true;
        for coding in members(value) {
            self.misplaced |= coding.is_empty() || self.chunked;
            if coding.eq_ignore_ascii_case(b"chunked") {
                self.chunked = true;
            } else {
                self.unknown = true;
            }
        }
    }

    /// RFC 9112, sections 6.1 and 6.3: `chunked` must come last, once, and HTTP/1.0 has no codings.
    fn framing(&self, version: Version) -> Result<Option<Framing>, BadRequest> {
        match self {
            Codings { any: false, .. } => Ok(None),
            _ if version == Version::Http10 || self.misplaced || !self.chunked => Err(BadRequest::TransferEncoding),
            Codings { unknown: true, .. } => Err(BadRequest::UnknownCoding),
            _ => Ok(Some(Framing::Chunked)),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of a section that has these lines and a good `Host`.
    fn parsed(lines: &[u8], version: Version) -> Result<Fields, BadRequest> {
        Fields::parse(&[b"Host: localhost\r\n", lines, b"\r\n"].concat(), version)
    }

    fn parsed_11(lines: &str) -> Result<Fields, BadRequest> {
        parsed(lines.as_bytes(), Version::Http11)
    }

    #[test]
    fn fields_of_any_proper_shape_are_taken() {
        for line in [
            &b"X:\r\n"[..],
            b"X: \r\n",
            b"X:y\r\n",
            b"X: \t y \t \r\n",
            b"x!#$%&'*+-.^_`|~0: y\r\n",
            b"X: y: z, \"a\\b\" (c) \t d\r\n",
            b"X: \x80\xff\r\n",
        ] {
            assert_eq!(parsed(line, Version::Http11).err(), None, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn what_is_no_field_is_refused() {
        for line in [
            &b"X\r\n"[..],
            b": y\r\n",
            b"X : y\r\n",
            b"X\t: y\r\n",
            b" X: y\r\n",
            b"X: y\r\n z\r\n",
            b"X: y\r\n\tz\r\n",
            b"X(: y\r\n",
            b"X\x80: y\r\n",
            b"X: y\0\r\n",
        ] {
            assert_eq!(parsed(line, Version::Http11).err(), Some(BadRequest::Field), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn a_host_is_needed_once_and_must_be_one() {
        for host in ["localhost", "localhost:7890", "[::1]:8080", "\t localhost \t"] {
            let section = format!("hOsT: {host}\r\n\r\n");
            assert!(Fields::parse(section.as_bytes(), Version::Http11).is_ok(), "{host}");
        }
        for host in ["", " ", "a b", "a, b", "user@a", "a:99999", "a%", "[:1]", "http://a"] {
            for version in [Version::Http10, Version::Http11] {
                let section = format!("Host: {host}\r\n\r\n");
                assert_eq!(Fields::parse(section.as_bytes(), version).err(), Some(BadRequest::Host), "{host:?}");
            }
        }
    }

    #[test]
    fn only_http_1_0_does_without_a_host_and_nobody_has_two() {
        assert_eq!(Fields::parse(b"\r\n", Version::Http11).err(), Some(BadRequest::Host));
        assert!(Fields::parse(b"\r\n", Version::Http10).is_ok());
        for version in [Version::Http10, Version::Http11] {
            assert_eq!(parsed(b"Host: localhost\r\n", version).err(), Some(BadRequest::Host));
        }
    }

    #[test]
    fn a_connection_is_kept_as_version_and_field_say() {
        for (version, lines, kept) in [
            (Version::Http11, "", true),
            (Version::Http11, "Connection: keep-alive\r\n", true),
            (Version::Http11, "Connection: close\r\n", false),
            (Version::Http11, "CONNECTION: CLOSE\r\n", false),
            (Version::Http11, "Connection: foo, close\r\n", false),
            (Version::Http11, "Connection: foo ,\tclose\t, bar\r\n", false),
            (Version::Http11, "Connection: ,,close,\r\n", false),
            (Version::Http11, "Connection: foo\r\nConnection: close\r\n", false),
            (Version::Http11, "Connection: close\r\nConnection: keep-alive\r\n", false),
            (Version::Http11, "Connection: keep-alive, close\r\n", false),
            (Version::Http11, "Connection: closed\r\n", true),
            (Version::Http11, "Connection: not close\r\n", true),
            (Version::Http11, "Connection:\r\n", true),
            (Version::Http10, "", false),
            (Version::Http10, "Connection: keep-alive\r\n", true),
            (Version::Http10, "Connection: Keep-Alive\r\n", true),
            (Version::Http10, "Connection: foo, keep-alive\r\n", true),
            (Version::Http10, "Connection: close\r\n", false),
            (Version::Http10, "Connection: keep-alive, close\r\n", false),
            (Version::Http10, "Keep-Alive: timeout=5\r\n", false),
        ] {
            let fields = parsed(lines.as_bytes(), version).expect(lines);
            assert_eq!(fields.keep_alive(version), kept, "{version:?} {lines:?}");
        }
    }

    #[test]
    fn a_content_length_is_one_number() {
        for (lines, body) in [
            ("Content-Length: 5\r\n", Framing::Length(5)),
            ("content-length:5\r\n", Framing::Length(5)),
            ("Content-Length: \t5 \r\n", Framing::Length(5)),
            ("Content-Length: 0\r\n", Framing::NoBody),
            ("Content-Length: 5\r\nContent-Length: 5\r\n", Framing::Length(5)),
            ("Content-Length: 18446744073709551615\r\n", Framing::Length(u64::MAX)),
            ("", Framing::NoBody),
        ] {
            assert_eq!(parsed_11(lines).map(|fields| fields.body), Ok(body), "{lines:?}");
        }
        for value in [
            "",
            "+5",
            "-1",
            "-0",
            "0x5",
            "5 5",
            "5_0",
            "5,5",
            "5, 6",
            "5.0",
            "5e1",
            "010",
            "00",
            "five",
            "٥",
            "\"5\"",
            "5;",
            "18446744073709551616",
            "99999999999999999999",
        ] {
            let line = format!("Content-Length: {value}\r\n");
            assert_eq!(parsed_11(&line).err(), Some(BadRequest::ContentLength), "{value:?}");
        }
        for pair in [("5", "6"), ("0", "5"), ("5", "0")] {
            let lines = format!("Content-Length: {}\r\nContent-Length: {}\r\n", pair.0, pair.1);
            assert_eq!(parsed_11(&lines).err(), Some(BadRequest::ContentLength), "{pair:?}");
        }
    }

    #[test]
    fn chunked_is_the_one_transfer_coding() {
        for value in ["chunked", "Chunked", "CHUNKED", " \tchunked\t "] {
            let fields = parsed_11(&format!("Transfer-Encoding: {value}\r\n"));
            assert_eq!(fields.map(|fields| fields.body), Ok(Framing::Chunked), "{value:?}");
        }
        for (lines, bad) in [
            ("Transfer-Encoding: gzip, chunked\r\n", BadRequest::UnknownCoding),
            ("Transfer-Encoding: identity, chunked\r\n", BadRequest::UnknownCoding),
            ("Transfer-Encoding: a;b=c, chunked\r\n", BadRequest::UnknownCoding),
            ("Transfer-Encoding:\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: gzip\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: identity\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: chunked, gzip\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: chunked, chunked\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: chunked,\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: ,chunked\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: chunked;a=b\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: \"chunked\"\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: chunkedx\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: xchunked\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: gzip\r\nTransfer-Encoding:\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: a;b=\", chunked\"\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: a;b=\"\\\", chunked\"\r\n", BadRequest::TransferEncoding),
            ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", BadRequest::UnknownCoding),
            ("Transfer-Encoding: a;b=\", \", chunked\r\n", BadRequest::UnknownCoding),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", BadRequest::TransferEncoding),
            ("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", BadRequest::TransferEncoding),
        ] {
            assert_eq!(parsed_11(lines).err(), Some(bad), "{lines:?}");
        }
        let in_10 = parsed(b"Transfer-Encoding: chunked\r\n", Version::Http10);
        assert_eq!(in_10.err(), Some(BadRequest::TransferEncoding));
    }

    #[test]
    fn who_waits_to_send_a_body_says_so_in_a_list() {
        for (lines, expects) in [
            ("", false),
            ("Expect: 100-continue\r\n", true),
            ("Expect: 100-Continue\r\n", true),
            ("Expect: 100-continue, x\r\n", true),
            ("Expect: x,100-continue\r\n", true),
            ("Expect: x=\"a, b\" ,\t100-continue\r\n", true),
            ("Expect: x\r\nExpect: 100-continue\r\n", true),
            ("Expect: 100-continue\r\nExpect: x\r\n", true),
            ("Expect: x=\", 100-continue, \"\r\n", false),
            ("Expect: 100-continued\r\n", false),
        ] {
            assert_eq!(parsed_11(lines).map(|fields| fields.expects_continue), Ok(expects), "{lines:?}");
        }
    }
}
