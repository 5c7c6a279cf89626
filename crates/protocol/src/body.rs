//! The body of a request: found, checked and dropped. No lesson has a use for one, but where it ends is where the next
//! request begins, and a server that is wrong about that takes a body for a request.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::lines::Lines;
use crate::{BadRequest, Framing, fields};

/// The longest body that is read and dropped, in bytes. One that is longer is refused. The lines between chunks count
/// too: there may be much of them and little of the body.
pub const BODY_MAX: u64 = 64 * 1024;
/// The longest line with the size of a chunk, in bytes: there is room for extensions, and for nothing endless.
const CHUNK_LINE_MAX: usize = 4 * 1024;
/// The most digits in the size of a chunk, so that it can be added to without overflow.
const CHUNK_DIGITS_MAX: usize = 15;

/// The extensions behind the size of a chunk (RFC 9112, section 7.1.1), which mean nothing here. White space at the
/// very end, which no extension has, is left to [`after_chunk_line`].
///
/// There is never a choice where the pattern could go on. Such a pattern is matched in one pass, many times as fast as
/// any other; but the library looks for such patterns only among those that have a group.
static CHUNK_EXTENSIONS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x-u) \A [\t\x20]*
        (?: ; [\t\x20]* [!\#$%&'*+.^_`|~0-9A-Za-z-]+ [\t\x20]*
            (?: = [\t\x20]* (?: [!\#$%&'*+.^_`|~0-9A-Za-z-]+
                            | " (?: [\t\x20!\#-\[\]-~\x80-\xff] | \\ [\t\x20-~\x80-\xff] )* " ) [\t\x20]* )?
        )* (\r\n)"#,
    )
    .expect("the pattern is a constant, and the tests run it")
});

pub(crate) fn prepare() {
    LazyLock::force(&CHUNK_EXTENSIONS);
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

    /// Goes over `bytes`, as far as they belong to the body and can be judged: how many that are. Once all of the body
    /// has come, `self` is `Nothing`.
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
    let ends_well = match behind {
        b"\r\n" => true,
        [.., b'\t' | b' ', b'\r', b'\n'] => false,
        _ => CHUNK_EXTENSIONS.is_match(behind),
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HEADER_SECTION_MAX;

    /// What comes of a body that comes in these pieces, each behind what of the last ones was not used: how many bytes
    /// belong to it, or `None` if there should be more.
    fn consumed<'a>(framing: Framing, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<usize>, BadRequest> {
        let mut unread = Unread::all_of(framing);
        let (mut held, mut used) = (Vec::new(), 0);
        for piece in pieces {
            held.extend_from_slice(piece);
            let now = unread.consume(&held)?;
            held.drain(..now);
            used += now;
        }
        Ok(matches!(unread, Unread::Nothing).then_some(used))
    }

    /// The same, whole, cut in two at every place, and byte by byte: it must not matter.
    fn chunked(body: &[u8]) -> Result<Option<usize>, BadRequest> {
        let whole = consumed(Framing::Chunked, [body]);
        for at in 0..body.len() {
            let (first, second) = body.split_at(at);
            assert_eq!(consumed(Framing::Chunked, [first, second]), whole, "{} cut at {at}", body.escape_ascii());
        }
        assert_eq!(consumed(Framing::Chunked, body.chunks(1)), whole, "{} byte by byte", body.escape_ascii());
        whole
    }

    #[test]
    fn without_a_body_nothing_is_used() {
        assert_eq!(consumed(Framing::NoBody, [&b"GET"[..]]), Ok(Some(0)));
        assert_eq!(consumed(Framing::Length(0), [&b"GET"[..]]), Ok(Some(0)));
    }

    #[test]
    fn a_body_ends_after_its_length() {
        assert_eq!(consumed(Framing::Length(3), [&b"abcGET"[..]]), Ok(Some(3)));
        assert_eq!(consumed(Framing::Length(3), b"abcGET".chunks(1)), Ok(Some(3)));
        assert_eq!(consumed(Framing::Length(3), [&b"ab"[..]]), Ok(None));
        assert_eq!(consumed(Framing::Length(u64::MAX), [&b"ab"[..]]), Ok(None));
    }

    #[test]
    fn a_chunked_body_ends_after_its_trailer() {
        for body in [
            &b"0\r\n\r\n"[..],
            b"3\r\nabc\r\n0\r\n\r\n",
            b"1\r\na\r\n2\r\nbc\r\n00\r\n\r\n",
            b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
            b"000000000000003\r\nabc\r\n0\r\n\r\n",
            b"2\r\n\r\n\r\n0\r\n\r\n",
            b"5\r\n0\r\n\r\n\r\n0\r\n\r\n",
            b"1;a\r\nx\r\n0\r\n\r\n",
            b"1;a=b;c=\"d; \\\" \x80\"\r\nx\r\n0;e\r\n\r\n",
            b"1 ;\ta = b ; c\r\nx\r\n0\r\n\r\n",
            b"0\r\nTrailer: yes\r\nAnother:\r\n\r\n",
        ] {
            assert_eq!(chunked(body), Ok(Some(body.len())), "{}", body.escape_ascii());
            let with_more = [body, b"GET / HTTP/1.1\r\n"].concat();
            assert_eq!(chunked(&with_more), Ok(Some(body.len())), "{}", with_more.escape_ascii());
            for length in 0..body.len() {
                assert_eq!(chunked(&body[..length]), Ok(None), "{}", body[..length].escape_ascii());
            }
        }
    }

    #[test]
    fn what_is_no_chunk_is_refused() {
        for (body, bad) in [
            (&b"\r\n"[..], BadRequest::Chunk),
            (b"g\r\n", BadRequest::Chunk),
            (b"-1\r\n", BadRequest::Chunk),
            (b"+1\r\nx\r\n", BadRequest::Chunk),
            (b"0x1\r\nx\r\n", BadRequest::Chunk),
            (b" 1\r\nx\r\n", BadRequest::Chunk),
            (b"1 \r\nx\r\n", BadRequest::Chunk),
            (b"1 2\r\nx\r\n", BadRequest::Chunk),
            (b"1\nx\r\n", BadRequest::Chunk),
            (b"1;\r\nx\r\n", BadRequest::Chunk),
            (b"1;a \r\nx\r\n", BadRequest::Chunk),
            (b"1;a=b\t\r\nx\r\n", BadRequest::Chunk),
            (b"1;a=\r\nx\r\n", BadRequest::Chunk),
            (b"1;a=\"b\r\nx\r\n", BadRequest::Chunk),
            (b"1;a\rb\r\nx\r\n", BadRequest::Chunk),
            (b"1;a\0\r\nx\r\n", BadRequest::Chunk),
            (b"1;a\n", BadRequest::Chunk),
            (b"1;a\r\r\n", BadRequest::Chunk),
            (b"1\r\nxy\r\n", BadRequest::Chunk),
            (b"1\r\nx\n", BadRequest::Chunk),
            (b"1\r\nx\r\r", BadRequest::Chunk),
            (b"2\r\nx\r\n0\r\n", BadRequest::Chunk),
            (b"0\r\nno field\r\n\r\n", BadRequest::Field),
            (b"0\r\na : b\r\n\r\n", BadRequest::Field),
            (b"0\r\na: b\r\n c\r\n\r\n", BadRequest::Field),
            (b"0\r\na: b\n", BadRequest::LineEnd),
            (b"0\r\na: \0", BadRequest::ControlByte),
        ] {
            assert_eq!(chunked(body), Err(bad), "{}", body.escape_ascii());
        }
    }

    #[test]
    fn sizes_do_not_overflow() {
        for size in ["10001", "7fffffffffffffff", "fffffffffffffff"] {
            let bad = if size.len() > CHUNK_DIGITS_MAX { BadRequest::Chunk } else { BadRequest::BodyTooLong };
            assert_eq!(chunked(format!("{size}\r\n").as_bytes()), Err(bad), "{size}");
            assert_eq!(chunked(format!("1\r\nx\r\n{size}\r\n").as_bytes()), Err(bad), "{size} as the second");
        }
        for size in ["ffffffffffffffff", "10000000000000000", "0000000000000001", &"f".repeat(100)] {
            assert_eq!(chunked(format!("{size}\r\n").as_bytes()), Err(BadRequest::Chunk), "{size}");
        }
    }

    #[test]
    fn a_chunked_body_may_have_just_the_permitted_length_with_its_lines() {
        let line_len = "fff8\r\n".len() as u64;
        let body =
            |size: u64| [format!("{size:x}\r\n").as_bytes(), &vec![b'x'; size as usize], b"\r\n0\r\n\r\n"].concat();
        let longest = body(BODY_MAX - line_len);
        assert_eq!(consumed(Framing::Chunked, [&longest[..]]), Ok(Some(longest.len())));
        let too_long = body(BODY_MAX - line_len + 1);
        assert_eq!(consumed(Framing::Chunked, [&too_long[..]]), Err(BadRequest::BodyTooLong));
    }

    #[test]
    fn lines_and_tiny_chunks_do_not_make_a_body_endless() {
        const LEFT: u64 = 50_000;
        for chunk in ["1\r\nx\r\n".to_owned(), format!("1;{}\r\nx\r\n", "a".repeat(1000))] {
            let mut unread = Unread::ChunkLine(BODY_MAX - LEFT);
            let many = chunk.repeat(2 * LEFT as usize / chunk.len());
            assert_eq!(unread.consume(many.as_bytes()), Err(BadRequest::BodyTooLong), "chunks of {}", chunk.len());
        }
    }

    #[test]
    fn the_line_of_a_chunk_may_have_just_the_permitted_length() {
        let line = |length: usize| format!("0;{}\r\n", "a".repeat(length - "0;\r\n".len()));
        let longest = line(CHUNK_LINE_MAX) + "\r\n";
        assert_eq!(consumed(Framing::Chunked, [longest.as_bytes()]), Ok(Some(longest.len())));
        let too_long = line(CHUNK_LINE_MAX + 1) + "\r\n";
        assert_eq!(consumed(Framing::Chunked, [too_long.as_bytes()]), Err(BadRequest::Chunk));
        assert_eq!(consumed(Framing::Chunked, too_long.as_bytes().chunks(1)), Err(BadRequest::Chunk));
        let endless = &too_long.as_bytes()[..CHUNK_LINE_MAX];
        assert_eq!(consumed(Framing::Chunked, [endless]), Err(BadRequest::Chunk));
    }

    #[test]
    fn a_trailer_may_have_just_the_permitted_length() {
        let body = |length: usize| format!("0\r\nX: {}\r\n\r\n", "x".repeat(length - "X: \r\n\r\n".len()));
        let longest = body(HEADER_SECTION_MAX);
        assert_eq!(consumed(Framing::Chunked, [longest.as_bytes()]), Ok(Some(longest.len())));
        assert_eq!(consumed(Framing::Chunked, longest.as_bytes().chunks(1)), Ok(Some(longest.len())));
        let too_long = body(HEADER_SECTION_MAX + 1);
        assert_eq!(consumed(Framing::Chunked, [too_long.as_bytes()]), Err(BadRequest::HeaderTooLong));
        assert_eq!(consumed(Framing::Chunked, too_long.as_bytes().chunks(1)), Err(BadRequest::HeaderTooLong));
        let too_many = "0\r\n".to_owned() + &"X: y\r\n".repeat(crate::REQUEST_FIELDS_MAX + 1) + "\r\n";
        assert_eq!(consumed(Framing::Chunked, [too_many.as_bytes()]), Err(BadRequest::TooManyFields));
    }
}
