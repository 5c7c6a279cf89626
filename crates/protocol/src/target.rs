//! From a request target to a path below the document root. Nothing here touches the disk.

use std::path::PathBuf;

use crate::Status;

/// The path that a target names, relative to the document root. A target that ends in a slash names the `index.html` there.
///
/// The order matters, and other servers have been broken by getting it wrong: cut the query, part the segments, decode each
/// *once*, and only then look for what must not be there. So `%2e%2e` is refused like `..`, `%2F` cannot forge a separator,
/// and `%252e` is a file name with a percent sign.
///
/// # Errors
///
/// [`Status::BadRequest`] for a percent sign without two hexadecimal digits behind it, for control characters, and for what
/// is not UTF-8.
/// [`Status::NotFound`] for a segment that names no file below its folder: empty, `.`, `..`, or with a slash or backslash in it.
pub fn path_in_root(target: &str) -> Result<PathBuf, Status> {
    let path = target.split('?').next().unwrap_or(target);
    let path = path.strip_prefix('/').ok_or(Status::BadRequest)?;
    let mut result = PathBuf::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let name = match (segment, segments.peek()) {
            ("", None) => String::from("index.html"),
            _ => percent_decoded(segment)?,
        };
        if matches!(name.as_str(), "" | "." | "..") || name.contains(['/', '\\']) {
            return Err(Status::NotFound);
        }
        result.push(name);
    }
    Ok(result)
}

/// RFC 3986, section 2.1. Strict: `%zz` is an error, where lenient decoders would leave it as it stands.
fn percent_decoded(segment: &str) -> Result<String, Status> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
                let (high, low) = (digit(), digit());
                let value = high.zip(low).map(|(high, low)| high * 16 + low).ok_or(Status::BadRequest)?;
                u8::try_from(value).map_err(|_| Status::BadRequest)?
            }
            byte => byte,
        });
    }
    if bytes.iter().any(u8::is_ascii_control) {
        return Err(Status::BadRequest);
    }
    // Overlong forms of `.` and `/` are not UTF-8 either.
    String::from_utf8(bytes).map_err(|_| Status::BadRequest)
}
