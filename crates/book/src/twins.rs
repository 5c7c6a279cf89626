//! Both languages have the same chapters, sections, minutes, directives, figures, links and exercises.

use similar::TextDiff;

use crate::chapter::{Chapter, Piece, Section};
use crate::claims;
use crate::diff;
use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;

const REMEDY: &str = "say it in both languages, in the same place";

/// All that one language has and its twin lacks.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    let (english, mut problems) = repository.chapters(Language::English);
    let (chinese, more) = repository.chapters(Language::Chinese);
    problems.extend(more);
    let names = |chapters: &[Chapter]| chapters.iter().map(|chapter| format!("{}\n", chapter.file)).collect::<String>();
    let (left, right) = (names(&english), names(&chinese));
    if left != right {
        let what = format!(
            "the books do not have the same chapters in the same order:\n{}",
            diff::plain("en", "zh", &left, &right)
        );
        problems.push(Problem::new("docs/zh/SUMMARY.md", "", what, REMEDY));
    }
    for chapter in &english {
        problems.extend(ids(chapter));
        if let Some(twin) = chinese.iter().find(|twin| twin.file == chapter.file) {
            problems.extend(compare(chapter, twin));
        }
    }
    problems.extend(chinese.iter().flat_map(ids));
    problems
}

/// Every heading below the title has an id, in kebab-case, and of its own.
fn ids(chapter: &Chapter) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut problem = |section: &Section, what: String| {
        let remedy = "write it as in `## The idea {#idea}`, the same id in both languages";
        problems.push(Problem::new(chapter.path(), section.name(), what, remedy));
    };
    for (index, section) in chapter.sections.iter().enumerate() {
        match &section.id {
            None if index > 0 => problem(section, format!("the heading \"{}\" has no id", section.title)),
            Some(id) if !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') => {
                problem(section, format!("the id {id} is not kebab-case"));
            }
            Some(id) if chapter.sections[..index].iter().any(|earlier| earlier.id.as_ref() == Some(id)) => {
                problem(section, format!("the id {id} is there twice"));
            }
            _ => {}
        }
    }
    problems
}

fn compare(english: &Chapter, chinese: &Chapter) -> Vec<Problem> {
    let outline = |chapter: &Chapter| {
        chapter
            .sections
            .iter()
            .map(|section| format!("{} {}\n", "#".repeat(section.level), section.name()))
            .collect::<String>()
    };
    let (left, right) = (outline(english), outline(chinese));
    if left != right {
        let what = format!("not the same sections in the same order:\n{}", diff::plain("en", "zh", &left, &right));
        return vec![Problem::new(chinese.path(), "", what, REMEDY)];
    }
    let mut problems = Vec::new();
    for (section, twin) in english.sections.iter().zip(&chinese.sections) {
        let (left, right) = (inventory(english, section), inventory(chinese, twin));
        if left != right {
            let (left, right) = (left.join("\n") + "\n", right.join("\n") + "\n");
            let diff =
                TextDiff::from_lines(&left, &right).unified_diff().context_radius(1).header("en", "zh").to_string();
            let what = format!("the two languages do not show the same:\n{diff}");
            problems.push(Problem::new(chinese.path(), section.name(), what, REMEDY));
        }
    }
    problems
}

/// What must be the same, a line each. Links and claims may stand in another order, since sentences do.
fn inventory(chapter: &Chapter, section: &Section) -> Vec<String> {
    let mut lines = Vec::new();
    let mut links = Vec::new();
    for piece in &section.pieces {
        match piece {
            Piece::Directive(Ok(directive)) => lines.push(directive.without_words()),
            Piece::Directive(Err(error)) => lines.push(error.clone()),
            // What is to be typed is the same, but for the remarks.
            Piece::Fence(info, text) if info.starts_with("sh") => {
                lines.push(format!("```{info}"));
                lines.extend(text.lines().map(|line| without_remark(line).to_owned()));
            }
            Piece::Fence(info, _) => lines.push(format!("```{info}")),
            Piece::Indented(_) => lines.push("indented code".to_owned()),
            Piece::Details => lines.push("<details>".to_owned()),
            Piece::EndOfDetails => {}
            Piece::Link(to) => links.push(format!("link to {to}")),
            Piece::Image(of) => links.push(format!("image {of}")),
        }
    }
    links.extend(claims::marks(chapter.text_of(section)));
    links.sort();
    lines.extend(links);
    lines.extend(minutes(section).map(|minutes| format!("{minutes} minutes")));
    lines
}

fn without_remark(line: &str) -> &str {
    let at = if line.starts_with('#') { Some(0) } else { line.find(" #") };
    at.map_or(line, |at| &line[..at]).trim_end()
}

/// How long a section takes, from its line `*5 min*` or `*5 分钟*`.
pub fn minutes(section: &Section) -> Option<u16> {
    section.prose.lines().find_map(|line| minutes_in(line.trim()))
}

/// The number of `5 min` or `5 分钟`.
pub fn minutes_in(line: &str) -> Option<u16> {
    line.strip_suffix(" min").or(line.strip_suffix(" 分钟"))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems_of(english: &str, chinese: &str) -> String {
        let english = Chapter::parse(Language::English, "a.md", english);
        let chinese = Chapter::parse(Language::Chinese, "a.md", chinese);
        crate::problem::list(&compare(&english, &chinese))
    }

    const ENGLISH: &str = "# A\n\n## B {#b}\n\n[one](x.md#y) [two](z.md)\n\n{{#figure fork Who has what}}\n";

    #[test]
    fn the_same_in_other_words_is_the_same() {
        let chinese = "# 甲\n\n## 乙 {#b}\n\n[二](z.md) [一](x.md#y)\n\n{{#figure fork 谁有什么}}\n";
        assert_eq!(problems_of(ENGLISH, chinese), "");
    }

    #[test]
    fn a_section_takes_as_long_in_both_languages() {
        let english = "# A\n\n## B {#b}\n\n*5 min*\n\nIn 7 min\n";
        assert_eq!(problems_of(english, "# 甲\n\n## 乙 {#b}\n\n*5 分钟*\n\n七\n"), "");
        let problems = problems_of(english, "# 甲\n\n## 乙 {#b}\n\n*10 分钟*\n\n七\n");
        assert!(problems.contains("-5 minutes\n+10 minutes"), "{problems}");
        let problems = problems_of(english, "# 甲\n\n## 乙 {#b}\n\n七\n");
        assert!(problems.contains("-5 minutes"), "{problems}");
    }

    #[test]
    fn what_one_language_lacks_is_named() {
        let chinese = "# 甲\n\n## 乙 {#b}\n\n[二](z.md) [一](x.md#other)\n";
        let problems = problems_of(ENGLISH, chinese);
        for part in ["docs/zh/a.md#b: ", "-{{#figure fork …}}", "-link to x.md#y", "+link to x.md#other"] {
            assert!(problems.contains(part), "no {part} in {problems}");
        }
        let problems = problems_of(ENGLISH, "# 甲\n\n## 乙 {#c}\n");
        assert!(problems.contains("-## b\n+## c"), "{problems}");
    }

    #[test]
    fn every_heading_has_an_id_of_its_own() {
        let text = "# A\n\n## B\n\n## C {#c}\n\n## D {#c}\n\n## E {#Big_Id}\n";
        let problems = crate::problem::list(&ids(&Chapter::parse(Language::English, "a.md", text)));
        for part in ["\"B\" has no id", "the id c is there twice", "Big_Id is not kebab-case"] {
            assert!(problems.contains(part), "no {part} in {problems}");
        }
    }
}
