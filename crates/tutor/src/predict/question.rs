//! What is asked, and between which bounds the answer is.

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;

use crate::both;
use crate::course;
use crate::language::{Both, Failure};
use crate::predict::measure::{self, Value};
use crate::series::check_id;
use crate::tree;

/// The file that they stand in, from the root of a checkout.
pub const FILE: &str = "crates/tutor/predictions.toml";

/// All of them, in the order of the lessons.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questions {
    /// As they stand in the file.
    #[serde(rename = "question")]
    pub all: Vec<Question>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The lesson in whose chapter it stands: `07`.
    pub lesson: String,
    /// Words joined by hyphens; the answers are kept under it.
    pub id: String,
    /// The question itself.
    pub ask: Both,
    /// What kind of answer it has, and which one is right.
    #[serde(flatten)]
    pub kind: Kind,
    /// The name of the measurement that answers it.
    pub measure: String,
    /// What the measurement is made with.
    #[serde(default)]
    pub given: Given,
    /// Why it is so, in a sentence or two.
    pub why: Both,
    /// Where the chapter asks it, or says what it is about.
    pub book: Place,
    /// Where the chapter explains it: `lesson-07#idea`.
    pub read: String,
}

/// What kind of answer a question has. `number = { … }` or `choice = { … }`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A number.
    Number(Number),
    /// One of several answers.
    Choice(Choice),
}

/// A number, and what it may be: on other machines, with other kernels.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// What is counted, or in which unit it is measured.
    pub unit: Both,
    /// The least that may be measured.
    pub from: f64,
    /// The most that may be measured.
    pub to: f64,
}

/// Several answers, of which one is right.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The key of the one that has to be measured.
    pub right: String,
    /// In the order of their letters.
    pub of: Vec<Alternative>,
}

/// One of several answers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// The word that a measurement says.
    pub key: String,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// What a measurement is made with. Each takes what it needs of this.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    /// The lesson that is looked at, if it is not that of the chapter.
    pub lesson: Option<String>,
    /// How many clients there are.
    pub clients: usize,
    /// How many bytes there are.
    pub bytes: usize,
    /// How often something is done.
    pub times: usize,
    /// What is asked for.
    pub target: String,
    /// More words on the command line of the server.
    pub arguments: Vec<String>,
}

/// A place in a chapter, with words that stand there. So whoever changes the chapter is reminded of the question.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The id of the section.
    pub section: String,
    /// The number of the item, if it is one of a list of questions.
    pub item: Option<usize>,
    /// Words that stand there in English.
    pub en: String,
    /// Words that stand there in Chinese.
    pub zh: String,
}

impl Questions {
    /// Those of a checkout.
    pub fn load(root: &Path) -> Result<Questions, Failure> {
        Questions::parse(&tree::read_file(&root.join(FILE))?)
    }

    /// From the text of the file.
    pub fn parse(text: &str) -> Result<Questions, Failure> {
        toml::from_str(text).map_err(|error| {
            let error = error.to_string();
            let error = error.trim_end();
            Failure::failed(both!("{FILE}: {error}", "{FILE}：{error}"))
        })
    }

    /// Those of a lesson.
    pub fn of(&self, lesson: &str) -> Vec<&Question> {
        self.all.iter().filter(|question| question.lesson == lesson).collect()
    }

    /// What is wrong with them, beyond their form.
    pub fn faults(&self) -> Vec<Both> {
        let mut ids = HashSet::new();
        let mut faults = Vec::new();
        for question in &self.all {
            let id = question.name();
            let mut all = question.faults();
            if !ids.insert(id.clone()) {
                all.push(both!("another question has this id", "另一个问题也用了这个 id"));
            }
            faults.extend(all.into_iter().map(|Both { en, zh }| both!("{id}: {en}", "{id}：{zh}")));
        }
        faults
    }
}

impl Question {
    /// `07-silent-wake-ups`: under this the answers are kept.
    pub fn name(&self) -> String {
        format!("{}-{}", self.lesson, self.id)
    }

    /// The lesson whose server is looked at.
    pub fn looked_at(&self) -> &str {
        self.given.lesson.as_deref().unwrap_or(&self.lesson)
    }

    /// Whether this may be measured.
    pub fn allows(&self, value: &Value) -> bool {
        match (&self.kind, value) {
            (Kind::Number(number), Value::Number(measured)) => (number.from..=number.to).contains(measured),
            (Kind::Choice(choice), Value::Choice(key)) => choice.right == *key,
            _ => false,
        }
    }

    fn faults(&self) -> Vec<Both> {
        let mut faults = Vec::new();
        let mut fault = |wrong: bool, said: Both| faults.extend(wrong.then_some(said));
        for lesson in [&self.lesson, self.looked_at()] {
            fault(
                course::number(lesson).ok() != Some(lesson),
                both!("there is no lesson '{lesson}'", "没有“{lesson}”这一课"),
            );
        }
        fault(check_id(&self.id).is_err(), both!("its id is none", "它的 id 不合规则"));
        for text in [&self.ask, &self.why] {
            let empty = text.en.trim().is_empty() || text.zh.trim().is_empty();
            fault(empty, both!("a text is empty in one of the languages", "有一段文字缺少一种语言"));
        }
        let measure = &self.measure;
        fault(
            measure::named(measure).is_none(),
            both!("there is no measurement '{measure}'", "没有名为“{measure}”的测量"),
        );
        for given in [self.given.clients, self.given.bytes, self.given.times] {
            let says = |text: &str| says_number(text, given);
            fault(
                given > 1 && !(says(&self.ask.en) && says(&self.ask.zh)),
                both!(
                    "it is measured with {given}, and the question does not say so in both languages",
                    "测量用的是 {given}，而问题没有在两种语言里都说出来"
                ),
            );
        }
        match &self.kind {
            Kind::Number(Number { unit, from, to }) => {
                fault(unit.en.is_empty() || unit.zh.is_empty(), both!("it has no unit", "它没有单位"));
                fault(
                    !(0.0 <= *from && from <= to),
                    both!("{from} to {to} is no range", "{from} 到 {to} 不是一个范围"),
                );
            }
            Kind::Choice(Choice { right, of }) => {
                let keys: HashSet<&str> = of.iter().map(|one| one.key.as_str()).collect();
                fault(
                    keys.len() != of.len() || !(2..=5).contains(&of.len()),
                    both!("it has not two to five answers", "它没有两到五个不同的答案"),
                );
                fault(
                    !keys.contains(right.as_str()),
                    both!("'{right}' is none of its answers", "“{right}”不是它的答案之一"),
                );
                let empty = of.iter().any(|one| one.en.trim().is_empty() || one.zh.trim().is_empty());
                fault(empty, both!("an answer is empty in one of the languages", "有一个答案缺少一种语言"));
            }
        }
        faults
    }
}

impl Alternative {
    /// In both languages.
    pub fn both(&self) -> Both {
        Both { en: self.en.clone(), zh: self.zh.clone() }
    }
}

/// `1,000`, `1000`; kibibytes and mebibytes also as `1 KiB`.
fn says_number(text: &str, number: usize) -> bool {
    let plain = text.replace(',', "");
    let stands = |digits: &str| {
        let ends = |at: usize| !plain.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let found = |(at, found): (usize, &str)| ends(at + found.len()) && (at == 0 || ends(at - 1));
        plain.match_indices(digits).any(found)
    };
    let words = [(1, "one", "一"), (2, "two", "两"), (4, "four", "四"), (10, "ten", "十"), (20, "twenty", "二十")];
    let in_words =
        |&(value, en, zh): &(usize, &str, &str)| value == number && (plain.contains(en) || plain.contains(zh));
    let scaled =
        |scale: usize, unit: &str| number.is_multiple_of(scale) && stands(&format!("{} {unit}", number / scale));
    stands(&number.to_string()) || words.iter().any(in_words) || scaled(1024, "KiB") || scaled(1024 * 1024, "MiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: &str = r#"
        [[question]]
        lesson = "07"
        id = "waits"
        ask = { en = "How many of 1,000 waits?", zh = "1000 次里有几次？" }
        number = { unit = { en = "waits", zh = "次" }, from = 0, to = 2 }
        measure = "wake-ups"
        given = { times = 1000 }
        why = { en = "So.", zh = "如此。" }
        book = { section = "predict", item = 2, en = "waits", zh = "等" }
        read = "lesson-07#idea"

        [[question]]
        lesson = "01"
        id = "end"
        ask = { en = "How does it end?", zh = "怎样结束？" }
        choice = { right = "end", of = [{ key = "end", en = "Well.", zh = "好。" }, { key = "reset", en = "Ill.", zh = "坏。" }] }
        measure = "close-with-unread-bytes"
        why = { en = "So.", zh = "如此。" }
        book = { section = "predict", item = 3, en = "end", zh = "结束" }
        read = "lesson-01#code"
    "#;

    fn faults(text: &str) -> String {
        let faults = Questions::parse(text).unwrap().faults();
        faults.into_iter().map(|both| both.en).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_is_right_has_no_fault() {
        assert_eq!(faults(RIGHT), "");
        let questions = Questions::parse(RIGHT).unwrap();
        assert_eq!(questions.of("07").len(), 1);
        assert!(questions.all[0].allows(&Value::Number(2.0)) && !questions.all[0].allows(&Value::Number(3.0)));
        assert!(questions.all[1].allows(&Value::Choice("end".into())));
        assert!(!questions.all[1].allows(&Value::Choice("reset".into())));
        assert!(!questions.all[1].allows(&Value::Number(0.0)));
    }

    #[test]
    fn each_fault_is_named() {
        for (from, to, said) in [
            ("lesson = \"07\"", "lesson = \"12\"", "12-waits: there is no lesson '12'"),
            ("id = \"waits\"", "id = \"Waits\"", "its id is none"),
            ("zh = \"1000 次里有几次？\"", "zh = \"几次？\"", "with 1000, and the question does not say so"),
            ("How many of 1,000", "How many of 11,000", "with 1000, and the question does not say so"),
            ("zh = \"1000 次里有几次？\"", "zh = \"\"", "a text is empty"),
            ("from = 0, to = 2", "from = 3, to = 2", "3 to 2 is no range"),
            ("\"wake-ups\"", "\"naps\"", "there is no measurement 'naps'"),
            ("right = \"end\"", "right = \"well\"", "'well' is none of its answers"),
            ("key = \"reset\"", "key = \"end\"", "it has not two to five answers"),
            ("en = \"Ill.\"", "en = \"\"", "an answer is empty"),
            (
                "lesson = \"01\"\n        id = \"end\"",
                "lesson = \"07\"\n        id = \"waits\"",
                "another question has this id",
            ),
        ] {
            assert!(RIGHT.contains(from), "{from}");
            let found = faults(&RIGHT.replace(from, to));
            assert!(found.contains(said), "{to}: {found}");
        }
        for wrong in ["number = 3", "choice = { right = 'a' }", "numbers = { }"] {
            let text = RIGHT.replace("number = { unit = { en = \"waits\", zh = \"次\" }, from = 0, to = 2 }", wrong);
            assert!(Questions::parse(&text).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for (text, number) in
            [("of 1,000 waits", 1000), ("1000次", 1000), ("a file of 256 MiB", 256 << 20), ("十个", 10)]
        {
            assert!(says_number(text, number), "{text}");
        }
        assert!(!says_number("of 11,000 waits", 1000) && !says_number("of 10,000 waits", 1000));
    }
}
