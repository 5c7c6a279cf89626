//! The servers of the lessons, built as `just build` builds them.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use crate::both;
use crate::cargo::{self, Build};
use crate::course::Course;
use crate::language::Failure;
use crate::make;

/// The programs of lessons, by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Programs(BTreeMap<String, PathBuf>);

impl Programs {
    /// Builds these lessons, if they have to be. Cargo says what it does where there is a terminal, and otherwise only
    /// what goes wrong.
    pub fn build(course: &Course, lessons: &[&str]) -> Result<Programs, Failure> {
        if lessons.is_empty() {
            return Ok(Programs::default());
        }
        let mut cargo = cargo::command();
        cargo.current_dir(course.root()).args(["build", "--bins", "--message-format=json-render-diagnostics"]);
        cargo.arg("--target-dir").arg(make::target(course));
        if !io::stderr().is_terminal() {
            cargo.arg("--quiet");
        }
        for lesson in lessons {
            let folder = course.folder(lesson)?;
            cargo.arg("--package").arg(folder.file_name().unwrap_or_default());
        }
        let build = Build::by(&mut cargo).map_err(|error| Failure::failed(cargo::cannot_run(&error)))?;
        if !build.succeeded {
            let lessons = lessons.join(", ");
            return Err(Failure::failed(both!("lesson {lessons} cannot be built", "第 {lessons} 课无法构建")));
        }
        let of_a_lesson = |(name, program): (&str, PathBuf)| Some((name.strip_prefix("lesson-")?.to_owned(), program));
        Ok(Programs(build.programs().filter_map(of_a_lesson).collect()))
    }

    /// The program of this lesson.
    pub fn of(&self, lesson: &str) -> Option<&PathBuf> {
        self.0.get(lesson)
    }
}
