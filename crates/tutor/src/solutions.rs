//! The reference solutions of lessons 01 and 02: of each rung a patch on that of the rung before, the first on the
//! starter; and for each rung a solution that is wrong.
//!
//! For maintainers: `make` writes them as folders, whole, and `record` takes changed folders back as patches.

use std::fs;
use std::path::{Path, PathBuf};

use crate::both;
use crate::course::Course;
use crate::git::{self, Merged};
use crate::ladder::{self, Ladder};
use crate::language::{Both, Failure};
use crate::patch;
use crate::program::ProgrammingLanguage;
use crate::tree::{self, Tree};

/// What is known of a lesson in one language.
#[derive(Clone, Debug, Default)]
pub struct Solutions {
    /// The starter, then the solution of each rung. Of a language that has only the last: that, at each rung.
    pub trees: Vec<Tree>,
    /// Wrong solutions, with the number of the rung at which each has to be caught, and what it does wrong.
    pub wrong: Vec<(usize, String, Tree)>,
    /// Only the last rung has a solution (`all.patch`).
    pub only_last: bool,
    /// The numbers of the rungs that have no patch.
    pub lacking: Vec<usize>,
}

/// The patch of the last rung on the starter, where the rungs between have none.
const ALL: &str = "all.patch";

fn patches(course: &Course, lesson: &str, language: ProgrammingLanguage) -> PathBuf {
    ladder::folder(course, lesson).join("solutions").join(language.name())
}

fn starter_folder(course: &Course, lesson: &str, language: ProgrammingLanguage) -> PathBuf {
    ladder::folder(course, lesson).join("starters").join(language.name())
}

/// What a learner begins with. Lesson 02 begins with lesson 01 as it is at its end.
pub fn starter(course: &Course, lesson: &str, language: ProgrammingLanguage) -> Result<Tree, Failure> {
    if lesson == ladder::FROM_NOTHING[0] {
        return tree::read_any(&starter_folder(course, lesson, language));
    }
    let before = ladder::FROM_NOTHING[0];
    let mut solutions = load(course, &Ladder::load(course, before)?, language)?;
    solutions.trees.pop().ok_or_else(|| {
        Failure::failed(both!("lesson {before} has no solution in {language}", "第 {before} 课没有 {language} 的解答"))
    })
}

/// The solutions of a lesson in this language.
pub fn load(course: &Course, ladder: &Ladder, language: ProgrammingLanguage) -> Result<Solutions, Failure> {
    let mut found = Solutions { trees: vec![starter(course, ladder.lesson, language)?], ..Solutions::default() };
    let folder = patches(course, ladder.lesson, language);
    if folder.join(ALL).is_file() {
        let last = applied(&found.trees[0], &folder.join(ALL))?;
        found.trees.extend(vec![last; ladder.len()]);
        found.only_last = true;
        return Ok(found);
    }
    for (number, rung) in (1..).zip(&ladder.rungs) {
        let path = folder.join(format!("{number}-{}.patch", rung.id));
        let before = &found.trees[number - 1];
        let tree = if path.is_file() { applied(before, &path)? } else { before.clone() };
        if tree == *before {
            found.lacking.push(number);
        }
        found.trees.push(tree);
    }
    if language == ProgrammingLanguage::Python {
        found.wrong = load_wrong(course, ladder, &found.trees)?;
    }
    Ok(found)
}

fn applied(tree: &Tree, path: &Path) -> Result<Tree, Failure> {
    let shown = path.display();
    git::apply_below("", tree, &tree::read_file(path)?).map_err(|failure| {
        let Both { en, zh } = failure.said;
        Failure::failed(both!("{shown} does not fit:\n{en}", "{shown} 无法应用：\n{zh}"))
    })
}

fn load_wrong(course: &Course, ladder: &Ladder, trees: &[Tree]) -> Result<Vec<(usize, String, Tree)>, Failure> {
    let folder = ladder::folder(course, ladder.lesson).join("wrong");
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter_map(|name| name.strip_suffix(".patch").map(str::to_owned)).collect();
    names.sort();
    let mut wrong = Vec::new();
    for name in names {
        let (number, what) = numbered(&name, ladder.len()).ok_or_else(|| {
            let shown = folder.display();
            Failure::failed(both!("{shown}/{name}.patch names no rung", "{shown}/{name}.patch 的名字里没有级的编号"))
        })?;
        wrong.push((number, what, applied(&trees[number], &folder.join(format!("{name}.patch")))?));
    }
    wrong.sort_by_key(|(number, ..)| *number);
    Ok(wrong)
}

/// `3-what-it-does`, of a ladder with so many rungs.
fn numbered(name: &str, rungs: usize) -> Option<(usize, String)> {
    let (number, what) = name.split_once('-')?;
    let number = number.parse().ok().filter(|number| (1..=rungs).contains(number))?;
    Some((number, what.to_owned()))
}

/// The folder of a wrong solution among those of the rungs: `wrong-3-what-it-does`.
fn wrong_folder(number: usize, what: &str) -> String {
    format!("wrong-{number}-{what}")
}

/// Writes the starter (`0`), the solution of each rung (`1`, `2`, …) and the wrong ones (`wrong-N-…`) as folders. Those
/// that are not there yet are as the one before.
pub fn make(
    course: &Course,
    lesson: &'static str,
    language: ProgrammingLanguage,
    to: &Path,
) -> Result<Solutions, Failure> {
    let ladder = Ladder::load(course, lesson)?;
    let solutions = load(course, &ladder, language)?;
    for (number, tree) in solutions.trees.iter().enumerate() {
        let is_between = solutions.only_last && number > 0 && number < ladder.len();
        if !is_between {
            tree::write(&to.join(number.to_string()), tree)?;
        }
    }
    for (number, what, tree) in &solutions.wrong {
        tree::write(&to.join(wrong_folder(*number, what)), tree)?;
    }
    Ok(solutions)
}

/// Takes folders back that `make` has written and somebody has changed. A change of one is carried into those behind it
/// that were not changed themselves, both in the patches and in the folders. Says which files were written.
pub fn record(
    course: &Course,
    lesson: &'static str,
    language: ProgrammingLanguage,
    from: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let ladder = Ladder::load(course, lesson)?;
    let old = load(course, &ladder, language)?;
    // What does not fit by now cannot be carried along: `faults` says so.
    let behind = behind(course, lesson).and_then(|ladder| Some((load(course, &ladder, language).ok()?, ladder)));
    let read = |name: &str| tree::read_any(&from.join(name));
    let mut written = Vec::new();
    let mut trees = vec![if from.join("0").is_dir() { read("0")? } else { old.trees[0].clone() }];
    if trees[0] != old.trees[0] {
        if lesson != ladder::FROM_NOTHING[0] {
            return Err(Failure::failed(both!(
                "the starter of lesson {lesson} is the last solution of the lesson before: change that",
                "第 {lesson} 课的起始代码就是前一课的最后一个解答：请改那里"
            )));
        }
        let folder = starter_folder(course, lesson, language);
        tree::write(&folder, &trees[0])?;
        written.push(folder);
    }
    let folder = patches(course, lesson, language);
    let has_each = matches!(language, ProgrammingLanguage::Python | ProgrammingLanguage::Rust);
    if !has_each {
        let last = read(&ladder.len().to_string())?;
        put(&folder.join(ALL), &patch::between_below("", &trees[0], &last), &mut written)?;
        if let Some((old, ladder)) = behind {
            carry_on(course, &ladder, language, &old, last, &mut written)?;
        }
        return Ok(written);
    }
    for (number, rung) in (1..).zip(&ladder.rungs) {
        let name = number.to_string();
        let there = if from.join(&name).is_dir() { read(&name)? } else { old.trees[number].clone() };
        let tree = carried(&old.trees, &trees, number, there, &format!("{}", from.join(&name).display()))?;
        tree::write(&from.join(&name), &tree)?;
        let patch = patch::between_below("", &trees[number - 1], &tree);
        put(&folder.join(format!("{number}-{}.patch", rung.id)), &patch, &mut written)?;
        trees.push(tree);
    }
    remove_others(&folder, &ladder, &mut written)?;
    if language == ProgrammingLanguage::Python {
        record_wrong(course, &ladder, &old, &trees, from, &mut written)?;
    }
    if let (Some((old, ladder)), Some(last)) = (behind, trees.pop()) {
        carry_on(course, &ladder, language, &old, last, &mut written)?;
    }
    Ok(written)
}

/// The ladder that begins where this lesson ends, if there is one.
fn behind(course: &Course, lesson: &str) -> Option<Ladder> {
    let next = ladder::next_lesson(lesson).filter(|next| ladder::is_from_nothing(next))?;
    Ladder::load(course, next).ok()
}

/// Another beginning of a lesson, carried into all its solutions.
fn carry_on(
    course: &Course,
    ladder: &Ladder,
    language: ProgrammingLanguage,
    old: &Solutions,
    beginning: Tree,
    written: &mut Vec<PathBuf>,
) -> Result<(), Failure> {
    if beginning == old.trees[0] {
        return Ok(());
    }
    let folder = patches(course, ladder.lesson, language);
    let shown = |name: &str| format!("{} {} {name}", ladder.lesson, language.name());
    if old.only_last {
        let last = merged(&old.trees[0], &beginning, &old.trees[ladder.len()], &shown(ALL))?;
        return put(&folder.join(ALL), &patch::between_below("", &beginning, &last), written);
    }
    let mut trees = vec![beginning];
    for (number, rung) in (1..).zip(&ladder.rungs) {
        let name = format!("{number}-{}.patch", rung.id);
        let tree = merged(&old.trees[number - 1], &trees[number - 1], &old.trees[number], &shown(&name))?;
        put(&folder.join(name), &patch::between_below("", &trees[number - 1], &tree), written)?;
        trees.push(tree);
    }
    for (number, what, wrong) in &old.wrong {
        let name = format!("{number}-{what}.patch");
        let tree = merged(&old.trees[*number], &trees[*number], wrong, &shown(&name))?;
        let path = ladder::folder(course, ladder.lesson).join("wrong").join(name);
        put(&path, &patch::between_below("", &trees[*number], &tree), written)?;
    }
    Ok(())
}

/// The solution of this rung, with what was changed in the rung before, if nobody has changed this one.
fn carried(old: &[Tree], new: &[Tree], number: usize, there: Tree, shown: &str) -> Result<Tree, Failure> {
    if there != old[number] || new[number - 1] == old[number - 1] {
        return Ok(there);
    }
    merged(&old[number - 1], &new[number - 1], &there, shown)
}

/// `theirs` with what leads from `base` to `ours`.
fn merged(base: &Tree, ours: &Tree, theirs: &Tree, shown: &str) -> Result<Tree, Failure> {
    let mut tree = theirs.clone();
    let nothing = String::new();
    let mut paths: Vec<&String> = base.keys().chain(ours.keys()).collect();
    paths.sort();
    paths.dedup();
    for path in paths.into_iter().filter(|path| base.get(*path) != ours.get(*path)) {
        let of = |tree: &Tree| tree.get(path).cloned();
        let (before, after) = (of(base).unwrap_or_default(), of(ours));
        let theirs = tree.get(path).unwrap_or(&nothing);
        match git::merge(&before, ("before", after.as_ref().unwrap_or(&nothing)), ("this", theirs))? {
            Merged::Clean(text) | Merged::ByWords(text) if after.is_some() => drop(tree.insert(path.clone(), text)),
            Merged::Conflict(_) => {
                return Err(Failure::failed(both!(
                    "{shown}/{path}: the rung before was changed at a place that this one changes too; \
                     make the change there by hand, then record again",
                    "{shown}/{path}：前一级改动的地方这一级也改了；请在那里手工改好，再重新收回"
                )));
            }
            _ => drop(tree.remove(path)),
        }
    }
    Ok(tree)
}

fn record_wrong(
    course: &Course,
    ladder: &Ladder,
    old: &Solutions,
    trees: &[Tree],
    from: &Path,
    written: &mut Vec<PathBuf>,
) -> Result<(), Failure> {
    let folder = ladder::folder(course, ladder.lesson).join("wrong");
    let entries = fs::read_dir(from).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    for name in names {
        let Some(wrong) = name.strip_prefix("wrong-") else { continue };
        let (number, what) = numbered(wrong, ladder.len()).ok_or_else(|| {
            Failure::failed(both!(
                "{name}: a wrong solution is called wrong-N-what",
                "{name}：错误解答应命名为 wrong-N-what"
            ))
        })?;
        let mut tree = tree::read_any(&from.join(&name))?;
        let known = old.wrong.iter().find(|(other, of, _)| *other == number && *of == what);
        if known.is_some_and(|(_, _, known)| *known == tree) && old.trees[number] != trees[number] {
            tree = merged(&old.trees[number], &trees[number], &tree, &name)?;
            tree::write(&from.join(&name), &tree)?;
        }
        put(&folder.join(format!("{wrong}.patch")), &patch::between_below("", &trees[number], &tree), written)?;
    }
    Ok(())
}

/// A patch; what changes nothing is none.
fn put(path: &Path, patch: &str, written: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let before = fs::read_to_string(path).unwrap_or_default();
    if before == patch {
        return Ok(());
    }
    written.push(path.to_owned());
    if !patch.is_empty() {
        return tree::write_file(path, patch);
    }
    remove(path)
}

fn remove(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(|error| {
        let path = path.display();
        Failure::failed(both!("cannot remove {path}: {error}", "无法删除 {path}：{error}"))
    })
}

/// Patches of rungs that are called otherwise by now.
fn remove_others(folder: &Path, ladder: &Ladder, written: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let right: Vec<String> =
        (1..).zip(&ladder.rungs).map(|(number, rung)| format!("{number}-{}.patch", rung.id)).collect();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let patches =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| name.ends_with(".patch"));
    for name in patches.filter(|name| !right.contains(name)) {
        remove(&folder.join(&name))?;
        written.push(folder.join(name));
    }
    Ok(())
}

/// How many lines the main file of a starter may have.
pub const STARTER_MAX: usize = 30;

/// What a ladder still lacks: starters, solutions, wrong solutions.
pub fn faults(course: &Course, ladder: &Ladder) -> Result<Vec<Both>, Failure> {
    let mut faults = Vec::new();
    let lesson = ladder.lesson;
    for language in ProgrammingLanguage::ALL {
        let name = language.name();
        let solutions = load(course, ladder, language)?;
        let lines = solutions.trees[0].get(language.main_file()).map(|text| text.lines().count());
        match lines {
            None => {
                faults.push(both!("lesson {lesson} has no starter in {name}", "第 {lesson} 课没有 {name} 的起始代码"))
            }
            Some(lines) if lesson == ladder::FROM_NOTHING[0] && lines > STARTER_MAX => faults.push(both!(
                "the starter in {name} has {lines} lines, and {STARTER_MAX} are the most",
                "{name} 的起始代码有 {lines} 行，最多 {STARTER_MAX} 行"
            )),
            Some(_) => {}
        }
        let has_each = matches!(language, ProgrammingLanguage::Python | ProgrammingLanguage::Rust);
        if !solutions.only_last && !has_each {
            faults.push(both!("lesson {lesson} has no {ALL} in {name}", "第 {lesson} 课没有 {name} 的 {ALL}"));
        }
        for number in solutions.lacking.iter().filter(|_| has_each) {
            faults.push(both!(
                "lesson {lesson}, rung {number}: no solution in {name}",
                "第 {lesson} 课第 {number} 级：没有 {name} 的解答"
            ));
        }
        if language == ProgrammingLanguage::Python {
            let is_there = |number: &usize| solutions.wrong.iter().any(|(other, ..)| other == number);
            for number in (1..=ladder.len()).filter(|number| !is_there(number)) {
                faults.push(both!(
                    "lesson {lesson}, rung {number}: no wrong solution",
                    "第 {lesson} 课第 {number} 级：没有错误解答"
                ));
            }
        }
    }
    Ok(faults)
}
