//! The servers of the lessons, built as `just build` builds them.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::both;
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
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(course.root()).args(["build", "--bins", "--message-format=json-render-diagnostics"]);
        cargo.arg("--target-dir").arg(make::target(course));
        if !io::stderr().is_terminal() {
            cargo.arg("--quiet");
        }
        for lesson in lessons {
            let folder = course.folder(lesson)?;
            cargo.arg("--package").arg(folder.file_name().unwrap_or_default());
        }
        let ended = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        let ended =
            ended.map_err(|error| Failure::failed(both!("cannot run cargo: {error}", "无法运行 cargo：{error}")))?;
        let lessons = lessons.join(", ");
        if !ended.status.success() {
            return Err(Failure::failed(both!("lesson {lessons} cannot be built", "第 {lessons} 课无法构建")));
        }
        let messages = ended.stdout.split(|byte| *byte == b'\n');
        let program = |message: &[u8]| {
            let message: serde_json::Value = serde_json::from_slice(message).ok()?;
            let lesson = message["target"]["name"].as_str()?.strip_prefix("lesson-")?.to_owned();
            Some((lesson, PathBuf::from(message["executable"].as_str()?)))
        };
        Ok(Programs(messages.filter_map(program).collect()))
    }

    /// The program of this lesson.
    pub fn of(&self, lesson: &str) -> Option<&PathBuf> {
        self.0.get(lesson)
    }
}
