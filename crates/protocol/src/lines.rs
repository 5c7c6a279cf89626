//! The lines of a head, and of a trailer section.

use crate::BadRequest;

/// The longest header section that is read, in bytes, from behind the request line to the empty line.
pub const HEADER_SECTION_MAX: usize = 16 * 1024;

/// Finds the lines of a head, and looks at no byte twice. Only the shape matters: CR LF and nothing else ends a line,
/// and no control byte stands in one but a tab.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lines {
    /// Where the line begins that has not ended yet.
    pub(crate) start: usize,
    /// How many bytes have been looked at.
    seen: usize,
}

impl Lines {
    /// The next line, with its end. `None` while that has not come: call again with more bytes behind these.
    pub(crate) fn next<'bytes>(&mut self, bytes: &'bytes [u8]) -> Result<Option<&'bytes [u8]>, BadRequest> {
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
