//! `learn`: a learner builds the servers of this course.

mod arguments;
mod chinese;
mod maintain;
mod say;
mod standing;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use http_suite::{SharedHouse, keep};
use tutor::both;
use tutor::course::Course;
use tutor::language::{Failure, Language};

use arguments::{Arguments, Task};
use say::warn;

fn main() -> ExitCode {
    if let Some(status) = keep::kept(env::args_os()) {
        return status;
    }
    let (arguments, language) = Arguments::read();
    arguments.color.choice().write_global();
    let house = SharedHouse::default();
    let result = run(&arguments, language, &house);
    house.leave();
    result.unwrap_or_else(|Failure { said, status }| {
        warn(&format!("learn: {}\n", said.say(language)));
        ExitCode::from(status)
    })
}

fn run(arguments: &Arguments, language: Language, house: &SharedHouse) -> Result<ExitCode, Failure> {
    let course = Course::at(&arguments.root.clone().unwrap_or_else(here))?;
    house
        .leave_on_signals()
        .map_err(|error| Failure::wrong(both!("cannot wait for signals: {error}", "无法等待信号：{error}")))?;
    match &arguments.command {
        Some(Task::Check(wanted)) => standing::check(&course, wanted, arguments.language, house, language),
        Some(Task::Ladder(task)) => maintain::ladder(&course, task, language),
        _ => Err(Failure::wrong(both!("not yet", "尚未实现"))),
    }
}

/// The checkout that this was built from. It may have been moved since; Cargo says where it is now.
fn here() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.join("../..")
}
