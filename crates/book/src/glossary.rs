//! The terms of both languages, in `docs/glossary.toml`, and whether all that a reader sees keeps to them: the
//! chapters, the pages of the site, the figures, and what the programs say.

use std::fmt::Write;
use std::sync::LazyLock;

use http_suite::{Case, cases};
use regex::Regex;
use serde::Deserialize;

use crate::html::{self, escape, with_code};
use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;

const FILE: &str = "docs/glossary.toml";
const COMMENTS: &str = "docs/comments.zh.toml";

/// All terms.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glossary {
    #[serde(default)]
    term: Vec<Term>,
    #[serde(default)]
    avoid: Vec<Avoid>,
}

/// Words that are no other word for a term, and are not to be used all the same.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Avoid {
    /// In English texts.
    #[serde(default)]
    en: Vec<String>,
    /// In Chinese texts.
    #[serde(default)]
    zh: Vec<String>,
    /// What to say.
    say: String,
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
    /// Each term, with all that is said of it.
    pub fn entries(&self) -> impl Iterator<Item = (&str, String)> {
        self.term.iter().map(|term| (term.en.as_str(), format!("{term:?}")))
    }

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

    /// What is not to be said in a language.
    fn wrong_words(&self, language: Language) -> WrongWords {
        let terms = self.term.iter().map(|term| {
            let (right, _, wrong) = term.in_language(language);
            (wrong, right)
        });
        let avoided = self.avoid.iter().map(|avoid| (&**language.say(&avoid.en, &avoid.zh), &*avoid.say));
        WrongWords::new(terms.chain(avoided).flat_map(|(wrong, right)| wrong.iter().map(move |word| (&**word, right))))
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
        let wrong_words = glossary.wrong_words(language);
        for chapter in repository.chapters(language).0 {
            let words = without_code(&chapter.text);
            for section in &chapter.sections {
                let first_line = 1 + chapter.text[..section.range.start].matches('\n').count();
                let (text, file) = (&words[section.range.clone()], chapter.path());
                problems.extend(wrong_words.problems(text, first_line, (&file, section.name())));
            }
        }
    }
    problems.extend(problems_elsewhere(repository, &glossary));
    problems.extend(problems_of_meanings(repository, &glossary));
    problems
}

/// Where else there is something to read, with how the names of the files end. Tests and what they expect are none.
const ELSEWHERE: [(&str, &[&str]); 4] = [
    ("crates", &["rs", "toml", "html", "js", "md"]),
    ("tests/src", &["rs"]),
    ("html", &["html", "js"]),
    ("docs/figures", &["svg"]),
];

/// Folders that are passed by: tests write wrong words on purpose, and snapshots keep what the code beside them says.
const PASSED_BY: [&str; 4] = ["tests", "snapshots", "target", "node_modules"];

/// The same in all that is no chapter. English is looked at in pages only: programs say it between code.
fn problems_elsewhere(repository: &Repository, glossary: &Glossary) -> Vec<Problem> {
    let mut files: Vec<String> = ["README.md", "README.zh.md", "AGENTS.md", "AGENTS.zh.md"].map(str::to_owned).into();
    files.extend(["en", "zh"].map(|language| format!("docs/{language}/SUMMARY.md")));
    files.push("docs/outputs.zh.toml".to_owned());
    for (folder, extensions) in ELSEWHERE {
        files.extend(repository.files_below(folder, extensions, &PASSED_BY));
    }
    // Built from the chapters, which have been looked at.
    files.retain(|file| !file.starts_with("html/book/"));
    let [english, chinese] = Language::ALL.map(|language| glossary.wrong_words(language));
    let mut problems = Vec::new();
    for file in files {
        let Ok(text) = repository.read(&file) else { continue };
        let text = match file.rsplit_once('.') {
            Some((_, "rs")) => text.split("\n#[cfg(test)]").next().unwrap_or_default().to_owned(),
            Some((_, "md")) => without_code(&text),
            _ => text,
        };
        problems.extend(chinese.problems(&text, 1, (&file, "")));
        if file.ends_with(".md") || file.ends_with(".html") {
            problems.extend(english.problems(&text, 1, (&file, "")));
        }
    }
    problems
}

/// The same in the terms and what they mean, but not in the lists of what is not to be said; and in what the comments
/// of the code are in Chinese.
fn problems_of_meanings(repository: &Repository, glossary: &Glossary) -> Vec<Problem> {
    let in_file = |file: &str, language: Language| {
        let text = repository.read(file).unwrap_or_default();
        let keys = ["", "means_"].map(|key| format!("{key}{language} = \""));
        let lines = text.lines().map(|line| if keys.iter().any(|key| line.starts_with(key)) { line } else { "" });
        let words = without_code(&lines.collect::<Vec<_>>().join("\n"));
        glossary.wrong_words(language).problems(&words, 1, (file, ""))
    };
    let mut problems = in_file(COMMENTS, Language::Chinese);
    problems.extend(Language::ALL.into_iter().flat_map(|language| in_file(FILE, language)));
    problems
}

/// A text with blanks for its code, so that each word stands where it stood.
fn without_code(text: &str) -> String {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?ms)^ *```.*?^ *```$|`[^`\n]+`").expect("the pattern is a constant"));
    let blank = |code: &regex::Captures| {
        let blanks = code[0].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' });
        blanks.collect::<String>()
    };
    CODE.replace_all(text, blank).into_owned()
}

/// The same in what the cases of the suite say of themselves, in Chinese: that is read beside the chapters.
pub fn problems_of_cases(repository: &Repository) -> Vec<Problem> {
    let glossary = match Glossary::read(repository) {
        Ok(glossary) => glossary,
        Err(error) => return vec![Problem::new(FILE, "", error, "mend it")],
    };
    let wrong_words = glossary.wrong_words(Language::Chinese);
    let wrong = |case: &Case| {
        let text = format!("{}\n{}", case.title_zh, case.why_zh);
        wrong_words.problems(&text, 1, ("tests/src/cases", case.name))
    };
    cases::all().flat_map(wrong).collect()
}

/// Words that were agreed not to be used, to be looked for all at once.
struct WrongWords {
    /// None, if there are no words.
    any: Option<Regex>,
    /// Each in small letters, with what is to be said.
    words: Vec<(String, String)>,
}

impl WrongWords {
    fn new<'a>(words: impl Iterator<Item = (&'a str, &'a str)>) -> WrongWords {
        let words: Vec<(String, String)> = words.map(|(word, right)| (word.to_lowercase(), right.to_owned())).collect();
        // Where the word is of letters, it stands on its own. A word of two may be parted by the end of a line.
        let edge = |c: Option<char>| if c.is_some_and(|c| c.is_ascii_alphanumeric()) { r"\b" } else { "" };
        let pattern = |(word, _): &(String, String)| {
            let (first, last) = (edge(word.chars().next()), edge(word.chars().last()));
            format!("{first}{}{last}", regex::escape(word).replace(' ', r"\s+"))
        };
        let patterns: Vec<String> = words.iter().map(pattern).collect();
        let any = if words.is_empty() { None } else { Regex::new(&format!("(?i){}", patterns.join("|"))).ok() };
        WrongWords { any, words }
    }

    /// Where they stand in a text: the place, the word, and what is to be said.
    fn in_text<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, String, &'a str)> {
        let found = self.any.iter().flat_map(move |any| any.find_iter(text));
        found.map(|found| {
            let word = found.as_str().to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
            let right = self.words.iter().find(|(known, _)| *known == word).map_or("", |(_, right)| right);
            (found.start(), word, right)
        })
    }

    /// Each in a text whose first line has this number, in a file and its section.
    fn problems(&self, text: &str, first_line: usize, place: (&str, &str)) -> Vec<Problem> {
        let problem = |(at, word, right): (usize, String, &str)| {
            let line = first_line + text[..at].matches('\n').count();
            let remedy = format!("the glossary has agreed on \"{right}\"");
            Problem::new(place.0, place.1, format!("line {line}: it says \"{word}\""), remedy)
        };
        self.in_text(text).map(problem).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_on_its_own_only() {
        let words = WrongWords::new([("file handle", "descriptor"), ("文件句柄", "描述符")].into_iter());
        let places = |text: &str| words.in_text(text).map(|(at, _, right)| (at, right.to_owned())).collect::<Vec<_>>();
        assert_eq!(places("a file\nhandle is"), [(2, "descriptor".to_owned())]);
        assert_eq!(places("File handle"), [(0, "descriptor".to_owned())]);
        assert!(places("profile handles").is_empty());
        assert_eq!(places("这个文件句柄是"), [("这个".len(), "描述符".to_owned())]);
    }

    #[test]
    fn code_is_left_out_and_nothing_moves() {
        let text = "一 `文件夹` 二\n```sh\nls 文件夹\n```\n文件夹";
        let words = without_code(text);
        assert_eq!(words.find("文件夹"), Some(text.len() - "文件夹".len()));
        assert_eq!(words.len(), text.len());
        assert_eq!(words.matches('\n').count(), 4);
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
