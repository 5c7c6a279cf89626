//! The exercises of the book: what each asks for, which cases see whether it was done, and a solution.
//!
//! A crate keeps those that change it in `exercises/`: `exercises.toml` has a table for each, `2-….patch` is the
//! solution, a patch on the checkout. So the number, the title and the solution of an exercise are in one place, and
//! the tests hold them to the chapters and to the lessons as they are.

pub mod book;
pub mod cases;
pub mod command;
pub mod judge;
pub mod verify;
pub mod work;

use std::path::{Path, PathBuf};
use std::{fs, io};

use http_suite::{Mark, Stage};
use serde::Deserialize;

use crate::course::Course;
use crate::language::{Both, Failure};
use crate::{both, tree};

/// One exercise, as `exercises.toml` has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Exercise {
    /// Of the chapter and in it: `03.2`, `c10k.1`. A letter behind it is a second part: `08.1b`.
    pub number: String,
    /// As the chapter has it, without the full stop.
    pub title: Both,
    /// What its patch is called by, in words joined by hyphens: `2-no-reaping.patch`.
    #[serde(default)]
    pub id: String,
    /// What to do, in a sentence or two.
    #[serde(default)]
    pub task: Both,
    /// Cases that pass on the lesson, and have to fail once the exercise is done.
    #[serde(default)]
    pub fails: Vec<String>,
    /// Cases that pass on the lesson, and have to pass still.
    #[serde(default)]
    pub passes: Vec<String>,
    /// Cases that fail on the lesson, and have to pass once the exercise is done.
    #[serde(default)]
    pub gains: Vec<String>,
    /// What has to stand in the code then, as sequences of tokens: see [`crate::shape`].
    #[serde(default)]
    pub shape: Vec<String>,
    /// What must not stand in the code any more, in the same form.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// What was to be seen by it, for somebody who has done it.
    #[serde(default)]
    pub symptom: Option<Both>,
    /// Crates that are changed besides: `protocol`.
    #[serde(default)]
    pub also: Vec<String>,
    /// The program is this example of the lesson, not the lesson.
    #[serde(default)]
    pub example: Option<String>,
    /// A question to think about, or to look at by tools: nothing that a case can see.
    #[serde(default)]
    pub talk: bool,
    /// Why no case can see it.
    #[serde(default)]
    pub reason: Option<Both>,
    /// `lesson-03-multi-process`: the crate that keeps it.
    #[serde(skip)]
    pub krate: String,
    /// The solution.
    #[serde(skip)]
    pub patch: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    exercise: Vec<Exercise>,
}

/// All exercises of the checkout, in the order of their numbers.
///
/// # Errors
///
/// If an `exercises.toml` or a patch cannot be read.
pub fn all(course: &Course) -> Result<Vec<Exercise>, Failure> {
    let crates = course.root().join("crates");
    let cannot = |error: io::Error| {
        let crates = crates.display();
        Failure::failed(both!("cannot read {crates}: {error}", "无法读取 {crates}：{error}"))
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(&crates).map_err(cannot)? {
        let Ok(krate) = entry.map_err(cannot)?.file_name().into_string() else { continue };
        let table = crates.join(&krate).join("exercises/exercises.toml");
        if table.is_file() {
            found.extend(load(&table, &krate)?);
        }
    }
    found.sort_by(|one, other| one.number.cmp(&other.number));
    Ok(found)
}

fn load(table: &Path, krate: &str) -> Result<Vec<Exercise>, Failure> {
    let shown = table.display();
    let file: File = toml::from_str(&tree::read_file(table)?)
        .map_err(|error| Failure::failed(both!("{shown}: {error}", "{shown}：{error}")))?;
    let mut exercises = file.exercise;
    for exercise in &mut exercises {
        exercise.krate = krate.to_owned();
        let patch = table.with_file_name(exercise.patch_name());
        // One that is just being written has no solution yet: `faults` says so.
        if !exercise.talk && patch.is_file() {
            exercise.patch = tree::read_file(&patch)?;
        }
    }
    Ok(exercises)
}

/// The exercise of this number: `03.2`, `3.2`.
///
/// # Errors
///
/// If there is none.
pub fn find(course: &Course, number: &str) -> Result<Exercise, Failure> {
    let padded = format!("0{number}");
    let found = all(course)?.into_iter().find(|exercise| exercise.number == number || exercise.number == padded);
    found.ok_or_else(|| {
        Failure::wrong(both!(
            "there is no exercise '{number}'; all of them: just learn exercise list",
            "没有练习“{number}”；全部练习：just learn exercise list"
        ))
    })
}

impl Exercise {
    /// Its lesson's column in the suite's table. `None` for what is no lesson.
    pub fn stage(&self) -> Option<Stage> {
        Stage::from_name(self.krate.strip_prefix("lesson-")?.get(..2)?)
    }

    /// Where it stands in the book: the chapter, and the number there. A part has that of its exercise.
    pub fn place(&self) -> (String, &str) {
        let (chapter, number) = self.number.rsplit_once('.').unwrap_or((&self.number, ""));
        let is_lesson = chapter.bytes().all(|byte| byte.is_ascii_digit());
        let chapter = if is_lesson { format!("lesson-{chapter}") } else { chapter.to_owned() };
        (chapter, number.trim_end_matches(|letter: char| letter.is_ascii_alphabetic()))
    }

    /// `2-no-reaping.patch`; with its chapter, where that is another than the crate's: `c10k.2-more-threads.patch`.
    pub fn patch_name(&self) -> String {
        let of_the_lesson = self.krate.strip_prefix("lesson-").and_then(|rest| rest.get(..2)).unwrap_or_default();
        let number = self.number.strip_prefix(&format!("{of_the_lesson}.")).unwrap_or(&self.number);
        format!("{number}-{}.patch", self.id)
    }

    /// Where the solution is kept.
    pub fn patch_path(&self, course: &Course) -> PathBuf {
        course.root().join("crates").join(&self.krate).join("exercises").join(self.patch_name())
    }

    /// All cases that it names, with what is due of each.
    pub fn due(&self) -> Vec<(&str, judge::Due)> {
        let list =
            [(&self.fails, judge::Due::Fails), (&self.gains, judge::Due::Gains), (&self.passes, judge::Due::Passes)];
        list.into_iter().flat_map(|(names, due)| names.iter().map(move |name| (name.as_str(), due))).collect()
    }

    /// What is wrong with its table, beyond its form.
    pub fn faults(&self) -> Vec<Both> {
        let mut faults = Vec::new();
        let mut fault = |both: Both| faults.push(both);
        let lacks = |both: &Both| both.en.trim().is_empty() || both.zh.trim().is_empty();
        if lacks(&self.title) {
            fault(both!("it has no title in one of the languages", "缺少一种语言的标题"));
        }
        if self.talk {
            if self.reason.as_ref().is_none_or(lacks) {
                fault(both!("it is talk = true, and gives no reason", "写了 talk = true，却没有说明理由"));
            }
            if !self.due().is_empty() || !self.shape.is_empty() || !self.lacks.is_empty() {
                fault(both!(
                    "it is talk = true, and names what is to be checked",
                    "写了 talk = true，却又列出了要检查的东西"
                ));
            }
            return faults;
        }
        if lacks(&self.task) {
            fault(both!("it does not say what to do in one of the languages", "缺少一种语言的任务说明"));
        }
        if self.patch.trim().is_empty() {
            let name = self.patch_name();
            fault(both!("it has no solution: {name}", "没有参考解答：{name}"));
        }
        if self.fails.is_empty() && self.gains.is_empty() && self.shape.is_empty() && self.lacks.is_empty() {
            fault(both!("nothing would tell that it was done", "没有任何东西能看出它做过没有"));
        }
        if self.gains.is_empty() && self.passes.is_empty() {
            fault(both!(
                "a program that does nothing at all would do: name a case that has to pass",
                "什么都不做的程序也能过关：请列出一个必须通过的用例"
            ));
        }
        let Some(stage) = self.stage() else {
            fault(both!("it changes no lesson", "它改动的不是课程"));
            return faults;
        };
        for (name, due) in self.due() {
            let mark = match cases::find(name) {
                None => {
                    fault(both!("there is no case {name}", "没有用例 {name}"));
                    continue;
                }
                Some(cases::Found::OfTheSuite(case)) => stage.mark(case.name),
                Some(cases::Found::Own(_)) => continue,
            };
            if mark == Mark::DoesNotApply {
                fault(both!("{name} does not apply to this lesson", "{name} 不适用于这一课"));
            }
            if due != judge::Due::Gains && matches!(mark, Mark::Fails(_)) {
                fault(both!("{name} fails on the lesson itself", "{name} 在课程上本来就不通过"));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exercise(number: &str, krate: &str) -> Exercise {
        Exercise { number: number.into(), id: "x".into(), krate: krate.into(), ..Exercise::default() }
    }

    #[test]
    fn a_number_tells_its_place() {
        let part = exercise("08.1b", "lesson-08-coroutines");
        assert_eq!(part.place(), ("lesson-08".into(), "1"));
        assert_eq!(part.patch_name(), "1b-x.patch");
        let other = exercise("c10k.2", "lesson-04-multi-thread");
        assert_eq!(other.place(), ("c10k".into(), "2"));
        assert_eq!(other.patch_name(), "c10k.2-x.patch");
        assert_eq!(other.stage().map(|stage| stage.name()), Some("04"));
        assert_eq!(exercise("regex.1", "regex-examples").stage(), None);
    }

    #[test]
    fn a_table_that_proves_nothing_is_a_fault() {
        let both = || Both { en: "x".into(), zh: "x".into() };
        let sound = Exercise {
            title: both(),
            task: both(),
            patch: "x".into(),
            fails: vec!["no-zombies-are-left".into()],
            passes: vec!["a-silent-client-holds-up-no-one".into()],
            ..exercise("03.2", "lesson-03-multi-process")
        };
        assert_eq!(sound.faults(), []);
        let faults = |change: &dyn Fn(&mut Exercise)| {
            let mut changed = sound.clone();
            change(&mut changed);
            changed.faults().len()
        };
        assert_eq!(faults(&|it| it.fails.clear()), 1, "nothing to see");
        assert_eq!(faults(&|it| it.passes.clear()), 1, "to end at once would do");
        assert_eq!(faults(&|it| it.patch.clear()), 1, "no solution");
        assert_eq!(faults(&|it| it.task.zh.clear()), 1, "no task in Chinese");
        assert_eq!(faults(&|it| it.fails.push("no-such-case".into())), 1, "no such case");
        assert_eq!(
            faults(&|it| it.passes.push("idle-clients-cost-no-system-calls".into())),
            1,
            "a limit of the lesson"
        );
        assert_eq!(faults(&|it| it.talk = true), 2, "talk without a reason, and with cases");
    }
}
