//! The steps of a lesson: `steps/steps.toml`, and a patch for each.

use std::fs;
use std::path::{Path, PathBuf};

use http_suite::{Mark, Stage, cases};
use serde::Deserialize;

use crate::course::{self, Course};
use crate::language::{Both, Failure};
use crate::tree::{self, Tree};
use crate::{both, git, patch};

/// One step, as `steps.toml` has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What its patch is called by, in words joined by hyphens: `3-clients-by-number.patch`.
    pub id: String,
    /// Its one idea, in a few words.
    #[serde(default)]
    pub name: Both,
    /// How long a learner may take for it.
    #[serde(default)]
    pub minutes: u16,
    /// The lesson whose column of the suite's table holds here: `04`.
    pub stage: String,
    /// The cases that pass from here on, and failed before.
    #[serde(default)]
    pub green: Vec<String>,
    /// The cases of the column that do not hold here yet. They have to fail: what passes is not to stand here.
    #[serde(default)]
    pub red: Vec<String>,
    /// The cases that fail here or not as the scheduler happens to choose: they measure, and what they measure is about
    /// to go. Nobody looks at them.
    #[serde(default)]
    pub undecided: Vec<String>,
    /// Lines are only moved.
    #[serde(default)]
    pub moves: bool,
    /// The program is only written otherwise: it does what it did, and nothing turns green.
    #[serde(default)]
    pub restructures: bool,
    /// Files below `src` that are handed to the learner as they are.
    #[serde(default)]
    pub whole: Vec<String>,
    /// From a nudge to nearly the answer: three, or none yet.
    #[serde(default)]
    pub hints: Vec<Both>,
    /// What stands in the code from here on and did not before, as tokens: `struct Connection`. A learner's rung is
    /// judged by it where no case turns green. See [`crate::shape`].
    #[serde(default)]
    pub shape: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    step: Vec<Step>,
}

/// The steps of one lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// `07`
    pub lesson: &'static str,
    /// `06`
    pub parent: &'static str,
    /// In their order.
    pub steps: Vec<Step>,
    /// The patch of each.
    pub patches: Vec<String>,
}

/// `3-clients-by-number.patch`: number from 1.
pub fn patch_name(number: usize, id: &str) -> String {
    format!("{number}-{id}.patch")
}

/// Where the steps of a lesson are kept.
pub fn folder(course: &Course, lesson: &str) -> Result<PathBuf, Failure> {
    Ok(course.folder(lesson)?.join("steps"))
}

impl Series {
    /// The steps of a lesson. `None`: it has no `steps` yet.
    pub fn load(course: &Course, lesson: &'static str) -> Result<Option<Series>, Failure> {
        let parent = course::parent(lesson)?;
        let folder = folder(course, lesson)?;
        let table = folder.join("steps.toml");
        if !table.is_file() {
            return Ok(None);
        }
        let steps = parse(&tree::read_file(&table)?, &table)?;
        let patches = read_patches(&folder, &steps)?;
        Ok(Some(Series { lesson, parent, steps, patches }))
    }

    /// The same; a lesson that has no steps yet is one step, called `the-rest`.
    pub fn load_or_whole(course: &Course, lesson: &'static str) -> Result<Series, Failure> {
        if let Some(series) = Series::load(course, lesson)? {
            return Ok(series);
        }
        let parent = course::parent(lesson)?;
        let step = Step { id: "the-rest".to_owned(), stage: lesson.to_owned(), ..Step::default() };
        let patch = patch::between(&course.sources(parent)?, &course.sources(lesson)?);
        Ok(Series { lesson, parent, steps: vec![step], patches: vec![patch] })
    }

    /// The sources before the first step, and after each: one more than there are steps.
    pub fn trees(&self, parent: &Tree) -> Result<Vec<Tree>, Failure> {
        let mut trees = vec![parent.clone()];
        for (index, patch) in self.patches.iter().enumerate() {
            let name = format!("{} {}", self.lesson, patch_name(index + 1, &self.steps[index].id));
            let sources = git::apply(&trees[index], patch).map_err(|failure| {
                let Both { en, zh } = failure.said;
                Failure::failed(both!(
                    "{name} does not fit what it is applied to:\n{en}\n\
                     If the parent was changed, take the change along: just steps carry",
                    "{name} 与它要应用到的源码不符：\n{zh}\n如果改动了它所基于的课，请把改动传递下去：just steps carry"
                ))
            })?;
            trees.push(sources);
        }
        Ok(trees)
    }

    /// The sources after each step, on the parent as it is now. It is an error if they do not end in the lesson.
    pub fn checked_trees(&self, course: &Course) -> Result<Vec<Tree>, Failure> {
        let trees = self.trees(&course.sources(self.parent)?)?;
        let differ = tree::differences(&trees[self.steps.len()], &course.sources(self.lesson)?);
        if differ.is_empty() {
            return Ok(trees);
        }
        let (lesson, Both { en, zh }) = (self.lesson, tree::list(&differ));
        Err(Failure::failed(both!(
            "the steps of lesson {lesson} do not add up to its src: {en} differ. \
             To take a change of the lesson into its last step: just steps carry {lesson}",
            "第 {lesson} 课的各步合起来与它的 src 不同：{zh}。把课程源码的改动并入最后一步：just steps carry {lesson}"
        )))
    }

    /// From a number on the command line, from 1 on.
    pub fn step(&self, text: &str) -> Result<usize, Failure> {
        let (lesson, count) = (self.lesson, self.steps.len());
        let number = text.parse().ok().filter(|number| (1..=count).contains(number));
        number.ok_or_else(|| {
            Failure::wrong(both!(
                "lesson {lesson} has no step '{text}'; they are 1 to {count}",
                "第 {lesson} 课没有第“{text}”步；各步为 1 到 {count}"
            ))
        })
    }

    /// What is wrong with a step in `steps.toml`, beyond its form; counted from 0.
    pub fn faults(&self, index: usize) -> Vec<Both> {
        let step = &self.steps[index];
        let earlier = self.steps[..index].iter().any(|other| other.id == step.id);
        step.faults(earlier)
    }
}

impl Step {
    /// The column of the table that holds for it.
    pub fn stage(&self) -> Result<Stage, Failure> {
        let stage = &self.stage;
        Stage::from_name(stage)
            .ok_or_else(|| Failure::failed(both!("there is no stage '{stage}'", "没有阶段“{stage}”")))
    }

    fn faults(&self, id_is_taken: bool) -> Vec<Both> {
        let mut faults = Vec::new();
        let id = &self.id;
        if id_is_taken {
            faults.push(both!("an earlier step has the id '{id}' too", "前面的步骤也用了 id“{id}”"));
        }
        if self.name.en.trim().is_empty() || self.name.zh.trim().is_empty() {
            faults.push(both!("it has no name in one of the languages", "缺少一种语言的名称"));
        }
        if ![0, 3].contains(&self.hints.len()) {
            let count = self.hints.len();
            faults.push(both!("it has {count} hints; three, or none yet", "有 {count} 条提示；应为三条，或暂时没有"));
        }
        if self.hints.iter().any(|hint| hint.en.trim().is_empty() || hint.zh.trim().is_empty()) {
            faults.push(both!("a hint is empty in one of the languages", "有一条提示缺少一种语言"));
        }
        match self.stage() {
            Err(failure) => faults.push(failure.said),
            Ok(stage) => {
                let green = self.green.iter().filter_map(|name| case_fault(name, stage, true));
                let others = self.red.iter().chain(&self.undecided).filter_map(|name| case_fault(name, stage, false));
                faults.extend(green.chain(others));
            }
        }
        for name in self.green.iter().filter(|name| self.red.contains(name)) {
            faults.push(both!("{name} is both green and red", "{name} 同时列为 green 和 red"));
        }
        for name in self.undecided.iter().filter(|name| self.red.contains(name) || self.green.contains(name)) {
            faults.push(both!("{name} is undecided, and green or red", "{name} 列为 undecided，又列为 green 或 red"));
        }
        faults
    }
}

/// What is wrong with naming this case as green or red at a stage.
fn case_fault(name: &str, stage: Stage, green: bool) -> Option<Both> {
    if !cases::all().any(|case| case.name == name) {
        return Some(both!("there is no case '{name}'", "没有用例“{name}”"));
    }
    let mark = stage.mark(name);
    match mark {
        Mark::DoesNotApply => Some(both!("{name} does not apply at stage {stage}", "{name} 不适用于阶段 {stage}")),
        Mark::Fails(_) if green => Some(both!(
            "{name} cannot turn green at stage {stage}: its mark there is {mark}",
            "{name} 在阶段 {stage} 不可能变绿：它在那里的标记是 {mark}"
        )),
        _ => None,
    }
}

fn parse(text: &str, path: &Path) -> Result<Vec<Step>, Failure> {
    let path = path.display();
    let file: File = toml::from_str(text).map_err(|error| {
        let error = error.to_string();
        let error = error.trim_end();
        Failure::failed(both!("{path}: {error}", "{path}：{error}"))
    })?;
    if file.step.is_empty() {
        return Err(Failure::failed(both!("{path} has no [[step]]", "{path} 里没有 [[step]]")));
    }
    for id in file.step.iter().map(|step| &step.id) {
        check_id(id).map_err(|Both { en, zh }| Failure::failed(both!("{path}: {en}", "{path}：{zh}")))?;
    }
    Ok(file.step)
}

/// An id is part of a file's name and of a package's.
pub fn check_id(id: &str) -> Result<(), Both> {
    let letters = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if id.split('-').all(letters) {
        return Ok(());
    }
    Err(both!("'{id}' is no id: lower-case words joined by hyphens are", "“{id}”不能作 id：应为用连字符连接的小写单词"))
}

fn read_patches(folder: &Path, steps: &[Step]) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = (1..).zip(steps).map(|(number, step)| patch_name(number, &step.id)).collect();
    for name in patches_in(folder) {
        if !names.contains(&name) {
            let shown = folder.join(&name).display().to_string();
            return Err(Failure::failed(both!(
                "{shown} is the patch of no step in steps.toml",
                "steps.toml 里没有与 {shown} 对应的步骤"
            )));
        }
    }
    names.iter().map(|name| tree::read_file(&folder.join(name))).collect()
}

/// The names of all patches in a folder.
pub fn patches_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(".patch"));
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &str) -> Step {
        toml::from_str(text).unwrap()
    }

    fn said(step: &Step) -> String {
        step.faults(false).into_iter().map(|both| both.en).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_step_that_names_real_cases_is_right() {
        let step = step(
            "id = 'list'\nname = { en = 'a', zh = '一' }\nminutes = 20\nstage = '05'\n\
             green = ['one-thread-does-all-the-work']\nred = ['idle-clients-burn-no-processor-time']",
        );
        assert_eq!(said(&step), "");
    }

    #[test]
    fn cases_and_stages_that_are_not_there_are_named() {
        let name = "id = 'a'\nname = { en = 'a', zh = '一' }\n";
        assert_eq!(said(&step(&format!("{name}stage = '44'"))), "there is no stage '44'");
        assert_eq!(said(&step(&format!("{name}stage = '04'\nred = ['no-such']"))), "there is no case 'no-such'");
        let limit = format!("{name}stage = '01'\ngreen = ['one-request-after-another']");
        assert!(said(&step(&limit)).contains("its mark there is c"));
        let elsewhere = format!("{name}stage = '01'\nred = ['each-client-has-a-thread']");
        assert!(said(&step(&elsewhere)).contains("does not apply"));
        assert!(said(&step("id = 'a'\nstage = '04'")).contains("no name"));
        assert!(said(&step(&format!("{name}stage = '04'\nhints = [{{ en = 'x', zh = 'x' }}]"))).contains("1 hints"));
    }

    #[test]
    fn an_id_is_lower_case_words() {
        assert!(check_id("clients-by-number").is_ok());
        for id in ["", "A", "a b", "a--b", "../a", "a/b", "-a"] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_key_that_is_misspelt_is_an_error() {
        assert!(parse("[[step]]\nid = 'a'\nstage = '04'\ngren = []\n", Path::new("steps.toml")).is_err());
        assert!(parse("", Path::new("steps.toml")).is_err());
    }
}
