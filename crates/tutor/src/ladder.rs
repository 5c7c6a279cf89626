//! The rungs by which a learner climbs a lesson.
//!
//! Lessons 01 and 02 are built from nothing, in any language: their rungs are in `crates/tutor/ladders/NN/ladder.toml`.
//! Each later lesson is built in Rust, from its parent's code: its rungs are the steps of its `steps.toml`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use http_suite::stages::LESSONS;
use http_suite::{Case, Mark, Stage, cases};
use serde::Deserialize;

use crate::both;
use crate::course::Course;
use crate::language::{Both, Failure};
use crate::program::ProgrammingLanguage;
use crate::series::{self, Series, Step};
use crate::suite::CORE;
use crate::tree;

/// The lessons that are built from nothing.
pub const FROM_NOTHING: [&str; 2] = ["01", "02"];

/// How many hints a rung has.
pub const HINTS: usize = 3;

/// One hint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
    /// What more there is to say where it is written in this language.
    #[serde(default, rename = "in")]
    pub more: BTreeMap<ProgrammingLanguage, Both>,
}

/// What a learner reaches at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// In words joined by hyphens: `bytes-are-counted`.
    pub id: String,
    /// Its one idea, in a few words.
    pub name: Both,
    /// How long a learner may take for it.
    pub minutes: u16,
    /// The cases that pass from here on.
    pub cases: Vec<String>,
    /// What the server can now do, and for whom that matters.
    #[serde(default)]
    pub gained: Both,
    /// From a nudge to nearly the answer.
    pub hints: Vec<Hint>,
    /// What the last hint has to add for a language.
    #[serde(default, rename = "in")]
    pub more: BTreeMap<ProgrammingLanguage, Both>,
    /// Where the book is about it: `lesson-01#bytes-not-characters`.
    #[serde(default)]
    pub read: String,
    /// The lesson whose column of the suite's table holds.
    #[serde(skip)]
    pub stage: String,
    /// Cases that need not pass here, though they had to before.
    #[serde(skip)]
    pub red: Vec<String>,
    /// What must stand in the code: see [`crate::shape`].
    #[serde(skip)]
    pub shape: Vec<String>,
    /// Files below `src` that a learner is given as they are.
    #[serde(skip)]
    pub whole: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rung: Vec<Rung>,
}

/// The rungs of one lesson.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// `07`
    pub lesson: &'static str,
    /// In their order.
    pub rungs: Vec<Rung>,
}

/// Whether a lesson is built from nothing, in any language.
pub fn is_from_nothing(lesson: &str) -> bool {
    FROM_NOTHING.contains(&lesson)
}

/// The lesson that is built after this one. The order is that of the course.
pub fn next_lesson(lesson: &str) -> Option<&'static str> {
    let mut lessons = LESSONS.iter().map(|(number, _)| *number);
    lessons.find(|number| *number == lesson)?;
    lessons.next()
}

/// Where the ladder of a lesson that is built from nothing is kept.
pub fn folder(course: &Course, lesson: &str) -> PathBuf {
    course.root().join("crates/tutor/ladders").join(lesson)
}

impl Ladder {
    /// The rungs of a lesson.
    ///
    /// # Errors
    ///
    /// If they are not there, or are not written as they have to be.
    pub fn load(course: &Course, lesson: &'static str) -> Result<Ladder, Failure> {
        let rungs = if is_from_nothing(lesson) { from_file(course, lesson)? } else { from_steps(course, lesson)? };
        Ok(Ladder { lesson, rungs })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rungs.len()
    }

    /// Whether there are none; no ladder that was loaded is.
    pub fn is_empty(&self) -> bool {
        self.rungs.is_empty()
    }

    /// From a number on the command line, from 1 on.
    pub fn number(&self, text: &str) -> Result<usize, Failure> {
        let (lesson, count) = (self.lesson, self.len());
        text.parse().ok().filter(|number| (1..=count).contains(number)).ok_or_else(|| {
            Failure::wrong(both!(
                "lesson {lesson} has no rung '{text}'; they are 1 to {count}",
                "第 {lesson} 课没有第“{text}”级；各级为 1 到 {count}"
            ))
        })
    }

    /// The cases that a rung (counted from 1) adds to those before it, in the order of the ladder.
    pub fn own(&self, rung: usize) -> Vec<&'static Case> {
        named(&self.rungs[rung - 1].cases)
    }

    /// The cases that have to pass for a rung (counted from 1), in the order of the ladder: those of the rungs before
    /// it, and its own. Of a lesson that has a parent also a few of each kind, and none that may fail here.
    pub fn due(&self, rung: usize) -> Vec<&'static Case> {
        let mut names: Vec<&str> = Vec::new();
        let here = &self.rungs[rung - 1];
        if !is_from_nothing(self.lesson) {
            names.extend(CORE);
        }
        names.extend(self.rungs[..rung].iter().flat_map(|rung| &rung.cases).map(String::as_str));
        let passes = |name: &&str| Stage::from_name(&here.stage).is_some_and(|stage| stage.mark(name) == Mark::Passes);
        names.retain(|name| passes(name) && !here.red.iter().any(|red| red == name));
        let mut due: Vec<&'static Case> = Vec::new();
        for case in named(&names) {
            if !due.iter().any(|other| other.name == case.name) {
                due.push(case);
            }
        }
        due
    }

    /// What is wrong with it, beyond its form.
    pub fn faults(&self) -> Vec<Both> {
        let mut faults = Vec::new();
        let lesson = self.lesson;
        for (index, rung) in self.rungs.iter().enumerate() {
            let number = index + 1;
            let earlier = &self.rungs[..index];
            let found = rung.faults(earlier);
            faults.extend(found.into_iter().map(|Both { en, zh }| {
                both!("lesson {lesson}, rung {number}: {en}", "第 {lesson} 课第 {number} 级：{zh}")
            }));
        }
        faults
    }
}

fn named<Name: AsRef<str>>(names: &[Name]) -> Vec<&'static Case> {
    names.iter().filter_map(|name| cases::all().find(|case| case.name == name.as_ref())).collect()
}

impl Rung {
    /// What this hint (counted from 1) says to whoever writes in this language.
    pub fn hint(&self, number: usize, language: ProgrammingLanguage) -> Option<Both> {
        let hint = self.hints.get(number.checked_sub(1)?)?;
        let mut said = Both { en: hint.en.clone(), zh: hint.zh.clone() };
        let of_the_rung = (number == self.hints.len()).then(|| self.more.get(&language)).flatten();
        for more in [hint.more.get(&language), of_the_rung].into_iter().flatten() {
            said.en = format!("{}\n{}", said.en, more.en);
            said.zh = format!("{}\n{}", said.zh, more.zh);
        }
        Some(said)
    }

    fn faults(&self, earlier: &[Rung]) -> Vec<Both> {
        let mut faults = Vec::new();
        let empty = |both: &Both| both.en.trim().is_empty() || both.zh.trim().is_empty();
        if let Err(said) = series::check_id(&self.id) {
            faults.push(said);
        }
        if earlier.iter().any(|other| other.id == self.id) {
            let id = &self.id;
            faults.push(both!("an earlier rung has the id '{id}' too", "前面的一级也用了 id“{id}”"));
        }
        if empty(&self.name) || empty(&self.gained) {
            faults.push(both!("it has no name or no gain in one of the languages", "缺少一种语言的名称或收获"));
        }
        if self.minutes == 0 {
            faults.push(both!("it has no minutes", "没有写分钟数"));
        }
        if self.cases.is_empty() && self.shape.is_empty() {
            faults.push(both!("it can be passed by doing nothing: it has no cases", "什么都不做也能通过：它没有用例"));
        }
        if self.hints.len() != HINTS || self.hints.iter().any(|hint| hint.en.is_empty() || hint.zh.is_empty()) {
            faults.push(both!("it has not {HINTS} hints in both languages", "没有两种语言的 {HINTS} 条提示"));
        }
        for name in &self.cases {
            if !cases::all().any(|case| case.name == *name) {
                faults.push(both!("there is no case '{name}'", "没有用例“{name}”"));
            } else if Stage::from_name(&self.stage).is_none_or(|stage| stage.mark(name) != Mark::Passes) {
                let stage = &self.stage;
                faults.push(both!("lesson {stage} does not pass {name}", "第 {stage} 课通不过 {name}"));
            }
            if earlier.iter().any(|other| other.cases.contains(name)) {
                faults.push(both!("an earlier rung has {name} too", "前面的一级也有 {name}"));
            }
        }
        faults
    }
}

fn from_file(course: &Course, lesson: &'static str) -> Result<Vec<Rung>, Failure> {
    let path = folder(course, lesson).join("ladder.toml");
    let text = tree::read_file(&path)?;
    let shown = path.display();
    let file: File = toml::from_str(&text).map_err(|error| {
        let error = error.to_string();
        let error = error.trim_end();
        Failure::failed(both!("{shown}: {error}", "{shown}：{error}"))
    })?;
    if file.rung.is_empty() {
        return Err(Failure::failed(both!("{shown} has no [[rung]]", "{shown} 里没有 [[rung]]")));
    }
    let mut rungs = file.rung;
    for rung in &mut rungs {
        rung.stage = lesson.to_owned();
    }
    Ok(rungs)
}

fn from_steps(course: &Course, lesson: &'static str) -> Result<Vec<Rung>, Failure> {
    let series = Series::load(course, lesson)?
        .ok_or_else(|| Failure::failed(both!("lesson {lesson} has no steps yet", "第 {lesson} 课还没有分步")))?;
    Ok(series.steps.iter().map(|step| of_step(lesson, step)).collect())
}

fn of_step(lesson: &str, step: &Step) -> Rung {
    let hints = step.hints.iter().map(|hint| Hint { en: hint.en.clone(), zh: hint.zh.clone(), more: BTreeMap::new() });
    Rung {
        id: step.id.clone(),
        name: step.name.clone(),
        minutes: step.minutes,
        cases: step.green.clone(),
        gained: step.name.clone(),
        hints: hints.collect(),
        read: format!("lesson-{lesson}"),
        stage: step.stage.clone(),
        red: step.red.iter().chain(&step.undecided).cloned().collect(),
        shape: step.shape.clone(),
        whole: step.whole.clone(),
        ..Rung::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung(text: &str) -> Rung {
        let mut rung: Rung = toml::from_str(text).unwrap();
        rung.stage = "01".to_owned();
        rung
    }

    const WHOLE: &str = "id = 'a'\nname = { en = 'a', zh = '一' }\nminutes = 5\ngained = { en = 'a', zh = '一' }\n\
        hints = [{ en = '1', zh = '一' }, { en = '2', zh = '二' }, { en = '3', zh = '三', in = { c = { en = 'C', zh = 'C' } } }]\n";

    #[test]
    fn a_rung_that_nothing_tests_is_no_rung() {
        let sound = rung(&format!("{WHOLE}cases = ['an-interrupt-ends-it']"));
        assert_eq!(sound.faults(&[]), []);
        let said = |text: &str| {
            let faults = rung(&format!("{WHOLE}{text}")).faults(std::slice::from_ref(&sound));
            faults.into_iter().map(|both| both.en).collect::<Vec<_>>().join("\n")
        };
        assert!(said("cases = []").contains("doing nothing"));
        assert!(said("cases = ['no-such']").contains("no case 'no-such'"));
        assert!(said("cases = ['one-request-after-another']").contains("does not pass"));
        assert!(said("cases = ['an-interrupt-ends-it']").contains("an earlier rung has an-interrupt"));
    }

    #[test]
    fn a_hint_has_a_line_for_one_language() {
        let rung = rung(&format!("{WHOLE}cases = ['an-interrupt-ends-it']"));
        assert_eq!(rung.hint(3, ProgrammingLanguage::C).unwrap().en, "3\nC");
        assert_eq!(rung.hint(3, ProgrammingLanguage::Rust).unwrap().en, "3");
        assert_eq!(rung.hint(4, ProgrammingLanguage::C), None);
        assert_eq!(rung.hint(0, ProgrammingLanguage::C), None);
    }

    #[test]
    fn lessons_follow_in_the_order_of_the_course() {
        assert_eq!(next_lesson("01"), Some("02"));
        assert_eq!(next_lesson("11"), None);
    }
}
