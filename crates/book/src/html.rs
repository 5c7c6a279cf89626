//! HTML, written and read as far as the books need it.

use std::fmt::Write;

/// Text between tags, or in the value of an attribute.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Text in `pre`, on one line: an empty line would end the HTML in the middle of a Markdown page.
pub fn preformatted(text: &str) -> String {
    escape(text).replace('\n', "&#10;")
}

/// A table: its class, its head without the row around it, its rows.
pub fn table(class: &str, head: &str, rows: &str) -> String {
    format!(
        "<div class=\"table-wrapper\"><table class=\"{class}\"><thead><tr>{head}</tr></thead>\
         <tbody>{rows}</tbody></table></div>"
    )
}

/// Text with Markdown's `code` and nothing else of it.
pub fn with_code(text: &str) -> String {
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        let part = escape(part);
        let _ = if index % 2 == 0 { write!(html, "{part}") } else { write!(html, "<code>{part}</code>") };
    }
    html
}

/// What [`escape`] and mdBook make of a character, undone.
pub fn unescape(text: &str) -> String {
    let names = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&#10;", "\n")];
    let text = names.iter().fold(text.to_owned(), |text, (name, character)| text.replace(name, character));
    text.replace("&nbsp;", " ").replace("&amp;", "&")
}

/// A part of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// `<a href="…">`, without the brackets.
    Tag(&'a str),
    /// What stands between tags, still escaped.
    Text(&'a str),
}

/// A page in its parts, one after the other. For HTML that programs wrote; scripts, styles and comments are left out.
pub fn parts(mut html: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some(start) = html.find('<') {
        if start > 0 {
            parts.push(Part::Text(&html[..start]));
        }
        html = &html[start..];
        if let Some(rest) = html.strip_prefix("<!--") {
            html = rest.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let end = end_of_tag(html);
        let tag = html[1..end].trim();
        html = html.get(end + 1..).unwrap_or("");
        parts.push(Part::Tag(tag));
        for raw in ["script", "style"] {
            if name(tag) == raw {
                html = html.find(&format!("</{raw}")).map_or("", |end| &html[end..]);
            }
        }
    }
    if !html.is_empty() {
        parts.push(Part::Text(html));
    }
    parts
}

/// Where the `>` is that ends the tag with which the text begins: not one in quotes.
fn end_of_tag(html: &str) -> usize {
    let mut quote = None;
    for (index, byte) in html.bytes().enumerate() {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (b'>', None) => return index,
            _ => {}
        }
    }
    html.len()
}

/// `a` of `a href="…"`, `/a` of `/a`.
pub fn name(tag: &str) -> &str {
    tag.split(|c: char| c.is_whitespace()).next().unwrap_or("").trim_end_matches('/')
}

/// The value of an attribute.
pub fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag;
    while let Some(index) = rest.find(wanted) {
        let starts = rest[..index].ends_with(char::is_whitespace);
        rest = &rest[index + wanted.len()..];
        if let Some(value) = rest.strip_prefix("=\"").filter(|_| starts) {
            return value.split_once('"').map(|(value, _)| unescape(value));
        }
    }
    None
}

/// `2` of `h2`.
pub fn heading_level(tag: &str) -> Option<usize> {
    match name(tag).as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(usize::from(level - b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_comes_back() {
        let text = "if a < b && c > \"d\" { '`' }\n\n";
        assert_eq!(unescape(&preformatted(text)), text);
        assert!(!preformatted(text).contains(['\n', '<', '"']));
    }

    #[test]
    fn a_page_falls_into_parts() {
        let html =
            r#"one<a title="a > b" href="x.html?a&amp;b">two</a><!-- <b> --><script>if (a < b) {}</script>three"#;
        let expected = [
            Part::Text("one"),
            Part::Tag(r#"a title="a > b" href="x.html?a&amp;b""#),
            Part::Text("two"),
            Part::Tag("/a"),
            Part::Tag("script"),
            Part::Tag("/script"),
            Part::Text("three"),
        ];
        assert_eq!(parts(html), expected);
        let Part::Tag(tag) = expected[1] else { panic!() };
        assert_eq!(attribute(tag, "href").as_deref(), Some("x.html?a&b"));
        assert_eq!(attribute(tag, "ref"), None);
        assert_eq!(attribute("img data-src=\"a\" src=\"b\"", "src").as_deref(), Some("b"));
    }

    #[test]
    fn backticks_become_code() {
        assert_eq!(with_code("a `b<c` d"), "a <code>b&lt;c</code> d");
    }
}
