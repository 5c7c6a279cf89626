//! What a lesson changes in the lesson that it comes from.

use std::fmt::Write;

use http_suite::stages::PARENTS;
use similar::{Algorithm, ChangeTag, TextDiff};

use crate::html::escape;
use crate::language::Language;
use crate::repository::Repository;

/// The lesson that a lesson comes from.
pub fn parent(lesson: &str) -> Result<&'static str, String> {
    let parent = PARENTS.iter().find(|(child, _)| *child == lesson);
    parent.map(|(_, parent)| *parent).ok_or_else(|| format!("there is no lesson {lesson} that comes from another"))
}

/// As one line of HTML: file by file, what went and what came.
pub fn of_lesson(repository: &Repository, lesson: &str, language: Language) -> Result<String, String> {
    let old = format!("{}/src", repository.lesson(parent(lesson)?)?);
    let new = format!("{}/src", repository.lesson(lesson)?);
    let (old_files, new_files) = (repository.files(&old, "rs"), repository.files(&new, "rs"));
    let mut names: Vec<&String> =
        new_files.iter().chain(old_files.iter().filter(|name| !new_files.contains(name))).collect();
    // `main.rs` is where a reader begins.
    names.sort_by_key(|name| name.as_str() != "main.rs");
    let mut html = String::new();
    for name in names {
        let before = if old_files.contains(name) { repository.read(format!("{old}/{name}"))? } else { String::new() };
        let after = if new_files.contains(name) { repository.read(format!("{new}/{name}"))? } else { String::new() };
        if before != after {
            let note = match (before.is_empty(), after.is_empty()) {
                (true, _) => language.say(" (new)", "（新文件）"),
                (_, true) => language.say(" (gone)", "（已删除）"),
                _ => "",
            };
            let _ = write!(html, "{}", of_file(&format!("{new}/{name}"), note, &before, &after, language));
        }
    }
    if html.is_empty() { Err(format!("lesson {lesson} changes nothing in its parent")) } else { Ok(html) }
}

fn of_file(path: &str, note: &str, before: &str, after: &str, language: Language) -> String {
    // It keeps to lines that are there once, and does not match brace with brace.
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(before, after);
    let mut body = String::new();
    for (number, group) in diff.grouped_ops(3).iter().enumerate() {
        if number > 0 {
            body.push_str("<span class=\"gap\">⋯</span>");
        }
        for change in group.iter().flat_map(|operation| diff.iter_inline_changes(operation)) {
            let (tag, sign) = match change.tag() {
                ChangeTag::Delete => ("del", '−'),
                ChangeTag::Insert => ("ins", '+'),
                ChangeTag::Equal => ("span", ' '),
            };
            let _ = write!(body, "<{tag}><span class=\"sign\">{sign}</span>");
            for (emphasised, text) in change.iter_strings_lossy() {
                let text = escape(text.trim_end_matches('\n'));
                let _ = if emphasised { write!(body, "<b>{text}</b>") } else { write!(body, "{text}") };
            }
            let _ = write!(body, "</{tag}>");
        }
    }
    let label = language.say("Diff of", "差异：");
    format!(
        "<figure class=\"diff\" aria-label=\"{label} {path}\"><figcaption><code>{path}</code>{note}</figcaption>\
         <pre><code class=\"nohighlight\">{body}</code></pre></figure>"
    )
}

/// For a terminal: a unified diff, or nothing where both are the same.
pub fn plain(old_name: &str, new_name: &str, before: &str, after: &str) -> String {
    let ended = |text: &str| if text.is_empty() { String::new() } else { format!("{}\n", text.trim_end()) };
    let (before, after) = (ended(before), ended(after));
    TextDiff::from_lines(&before, &after).unified_diff().context_radius(2).header(old_name, new_name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_tell_what_went_and_what_came() {
        let html = of_file("a.rs", "", "fn a() {}\nlet x = 1;\n", "fn a() {}\nlet x = 2;\n\n", Language::English);
        assert!(html.contains("<del><span class=\"sign\">−</span>let x = <b>1;</b></del>"), "{html}");
        assert!(html.contains("<ins><span class=\"sign\">+</span>let x = <b>2;</b></ins>"), "{html}");
        assert!(html.contains("<span><span class=\"sign\"> </span>fn a() {}</span>"), "{html}");
        assert!(!html.contains('\n'), "{html}");
    }

    #[test]
    fn a_lesson_differs_from_its_parent() {
        let html = of_lesson(&Repository::here(), "05", Language::English).unwrap();
        assert!(html.contains("src/main.rs</code></figcaption>"), "{html}");
        assert_eq!(
            of_lesson(&Repository::here(), "01", Language::English).unwrap_err(),
            "there is no lesson 01 that comes from another"
        );
    }

    #[test]
    fn plain_diffs_have_lines_with_signs() {
        assert_eq!(plain("a", "b", "one\ntwo", "one\n"), "--- a\n+++ b\n@@ -1,2 +1 @@\n one\n-two\n");
        assert_eq!(plain("a", "b", "one\n", "one"), "");
    }
}
