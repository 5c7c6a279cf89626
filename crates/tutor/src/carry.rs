//! Carries a change of a lesson or a step through all that comes behind it.
//!
//! A step is kept as a patch, but what is merged are sources: `base` is what the step before was, `ours` what it is
//! now, `theirs` what this step was. So is each step in turn, then each lesson that comes from the last one. Where
//! both changed the same lines, a person decides: the step lies in a folder, with the marks of a conflict, until
//! `steps continue`. Nothing in the checkout is written before all is merged.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::course::{self, Course};
use crate::git::Merged;
use crate::language::{Both, Failure};
use crate::make::{self, Crate};
use crate::names::{self, Names};
use crate::series::{self, Series};
use crate::tree::{self, Tree};
use crate::{both, git, patch};

/// What is done with the sources that `steps record` takes back.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    /// They are what the step is from now on.
    Replace,
    /// They are a new step of this id, before the one that has the number now; what they add is carried on.
    New(&'a str),
    /// They are a new step of this id, half-way to the one that has the number now. That one ends where it ended.
    Split(&'a str),
}

/// A change on its way.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Carry {
    parts: Vec<Part>,
    nodes: Vec<Node>,
    /// What was merged by words, and should be looked at.
    by_words: Vec<String>,
    /// The names that the steps before have replaced by others.
    names: Names,
    /// What the sources of all lessons were when it began. In the end they must still be so.
    sources: Vec<(String, Tree)>,
}

/// A lesson that is written in the end.
#[derive(Debug, Serialize, Deserialize)]
struct Part {
    lesson: String,
    start: Origin,
    /// The first of its nodes, and how many: one for each step.
    first: usize,
    /// By which its patches are called; none: the lesson has no steps, and is one step by itself.
    ids: Vec<String>,
    /// `steps.toml`, if it changes.
    table: Option<String>,
    /// What its patches were when it began, with their names.
    patches: Vec<(String, String)>,
}

/// Where sources come from.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Origin {
    Given(Tree),
    Node(usize),
}

/// A step, to be merged.
#[derive(Debug, Serialize, Deserialize)]
struct Node {
    lesson: String,
    step: usize,
    is_last: bool,
    base: Tree,
    ours: Origin,
    theirs: Tree,
    result: Option<Tree>,
}

/// How far a change has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All is written.
    Done {
        /// The files that have changed.
        changed: Vec<String>,
        /// The steps and files where both sides changed a line but no word: they should be looked at.
        by_words: Vec<String>,
    },
    /// A person has to decide in this folder.
    Conflict {
        /// `07`
        lesson: String,
        /// From 1 on.
        step: usize,
        /// Where the step lies.
        folder: PathBuf,
        /// The files with marks in them.
        files: Vec<String>,
    },
}

/// What was the parent of a lesson when both were last known to fit. Git does not know that, if neither is committed.
#[derive(Serialize, Deserialize)]
struct Known {
    /// The commit that was checked out: on another, it may not hold.
    head: String,
    parent: Tree,
    child: Tree,
}

fn place(course: &Course) -> PathBuf {
    course.root().join(".steps")
}

fn state_file(course: &Course) -> PathBuf {
    place(course).join("carry.json")
}

/// Begins with the sources of one step.
pub fn record(
    course: &Course,
    lesson: &'static str,
    step: usize,
    sources: Tree,
    how: Record,
    revision: &str,
) -> Result<Progress, Failure> {
    nothing_is_under_way(course)?;
    no_marks(&sources, None)?;
    let series = Series::load(course, lesson)?;
    let mut carry = Carry::default();
    carry.remember(course)?;
    carry.record(course, lesson, series, step, sources, how)?;
    for child in course::descendants(lesson).into_iter().filter(|child| course.has(child)) {
        carry.child(course, child, revision, true)?;
    }
    carry.go_on(course)
}

/// Carries what was changed in the `src` of a lesson through all that come from it. `revision`: where Git has what they
/// were made from.
pub fn carry(course: &Course, lesson: &'static str, revision: &str) -> Result<Progress, Failure> {
    nothing_is_under_way(course)?;
    let mut carry = Carry::default();
    carry.remember(course)?;
    carry.root(course, lesson)?;
    for child in course::descendants(lesson).into_iter().filter(|child| course.has(child)) {
        carry.child(course, child, revision, false)?;
    }
    carry.go_on(course)
}

/// The same, but only into one of the lessons that come from a changed one, and into those that come from it.
pub fn rebase(course: &Course, lesson: &'static str, revision: &str) -> Result<Progress, Failure> {
    nothing_is_under_way(course)?;
    course::parent(lesson)?;
    let mut carry = Carry::default();
    carry.remember(course)?;
    let behind = course::descendants(lesson).into_iter().filter(|child| course.has(child));
    for child in [lesson].into_iter().chain(behind) {
        carry.child(course, child, revision, false)?;
    }
    carry.go_on(course)
}

/// Goes on where a person had to decide; if a lesson is named, only if it is the one that waits.
pub fn go_on(course: &Course, lesson: Option<&str>) -> Result<Progress, Failure> {
    let mut carry = under_way(course)?;
    let waiting = carry.nodes.iter_mut().find(|node| node.result.is_none());
    if let Some(node) = waiting {
        let waits = &node.lesson;
        if let Some(lesson) = lesson.filter(|lesson| lesson != waits) {
            return Err(Failure::wrong(both!(
                "it is lesson {waits} that waits, not {lesson}",
                "等待处理的是第 {waits} 课，不是第 {lesson} 课"
            )));
        }
        let folder = place(course).join(node.folder());
        let sources = tree::read(&folder.join("src"))?;
        no_marks(&sources, Some(&folder))?;
        node.result = Some(sources);
    }
    carry.go_on(course)
}

/// Gives up what is under way. The checkout is as it was.
pub fn abort(course: &Course) -> Result<(), Failure> {
    let carry = under_way(course)?;
    carry.forget(course)
}

fn nothing_is_under_way(course: &Course) -> Result<(), Failure> {
    if !state_file(course).exists() {
        return Ok(());
    }
    Err(Failure::failed(both!(
        "a change is still under way: just steps continue, or just steps abort",
        "还有一次改动没有传递完：just steps continue，或 just steps abort"
    )))
}

fn under_way(course: &Course) -> Result<Carry, Failure> {
    let path = state_file(course);
    if !path.exists() {
        return Err(Failure::failed(both!("no change is under way", "没有正在传递的改动")));
    }
    let shown = path.display();
    serde_json::from_str(&tree::read_file(&path)?)
        .map_err(|error| Failure::failed(both!("{shown}: {error}", "{shown}：{error}")))
}

fn marked(sources: &Tree) -> Vec<String> {
    let marked = sources.iter().filter(|(_, text)| text.lines().any(git::is_conflict_mark));
    marked.map(|(path, _)| format!("src/{path}")).collect()
}

fn no_marks(sources: &Tree, folder: Option<&Path>) -> Result<(), Failure> {
    let marked = marked(sources);
    if marked.is_empty() {
        return Ok(());
    }
    let Both { en, zh } = tree::list(&marked);
    let folder = folder.map(|folder| format!("{}/", folder.display())).unwrap_or_default();
    Err(Failure::failed(both!(
        "there are still marks of a conflict (<<<<<<< ======= >>>>>>>): {folder}{en}",
        "仍有冲突标记（<<<<<<< ======= >>>>>>>）：{folder}{zh}"
    )))
}

/// What a merge of sources gave.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sources {
    tree: Tree,
    /// A file has marks in it.
    conflicts: bool,
    /// The files that were merged by words.
    by_words: Vec<String>,
}

/// Merges two sides file by file.
fn merge(base: &Tree, ours: &Tree, theirs: &Tree) -> Result<Sources, Failure> {
    let mut paths: Vec<&String> = base.keys().chain(ours.keys()).chain(theirs.keys()).collect();
    paths.sort();
    paths.dedup();
    let mut merged = Sources::default();
    for path in paths {
        let (was, our, their) = (base.get(path), ours.get(path), theirs.get(path));
        let text = if our == was || our == their {
            their.cloned()
        } else if their == was {
            our.cloned()
        } else {
            // A file that one side has removed and the other changed is a conflict over all of it.
            let text = |side: Option<&String>| side.cloned().unwrap_or_default();
            let (our, their) = (text(our), text(their));
            let ours = ("the step before, as it is now", our.as_str());
            match git::merge(&text(was), ours, ("this step, as it was", their.as_str()))? {
                Merged::Clean(text) => Some(text),
                Merged::ByWords(text) => {
                    merged.by_words.push(format!("src/{path}"));
                    Some(text)
                }
                Merged::Conflict(text) => {
                    merged.conflicts = true;
                    Some(text)
                }
            }
        };
        merged.tree.extend(text.map(|text| (path.clone(), text)));
    }
    Ok(merged)
}

impl Node {
    /// Where it lies while a person decides.
    fn folder(&self) -> String {
        format!("{}-{}", self.lesson, self.step)
    }

    fn settled(lesson: &str, step: usize, is_last: bool, sources: Tree) -> Node {
        Node {
            lesson: lesson.to_owned(),
            step,
            is_last,
            base: Tree::new(),
            ours: Origin::Given(Tree::new()),
            theirs: sources.clone(),
            result: Some(sources),
        }
    }
}

impl Carry {
    fn remember(&mut self, course: &Course) -> Result<(), Failure> {
        for (lesson, _) in http_suite::stages::LESSONS {
            if course.has(lesson) {
                self.sources.push((lesson.to_owned(), course.sources(lesson)?));
            }
        }
        Ok(())
    }

    /// What a lesson was when this began.
    fn source(&self, lesson: &str) -> Tree {
        self.sources.iter().find(|(name, _)| name == lesson).map(|(_, sources)| sources.clone()).unwrap_or_default()
    }

    /// What a lesson will be.
    fn origin(&self, lesson: &str) -> Origin {
        let part = self.parts.iter().find(|part| part.lesson == lesson);
        part.map_or_else(|| Origin::Given(self.source(lesson)), |part| Origin::Node(part.first + part.count() - 1))
    }

    fn part(&mut self, course: &Course, lesson: &str, start: Origin, ids: Vec<String>) -> Result<(), Failure> {
        let folder = series::folder(course, lesson)?;
        let mut patches = Vec::new();
        for name in series::patches_in(&folder) {
            let text = tree::read_file(&folder.join(&name))?;
            patches.push((name, text));
        }
        let first = self.nodes.len();
        self.parts.push(Part { lesson: lesson.to_owned(), start, first, ids, table: None, patches });
        Ok(())
    }

    /// The lesson of which a step was changed.
    fn record(
        &mut self,
        course: &Course,
        lesson: &'static str,
        series: Option<Series>,
        step: usize,
        sources: Tree,
        how: Record,
    ) -> Result<(), Failure> {
        let parent = course::parent(lesson)?;
        let (trees, mut ids) = match &series {
            Some(series) => {
                (series.checked_trees(course)?, series.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>())
            }
            None => (vec![self.source(parent), self.source(lesson)], vec!["the-rest".to_owned()]),
        };
        let at_once = |how: &Record| match how {
            Record::Replace if series.is_some() => Some(ids.len()),
            Record::Replace => None,
            Record::Split(_) => Some(ids.len()),
            Record::New(_) => Some(ids.len() + 1),
        };
        let most = at_once(&how).ok_or_else(|| {
            Failure::wrong(both!(
                "lesson {lesson} has no steps yet; to make the first: --split ID",
                "第 {lesson} 课还没有分步；建立第一步请用 --split ID"
            ))
        })?;
        if !(1..=most).contains(&step) {
            return Err(Failure::wrong(both!(
                "lesson {lesson} has no step '{step}'; they are 1 to {most}",
                "第 {lesson} 课没有第“{step}”步；各步为 1 到 {most}"
            )));
        }
        let mut table = None;
        if let Record::New(id) | Record::Split(id) = how {
            let taken = ids.iter().any(|other| other == id);
            let said = both!("lesson {lesson} has a step '{id}' already", "第 {lesson} 课已有步骤“{id}”");
            if taken { Err(said) } else { series::check_id(id) }.map_err(Failure::wrong)?;
            let file = series::folder(course, lesson)?.join("steps.toml");
            let text = if series.is_some() { tree::read_file(&file)? } else { block("the-rest", lesson) };
            table = Some(insert(&text, step, &block(id, parent)));
            ids.insert(step - 1, (*id).to_owned());
        }

        self.part(course, lesson, Origin::Given(trees[0].clone()), ids.clone())?;
        if let Some(part) = self.parts.last_mut() {
            part.table = table;
        }
        let first = self.nodes.len();
        // Behind the one that is recorded, the number that a step had.
        let shift = usize::from(!matches!(how, Record::Replace));
        for number in 1..=ids.len() {
            let is_last = number == ids.len();
            let node = if number < step {
                Node::settled(lesson, number, is_last, trees[number].clone())
            } else if number == step {
                Node::settled(lesson, number, is_last, sources.clone())
            } else if matches!(how, Record::Split(_)) {
                Node::settled(lesson, number, is_last, trees[number - shift].clone())
            } else {
                let (base, theirs) = (trees[number - shift - 1].clone(), trees[number - shift].clone());
                let ours = Origin::Node(first + number - 2);
                Node { lesson: lesson.to_owned(), step: number, is_last, base, ours, theirs, result: None }
            };
            self.nodes.push(node);
        }
        Ok(())
    }

    /// The lesson that was changed. If it has steps, its last one takes in what was changed.
    fn root(&mut self, course: &Course, lesson: &'static str) -> Result<(), Failure> {
        // Lesson 01 comes from nowhere.
        if course::parent(lesson).is_err() {
            return Ok(());
        }
        let Some(series) = Series::load(course, lesson)? else { return Ok(()) };
        let mut trees = series.trees(&self.source(series.parent))?;
        trees.pop();
        trees.push(self.source(lesson));
        let ids: Vec<String> = series.steps.into_iter().map(|step| step.id).collect();
        self.part(course, lesson, Origin::Given(trees[0].clone()), ids.clone())?;
        for (number, sources) in trees.into_iter().enumerate().skip(1) {
            self.nodes.push(Node::settled(lesson, number, number == ids.len(), sources));
        }
        Ok(())
    }

    /// A lesson that comes from a changed one.
    fn child(
        &mut self,
        course: &Course,
        lesson: &'static str,
        revision: &str,
        parent_fits: bool,
    ) -> Result<(), Failure> {
        let parent = course::parent(lesson)?;
        let (ids, mut trees) = match Series::load(course, lesson)? {
            Some(series) => {
                let trees = self.trees_of_child(course, &series, revision)?;
                (series.steps.into_iter().map(|step| step.id).collect(), trees)
            }
            None => {
                let base = match self.known(course, lesson) {
                    Some(known) => known.parent,
                    None if parent_fits => self.source(parent),
                    None => git::at_revision(course.root(), revision, &course.src(parent)?)?,
                };
                (Vec::new(), vec![base, Tree::new()])
            }
        };
        // What was changed in its own `src` meanwhile is not lost: its last step takes it in.
        if let Some(last) = trees.last_mut() {
            *last = self.source(lesson);
        }
        let start = self.origin(parent);
        self.part(course, lesson, start.clone(), ids)?;
        let first = self.nodes.len();
        let count = trees.len() - 1;
        for number in 1..=count {
            let (base, theirs) = (trees[number - 1].clone(), trees[number].clone());
            let ours = if number == 1 { start.clone() } else { Origin::Node(first + number - 2) };
            let is_last = number == count;
            self.nodes.push(Node {
                lesson: lesson.to_owned(),
                step: number,
                is_last,
                base,
                ours,
                theirs,
                result: None,
            });
        }
        Ok(())
    }

    /// The steps of a lesson on what they were made from: the parent as it is, as it was known to be when both fitted,
    /// or as Git has it. The first of them from which the steps lead to the lesson; else, as the lesson itself may have
    /// been changed, the first that they can be applied to at all.
    fn trees_of_child(&self, course: &Course, series: &Series, revision: &str) -> Result<Vec<Tree>, Failure> {
        let lesson = self.source(series.lesson);
        let known = self.known(course, series.lesson).map(|known| known.parent);
        let committed = git::at_revision(course.root(), revision, &course.src(series.parent)?);
        let now = self.source(series.parent);
        let candidates = [Some(&now), known.as_ref(), committed.as_ref().ok()];
        let trees: Vec<Vec<Tree>> =
            candidates.into_iter().flatten().filter_map(|parent| series.trees(parent).ok()).collect();
        if let Some(exact) = trees.iter().find(|trees| trees.last() == Some(&lesson)) {
            return Ok(exact.clone());
        }
        let old = committed.and_then(|committed| series.trees(&committed));
        old.map_err(|failure| {
            let (parent, lesson) = (series.parent, series.lesson);
            let Both { en, zh } = failure.said;
            Failure::failed(both!(
                "it is not known from what the steps of lesson {lesson} were made: not from lesson {parent} as it is, \
                 nor as it was at {revision}; name the commit: --from COMMIT\n{en}",
                "不知道第 {lesson} 课的各步是从什么得来的：既不是现在的第 {parent} 课，也不是 {revision} 时的；\
                 请指明提交：--from COMMIT\n{zh}"
            ))
        })
    }

    fn known(&self, course: &Course, lesson: &str) -> Option<Known> {
        let text = std::fs::read_to_string(known_file(course, lesson)).ok()?;
        let known: Known = serde_json::from_str(&text).ok()?;
        (known.child == self.source(lesson) && known.head == git::head(course.root())).then_some(known)
    }

    fn tree(&self, origin: &Origin) -> Tree {
        match origin {
            Origin::Given(sources) => sources.clone(),
            Origin::Node(index) => self.nodes[*index].result.clone().unwrap_or_default(),
        }
    }

    fn go_on(mut self, course: &Course) -> Result<Progress, Failure> {
        for index in 0..self.nodes.len() {
            if self.nodes[index].result.is_some() {
                continue;
            }
            let ours = self.tree(&self.nodes[index].ours);
            let node = &self.nodes[index];
            // What is only called otherwise now is no change that a step could be in the way of.
            self.names.extend(names::replaced(&names::replace(&node.base, &self.names), &ours));
            let [base, theirs] = [&node.base, &node.theirs].map(|sources| names::replace(sources, &self.names));
            let merged = merge(&base, &ours, &theirs)?;
            let looked_at = merged.by_words.iter().map(|path| format!("{} {}: {path}", node.lesson, node.step));
            self.by_words.extend(looked_at);
            if merged.conflicts {
                return self.pause(course, index, &merged.tree);
            }
            self.nodes[index].result = Some(merged.tree);
        }
        self.finish(course)
    }

    /// Leaves a step to a person.
    fn pause(&self, course: &Course, index: usize, merged: &Tree) -> Result<Progress, Failure> {
        let node = &self.nodes[index];
        let folder = place(course).join(node.folder());
        let lesson = course::number(&node.lesson)?;
        let one = Crate { lesson, step: node.step, is_last: node.is_last, sources: merged };
        make::alone(course, &one, &folder)?;
        let state = serde_json::to_string(self)
            .map_err(|error| Failure::failed(both!("cannot keep the state: {error}", "无法保存状态：{error}")))?;
        tree::write_file(&state_file(course), &state)?;
        Ok(Progress::Conflict { lesson: node.lesson.clone(), step: node.step, folder, files: marked(merged) })
    }

    fn finish(self, course: &Course) -> Result<Progress, Failure> {
        self.nothing_has_changed_meanwhile(course)?;
        let mut changed = Vec::new();
        for part in &self.parts {
            changed.extend(self.write(course, part)?);
        }
        for part in &self.parts {
            let lesson = &part.lesson;
            let head = git::head(course.root());
            let known = Known { head, parent: self.tree(&part.start), child: self.tree(&part.end()) };
            // A mere help for the next time: if it cannot be kept, Git is asked.
            let text = serde_json::to_string(&known).unwrap_or_default();
            let _ = tree::write_file(&known_file(course, lesson), &text);
        }
        self.forget(course)?;
        Ok(Progress::Done { changed, by_words: self.by_words })
    }

    fn nothing_has_changed_meanwhile(&self, course: &Course) -> Result<(), Failure> {
        for (lesson, sources) in &self.sources {
            let mut differ = tree::differences(sources, &course.sources(lesson)?);
            if let Some(part) = self.parts.iter().find(|part| part.lesson == *lesson) {
                let folder = series::folder(course, lesson)?;
                let same = |(name, text): &&(String, String)| {
                    tree::read_file(&folder.join(name)).is_ok_and(|there| there == *text)
                };
                differ
                    .extend(part.patches.iter().filter(|patch| !same(patch)).map(|(name, _)| format!("steps/{name}")));
            }
            if !differ.is_empty() {
                let Both { en, zh } = tree::list(&differ);
                return Err(Failure::failed(both!(
                    "lesson {lesson} was changed since this began: {en}. Put that back, or begin again after \
                     just steps abort",
                    "第 {lesson} 课在此期间又被改动：{zh}。请恢复原样，或 just steps abort 之后重新开始"
                )));
            }
        }
        Ok(())
    }

    /// Writes a lesson and its steps, and says what has changed.
    fn write(&self, course: &Course, part: &Part) -> Result<Vec<String>, Failure> {
        let mut changed = Vec::new();
        let mut keep = |path: &Path, text: &str| {
            if tree::read_file(path).is_ok_and(|there| there == text) {
                return Ok(());
            }
            changed.push(path.strip_prefix(course.root()).unwrap_or(path).display().to_string());
            tree::write_file(path, text)
        };
        let folder = series::folder(course, &part.lesson)?;
        if let Some(table) = &part.table {
            keep(&folder.join("steps.toml"), table)?;
        }
        let mut before = self.tree(&part.start);
        for (index, id) in part.ids.iter().enumerate() {
            let after = self.tree(&Origin::Node(part.first + index));
            keep(&folder.join(series::patch_name(index + 1, id)), &patch::between(&before, &after))?;
            before = after;
        }
        let src = course.src(&part.lesson)?;
        let sources = self.tree(&part.end());
        let differ = tree::differences(&self.source(&part.lesson), &sources);
        let shown = src.strip_prefix(course.root()).unwrap_or(&src).parent().unwrap_or(&src).display().to_string();
        changed.extend(differ.iter().map(|path| format!("{shown}/{path}")));
        tree::write(&src, &sources)?;
        // Last: until here each step is in one patch or the other.
        for (name, _) in &part.patches {
            let still = (1..).zip(&part.ids).any(|(number, id)| series::patch_name(number, id) == *name);
            if !still {
                let path = folder.join(name);
                std::fs::remove_file(&path).map_err(|error| {
                    let path = path.display();
                    Failure::failed(both!("cannot remove {path}: {error}", "无法删除 {path}：{error}"))
                })?;
            }
        }
        Ok(changed)
    }

    /// What was kept for it.
    fn forget(&self, course: &Course) -> Result<(), Failure> {
        for node in &self.nodes {
            git::remove_folder(&place(course).join(node.folder()))?;
        }
        let state = state_file(course);
        match std::fs::remove_file(&state) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let state = state.display();
                Err(Failure::failed(both!("cannot remove {state}: {error}", "无法删除 {state}：{error}")))
            }
            _ => Ok(()),
        }
    }
}

fn known_file(course: &Course, lesson: &str) -> PathBuf {
    place(course).join("known").join(format!("{lesson}.json"))
}

impl Part {
    /// A lesson without steps is one step by itself.
    fn count(&self) -> usize {
        self.ids.len().max(1)
    }

    fn end(&self) -> Origin {
        Origin::Node(self.first + self.count() - 1)
    }
}

/// A step as `steps.toml` has it, to be filled in.
fn block(id: &str, stage: &str) -> String {
    format!(
        "[[step]]\nid = \"{id}\"\nname = {{ en = \"\", zh = \"\" }}\nminutes = 20\nstage = \"{stage}\"\ngreen = []\n\
         red = []\nhints = []\n"
    )
}

/// `steps.toml` with one more step, which gets this number. What else stands there, comments too, stays as it is.
fn insert(table: &str, number: usize, block: &str) -> String {
    let lines: Vec<&str> = table.lines().collect();
    let mut heads = (0..lines.len()).filter(|line| lines[*line].trim() == "[[step]]");
    let Some(head) = heads.nth(number - 1) else { return format!("{}\n\n{block}", table.trim_end()) };
    // A comment above a step belongs to it.
    let above = lines[..head].iter().rev().take_while(|line| line.starts_with('#')).count();
    let (before, after) = lines.split_at(head - above);
    let before: String = before.iter().map(|line| format!("{line}\n")).collect();
    let after: String = after.iter().map(|line| format!("{line}\n")).collect();
    format!("{before}{block}\n{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_put_where_its_number_is() {
        let table = "# Lesson 07.\n\n[[step]]\nid = \"a\"\n\n# The second.\n[[step]]\nid = \"b\"\n";
        let new = "[[step]]\nid = \"n\"\n";
        let second = insert(table, 2, new);
        assert_eq!(
            second,
            "# Lesson 07.\n\n[[step]]\nid = \"a\"\n\n[[step]]\nid = \"n\"\n\n# The second.\n[[step]]\nid = \"b\"\n"
        );
        assert!(insert(table, 1, new).starts_with("# Lesson 07.\n\n[[step]]\nid = \"n\"\n\n[[step]]\nid = \"a\"\n"));
        assert!(insert(table, 3, new).ends_with("id = \"b\"\n\n[[step]]\nid = \"n\"\n"));
    }

    #[test]
    fn a_file_that_one_side_removed_and_the_other_changed_is_a_conflict() {
        let tree = |text: &str| Tree::from([("a.rs".to_owned(), text.to_owned())]);
        let merged = merge(&tree("x\n"), &tree("y\n"), &Tree::new()).unwrap();
        assert!(merged.conflicts && !marked(&merged.tree).is_empty(), "{merged:?}");
        let clean = |tree: Tree| Sources { tree, ..Sources::default() };
        assert_eq!(merge(&tree("x\n"), &tree("x\n"), &Tree::new()).unwrap(), clean(Tree::new()));
        assert_eq!(merge(&tree("x\n"), &tree("y\n"), &tree("y\n")).unwrap(), clean(tree("y\n")));
        assert_eq!(merge(&tree("x\n"), &Tree::new(), &Tree::new()).unwrap(), clean(Tree::new()));
    }
}
