//! English in what commands print, for those who read the Chinese book: `docs/outputs.zh.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use crate::html::escape;
use crate::outputs::Outputs;
use crate::problem::Problem;
use crate::repository::Repository;

const FILE: &str = "docs/outputs.zh.toml";

/// Two words on end, as a sentence has them.
static WORDS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[a-z]{2,} (?:[a-z]{2,}|a)\b"));
/// What is for a program: a header field, HTML.
static FOR_PROGRAMS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:[<>] )?[A-Z][A-Za-z-]+: |^ *<"));

fn pattern(text: &str) -> Regex {
    #[expect(clippy::unwrap_used, reason = "each is a constant, or has been escaped")]
    Regex::new(text).unwrap()
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    phrase: BTreeMap<String, String>,
}

/// All phrases, the longest first.
#[derive(Debug, Default)]
pub struct Glosses {
    phrases: Vec<(Regex, String, String)>,
}

impl Glosses {
    /// From `docs/outputs.zh.toml`; none, if it is not there.
    pub fn read(repository: &Repository) -> Result<Glosses, String> {
        if !repository.path(FILE).exists() {
            return Ok(Glosses::default());
        }
        let file: File = toml::from_str(&repository.read(FILE)?).map_err(|error| format!("{FILE}: {error}"))?;
        let mut phrases: Vec<(Regex, String, String)> = file
            .phrase
            .into_iter()
            .map(|(english, chinese)| {
                (pattern(&regex::escape(&english).replace('N', "(?:[0-9]+|N)")), english, chinese)
            })
            .collect();
        phrases.sort_by_key(|(_, english, _)| std::cmp::Reverse(english.len()));
        Ok(Glosses { phrases })
    }

    /// The text without the phrases that have a Chinese one, and these, in the order of the text.
    fn split(&self, printed: &str) -> (String, Vec<(&str, &str)>) {
        let mut found = Vec::new();
        let mut rest = printed.to_owned();
        for (pattern, english, chinese) in &self.phrases {
            if let Some(place) = pattern.find(&rest).map(|place| place.start()) {
                found.push((place, (english.as_str(), chinese.as_str())));
                // As long as before, so that places stay.
                rest =
                    pattern.replace_all(&rest, |hit: &regex::Captures<'_>| "\u{1}".repeat(hit[0].len())).into_owned();
            }
        }
        found.sort();
        (rest, found.into_iter().map(|(_, gloss)| gloss).collect())
    }

    /// What stands below an output, as one line of HTML; nothing, where there is no English.
    pub fn html(&self, printed: &str) -> String {
        let (_, glosses) = self.split(printed);
        if glosses.is_empty() {
            return String::new();
        }
        let glosses: Vec<String> = glosses
            .into_iter()
            .map(|(english, chinese)| format!("<span lang=\"en\">{}</span>：{}", escape(english), escape(chinese)))
            .collect();
        format!("<figcaption class=\"legend gloss\">{}。</figcaption>", glosses.join("；"))
    }

    /// The first English words of a text that have no Chinese.
    fn lack<'a>(&self, printed: &'a str) -> Option<&'a str> {
        let (rest, _) = self.split(printed);
        let mut lines = printed.lines().zip(rest.lines());
        lines
            .find(|(line, rest)| (line.starts_with("Error: ") || !FOR_PROGRAMS.is_match(line)) && WORDS.is_match(rest))
            .map(|(line, _)| line)
    }
}

/// English that has no Chinese, and Chinese of what no command prints.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    let read = Glosses::read(repository).and_then(|glosses| Ok((glosses, Outputs::read(repository)?)));
    let (glosses, outputs) = match read {
        Ok(read) => read,
        Err(error) => return vec![Problem::new(FILE, "", error, "mend it")],
    };
    let texts: Vec<(String, String)> = outputs
        .all()
        .iter()
        .map(|output| (output.file(), repository.read(output.file()).unwrap_or_default()))
        .collect();
    let mut problems = Vec::new();
    for (file, text) in &texts {
        if let Some(line) = glosses.lack(text) {
            let remedy = format!("say it in {FILE}, under [phrase]");
            problems.push(Problem::new(file, "", format!("nobody says this in Chinese: {line}"), remedy));
        }
    }
    let used: Vec<&str> =
        texts.iter().flat_map(|(_, text)| glosses.split(text).1).map(|(english, _)| english).collect();
    for (_, english, _) in glosses.phrases.iter().filter(|(_, english, _)| !used.contains(&english.as_str())) {
        problems.push(Problem::new(FILE, "", format!("no command prints \"{english}\""), "delete it, or mend it"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glosses(phrases: &[(&str, &str)]) -> Glosses {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("docs")).unwrap();
        let lines: String = phrases.iter().map(|(en, zh)| format!("{en:?} = {zh:?}\n")).collect();
        std::fs::write(folder.path().join(FILE), format!("[phrase]\n{lines}")).unwrap();
        Glosses::read(&Repository::at(folder.path())).unwrap()
    }

    #[test]
    fn english_has_its_chinese_below() {
        let glosses =
            glosses(&[("listening on", "正在监听"), ("woken N times", "被唤醒 N 次"), ("not used", "没有用到")]);
        let text = "woken 17 times\nlistening on http://127.0.0.1:7890\n";
        assert_eq!(
            glosses.html(text),
            "<figcaption class=\"legend gloss\"><span lang=\"en\">woken N times</span>：被唤醒 N 次；\
             <span lang=\"en\">listening on</span>：正在监听。</figcaption>"
        );
        assert_eq!(glosses.lack(text), None);
        assert_eq!(glosses.html("200\n"), "");
    }

    #[test]
    fn english_without_chinese_is_seen() {
        let glosses = glosses(&[("listening on", "正在监听")]);
        assert_eq!(glosses.lack("listening on 1\nnobody comes here\n"), Some("nobody comes here"));
        assert_eq!(glosses.lack("HTTP/1.1 200 OK\nServer: one two\n<p>one two</p>\n17 /one/two\n"), None);
    }
}
