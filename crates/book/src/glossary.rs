//! The terms of both languages, in `docs/glossary.toml`, and whether the chapters keep to them.

use std::fmt::Write;

use http_suite::{Case, cases};
use regex::Regex;
use serde::Deserialize;

use crate::html::{self, escape, with_code};
use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;

const FILE: &str = "docs/glossary.toml";

/// All terms.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glossary {
    #[serde(default)]
    term: Vec<Term>,
}

/// A term in both languages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Term {
    en: String,
    zh: String,
    /// What is not to be said for it, in English chapters.
    #[serde(default)]
    not_en: Vec<String>,
    /// The same in Chinese chapters.
    #[serde(default)]
    not_zh: Vec<String>,
    /// What it means, for English readers.
    means_en: String,
    /// The same for Chinese readers.
    means_zh: String,
}

impl Term {
    fn in_language(&self, language: Language) -> (&str, &str, &[String]) {
        match language {
            Language::English => (&self.en, &self.means_en, &self.not_en),
            Language::Chinese => (&self.zh, &self.means_zh, &self.not_zh),
        }
    }
}

impl Glossary {
    /// From `docs/glossary.toml`.
    pub fn read(repository: &Repository) -> Result<Glossary, String> {
        let glossary: Glossary = toml::from_str(&repository.read(FILE)?).map_err(|error| format!("{FILE}: {error}"))?;
        for (index, term) in glossary.term.iter().enumerate() {
            if glossary.term[..index].iter().any(|earlier| earlier.en == term.en) {
                return Err(format!("{FILE}: there are two of {}", term.en));
            }
        }
        Ok(glossary)
    }

    /// Words of a text that were agreed not to be used.
    fn wrong_words(&self, language: Language, text: &str, file: &str, section: &str) -> Vec<Problem> {
        let in_term = |term: &Term| {
            let (right, _, wrong) = term.in_language(language);
            let problem = |word: &String| {
                let remedy = format!("the glossary has agreed on \"{right}\"");
                Problem::new(file, section, format!("it says \"{word}\""), remedy)
            };
            wrong.iter().filter(|word| mentions(text, word)).map(problem).collect::<Vec<_>>()
        };
        self.term.iter().flat_map(in_term).collect()
    }

    /// All terms with what they mean, as one line of HTML. What the other language calls them is there once it is asked
    /// for; that takes no script.
    pub fn html(&self, language: Language) -> String {
        let (own, other, means) = language.say(("term", "in Chinese", "what it means"), ("术语", "英文", "意思"));
        let ask = language.say("Show what the terms are in Chinese", "显示英文说法");
        let mut terms: Vec<&Term> = self.term.iter().collect();
        terms.sort_by_key(|term| term.en.to_lowercase());
        let mut rows = String::new();
        for term in terms {
            let (word, meaning, _) = term.in_language(language);
            let (twin, _, _) = term.in_language(language.twin());
            let tag = language.twin().tag();
            let _ = write!(
                rows,
                "<tr id=\"{}\"><th scope=\"row\">{}</th><td>{}</td><td class=\"twin\" lang=\"{tag}\">{}</td></tr>",
                anchor(&term.en),
                escape(word),
                with_code(meaning),
                escape(twin)
            );
        }
        let head = format!("<th>{own}</th><th>{means}</th><th class=\"twin\">{other}</th>");
        let table = html::table("glossary", &head, &rows);
        format!(
            "<div class=\"glossary\"><label><input type=\"checkbox\" class=\"ask-twin\"> {ask}</label>{table}</div>"
        )
    }
}

/// `term-file-descriptor`
fn anchor(term: &str) -> String {
    let words = term.to_lowercase();
    let words: Vec<&str> = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!("term-{}", words.join("-"))
}

/// Words that were agreed not to be used, and terms that one language has and its twin lacks.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    if !repository.path(FILE).exists() {
        return vec![Problem::new(
            FILE,
            "",
            "there is no glossary",
            "write it: [[term]] en, zh, means_en, means_zh, not_en, not_zh",
        )];
    }
    let glossary = match Glossary::read(repository) {
        Ok(glossary) => glossary,
        Err(error) => return vec![Problem::new(FILE, "", error, "mend it")],
    };
    let mut problems = Vec::new();
    for language in Language::ALL {
        for chapter in repository.chapters(language).0 {
            for section in &chapter.sections {
                problems.extend(glossary.wrong_words(language, &section.prose, &chapter.path(), section.name()));
            }
        }
    }
    problems
}

/// The same in what the cases of the suite say of themselves, in Chinese: that is read beside the chapters.
pub fn problems_of_cases(repository: &Repository) -> Vec<Problem> {
    let glossary = match Glossary::read(repository) {
        Ok(glossary) => glossary,
        Err(error) => return vec![Problem::new(FILE, "", error, "mend it")],
    };
    let wrong = |case: &Case| {
        let text = format!("{}\n{}", case.title_zh, case.why_zh);
        glossary.wrong_words(Language::Chinese, &text, "tests/src/cases", case.name)
    };
    cases::all().flat_map(wrong).collect()
}

/// Whether a text has a word, on its own where the word is of letters.
fn mentions(text: &str, word: &str) -> bool {
    let edge = |character: Option<char>| if character.is_some_and(|c| c.is_ascii_alphanumeric()) { r"\b" } else { "" };
    let pattern = format!("(?i){}{}{}", edge(word.chars().next()), regex::escape(word), edge(word.chars().last()));
    Regex::new(&pattern).is_ok_and(|pattern| pattern.is_match(&text.replace('\n', " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_on_its_own_only() {
        assert!(mentions("a file\nhandle is", "file handle"));
        assert!(mentions("File handle", "file handle"));
        assert!(!mentions("profile handles", "file handle"));
        assert!(mentions("这个文件句柄是", "文件句柄"));
    }

    #[test]
    fn the_table_has_both_languages() {
        let glossary: Glossary = toml::from_str(
            "[[term]]\nen = \"file descriptor\"\nzh = \"文件描述符\"\nmeans_en = \"A number, as `0`.\"\nmeans_zh = \"一个数。\"",
        )
        .unwrap();
        let html = glossary.html(Language::English);
        assert!(html.contains("<tr id=\"term-file-descriptor\"><th scope=\"row\">file descriptor</th><td>A number, as <code>0</code>.</td><td class=\"twin\" lang=\"zh-Hans\">文件描述符</td>"), "{html}");
        assert!(glossary.html(Language::Chinese).contains("<td>一个数。</td>"));
    }
}
