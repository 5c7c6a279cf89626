//! What the search of a book looks through: the words of every section, in one file.
//!
//! mdBook's own index cuts text at spaces, and Chinese has none. Some hundred sections are little enough to be looked
//! through as they are, so that any run of characters is found.

use serde::Serialize;

use crate::html::{Part, attribute, heading_level, parts, unescape};

/// Where a section is, what it is called, and what it says.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    url: String,
    chapter: String,
    heading: String,
    text: String,
}

/// The sections of a page.
pub fn entries(file: &str, html: &str) -> Vec<Entry> {
    let main = html.split_once("<main>").and_then(|(_, rest)| rest.split_once("</main>")).map_or("", |(main, _)| main);
    let mut entries =
        vec![Entry { url: file.to_owned(), chapter: String::new(), heading: String::new(), text: String::new() }];
    let (mut in_heading, mut hidden) = (false, false);
    for part in parts(main) {
        match part {
            Part::Tag(tag) if heading_level(tag).is_some() => {
                in_heading = true;
                let last = entries.last().expect("there is one from the start");
                if !last.heading.is_empty() {
                    let id = attribute(tag, "id").unwrap_or_default();
                    let chapter = entries[0].heading.clone();
                    entries.push(Entry {
                        url: format!("{file}#{id}"),
                        chapter,
                        heading: String::new(),
                        text: String::new(),
                    });
                }
            }
            Part::Tag(tag) => {
                match tag.split_whitespace().next() {
                    Some("svg") => hidden = true,
                    Some("/svg") => hidden = false,
                    _ => {}
                }
                if heading_level(tag.trim_start_matches('/')).is_some() {
                    in_heading = false;
                } else if !is_inline(tag) {
                    entries.last_mut().expect("there is one from the start").text.push(' ');
                }
            }
            Part::Text(_) if hidden => {}
            Part::Text(text) => {
                let entry = entries.last_mut().expect("there is one from the start");
                let into = if in_heading { &mut entry.heading } else { &mut entry.text };
                into.push_str(&unescape(text));
            }
        }
    }
    for entry in &mut entries {
        entry.text = entry.text.split_whitespace().collect::<Vec<_>>().join(" ");
        entry.heading = entry.heading.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    entries
}

/// A tag within a word or a line.
fn is_inline(tag: &str) -> bool {
    let name = crate::html::name(tag.trim_start_matches('/'));
    matches!(name, "a" | "b" | "code" | "em" | "strong" | "i" | "span" | "kbd" | "sub" | "sup")
}

/// The file that the page loads when somebody searches.
pub fn file(entries: &[Entry]) -> Result<String, String> {
    let json = serde_json::to_string(entries).map_err(|error| format!("cannot write the index: {error}"))?;
    Ok(format!("window.bookEntries = {json};\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_falls_into_its_sections() {
        let html = "<nav>no</nav><main><h1 id=\"a\"><a class=\"header\" href=\"#a\">课</a></h1><p>等<code>accept</code>，a &lt; b</p><svg><text>drawn</text></svg>\
                    <h2 id=\"b\">Two</h2><p>x</p><p>y</p></main>no";
        let entries = entries("tcp.html", html);
        let all: Vec<_> =
            entries.iter().map(|e| (e.url.as_str(), e.chapter.as_str(), e.heading.as_str(), e.text.as_str())).collect();
        assert_eq!(all, [("tcp.html", "", "课", "等accept，a < b"), ("tcp.html#b", "课", "Two", "x y")]);
        assert!(file(&entries).unwrap().starts_with("window.bookEntries = [{\"url\":\"tcp.html\""));
    }
}
