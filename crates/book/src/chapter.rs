//! A chapter, cut into the sections that its headings begin.

use std::ops::Range;

use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use crate::claims;
use crate::directive::Directive;
use crate::language::Language;

/// The id of what stands before the first heading with an id.
pub const TOP: &str = "top";

/// A file of a book.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// The book that it is in.
    pub language: Language,
    /// `lesson-02.md`
    pub file: String,
    /// The whole text.
    pub text: String,
    /// In order; the first begins with the file.
    pub sections: Vec<Section>,
}

/// From a heading to the next.
#[derive(Clone, Debug)]
pub struct Section {
    /// What stands in braces behind the heading.
    pub id: Option<String>,
    /// 1 for `#`.
    pub level: usize,
    /// The heading, without the id.
    pub title: String,
    /// Where it stands in the file.
    pub range: Range<usize>,
    /// What it is made of, beside text.
    pub pieces: Vec<Piece>,
    /// Its words: no code, no directive, no markup.
    pub prose: String,
}

/// What a section is made of, beside text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A directive, or why it is none.
    Directive(Result<Directive, String>),
    /// A fenced code block: what stands behind the fence, and what is in it.
    Fence(String, String),
    /// A code block made by indenting.
    Indented(String),
    /// Where a link leads.
    Link(String),
    /// Where a picture is.
    Image(String),
    /// The beginning of something that unfolds.
    Details,
    /// Its end.
    EndOfDetails,
}

impl Chapter {
    /// From the text of a file.
    pub fn parse(language: Language, file: &str, text: &str) -> Chapter {
        let mut chapter = Chapter { language, file: file.to_owned(), text: text.to_owned(), sections: Vec::new() };
        let mut sections = sections(text);
        for (place, piece) in pieces(text) {
            let section = sections.iter_mut().rev().find(|section| section.range.start <= place);
            section.expect("the first section begins with the file").pieces.push(piece);
        }
        chapter.sections = sections;
        chapter
    }

    /// From the root of the repository.
    pub fn path(&self) -> String {
        format!("docs/{}/{}", self.language, self.file)
    }

    /// `lesson-02`
    pub fn name(&self) -> &str {
        self.file.trim_end_matches(".md")
    }

    /// A section, by its id.
    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name() == id)
    }

    /// The text of a section as it stands in the file.
    pub fn text_of(&self, section: &Section) -> &str {
        self.text[section.range.clone()].trim()
    }
}

impl Section {
    /// Its id, or `top`.
    pub fn name(&self) -> &str {
        self.id.as_deref().unwrap_or(TOP)
    }

    /// Its directives, the good ones.
    pub fn directives(&self) -> impl Iterator<Item = &Directive> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Directive(Ok(directive)) => Some(directive),
            _ => None,
        })
    }
}

/// What Markdown means, as mdBook reads it.
pub fn events(text: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    // As mdBook reads them, but for quotation marks.
    let mut options = MarkdownOptions::default();
    options.smart_punctuation = false;
    new_cmark_parser(text, &options).into_offset_iter()
}

fn sections(text: &str) -> Vec<Section> {
    let empty = |id, level, start| Section {
        id,
        level,
        title: String::new(),
        range: start..start,
        pieces: Vec::new(),
        prose: String::new(),
    };
    let mut sections = vec![empty(None, 0, 0)];
    let (mut in_heading, mut in_code) = (false, false);
    for (event, range) in events(text) {
        let last = sections.last_mut().expect("there is one from the start");
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                in_heading = true;
                // The first heading belongs to what stands before it, which is nothing.
                if last.level == 0 && text[..range.start].trim().is_empty() {
                    last.level = level as usize;
                    last.id = id.map(|id| id.to_string());
                } else {
                    last.range.end = range.start;
                    sections.push(empty(id.map(|id| id.to_string()), level as usize, range.start));
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                in_heading = false;
                last.prose.push('\n');
            }
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(words) if !in_code => {
                last.prose.push_str(&words);
                if in_heading {
                    last.title.push_str(&words);
                }
            }
            Event::Code(code) if in_heading => last.title.push_str(&code),
            Event::End(TagEnd::Link | TagEnd::Emphasis | TagEnd::Strong) => {}
            Event::SoftBreak | Event::HardBreak | Event::End(_) => last.prose.push('\n'),
            _ => {}
        }
    }
    sections.last_mut().expect("there is one from the start").range.end = text.len();
    for section in &mut sections {
        let words = section.prose.lines().filter(|line| !line.trim_start().starts_with("{{#"));
        section.prose = claims::without(&words.collect::<Vec<_>>().join("\n"));
    }
    sections
}

/// Where a line ends within a paragraph.
pub fn soft_breaks(text: &str) -> Vec<usize> {
    events(text).filter(|(event, _)| *event == Event::SoftBreak).map(|(_, range)| range.start).collect()
}

/// What stands in running text as code, `` `just test 03` ``, in order.
pub fn inline_code(text: &str) -> Vec<String> {
    let code = |event| match event {
        Event::Code(code) => Some(code.to_string()),
        _ => None,
    };
    events(text).filter_map(|(event, _)| code(event)).collect()
}

/// Each with the place where it stands, in order.
fn pieces(text: &str) -> Vec<(usize, Piece)> {
    let mut pieces = Vec::new();
    let mut code: Option<(usize, CodeBlockKind, String)> = None;
    let mut hidden = Vec::new();
    for (event, range) in events(text) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                hidden.push(range.clone());
                code = Some((range.start, kind.into_static(), String::new()));
            }
            Event::End(TagEnd::CodeBlock) => match code.take() {
                Some((place, CodeBlockKind::Fenced(info), text)) => {
                    pieces.push((place, Piece::Fence(info.to_string(), text)));
                }
                Some((place, CodeBlockKind::Indented, text)) => pieces.push((place, Piece::Indented(text))),
                None => {}
            },
            Event::Text(words) => {
                if let Some((_, _, text)) = &mut code {
                    text.push_str(&words);
                }
            }
            Event::Code(_) => hidden.push(range),
            Event::Start(Tag::Link { dest_url, .. }) => pieces.push((range.start, Piece::Link(dest_url.to_string()))),
            Event::Start(Tag::Image { dest_url, .. }) => pieces.push((range.start, Piece::Image(dest_url.to_string()))),
            Event::Html(html) | Event::InlineHtml(html) => {
                for (tag, piece) in [("<details", Piece::Details), ("</details", Piece::EndOfDetails)] {
                    let places = html.match_indices(tag).map(|(place, _)| range.start + place);
                    pieces.extend(places.map(|place| (place, piece.clone())));
                }
            }
            _ => {}
        }
    }
    let shown = |place: usize| !hidden.iter().any(|range| range.contains(&place));
    let directives = directives(text).filter(|(range, _)| shown(range.start));
    pieces.extend(directives.map(|(range, directive)| (range.start, Piece::Directive(directive))));
    pieces.sort_by_key(|(place, _)| *place);
    pieces
}

/// Where each directive stands, its line from end to end, be it in code or not.
fn directives(text: &str) -> impl Iterator<Item = (Range<usize>, Result<Directive, String>)> {
    let starts = text.match_indices("{{#").map(|(start, _)| start);
    starts.map(|start| {
        let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
        let alone = text[line..start].trim().is_empty();
        let directive = match text[start..end].trim_end().strip_prefix("{{#").and_then(|rest| rest.strip_suffix("}}")) {
            Some(inner) if alone && !inner.contains("}}") => Directive::parse(inner),
            _ => Err(format!("{} does not have a line of its own", text[line..end].trim())),
        };
        (start..end, directive)
    })
}

impl Chapter {
    /// The text, with what `replace` makes of each directive in its place. It is told the section, and the number of
    /// the line, from 1.
    pub fn with_directives(
        &self,
        mut replace: impl FnMut(&Section, usize, &Result<Directive, String>) -> String,
    ) -> String {
        let mut expanded = String::new();
        let mut done = 0;
        for section in &self.sections {
            let mut expected = section.pieces.iter().filter_map(|piece| match piece {
                Piece::Directive(directive) => Some(directive),
                _ => None,
            });
            let mut next = expected.next();
            for (range, directive) in directives(&self.text) {
                // One that stands in code is not among those that were found.
                if section.range.contains(&range.start) && next == Some(&directive) {
                    let line = 1 + self.text[..range.start].matches('\n').count();
                    expanded.push_str(&self.text[done..range.start]);
                    expanded.push_str(&replace(section, line, &directive));
                    done = range.end;
                    next = expected.next();
                }
            }
        }
        expanded.push_str(&self.text[done..]);
        expanded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# The title

Before.

## First {#first}

A [link](tcp.md#backlog) and `{{#glossary}}` in code.

{{#output one}}

```rust,question
{{#glossary}}
```

{{#output one}} here

### Deeper, `code` {#deeper}

<details><summary>Hint</summary>

{{#output one}}

</details>
";

    fn chapter() -> Chapter {
        Chapter::parse(Language::English, "a.md", TEXT)
    }

    #[test]
    fn headings_begin_sections() {
        let chapter = chapter();
        let heads: Vec<_> = chapter.sections.iter().map(|s| (s.name(), s.level, s.title.as_str())).collect();
        assert_eq!(heads, [("top", 1, "The title"), ("first", 2, "First"), ("deeper", 3, "Deeper, code")]);
        let texts: String = chapter.sections.iter().map(|s| &chapter.text[s.range.clone()]).collect();
        assert_eq!(texts, TEXT);
    }

    #[test]
    fn pieces_are_found_where_they_stand() {
        let chapter = chapter();
        let output = Piece::Directive(Ok(Directive::Output("one".to_owned())));
        assert_eq!(chapter.sections[1].pieces[0], Piece::Link("tcp.md#backlog".to_owned()));
        assert_eq!(chapter.sections[1].pieces[1], output);
        assert_eq!(
            chapter.sections[1].pieces[2],
            Piece::Fence("rust,question".to_owned(), "{{#glossary}}\n".to_owned())
        );
        assert!(
            matches!(&chapter.sections[1].pieces[3], Piece::Directive(Err(error)) if error.contains("line of its own"))
        );
        assert_eq!(chapter.sections[2].pieces, [Piece::Details, output, Piece::EndOfDetails]);
    }

    #[test]
    fn only_directives_are_replaced() {
        let mut number = 0;
        let text = chapter().with_directives(|section, line, _| {
            number += 1;
            format!("[{number} in {} on {line}]", section.name())
        });
        assert!(
            text.contains(
                "`{{#glossary}}` in code.\n\n[1 in first on 9]\n\n```rust,question\n{{#glossary}}\n```\n\n[2 in first on 15]\n"
            ),
            "{text}"
        );
        assert!(text.contains("</summary>\n\n[3 in deeper on 21]\n\n</details>"), "{text}");
    }

    #[test]
    fn prose_is_only_words() {
        let chapter = chapter();
        assert!(chapter.sections[1].prose.contains("A link and"), "{}", chapter.sections[1].prose);
        assert!(!chapter.sections[1].prose.contains("glossary"), "{}", chapter.sections[1].prose);
    }
}
