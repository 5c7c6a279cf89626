//! What was predicted, and what was measured: `work/predictions.toml`. It stays on this machine, and only grows.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;
use toml::value::Datetime;

use crate::both;
use crate::language::Failure;
use crate::predict::answer::{Answer, Verdict};
use crate::predict::measure::Value;

const BEGINNING: &str = "# Written by `just predict`: what you predicted, and what was measured then.\n\
                         # `just predict` 所写：你的预测，以及当时的测量结果。\n";

/// The file, and what was in it when it was opened.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// In the order in which they were made.
    pub entries: Entries,
}

/// What is in the file.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Entries {
    /// What was answered.
    pub prediction: Vec<Prediction>,
    /// What came of it.
    pub measurement: Vec<Measurement>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Prediction {
    /// When, in UTC.
    pub date: Datetime,
    /// `07-silent-wake-ups`
    pub question: String,
    /// A number, the key of a choice, or `?`.
    pub answer: toml::Value,
}

/// A measurement, beside an answer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Measurement {
    /// When, in UTC.
    pub date: Datetime,
    /// `07-silent-wake-ups`
    pub question: String,
    /// A number, or the key of a choice.
    pub measured: toml::Value,
    /// `right`, `close`, `off`, or `open`.
    pub verdict: String,
}

impl Journal {
    /// That of a checkout. It need not be there yet.
    ///
    /// # Errors
    ///
    /// If there is one that cannot be read: nothing is written to it then.
    pub fn open(root: &Path) -> Result<Journal, Failure> {
        let path = root.join("work/predictions.toml");
        let shown = path.display().to_string();
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read
                .map_err(|error| Failure::failed(both!("cannot read {shown}: {error}", "无法读取 {shown}：{error}")))?,
        };
        let entries = toml::from_str(&text).map_err(|error| {
            let error = error.to_string();
            let error = error.trim_end();
            Failure::failed(both!(
                "{shown} is no longer what `just predict` wrote. Mend it, or move it away:\n{error}",
                "{shown} 已不是 `just predict` 写下的样子。请改正，或把它移走：\n{error}"
            ))
        })?;
        Ok(Journal { path, entries })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds an answer, before anything is measured.
    pub fn predict(&self, question: &str, answer: &Answer) -> Result<(), Failure> {
        let answer = match answer {
            Answer::Value(value) => toml_of(value),
            Answer::NoIdea => "?".into(),
        };
        self.add(&format!("[[prediction]]\ndate = {}\nquestion = \"{question}\"\nanswer = {answer}\n", now()))
    }

    /// Adds what was measured.
    pub fn measured(&self, question: &str, value: &Value, verdict: Verdict) -> Result<(), Failure> {
        let (value, verdict) = (toml_of(value), verdict.word());
        self.add(&format!(
            "[[measurement]]\ndate = {}\nquestion = \"{question}\"\nmeasured = {value}\nverdict = \"{verdict}\"\n",
            now()
        ))
    }

    /// At the end, in one piece: what is there is never written again.
    fn add(&self, entry: &str) -> Result<(), Failure> {
        let write = || {
            self.path.parent().map_or(Ok(()), fs::create_dir_all)?;
            let mut file = OpenOptions::new().append(true).create(true).open(&self.path)?;
            let beginning = if file.metadata()?.len() == 0 { BEGINNING } else { "" };
            file.write_all(format!("{beginning}\n{entry}").as_bytes())
        };
        let shown = self.path.display();
        write().map_err(|error: io::Error| {
            Failure::failed(both!("cannot write {shown}: {error}", "无法写入 {shown}：{error}"))
        })
    }

    /// How often this was predicted, and what came of it the last time that it was measured.
    pub fn about(&self, question: &str) -> (usize, Option<&Measurement>) {
        let predicted = self.entries.prediction.iter().filter(|one| one.question == question).count();
        (predicted, self.entries.measurement.iter().rev().find(|one| one.question == question))
    }
}

/// A whole number is written as one.
fn toml_of(value: &Value) -> toml::Value {
    match value {
        Value::Choice(key) => key.as_str().into(),
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => (*number as i64).into(),
        Value::Number(number) => (*number).into(),
    }
}

fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_only_grows() {
        let root = tempfile::tempdir().unwrap();
        let journal = Journal::open(root.path()).unwrap();
        assert_eq!(journal.entries, Entries::default());
        journal.predict("07-one", &Answer::Value(Value::Number(3.0))).unwrap();
        journal.measured("07-one", &Value::Number(2.5), Verdict::Close).unwrap();
        let before = fs::read_to_string(journal.path()).unwrap();
        journal.predict("07-one", &Answer::NoIdea).unwrap();
        journal.predict("07-two", &Answer::Value(Value::Choice("a-\"key\"".into()))).unwrap();
        let after = fs::read_to_string(journal.path()).unwrap();
        assert!(after.starts_with(&before) && after.len() > before.len(), "{after}");

        let journal = Journal::open(root.path()).unwrap();
        let (predicted, last) = journal.about("07-one");
        assert_eq!(predicted, 2);
        let last = last.unwrap();
        assert_eq!((last.measured.as_float(), last.verdict.as_str()), (Some(2.5), "close"));
        assert!(last.date.to_string().ends_with('Z'), "{}", last.date);
        assert_eq!(journal.entries.prediction[0].answer.as_integer(), Some(3));
        assert_eq!(journal.entries.prediction[2].answer.as_str(), Some("a-\"key\""));
        assert_eq!(journal.about("07-three"), (0, None));
    }

    #[test]
    fn what_somebody_else_wrote_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("work")).unwrap();
        let path = root.path().join("work/predictions.toml");
        fs::write(&path, "my notes\n").unwrap();
        let failure = Journal::open(root.path()).unwrap_err();
        assert!(failure.said.en.contains("Mend it, or move it away"), "{failure:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "my notes\n");
    }
}
