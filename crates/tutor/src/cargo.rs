//! Cargo, as it is called from here.

use std::env;
use std::fmt::Display;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::both;
use crate::language::Both;

/// The Cargo that this was started by, or the one on the path. It asks nobody anything.
pub fn command() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.stdin(Stdio::null());
    cargo
}

/// Why it could not be started.
pub fn cannot_run(error: &dyn Display) -> Both {
    both!("cannot run cargo: {error}", "无法运行 cargo：{error}")
}

/// What a build has come to that was asked for its messages as JSON (`--message-format=json`, see "External tools" in
/// The Cargo Book).
#[derive(Clone, Debug)]
pub struct Build {
    messages: Vec<Value>,
    /// Whether all of it could be built.
    pub succeeded: bool,
}

impl Build {
    /// Has this command build. What it says besides goes to standard error.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub fn by(cargo: &mut Command) -> io::Result<Build> {
        let ended = cargo.stderr(Stdio::inherit()).output()?;
        Ok(Build { messages: messages(&ended.stdout), succeeded: ended.status.success() })
    }

    /// The names of the programs that there are now, and where.
    pub fn programs(&self) -> impl Iterator<Item = (&str, PathBuf)> {
        let program = |message: &Value| message["executable"].as_str().map(PathBuf::from);
        self.messages.iter().filter_map(move |message| Some((message["target"]["name"].as_str()?, program(message)?)))
    }

    /// What the compiler says, for people.
    pub fn rendered(&self) -> String {
        self.messages.iter().filter_map(|message| message["message"]["rendered"].as_str()).collect()
    }

    /// How many times it warns of this target.
    pub fn warnings(&self, name: &str) -> usize {
        let of_it = self.messages.iter().filter(|message| message["target"]["name"] == name);
        of_it.filter(|message| is_about_code(message, "warning")).count()
    }
}

/// The messages, in their order.
pub(crate) fn messages(stdout: &[u8]) -> Vec<Value> {
    stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

/// Whether this is of a level, `warning` or `error`, and of a place in the code. The last of all only says how many
/// there were.
pub(crate) fn is_about_code(message: &Value, level: &str) -> bool {
    let message = &message["message"];
    message["level"] == level && message["spans"].as_array().is_some_and(|spans| !spans.is_empty())
}
