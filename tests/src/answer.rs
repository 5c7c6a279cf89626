//! An answer, read with as little knowledge as possible and none of the lessons' own code.

use crate::case::Cause;
use crate::{Stop, visible};

/// One response: a status line, fields, a body.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names as they came, values without the blanks around them.
    pub fields: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
    /// The head as it came, with its empty line.
    pub head: Vec<u8>,
}

/// A head that has arrived whole.
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) length: usize,
}

impl Head {
    /// Reads a head at the beginning of `bytes`: `None` while it is not all there.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Head>, Stop> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if bytes.iter().take(5).zip(b"HTTP/").any(|(came, due)| came != due) {
            let begin = visible(&bytes[..bytes.len().min(30)]);
            return Err(
                Stop::other(format!("this is not an HTTP response; it begins with {begin}")).because(Cause::NoHttp)
            );
        }
        let before = &bytes[..end.unwrap_or(bytes.len())];
        if before.windows(2).any(|window| window == b"\n\n") {
            let text = "the lines of the answer's head end in LF (\\n); in HTTP they end in CR LF (\\r\\n)";
            return Err(Stop::other(text).because(Cause::LineEnds));
        }
        let Some(end) = end else { return Ok(None) };
        Head::of(&bytes[..end], end + 4).map(Some).map_err(Stop::other)
    }

    /// A head without its empty line, and how long it is with it.
    fn of(bytes: &[u8], length: usize) -> Result<Head, String> {
        // Values and reason phrases may hold bytes beyond ASCII (RFC 9110, section 5.5).
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.split("\r\n");
        let status_line = lines.next().unwrap_or_default();
        let status = status_line
            .strip_prefix("HTTP/1.1 ")
            .or_else(|| status_line.strip_prefix("HTTP/1.0 "))
            .and_then(|rest| rest.get(..3).filter(|_| matches!(rest.as_bytes().get(3), None | Some(b' '))))
            .and_then(|code| code.parse().ok())
            .ok_or_else(|| format!("this is not a status line: {status_line}"))?;
        let fields = lines
            .map(|line| match line.split_once(':') {
                Some((name, value)) if !name.is_empty() && !name.contains([' ', '\t', '\r', '\n']) => {
                    Ok((name.to_owned(), value.trim().to_owned()))
                }
                _ => Err(format!("this is not a header field: {line}")),
            })
            .collect::<Result<_, _>>()?;
        Ok(Head { status, fields, length })
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        field(&self.fields, name)
    }

    pub(crate) fn is_chunked(&self) -> bool {
        self.field("Transfer-Encoding").is_some_and(|value| value.to_ascii_lowercase().ends_with("chunked"))
    }
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

impl Answer {
    /// The value of the first field of this name, in any case.
    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.fields, name)
    }

    /// The value, or a failure that says that it is missing.
    pub fn must_have(&self, name: &str) -> Result<&str, Stop> {
        self.field(name).ok_or_else(|| Stop::other(format!("expected a {name} field, and there is none")))
    }

    /// Any of these statuses is right.
    pub fn expect(&self, right: &[u16]) -> Result<&Answer, Stop> {
        if right.contains(&self.status) {
            return Ok(self);
        }
        let due: Vec<_> = right.iter().map(u16::to_string).collect();
        let (due, got) = (format!("status {}", due.join(" or ")), format!("{}", self.status));
        let stop = Stop::other(format!("expected {due}, got {got}")).facts(due, format!("status {got}"));
        let served = (200..300).contains(&self.status) && right.iter().all(|status| *status >= 400);
        Err(if served { stop.because(Cause::Served) } else { stop })
    }

    /// Exactly this body, and a 200.
    pub fn expect_body(&self, body: &[u8]) -> Result<&Answer, Stop> {
        self.expect(&[200])?;
        if self.body == body {
            return Ok(self);
        }
        let same = self.body.iter().zip(body).take_while(|(a, b)| a == b).count();
        Err(Stop::other(format!(
            "expected a body of {} bytes, got {}; they are the same up to byte {same}",
            body.len(),
            self.body.len()
        )))
    }

    /// Whether the connection ends with it: it says so, or it is of HTTP/1.0 and does not say otherwise.
    pub fn is_last(&self) -> bool {
        self.says_close() || (self.head.starts_with(b"HTTP/1.0 ") && self.field("Connection").is_none())
    }

    /// Whether the server said that it will close.
    pub fn says_close(&self) -> bool {
        self.field("Connection")
            .is_some_and(|value| value.to_ascii_lowercase().split(',').any(|item| item.trim() == "close"))
    }
}
