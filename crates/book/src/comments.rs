//! Comments in the code that the books show, in Chinese: `docs/comments.zh.toml` has each once, and the Chinese book
//! shows it in the place of the English one.
//!
//! A comment is a run of lines that begin with the same marker at the same column, or what stands behind code. Its
//! English text, on one line, is the key; so a comment that is changed is one that has no Chinese yet.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tutor::change::Change;
use tutor::excerpt::{Row, rows};
use tutor::tree::Tree;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::directive::Directive;
use crate::expand::piece;
use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;
use crate::step::CONTEXT;
use crate::steps::Steps;

const FILE: &str = "docs/comments.zh.toml";
/// No line of a comment is to be longer, in columns.
const WIDTH: usize = 88;

/// English to Chinese.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    comment: Vec<Comment>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Comment {
    en: String,
    zh: String,
}

/// All comments that have a Chinese text.
#[derive(Clone, Debug, Default)]
pub struct Comments {
    chinese: BTreeMap<String, String>,
}

impl Comments {
    /// From `docs/comments.zh.toml`; none, if it is not there.
    pub fn read(repository: &Repository) -> Result<Comments, String> {
        if !repository.path(FILE).exists() {
            return Ok(Comments::default());
        }
        let file: File = toml::from_str(&repository.read(FILE)?).map_err(|error| format!("{FILE}: {error}"))?;
        let mut chinese = BTreeMap::new();
        for Comment { en, zh } in file.comment {
            if chinese.insert(en.clone(), zh).is_some() {
                return Err(format!("{FILE}: there are two of \"{en}\""));
            }
        }
        Ok(Comments { chinese })
    }

    /// Whether there is a Chinese text for this.
    pub fn has(&self, english: &str) -> bool {
        self.chinese.contains_key(english)
    }

    /// Rust with its comments in Chinese, as far as there are any.
    pub fn in_chinese(&self, source: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        for part in parts(source) {
            match part {
                Part::Code(line) => lines.push(line.to_owned()),
                Part::Whole { indent, marker, text, lines: own } => match self.chinese.get(&text) {
                    Some(chinese) => lines.extend(filled(chinese, indent, marker)),
                    None => lines.extend(own.iter().map(|line| (*line).to_owned())),
                },
                Part::Behind { code, text, line } => match self.chinese.get(&text) {
                    Some(chinese) => lines.push(format!("{code}// {chinese}")),
                    None => lines.push(line.to_owned()),
                },
            }
        }
        let end = if source.ends_with('\n') { "\n" } else { "" };
        lines.join("\n") + end
    }

    /// All files of a tree.
    pub fn tree_in_chinese(&self, tree: &Tree) -> Tree {
        let of_file = |(path, text): (&String, &String)| {
            let text = if path.ends_with(".rs") { self.in_chinese(text) } else { text.clone() };
            (path.clone(), text)
        };
        tree.iter().map(of_file).collect()
    }
}

/// A part of a source.
enum Part<'a> {
    Code(&'a str),
    /// Lines that are nothing but a comment.
    Whole {
        indent: &'a str,
        marker: &'a str,
        text: String,
        lines: Vec<&'a str>,
    },
    /// A comment behind code.
    Behind {
        code: &'a str,
        text: String,
        line: &'a str,
    },
}

/// `///` of a line that is nothing but a comment, with what stands before it and behind.
fn whole(line: &str) -> Option<(&str, &str, &str)> {
    let text = line.trim_start();
    let indent = &line[..line.len() - text.len()];
    let marker = ["///", "//!", "//"].into_iter().find(|marker| text.starts_with(marker))?;
    Some((indent, marker, text[marker.len()..].trim()))
}

fn parts(source: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for line in source.lines() {
        let Some((indent, marker, words)) = whole(line) else {
            // Not within a text: there is an even number of quotation marks before it.
            let places = line.match_indices(" // ").map(|(place, _)| place);
            let place = places.into_iter().find(|place| line[..*place].matches('"').count() % 2 == 0);
            parts.push(place.map_or(Part::Code(line), |place| {
                let (code, text) = line.split_at(place + 1);
                Part::Behind { code, text: text[2..].trim().to_owned(), line }
            }));
            continue;
        };
        // An empty line of a comment ends a paragraph, and each item of a list stands for itself.
        match parts.last_mut() {
            Some(Part::Whole { indent: own, marker: same, text, lines })
                if *own == indent && *same == marker && !words.is_empty() && !text.is_empty() && !is_item(words) =>
            {
                text.push(' ');
                text.push_str(words);
                lines.push(line);
            }
            _ => parts.push(Part::Whole { indent, marker, text: words.to_owned(), lines: vec![line] }),
        }
    }
    parts
}

fn is_item(words: &str) -> bool {
    words.starts_with("- ") || words.starts_with("* ") || words.starts_with("# ")
}

/// The English texts of all comments of a source, each with the lines on which it stands, from 0.
fn comments(source: &str) -> Vec<(String, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let mut line = 0;
    for part in parts(source) {
        let (count, text) = match part {
            Part::Code(_) => (1, None),
            Part::Whole { text, lines, .. } => (lines.len(), Some(text)),
            Part::Behind { text, .. } => (1, Some(text)),
        };
        found.extend(text.filter(|text| says_something(text)).map(|text| (text, line..line + count)));
        line += count;
    }
    found
}

fn says_something(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// A Chinese text as lines of a comment.
fn filled(text: &str, indent: &str, marker: &str) -> Vec<String> {
    let room = WIDTH.saturating_sub(indent.len() + marker.len() + 1).max(20);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in words(text) {
        let width = word.width();
        let last = lines.last_mut().expect("there is one from the start");
        if used + width > room && used > 0 {
            lines.push(word.trim_start().to_owned());
            used = word.trim_start().width();
        } else {
            last.push_str(&word);
            used += width;
        }
    }
    lines.iter().map(|line| format!("{indent}{marker} {}", line.trim_end())).collect()
}

/// What must not be torn: a word of Latin letters with its blank, what is in backticks, and a sign with what it belongs
/// to.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut in_code = false;
    for letter in text.chars() {
        let is_wide = |letter: char| letter.width() == Some(2);
        let closes = "，。、；：？！）”’》」".contains(letter);
        let joins = words.last().is_some_and(|word| {
            let last = word.chars().last().unwrap_or(' ');
            let opens = "（“‘《「".contains(last);
            in_code || closes || opens || !is_wide(letter) && !is_wide(last) && last != ' '
        });
        match words.last_mut() {
            Some(word) if joins => word.push(letter),
            _ => words.push(letter.to_string()),
        }
        if letter == '`' {
            in_code = !in_code;
        }
    }
    words
}

/// The English texts of all comments that the books show, each with the chapter where it is first.
pub fn shown(repository: &Repository) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::new();
    let mut lessons: BTreeMap<String, Option<Steps>> = BTreeMap::new();
    for chapter in repository.chapters(Language::Chinese).0 {
        for section in &chapter.sections {
            let place = format!("{}#{}", chapter.path(), section.name());
            let mut found = Vec::new();
            for directive in section.directives() {
                match directive {
                    Directive::Code { path, item } if path.ends_with(".rs") => {
                        let text = piece(repository, path, item.as_deref()).unwrap_or_default();
                        found.extend(comments(&text).into_iter().map(|(text, _)| text));
                    }
                    Directive::Step { lesson, number } => {
                        let steps = lessons.entry(lesson.clone());
                        let steps = steps.or_insert_with(|| Steps::load(repository, lesson).ok());
                        if let Some((steps, Ok((number, step)))) =
                            steps.as_ref().map(|steps| (steps, steps.step(number)))
                        {
                            found.extend(of_change(&steps.change(number), steps.trees(number), &step.whole));
                        }
                    }
                    _ => {}
                }
            }
            for text in found {
                shown.entry(text).or_insert_with(|| place.clone());
            }
        }
    }
    shown
}

/// The comments of which a step shows a line.
fn of_change(change: &Change, (before, after): (&Tree, &Tree), whole: &[String]) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for file in &change.files {
        let mut lines = BTreeSet::new();
        if whole.contains(&file.path) {
            lines.extend(0..file.lines.len());
        } else {
            for row in rows(file, CONTEXT) {
                match row {
                    Row::Line(index) => drop(lines.insert(index)),
                    Row::Folded(range) => lines.extend(range),
                    Row::Jump { .. } => {}
                }
            }
        }
        let seen: BTreeSet<&str> = lines.iter().map(|index| file.lines[*index].text.as_str()).collect();
        for tree in [before, after] {
            let source = tree.get(&file.path).map_or("", String::as_str);
            let own: Vec<&str> = source.lines().collect();
            let is_seen = |range: &std::ops::Range<usize>| own[range.clone()].iter().any(|line| seen.contains(line));
            texts.extend(comments(source).into_iter().filter(|(_, range)| is_seen(range)).map(|(text, _)| text));
        }
    }
    texts
}

/// Comments that are shown and have no Chinese, and Chinese of what is not shown.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    let comments = match Comments::read(repository) {
        Ok(comments) => comments,
        Err(error) => return vec![Problem::new(FILE, "", error, "mend it")],
    };
    let shown = shown(repository);
    let mut problems = Vec::new();
    for (text, place) in &shown {
        if !comments.chinese.contains_key(text) {
            let (file, section) = place.split_once('#').unwrap_or((place, ""));
            let remedy = format!("write it in {FILE}: en = {text:?}");
            problems.push(Problem::new(file, section, format!("a comment has no Chinese: {text}"), remedy));
        }
    }
    for (english, chinese) in &comments.chinese {
        if !shown.contains_key(english) {
            problems.push(Problem::new(
                FILE,
                "",
                format!("no page shows the comment: {english}"),
                "delete it, or mend it",
            ));
        }
        if !chinese.chars().any(|letter| ('\u{4e00}'..'\u{a000}').contains(&letter)) {
            problems.push(Problem::new(FILE, "", format!("this is no Chinese: {chinese}"), "translate it"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "//! What it is,\n//! and why.\n//!\n//! - One.\n//! - Two.\n\nfn a() {\n    // It waits\n    // here.\n    wait(\"a // b\"); // Once more.\n    // ===\n}\n";

    fn chinese(pairs: &[(&str, &str)]) -> Comments {
        Comments { chinese: pairs.iter().map(|(en, zh)| ((*en).to_owned(), (*zh).to_owned())).collect() }
    }

    #[test]
    fn a_comment_is_a_run_of_lines_or_stands_behind_code() {
        let found: Vec<_> = comments(SOURCE);
        let expected = [
            ("What it is, and why.", 0..2),
            ("- One.", 3..4),
            ("- Two.", 4..5),
            ("It waits here.", 7..9),
            ("Once more.", 9..10),
        ];
        assert_eq!(found, expected.map(|(text, lines)| (text.to_owned(), lines)));
    }

    #[test]
    fn chinese_stands_in_the_place_of_english() {
        let comments = chinese(&[
            ("What it is, and why.", "是什么，为什么。"),
            ("It waits here.", "在这里等。"),
            ("Once more.", "再来一次。"),
        ]);
        let expected = SOURCE
            .replace("//! What it is,\n//! and why.", "//! 是什么，为什么。")
            .replace("    // It waits\n    // here.", "    // 在这里等。")
            .replace("// Once more.", "// 再来一次。");
        assert_eq!(comments.in_chinese(SOURCE), expected);
        assert_eq!(chinese(&[]).in_chinese(SOURCE), SOURCE);
    }

    #[test]
    fn long_chinese_is_filled_and_nothing_is_torn() {
        let text = format!("{}`read_with(&self)`，{}。", "很".repeat(36), "长".repeat(50));
        let lines = filled(&text, "    ", "///");
        assert!(
            lines.len() > 2 && lines.iter().all(|line| line.starts_with("    /// ") && line.width() <= WIDTH),
            "{lines:?}"
        );
        assert!(lines.iter().any(|line| line.contains("`read_with(&self)`，")), "{lines:?}");
        assert!(lines.iter().all(|line| !line[8..].starts_with(['，', '。'])), "{lines:?}");
        let joined: String = lines.iter().map(|line| &line[8..]).collect();
        assert_eq!(joined, text);
    }
}
