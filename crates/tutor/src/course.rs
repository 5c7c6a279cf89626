//! The lessons in a checkout: where each lies, and which comes from which.

use std::fs;
use std::path::{Path, PathBuf};

use http_suite::Stage;
use http_suite::stages::{LESSONS, PARENTS};

use crate::both;
use crate::language::Failure;
use crate::tree::{self, Tree};

/// A checkout of this repository, or a folder that has `crates/lesson-NN-…` as it has.
#[derive(Clone, Debug)]
pub struct Course {
    root: PathBuf,
}

/// The two digits of a lesson, however it is written: `07`, `7`, `lesson-07`.
pub fn number(text: &str) -> Result<&'static str, Failure> {
    let stage = Stage::from_name(text).ok_or_else(|| {
        let (first, last) = (LESSONS[0].0, LESSONS[LESSONS.len() - 1].0);
        Failure::wrong(both!(
            "there is no lesson '{text}'; they are {first} to {last}",
            "没有“{text}”这一课；各课为 {first} 到 {last}"
        ))
    })?;
    Ok(stage.name())
}

/// The lesson that this one comes from.
pub fn parent(lesson: &str) -> Result<&'static str, Failure> {
    let found = PARENTS.iter().find(|(child, _)| *child == lesson).map(|(_, parent)| *parent);
    found
        .ok_or_else(|| Failure::wrong(both!("lesson {lesson} comes from no other", "第 {lesson} 课不是由其他课得来的")))
}

/// All lessons that come from this one, directly or not; each behind its parent.
pub fn descendants(lesson: &str) -> Vec<&'static str> {
    let mut found: Vec<&str> = Vec::new();
    for (child, parent) in PARENTS {
        if parent == lesson || found.contains(&parent) {
            found.push(child);
        }
    }
    found
}

impl Course {
    /// In this folder.
    pub fn at(root: &Path) -> Result<Course, Failure> {
        let shown = root.display();
        let root = root.canonicalize().ok().filter(|root| root.join("crates").is_dir()).ok_or_else(|| {
            Failure::wrong(both!(
                "{shown} is no checkout: it has no folder crates",
                "{shown} 不是工作区：其中没有 crates 目录"
            ))
        })?;
        Ok(Course { root })
    }

    /// Its folder, as an absolute path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `crates/lesson-07-epoll`.
    pub fn folder(&self, lesson: &str) -> Result<PathBuf, Failure> {
        let beginning = format!("lesson-{lesson}-");
        let entries = fs::read_dir(self.root.join("crates")).into_iter().flatten().flatten();
        let is_it = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&beginning)) && path.is_dir()
        };
        entries.map(|entry| entry.path()).find(is_it).ok_or_else(|| {
            Failure::failed(both!("there is no folder crates/{beginning}*", "没有目录 crates/{beginning}*"))
        })
    }

    /// Whether the lesson has a folder here.
    pub fn has(&self, lesson: &str) -> bool {
        self.folder(lesson).is_ok()
    }

    /// Its `src`.
    pub fn src(&self, lesson: &str) -> Result<PathBuf, Failure> {
        Ok(self.folder(lesson)?.join("src"))
    }

    /// What is in its `src`.
    pub fn sources(&self, lesson: &str) -> Result<Tree, Failure> {
        tree::read(&self.src(lesson)?)
    }

    /// The lessons here that come from another, each behind its parent.
    pub fn children(&self) -> Vec<&'static str> {
        let here = |(child, parent): &(&'static str, &'static str)| self.has(child) && self.has(parent);
        PARENTS.iter().filter(|pair| here(pair)).map(|(child, _)| *child).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_is_known_by_several_names() {
        assert_eq!(number("7").unwrap(), "07");
        assert_eq!(number("lesson-07").unwrap(), "07");
        let failure = number("seven").unwrap_err();
        assert_eq!(failure.status, 2);
        assert!(failure.said.en.contains("'seven'"), "{failure:?}");
    }

    #[test]
    fn descendants_come_behind_their_parents() {
        assert_eq!(descendants("04"), ["05", "06", "07", "08", "09", "10", "11"]);
        assert_eq!(descendants("05"), ["06", "07", "09", "11"]);
        assert_eq!(descendants("08"), ["10"]);
        assert_eq!(descendants("10"), [""; 0]);
        assert_eq!(parent("08").unwrap(), "04");
        assert_eq!(parent("01").unwrap_err().status, 2);
    }
}
