//! The body of a request: found, checked and dropped. No lesson has a use for one, but where it ends is where the next
//! request begins, and a server that is wrong about that takes a body for a request.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::fields;
use crate::request::{BadRequest, Lines};

/// The longest body that is read and dropped, in bytes. One that is longer is refused. The lines between chunks count too:
/// there may be much of them and little of the body.
pub const BODY_MAX: u64 = 16 * 1024 * 1024;
/// The longest line with the size of a chunk, in bytes: there is room for extensions, and for nothing endless.
const CHUNK_LINE_MAX: usize = 4 * 1024;
/// The most digits in the size of a chunk, so that it can be added to without overflow.
const CHUNK_DIGITS_MAX: usize = 15;

/// The extensions behind the size of a chunk (RFC 9112, section 7.1.1), which mean nothing here.
static CHUNK_EXTENSIONS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x-u) \A
        (?: [\t\x20]* ; [\t\x20]* [!\#$%&'*+.^_`|~0-9A-Za-z-]+
            (?: [\t\x20]* = [\t\x20]* (?: [!\#$%&'*+.^_`|~0-9A-Za-z-]+
                                      | " (?: [\t\x20!\#-\[\]-~\x80-\xff] | \\ [\t\x20-~\x80-\xff] )* " ) )?
        )* \r\n"#,
    )
    .expect("the pattern is a constant, and the tests run it")
});

/// Where the body of a request ends (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    NoBody,
    /// After this many bytes.
    Length(u64),
    /// After a chunk of size 0 and the trailer section.
    Chunked,
}

/// What of a body has not come yet.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unread {
    Nothing,
    /// This many bytes.
    Bytes(u64),
    /// The line with the size of the next chunk; that many bytes came in the chunks and lines before.
    ChunkLine(u64),
    /// The rest of a chunk and the CR LF behind it; that many bytes came up to its end.
    Chunk {
        left: u64,
        so_far: u64,
    },
    /// The trailer section, and how far it has been looked at.
    Trailer(Lines),
}

impl Unread {
    pub(crate) fn all_of(framing: Framing) -> Unread {
        match framing {
            Framing::NoBody => Unread::Nothing,
            Framing::Length(length) => Unread::Bytes(length),
            Framing::Chunked => Unread::ChunkLine(0),
        }
    }

    /// Goes over `bytes`, as far as they belong to the body and can be judged: how many that are. Once all of the body has
    /// come, `self` is `Nothing`.
    pub(crate) fn consume(&mut self, bytes: &[u8]) -> Result<usize, BadRequest> {
        let mut used = 0;
        loop {
            let here = &bytes[used..];
            let (taken, next) = match *self {
                Unread::Nothing => return Ok(used),
                Unread::Bytes(left) => {
                    let taken = at_most(here, left);
                    let left = left - taken as u64;
                    (taken, if left == 0 { Unread::Nothing } else { Unread::Bytes(left) })
                }
                Unread::ChunkLine(so_far) => match line(here, CHUNK_LINE_MAX)? {
                    None => return Ok(used),
                    Some(line) => (line.len(), after_chunk_line(line, so_far)?),
                },
                Unread::Chunk { left, so_far } if left > 2 => {
                    let taken = at_most(here, left - 2);
                    (taken, Unread::Chunk { left: left - taken as u64, so_far })
                }
                Unread::Chunk { so_far, .. } => match here {
                    [b'\r', b'\n', ..] => (2, Unread::ChunkLine(so_far)),
                    [] | [b'\r'] => return Ok(used),
                    _ => return Err(BadRequest::Chunk),
                },
                Unread::Trailer(ref mut lines) => match lines.end_of_section(here, 0)? {
                    None => return Ok(used),
                    Some(length) => {
                        fields::check_shape(&here[..length])?;
                        (length, Unread::Nothing)
                    }
                },
            };
            *self = next;
            used += taken;
            if taken == 0 && here.is_empty() {
                return Ok(used);
            }
        }
    }
}

fn at_most(bytes: &[u8], left: u64) -> usize {
    usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()))
}

/// The first line, with its end. `None` while it has none.
fn line(bytes: &[u8], max: usize) -> Result<Option<&[u8]>, BadRequest> {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) if end < max => Ok(Some(&bytes[..=end])),
        None if bytes.len() < max => Ok(None),
        _ => Err(BadRequest::Chunk),
    }
}

fn after_chunk_line(line: &[u8], so_far: u64) -> Result<Unread, BadRequest> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (size, behind) = line.split_at(digits);
    // A body of tiny chunks has millions of these lines; almost none has extensions.
    let ends_well = behind == b"\r\n" || CHUNK_EXTENSIONS.is_match(behind);
    if !(1..=CHUNK_DIGITS_MAX).contains(&digits) || !ends_well {
        return Err(BadRequest::Chunk);
    }
    let size = size.iter().fold(0, |size, digit| size * 16 + u64::from(hex_value(*digit)));
    match so_far + line.len() as u64 + size {
        _ if size == 0 => Ok(Unread::Trailer(Lines::default())),
        so_far if so_far > BODY_MAX => Err(BadRequest::BodyTooLong),
        so_far => Ok(Unread::Chunk { left: size + 2, so_far }),
    }
}

/// Of a hexadecimal digit.
fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}
