//! The servers that are measured: the lessons, nginx, a floor to compare with, and what somebody brings.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use http_suite::site::Site;
use http_suite::{PATIENT, Server, Stage, Subject};
use load::Stop;

/// How long a client may be silent in a measurement: longer than any takes.
const PATIENCE: &str = "600";

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
    subject: Subject,
}

impl Contender {
    /// A lesson that is built in this folder.
    ///
    /// 08 has one worker: the others too have one thread at a time, and the load generator needs a core of its own.
    pub fn lesson(stage: Stage, programs: &Path) -> Contender {
        let mut words = Contender::lesson_by_default(stage, programs);
        if stage.number() >= 6 {
            words.extend(["--per-client", "1000000"].map(str::to_owned));
        }
        if stage.number() == 8 {
            words.extend(["--workers", "1"].map(str::to_owned));
        }
        Contender::of_lesson(stage, words)
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
            title: stage.title().to_owned(),
            stage: Some(stage),
            keeps_alive: stage.number() >= 6,
            has_files: stage.number() > 1,
            subject: Subject::Command { words, timeout: PATIENT },
        }
    }

    /// One of the servers that this program starts by itself: `floor`, `nginx`.
    pub fn helper(name: &str, title: &str, arguments: &[&str]) -> Result<Contender, Stop> {
        let program = own_program()?;
        let program = program.to_string_lossy();
        let words = [&*program, name, "--port", "{port}"].into_iter().chain(arguments.iter().copied());
        let subject = Subject::Command { words: words.map(str::to_owned).collect(), timeout: PATIENT };
        Ok(Contender { has_files: name != "floor", ..Contender::other(name, title, subject) })
    }

    /// Any other server. It is taken for one that can do all, and [`Contender::start`] sees whether that is so.
    pub fn other(name: &str, title: &str, subject: Subject) -> Contender {
        let (name, title) = (name.to_owned(), title.to_owned());
        Contender { name, title, stage: None, keeps_alive: true, has_files: true, subject }
    }

    /// A server of its own for this measurement. Dropping it stops it.
    pub fn start(&self, site: &Site) -> Result<Server, Stop> {
        let started = self.subject.start(site, &Default::default());
        started.map_err(|error| Stop::Failed(format!("{} does not start: {}", self.name, error.trim())))
    }

    /// Where it listens, if it does so without being started.
    pub fn running(&self) -> Option<SocketAddr> {
        match self.subject {
            Subject::Running { address, .. } => Some(address),
            Subject::Command { .. } | Subject::Lesson { .. } => None,
        }
    }
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
