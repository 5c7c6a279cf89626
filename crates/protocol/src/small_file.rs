//! A file that is small enough to leave in one write with its head.

use std::fs::File;
use std::io::{self, ErrorKind};

use httpdate::fmt_http_date;

use crate::content_type;
use crate::modified::Modified;
use crate::outbox::{CHUNK, read_behind};

/// How much is read of a file that does not say how long it is (as in `/proc`), in bytes.
const UNSIZED_MAX: usize = 4 * CHUNK;
/// How much one read takes of it.
const READ: usize = 4 * 1024;

/// Room for the fields of nearly every file, in bytes.
const FIELDS: usize = 192;

/// A file as it was at one time, with the header fields that tell of it.
#[derive(Debug)]
pub(crate) struct SmallFile {
    pub(crate) modified: Modified,
    /// `Content-Length`, `Content-Type` and what follows from the file alone, as lines.
    pub(crate) fields: String,
    pub(crate) body: Vec<u8>,
}

impl SmallFile {
    pub(crate) fn new(media_type: &str, body: Vec<u8>, modified: Modified) -> SmallFile {
        let mut fields = String::with_capacity(FIELDS);
        for part in ["Content-Length: ", &body.len().to_string(), "\r\n"] {
            fields.push_str(part);
        }
        push_content_type(&mut fields, media_type);
        if let Some(time) = modified.said() {
            for part in ["Last-Modified: ", &fmt_http_date(time), "\r\n"] {
                fields.push_str(part);
            }
        }
        SmallFile { modified, fields, body }
    }
}

/// The field, and the request to believe it and not to guess (WHATWG Fetch, section 3.6).
pub(crate) fn push_content_type(fields: &mut String, media_type: &str) {
    let charset = content_type::charset_of(media_type);
    for part in ["Content-Type: ", media_type, charset, "\r\nX-Content-Type-Options: nosniff\r\n"] {
        fields.push_str(part);
    }
}

/// All of a file that is said to have `size` bytes. It may have others: some do not know their size, and another may
/// be written over just now. So its length is what was read.
///
/// # Errors
///
/// What reading it says, and `FileTooLarge` if it has more than anything small.
pub(crate) fn read_all(file: &mut File, size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One more than there should be: then one read shows that there is no more.
    let first = read_behind(&mut bytes, if size == 0 { READ } else { size + 1 }, file)?;
    if first == 0 || first == size {
        return Ok(bytes);
    }
    while read_behind(&mut bytes, READ, file)? > 0 {
        if bytes.len() > UNSIZED_MAX {
            return Err(ErrorKind::FileTooLarge.into());
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        file
    }

    #[test]
    fn the_length_is_what_was_read_whatever_was_said() {
        for length in [0, 1, 100, READ - 1, READ, READ + 1, CHUNK, CHUNK + 1, UNSIZED_MAX] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            for said in [0, 1, 99, 100, 101, READ, CHUNK] {
                assert!(read_all(&mut file(&bytes), said).unwrap() == bytes, "{length} bytes, said to be {said}");
            }
        }
    }

    #[test]
    fn no_more_is_read_than_is_small() {
        let error = read_all(&mut file(&[0; UNSIZED_MAX + 1]), 100).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_without_a_size_is_read() {
        let version = read_all(&mut File::open("/proc/version").unwrap(), 0).unwrap();
        assert!(version.starts_with(b"Linux"));
    }
}
