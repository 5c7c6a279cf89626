//! What is ours on a page that mdBook has made: the switch of the language, the search, and what a keyboard or a screen
//! reader needs.

use std::fmt::Write;

use crate::html::{Part, attribute, escape, name, parts};
use crate::language::Language;

/// What a page shows for the search, to be put where mdBook would put its own.
const SEARCH: &str = include_str!("../assets/search.html");
const BUTTON: &str = include_str!("../assets/search-button.html");

/// The page on which mdBook has the whole book.
pub const WHOLE: &str = "print.html";

/// The page with all that is ours.
pub fn with_own_parts(page: &str, file: &str, language: Language) -> Result<String, String> {
    let switch = switch(file, language);
    let skip = language.say("Skip to the text", "跳到正文");
    let contents = language.say("Contents", "目录");
    let home = language.say("The home page of the lessons", "课程首页");
    let mut page = Page { text: page.to_owned(), file };
    page.insert_behind("<div class=\"right-buttons\">", &format!("{}{switch}", BUTTON.trim_end()))?;
    page.replace(
        "<div id=\"mdbook-content\" class=\"content\">",
        &format!("{SEARCH}<div id=\"mdbook-content\" class=\"content\">"),
    )?;
    page.insert_behind("<div id=\"mdbook-body-container\">", &format!("<a class=\"skip\" href=\"#main\">{skip}</a>"))?;
    page.replace("<main>", "<main id=\"main\" tabindex=\"-1\">")?;
    page.replace("class=\"menu-bar sticky\"", "class=\"menu-bar sticky\" role=\"banner\"")?;
    // The name of the book is no heading of the page. It leads to where the lessons have their home page.
    page.replace_element("h1 class=\"menu-title\"", "h1", |title| {
        format!("<p class=\"menu-title\"><a href=\"/\" title=\"{home}\">{title}</a></p>")
    })?;
    // A label cannot be reached with the keyboard. Without scripts it is the only one that works.
    page.replace(" for=\"mdbook-sidebar-toggle-anchor\"", "")?;
    page.replace_element_tag("label id=\"mdbook-sidebar-toggle\"", "label", "button type=\"button\"", "button")?;
    let label = format!("<noscript><label for=\"mdbook-sidebar-toggle-anchor\">{contents}</label></noscript>");
    page.insert_behind("<div class=\"left-buttons\">", &label)?;
    // Themes that look like the home page: one light, one dark.
    for theme in ["Rust", "Coal", "Ayu"] {
        let id = theme.to_lowercase();
        page.replace(
            &format!("<li role=\"none\"><button role=\"menuitem\" class=\"theme\" id=\"mdbook-theme-{id}\">{theme}</button></li>"),
            "",
        )?;
    }
    page.replace("id=\"mdbook-theme-navy\">Navy<", "id=\"mdbook-theme-navy\">Dark<")?;
    page.replace(
        "title=\"Print this book\" aria-label=\"Print this book\"",
        "title=\"The whole book on one page\" aria-label=\"The whole book on one page\"",
    )?;
    Ok(page.text)
}

/// The page with the whole book, which is to be read and does not print itself, and begins with what is in it: the
/// parts and chapters, as the summary has them.
pub fn with_contents(page: &str, summary: &str, language: Language) -> Result<String, String> {
    let mut page = Page { text: page.to_owned(), file: WHOLE };
    page.replace("window.setTimeout(window.print, 100);", "")?;
    let (title, book) = (language.say("Contents", "目录"), title(language));
    let mut list = format!(
        "<header class=\"cover\"><p class=\"book-title\">{book}</p><nav aria-label=\"{title}\"><p class=\"part\">{title}</p><ol>"
    );
    let chapters = headings(&page.text);
    let mut chapters = chapters.iter();
    for line in summary.lines() {
        if let Some(part) = line.strip_prefix("# ") {
            let _ = write!(list, "</ol><p class=\"part\">{}</p><ol>", escape(part));
        } else if line.contains("](") {
            let (id, title) =
                chapters.next().ok_or("there are fewer headings than chapters on the page of the whole book")?;
            let _ = write!(list, "<li><a href=\"#{id}\">{}</a></li>", title);
        }
    }
    list.push_str("</ol></nav></header>");
    page.insert_behind("<main>", &list.replace("<ol></ol>", ""))?;
    Ok(page.text)
}

/// What the book is called.
pub fn title(language: Language) -> &'static str {
    language.say("One server, many clients", "一个服务器，许多客户端")
}

/// The `h1` of the text, each with its id and its words, still escaped.
fn headings(page: &str) -> Vec<(String, String)> {
    let main = page.split_once("<main>").map_or("", |(_, main)| main);
    let mut headings = Vec::new();
    let mut inside = false;
    for part in parts(main) {
        match part {
            Part::Tag(tag) if name(tag) == "h1" => {
                inside = true;
                headings.push((attribute(tag, "id").unwrap_or_default(), String::new()));
            }
            Part::Tag("/h1") => inside = false,
            Part::Tag("/main") => break,
            Part::Text(text) if inside => headings.last_mut().expect("one has begun").1.push_str(text),
            _ => {}
        }
    }
    headings
}

fn switch(file: &str, language: Language) -> String {
    let twin = language.twin();
    let (label, title) = language.say(("中文", "本页的中文版"), ("English", "This page in English"));
    format!(
        "<a class=\"language-switch\" id=\"language-switch\" href=\"../{twin}/{}\" \
         hreflang=\"{tag}\" lang=\"{tag}\" title=\"{title}\">{label}</a>",
        escape(file),
        tag = twin.tag()
    )
}

/// A page of mdBook that is changed in places which have to be there.
struct Page<'a> {
    text: String,
    file: &'a str,
}

impl Page<'_> {
    fn find(&self, place: &str) -> Result<usize, String> {
        let changed = || format!("mdBook's pages have changed: there is no {place} in {}", self.file);
        self.text.find(place).ok_or_else(changed)
    }

    fn replace(&mut self, place: &str, with: &str) -> Result<(), String> {
        let start = self.find(place)?;
        self.text.replace_range(start..start + place.len(), with);
        Ok(())
    }

    fn insert_behind(&mut self, place: &str, text: &str) -> Result<(), String> {
        let end = self.find(place)? + place.len();
        self.text.insert_str(end, text);
        Ok(())
    }

    /// Of the element that begins with `<tag`, all up to `</name>`: it is told what is inside.
    fn replace_element(&mut self, tag: &str, name: &str, with: impl Fn(&str) -> String) -> Result<(), String> {
        let start = self.find(&format!("<{tag}"))?;
        let inside = start + self.text[start..].find('>').ok_or("a tag is not ended")? + 1;
        let end = format!("</{name}>");
        let length = self.text[inside..].find(&end).ok_or_else(|| format!("{tag} is not ended"))?;
        let text = with(&self.text[inside..inside + length]);
        self.text.replace_range(start..inside + length + end.len(), &text);
        Ok(())
    }

    /// The element that begins with `<tag`, with its other attributes and what is in it, as another one.
    fn replace_element_tag(&mut self, tag: &str, name: &str, new: &str, new_name: &str) -> Result<(), String> {
        let start = self.find(&format!("<{tag}"))?;
        let end = format!("</{name}>");
        let length = self.text[start..].find(&end).ok_or_else(|| format!("{tag} is not ended"))?;
        self.text.replace_range(start + length..start + length + end.len(), &format!("</{new_name}>"));
        self.text.replace_range(start + 1..start + 1 + name.len(), new);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_becomes_another() {
        let mut page = Page { text: "a<label id=\"x\" title=\"y\">z</label>b".to_owned(), file: "a.html" };
        page.replace_element_tag("label id=\"x\"", "label", "button type=\"button\"", "button").unwrap();
        assert_eq!(page.text, "a<button type=\"button\" id=\"x\" title=\"y\">z</button>b");
        page.replace_element("button", "button", |inside| format!("[{inside}]")).unwrap();
        assert_eq!(page.text, "a[z]b");
        let error = page.replace("z</label>", "").unwrap_err();
        assert_eq!(error, "mdBook's pages have changed: there is no z</label> in a.html");
    }

    #[test]
    fn the_whole_book_begins_with_its_parts_and_chapters() {
        let page = "<main><h1 id=\"a\"><a href=\"#a\">A &amp; <code>a</code></a></h1><h2 id=\"c\">C</h2><h1 id=\"b\">B</h1></main>\
                    <script>window.setTimeout(window.print, 100);</script>";
        let summary = "[A](index.md)\n\n# One\n\n- [B](b.md)\n";
        let page = with_contents(page, summary, Language::English).unwrap();
        let list = "<ol><li><a href=\"#a\">A &amp; a</a></li></ol><p class=\"part\">One</p><ol><li><a href=\"#b\">B</a></li></ol>";
        assert!(page.contains(list) && !page.contains("window.print"), "{page}");
        let more = format!("{summary}- [D](d.md)\n");
        assert!(with_contents("<main></main>window.setTimeout(window.print, 100);", &more, Language::English).is_err());
    }
}
