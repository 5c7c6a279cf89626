//! What a file is, told by the ending of its name. The browser believes this, not the address.

pub(crate) const HTML: &str = "text/html";

/// The media type of a file (RFC 9110, section 8.3.1): what `mime_guess` knows, but for endings that are younger than
/// its table, or that have been registered otherwise since.
pub(crate) fn of(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    // A name that begins with its only dot has no ending.
    let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or("", |(_, ending)| ending);
    let ending = ending.to_ascii_lowercase();
    match ending.as_str() {
        "html" | "htm" => HTML,
        "js" | "mjs" | "cjs" => "text/javascript",
        "json" | "map" => "application/json",
        "ndjson" => "application/x-ndjson",
        "yaml" | "yml" => "application/yaml",
        "woff" => "font/woff",
        "otf" => "font/otf",
        "m4a" => "audio/mp4",
        "ts" => "video/mp2t",
        "zst" => "application/zstd",
        "go" | "java" | "vue" | "tsx" | "diff" | "patch" | "properties" | "bib" => "text/plain",
        _ => mime_guess::from_ext(&ending).first_raw().unwrap_or("application/octet-stream"),
    }
}

/// What stands behind a type in `Content-Type`: text is taken to be UTF-8. Other types say that themselves.
pub(crate) fn charset_of(media_type: &str) -> &'static str {
    if media_type.starts_with("text/") { "; charset=utf-8" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ending_in_any_case_says_what_a_file_is() {
        for (name, media_type) in [
            ("index.html", HTML),
            ("INDEX.HTM", HTML),
            ("style.css", "text/css"),
            ("script.js", "text/javascript"),
            ("picture.PNG", "image/png"),
            ("a.b.txt", "text/plain"),
            ("folder.html/page.txt", "text/plain"),
            ("archive.tar.gz", "application/gzip"),
            ("no-ending", "application/octet-stream"),
            ("unknown.ending", "application/octet-stream"),
            ("html", "application/octet-stream"),
            (".html", "application/octet-stream"),
            ("page.html.", "application/octet-stream"),
            ("page.html ", "application/octet-stream"),
        ] {
            assert_eq!(of(name), media_type, "{name}");
        }
    }

    #[test]
    fn what_a_site_is_made_of_is_known() {
        for (endings, media_type) in [
            ("js mjs cjs", "text/javascript"),
            ("txt log", "text/plain"),
            ("md", "text/markdown"),
            ("csv", "text/csv"),
            ("xml", "text/xml"),
            ("rs", "text/x-rust"),
            ("vtt", "text/vtt"),
            ("json map", "application/json"),
            ("jsonld", "application/ld+json"),
            ("webmanifest", "application/manifest+json"),
            ("xhtml", "application/xhtml+xml"),
            ("atom", "application/atom+xml"),
            ("rss", "application/rss+xml"),
            ("yaml yml", "application/yaml"),
            ("svg", "image/svg+xml"),
            ("jpg jpeg", "image/jpeg"),
            ("gif", "image/gif"),
            ("webp", "image/webp"),
            ("avif", "image/avif"),
            ("bmp", "image/bmp"),
            ("tif tiff", "image/tiff"),
            ("ico", "image/x-icon"),
            ("woff", "font/woff"),
            ("woff2", "font/woff2"),
            ("ttf", "font/ttf"),
            ("otf", "font/otf"),
            ("mp3", "audio/mpeg"),
            ("m4a", "audio/mp4"),
            ("ogg oga", "audio/ogg"),
            ("wav", "audio/wav"),
            ("flac", "audio/flac"),
            ("mp4", "video/mp4"),
            ("mov", "video/quicktime"),
            ("ogv", "video/ogg"),
            ("webm", "video/webm"),
            ("wasm", "application/wasm"),
            ("pdf", "application/pdf"),
            ("zip", "application/zip"),
            ("gz", "application/gzip"),
            ("zst", "application/zstd"),
            ("tar", "application/x-tar"),
            ("epub", "application/epub+zip"),
        ] {
            for ending in endings.split(' ') {
                assert_eq!(of(&format!("a.{ending}")), media_type, "{ending}");
            }
        }
    }

    #[test]
    fn text_and_nothing_else_has_a_charset() {
        for (media_type, charset) in
            [(HTML, "; charset=utf-8"), ("text/vtt", "; charset=utf-8"), ("application/json", ""), ("image/png", "")]
        {
            assert_eq!(charset_of(media_type), charset, "{media_type}");
        }
    }
}
