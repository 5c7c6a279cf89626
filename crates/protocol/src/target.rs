//! From a request target to a path below the document root. Nothing here touches the disk.

use std::borrow::Cow;

use crate::Status;

/// The path that a target names, relative to the document root. A target that ends in a slash names the `index.html`
/// there.
///
/// The order matters, and other servers have been broken by getting it wrong: cut the query, part the segments, decode
/// each *once*, and only then look for what must not be there. So `%2e%2e` is refused like `..`, `%2F` cannot forge a
/// separator, and `%252e` is a file name with a percent sign.
///
/// # Errors
///
/// [`Status::BadRequest`] for a percent sign without two hexadecimal digits behind it: that is no URI.
/// [`Status::NotFound`] for a segment that names no file below its folder: empty, `.`, `..`, with a slash, a backslash
/// or a control character in it, or not in UTF-8.
pub fn path_in_root(target: &str) -> Result<Cow<'_, str>, Status> {
    let path = target.split('?').next().unwrap_or(target);
    let path = path.strip_prefix('/').ok_or(Status::BadRequest)?;
    let mut decoded = Cow::Borrowed(path);
    if path.contains('%') {
        let names: Result<Vec<_>, _> = path.split('/').map(percent_decoded).collect();
        decoded = Cow::Owned(names?.join("/"));
    }
    if path.is_empty() || path.ends_with('/') {
        decoded += "index.html";
    }
    if decoded.split('/').all(names_a_file) { Ok(decoded) } else { Err(Status::NotFound) }
}

/// Whether a segment can be the name of a file or folder in its folder. What else a system takes for a slash, or for
/// the end of a name, is none.
fn names_a_file(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..") && !segment.bytes().any(|byte| matches!(byte, b'\\' | 0..=31 | 127))
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
    // Overlong forms of `.` and `/` are not UTF-8 either.
    let name = String::from_utf8(bytes).map_err(|_| Status::NotFound)?;
    // A slash here would be taken for one that parts segments.
    if name.contains('/') { Err(Status::NotFound) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_names_a_path() {
        for (target, path) in [
            ("/", "index.html"),
            ("/?query", "index.html"),
            ("/a", "a"),
            ("/a/b/c.txt", "a/b/c.txt"),
            ("/a/", "a/index.html"),
            ("/a/b/?q=/../x", "a/b/index.html"),
            ("/a?b?c", "a"),
            ("/a%3Fb", "a?b"),
            ("/a%23b", "a#b"),
            ("/with%20space", "with space"),
            ("/100%25", "100%"),
            ("/%252e%252e/x", "%2e%2e/x"),
            ("/%2525", "%25"),
            ("/%61%62", "ab"),
            ("/%e4%bd%a0%E5%A5%BD.html", "你好.html"),
            ("/a+b", "a+b"),
            ("/...", "..."),
            ("/a..b", "a..b"),
            ("/..a", "..a"),
            ("/.a", ".a"),
            ("/..;/x", "..;/x"),
            ("/%20", " "),
            ("/%20/", " /index.html"),
            ("/C:/x", "C:/x"),
            ("/~", "~"),
        ] {
            assert_eq!(path_in_root(target), Ok(Cow::from(path)), "{target}");
        }
    }

    #[test]
    fn what_names_no_file_below_the_root_is_not_found() {
        for target in [
            "//",
            "//a",
            "/a//b",
            "/a//",
            "/.",
            "/..",
            "/./a",
            "/../a",
            "/a/./b",
            "/a/../b",
            "/a/..",
            "/a/.",
            "/%2e",
            "/%2e%2E/a",
            "/.%2e/a",
            "/%2e./a",
            "/..%2fa",
            "/a%2fb",
            "/a%2F..%2Fb",
            "/%2f",
            "/%5c",
            "/..%5ca",
            "/..\\a",
            "/a\\b",
            "/%00",
            "/a%00.html",
            "/%0a",
            "/%0D%0A",
            "/%1b",
            "/%7f",
            "/a%00/b",
            "/%ff",
            "/%e4%bd",
            "/%c0%ae%c0%ae/a",
            "/%c0%af",
            "/%e0%80%ae",
            "/%ed%a0%80",
        ] {
            assert_eq!(path_in_root(target), Err(Status::NotFound), "{target}");
        }
    }

    #[test]
    fn what_is_no_uri_is_bad() {
        for target in
            ["", "a", "*", "?a", "http://a/", "/%", "/%4", "/%zz", "/%4z", "/%z4", "/%+4", "/% 4", "/%%20", "/a%/b"]
        {
            assert_eq!(path_in_root(target), Err(Status::BadRequest), "{target}");
        }
    }
}
