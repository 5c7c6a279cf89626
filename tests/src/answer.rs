//! An answer, read with as little knowledge as possible and none of the lessons' own code.

use crate::case::Cause;
use crate::language::Both;
use crate::{Stop, both, visible};

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
            let text =
                both!("this is not an HTTP response; it begins with {begin}", "这不是 HTTP 响应；它的开头是 {begin}");
            return Err(Stop::other(text).because(Cause::NoHttp));
        }
        let before = &bytes[..end.unwrap_or(bytes.len())];
        if before.windows(2).any(|window| window == b"\n\n") {
            let text = both!(
                "the lines of the answer's head end in LF (\\n); in HTTP they end in CR LF (\\r\\n)",
                "响应头部的行以 LF（\\n）结尾；HTTP 的行以 CR LF（\\r\\n）结尾"
            );
            return Err(Stop::other(text).because(Cause::LineEnds));
        }
        let Some(end) = end else { return Ok(None) };
        Head::of(&bytes[..end], end + 4).map(Some).map_err(Stop::other)
    }

    /// A head without its empty line, and how long it is with it.
    fn of(bytes: &[u8], length: usize) -> Result<Head, Both> {
        // Values and reason phrases may hold bytes beyond ASCII (RFC 9110, section 5.5).
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.split("\r\n");
        let status_line = lines.next().unwrap_or_default();
        let status = status_line
            .strip_prefix("HTTP/1.1 ")
            .or_else(|| status_line.strip_prefix("HTTP/1.0 "))
            .and_then(|rest| rest.get(..3).filter(|_| matches!(rest.as_bytes().get(3), None | Some(b' '))))
            .and_then(|code| code.parse().ok())
            .ok_or_else(|| both!("this is not a status line: {status_line}", "这不是状态行：{status_line}"))?;
        let fields = lines
            .map(|line| match line.split_once(':') {
                Some((name, value)) if !name.is_empty() && !name.contains([' ', '\t', '\r', '\n']) => {
                    Ok((name.to_owned(), value.trim().to_owned()))
                }
                _ => Err(both!("this is not a header field: {line}", "这不是头部字段：{line}")),
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

/// What is expected, where any of these is right.
pub(crate) fn one_of(statuses: &[u16]) -> Both {
    let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
    Both { en: format!("status {}", statuses.join(" or ")), zh: format!("状态码 {}", statuses.join(" 或 ")) }
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
        let missing = || both!("expected the field {name}, and there is none", "应当有 {name} 字段，却没有");
        self.field(name).ok_or_else(|| Stop::other(missing()))
    }

    /// Any of these statuses is right.
    pub fn expect(&self, right: &[u16]) -> Result<&Answer, Stop> {
        if right.contains(&self.status) {
            return Ok(self);
        }
        let (due, got) = (one_of(right), self.status);
        let stop = Stop::other(both!("expected {due}, got {got}", "应为{due}，实为 {got}" in due))
            .facts(due, both!("status {got}", "状态码 {got}"));
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
        Err(Stop::other(both!(
            "expected a body of {} bytes, got {}; they are the same up to byte {same}",
            "正文应为 {} 字节，实为 {} 字节；前 {same} 字节相同";
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
