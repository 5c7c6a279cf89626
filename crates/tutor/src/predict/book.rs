//! The chapters, as far as a question points into them.

use std::path::Path;

use crate::both;
use crate::language::{Both, Language};
use crate::predict::question::Question;
use crate::tree;

/// A section of a chapter, from its heading to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading, without the id.
    pub title: String,
    /// What stands below it.
    pub text: String,
}

/// The file of a chapter, from the root of a checkout: `docs/en/lesson-07.md`.
pub fn file(lesson: &str, language: Language) -> String {
    format!("docs/{}/lesson-{lesson}.md", language.say("en", "zh"))
}

/// The section with this id. Every heading of the books has one.
pub fn section(text: &str, id: &str) -> Option<Section> {
    let is_heading = |line: &&str| line.starts_with('#') && line.ends_with('}') && line.contains("{#");
    let mut lines = text.lines().skip_while(|line| !(is_heading(line) && line.ends_with(&format!("{{#{id}}}"))));
    let heading = lines.next()?;
    let title = heading.trim_start_matches('#').trim_end_matches(&format!("{{#{id}}}")).trim().to_owned();
    let text = lines.take_while(|line| !is_heading(line)).map(|line| format!("{line}\n")).collect();
    Some(Section { title, text })
}

/// An item of the first numbered list in a text, which stands on one line.
pub fn item(text: &str, number: usize) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix(&format!("{number}. ")))
}

/// `lesson-07#idea`, as a file of the book in this language, with the title of the section where it has one.
pub fn shown(root: &Path, read: &str, language: Language) -> String {
    let (chapter, id) = read.split_once('#').unwrap_or((read, ""));
    let path = format!("docs/{}/{chapter}.md", language.say("en", "zh"));
    let title =
        tree::read_file(&root.join(&path)).ok().and_then(|text| section(&text, id)).map(|section| section.title);
    match title.filter(|title| !title.is_empty()) {
        Some(title) => both!("{path}#{id}, \"{title}\"", "{path}#{id}，“{title}”").say(language).to_owned(),
        None => format!("{path}#{id}"),
    }
}

/// Where the chapters and this question do not agree.
pub fn faults(root: &Path, question: &Question) -> Vec<Both> {
    let (name, lesson) = (question.name(), &question.lesson);
    let mut faults = Vec::new();
    for language in [Language::English, Language::Chinese] {
        let file = file(lesson, language);
        let mut fault = |en: String, zh: String| faults.push(both!("{name}: {file}: {en}", "{name}：{file}：{zh}"));
        let Ok(text) = tree::read_file(&root.join(&file)) else {
            fault("it is not there".into(), "文件不存在".into());
            continue;
        };
        let id = &question.book.section;
        let words = match language {
            Language::English => &question.book.en,
            Language::Chinese => &question.book.zh,
        };
        match section(&text, id) {
            None => fault(format!("it has no section {id}"), format!("没有 {id} 这一节")),
            Some(section) => {
                let place = match question.book.item {
                    Some(number) => item(&section.text, number).unwrap_or_default(),
                    None => &section.text,
                };
                if words.trim().is_empty() || !place.contains(words) {
                    fault(format!("section {id} no longer says '{words}'"), format!("{id} 一节里没有“{words}”"));
                }
            }
        }
        let (chapter, id) = question.read.split_once('#').unwrap_or((&question.read, ""));
        if chapter != format!("lesson-{lesson}") || section(&text, id).is_none() {
            let read = &question.read;
            fault(format!("'{read}' is no section of it"), format!("“{read}”不是它的一节"));
        }
        let command = format!("`just predict {lesson}`");
        if !section(&text, "predict").is_some_and(|section| section.text.contains(&command)) {
            fault(format!("section predict does not name {command}"), format!("predict 一节没有提到 {command}"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAPTER: &str = "# A lesson\n\n## Predict first {#predict}\n\n1. One?\n2. Two?\n\n```sh\n# a remark\n```\n\n\
                           <details>\n1. So.\n</details>\n\n### {#step-1}\n\nThe step.\n";

    #[test]
    fn a_section_ends_at_the_next_heading() {
        let found = section(CHAPTER, "predict").unwrap();
        assert_eq!(found.title, "Predict first");
        assert!(found.text.contains("# a remark") && !found.text.contains("The step"), "{}", found.text);
        assert_eq!(
            (item(&found.text, 1), item(&found.text, 2), item(&found.text, 3)),
            (Some("One?"), Some("Two?"), None)
        );
        assert_eq!(section(CHAPTER, "step-1").unwrap().title, "");
        assert_eq!(section(CHAPTER, "step"), None);
    }
}
