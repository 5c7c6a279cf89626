//! What a file is, told by the ending of its name. The browser believes this, not the address.

use std::path::Path;

/// The `Content-Type` of a file (RFC 9110, section 8.3). Text is taken to be UTF-8.
pub(crate) fn of(path: &Path) -> &'static str {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    match ending.to_str().unwrap_or_default() {
        "html" | "htm" => HTML,
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "xml" => "text/xml; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "wasm" => "application/wasm",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

pub(crate) const HTML: &str = "text/html; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ending_in_any_case_says_what_a_file_is() {
        for (name, content_type) in [
            ("index.html", HTML),
            ("INDEX.HTM", HTML),
            ("style.css", "text/css; charset=utf-8"),
            ("script.js", "text/javascript; charset=utf-8"),
            ("picture.svg", "image/svg+xml"),
            ("picture.PNG", "image/png"),
            ("favicon.ico", "image/x-icon"),
            ("a.b.txt", "text/plain; charset=utf-8"),
            ("folder.html/page.txt", "text/plain; charset=utf-8"),
            ("archive.tar.gz", "application/octet-stream"),
            ("no-ending", "application/octet-stream"),
            ("html", "application/octet-stream"),
            (".html", "application/octet-stream"),
            ("page.html.", "application/octet-stream"),
            ("page.html ", "application/octet-stream"),
        ] {
            assert_eq!(of(Path::new(name)), content_type, "{name}");
        }
    }
}
