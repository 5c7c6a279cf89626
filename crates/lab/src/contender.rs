//! The servers that are measured: the lessons, nginx, a floor to compare with, and what somebody brings.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use http_suite::site::Site;
use http_suite::{Mark, PATIENT, Server, Stage, Subject};
use load::Stop;

use crate::references::FLOOR;

/// How long a client may be silent in a measurement: longer than any takes.
const PATIENCE: &str = "600";
/// How long a file is kept open where that is measured, in seconds: longer than a measurement.
pub const KEEP_FILES: &str = "60";
/// Behind the name of a server that keeps files open: `07+keep`.
pub const KEEPING: &str = "+keep";

/// A server, and what is to be known of it before it is measured.
#[derive(Clone, Debug)]
pub struct Contender {
    /// `07`, `nginx`: in tables and pictures.
    pub name: String,
    /// `epoll`: what it is.
    pub title: String,
    /// If it is a lesson.
    pub stage: Option<Stage>,
    /// Whether one connection serves many requests.
    pub keeps_alive: bool,
    /// Whether it serves files, or always the same page.
    pub has_files: bool,
    /// Whether it keeps files open from one request to the next (`--keep-files`, `open_file_cache`).
    pub keeps_files: bool,
    subject: Subject,
}

impl Contender {
    /// A lesson that is built in this folder, and, if it has `--keep-files`, the same with that option.
    ///
    /// A lesson that has workers gets one: the others too have one thread at a time, and the load generator needs a
    /// core of its own.
    pub fn lesson(stage: Stage, programs: &Path) -> Vec<Contender> {
        let help = help(&programs.join(stage.lesson()));
        let mut words = Contender::lesson_by_default(stage, programs);
        for (option, value) in [("--per-client", "1000000"), ("--workers", "1")] {
            if has(&help, option) {
                words.extend([option, value].map(str::to_owned));
            }
        }
        let plain = Contender::of_lesson(stage, words.clone());
        if !has(&help, "--keep-files") {
            return vec![plain];
        }
        words.extend(["--keep-files", KEEP_FILES].map(str::to_owned));
        vec![plain, Contender::of_lesson(stage, words).keeping_files()]
    }

    /// The same as a person starts it, with the timeout that is asked for.
    pub fn plain_lesson(stage: Stage, programs: &Path, timeout: u16) -> Contender {
        let mut words = Contender::lesson_by_default(stage, programs);
        words.extend(["--timeout".to_owned(), timeout.to_string()]);
        Contender::of_lesson(stage, words)
    }

    fn lesson_by_default(stage: Stage, programs: &Path) -> Vec<String> {
        let program = programs.join(stage.lesson()).to_string_lossy().into_owned();
        let mut words =
            [&program, "--quiet", "--port", "{port-or-0}", "--timeout", PATIENCE].map(str::to_owned).to_vec();
        if stage.number() > 1 {
            words.extend(["--root", "{root}"].map(str::to_owned));
        }
        words
    }

    fn of_lesson(stage: Stage, words: Vec<String>) -> Contender {
        Contender {
            name: stage.to_string(),
            title: stage.title().en,
            stage: Some(stage),
            keeps_alive: stage.mark("one-request-after-another") == Mark::Passes,
            has_files: stage.number() > 1,
            keeps_files: false,
            subject: Subject::Command { words, timeout: PATIENT },
        }
    }

    /// The bare epoll loop, which is built beside the lessons.
    pub fn floor() -> Result<Contender, Stop> {
        let program = programs()?.join(FLOOR).to_string_lossy().into_owned();
        let subject = Subject::Command { words: vec![program, "{port}".to_owned()], timeout: PATIENT };
        Ok(Contender { has_files: false, ..Contender::other(FLOOR, "bare loop", subject) })
    }

    /// One of the servers that this program becomes: `nginx`, `lighttpd`.
    pub fn helper(name: &str, title: &str, arguments: &[String]) -> Result<Contender, Stop> {
        let program = own_program()?.to_string_lossy().into_owned();
        let words = [program, name.to_owned(), "--port".to_owned(), "{port}".to_owned()];
        let words = words.into_iter().chain(arguments.iter().cloned()).collect();
        Ok(Contender::other(name, title, Subject::Command { words, timeout: PATIENT }))
    }

    /// The same server, told to keep files open: under a name of its own.
    pub fn keeping_files(self) -> Contender {
        Contender { name: format!("{}{KEEPING}", self.name), keeps_files: true, ..self }
    }

    /// Any other server. It is taken for one that can do all, and [`Contender::start`] sees whether that is so.
    pub fn other(name: &str, title: &str, subject: Subject) -> Contender {
        let (name, title) = (name.to_owned(), title.to_owned());
        Contender { name, title, stage: None, keeps_alive: true, has_files: true, keeps_files: false, subject }
    }

    /// A server of its own for this measurement. Dropping it stops it.
    pub fn start(&self, site: &Site) -> Result<Server, Stop> {
        let started = self.subject.start(site, &Default::default());
        started.map_err(|error| Stop::Failed(format!("{} does not start: {}", self.name, error.en.trim())))
    }

    /// Where it listens, if it does so without being started.
    pub fn running(&self) -> Option<SocketAddr> {
        match self.subject {
            Subject::Running { address, .. } => Some(address),
            Subject::Command { .. } | Subject::Lesson { .. } => None,
        }
    }
}

/// What a program says of its options; nothing if it cannot be asked.
fn help(program: &Path) -> String {
    let output = Command::new(program).arg("--help").output();
    output.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a help text has this option. `--keep` is not `--keep-files`.
fn has(help: &str, option: &str) -> bool {
    help.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').any(|word| word == option)
}

/// The path of this program: as the system knows it, or, where there is no `/proc`, as it was started.
fn own_program() -> Result<PathBuf, Stop> {
    env::current_exe()
        .or_else(|error| env::args_os().next().map(PathBuf::from).filter(|path| path.exists()).ok_or(error))
        .map_err(Stop::to("find this program"))
}

/// Where the lessons are that the recipe has built: beside this program, but made for measuring.
pub fn programs() -> Result<PathBuf, Stop> {
    let program = own_program()?;
    let target = program.parent().and_then(Path::parent).unwrap_or(Path::new("target"));
    Ok(target.join("release"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_found_by_its_whole_name() {
        let help = "Usage: lesson-07 [OPTIONS]\n  --keep-files SECONDS  keep\n  --workers=N\n";
        assert!(has(help, "--keep-files") && has(help, "--workers"));
        assert!(!has(help, "--keep") && !has(help, "--work") && !has("", "--workers"));
    }

    #[test]
    fn a_server_that_keeps_files_has_a_name_of_its_own() {
        let contender = Contender::helper("nginx", "1", &[]).expect("this program has a path").keeping_files();
        assert_eq!((contender.name.as_str(), contender.keeps_files), ("nginx+keep", true));
    }
}
