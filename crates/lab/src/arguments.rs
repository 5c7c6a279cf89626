//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use http_suite::Stage;

use crate::experiment::Experiment;

/// Measures the lessons, and any other server of static files on this machine.
#[derive(Debug, Parser)]
#[command(bin_name = "just", disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Task,
}

/// What is to be done. The justfile has a recipe for each.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// All experiments on all lessons, or on some; a report in target/lab
    #[command(name = "lab", override_usage = USAGE, after_help = EXAMPLES)]
    Run(Run),
    /// A sheet for each lesson: its lines, what it changes, what it takes, what it cannot do
    Sheet(Sheet),
    /// One request, system call by system call, with the lesson's words beside it
    Trace(Trace),
    /// Lessons beside nginx, lighttpd and a bare epoll loop: CPU of a request and of a large file, memory
    Bench(Bench),
    /// nginx, configured to be compared with
    #[command(hide = true)]
    Nginx(Reference),
    /// lighttpd, configured to be compared with
    #[command(hide = true)]
    Lighttpd(Reference),
}

const USAGE: &str = "\
just lab [OPTIONS] [NN]...
       just lab [OPTIONS] --server NAME=ADDRESS [NN]...
       just lab [OPTIONS] --server NAME [NN]... -- COMMAND...";

const EXAMPLES: &str = "\
Examples:
  just lab --quick                     a first look, in less than a minute
  just lab 04 07                       only these lessons
  just lab --only waits --only idle    only these experiments
  just lab --compare old.json          beside an earlier run: its target/lab/lab.json
  just lab 07 --server mine -- python3 server.py {port} {root}
  just lab 07 --server apache=127.0.0.1:8080      it serves what `just site FOLDER` made";

/// `just lab`.
#[derive(Debug, Args)]
pub struct Run {
    /// The lessons; all if none is named
    #[arg(value_name = "NN", value_parser = stage)]
    pub lessons: Vec<Stage>,

    /// Less of everything: done in less than a minute
    #[arg(long)]
    pub quick: bool,

    /// Only this experiment; more than once: these
    #[arg(long, value_name = "EXPERIMENT", value_enum)]
    only: Vec<Experiment>,

    /// An earlier run, to be shown beside this one
    #[arg(long, value_name = "FILE")]
    pub compare: Option<PathBuf>,

    /// One more server: NAME=ADDRESS if it runs already; NAME if its command stands at the end
    #[arg(long, value_name = "NAME[=ADDRESS]")]
    pub server: Vec<String>,

    /// The command that starts it. {port} and {root} are filled in
    #[arg(last = true, value_name = "COMMAND", requires = "server")]
    pub command: Vec<String>,

    /// With an address that is not of this machine: this is your own server to load
    #[arg(long)]
    pub i_own_this_host: bool,

    /// Where the report goes [default: target/lab]
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl Run {
    /// In their order, whatever the order on the command line.
    pub fn experiments(&self) -> Vec<Experiment> {
        let wanted = |one: &Experiment| self.only.is_empty() || self.only.contains(one);
        Experiment::ALL.into_iter().filter(wanted).collect()
    }

    /// Beside what is built, whichever folder this is called from.
    pub fn output(&self) -> PathBuf {
        let built = || std::env::current_exe().ok()?.parent()?.parent().map(|target| target.join("lab"));
        self.output.clone().or_else(built).unwrap_or_else(|| PathBuf::from("target/lab"))
    }
}

/// `just sheet`.
#[derive(Debug, Args)]
pub struct Sheet {
    /// The lessons; all if none is named
    #[arg(value_name = "NN", value_parser = stage)]
    pub lessons: Vec<Stage>,
}

/// `just trace 07`, `just trace 127.0.0.1:8080`, `just trace 4711`.
#[derive(Debug, Args)]
pub struct Trace {
    /// A lesson; or a server that runs already, by ADDRESS:PORT; or a process, to be watched until Ctrl-C, by its PID
    #[arg(value_name = "NN|ADDRESS|PID", value_parser = traced)]
    pub server: Traced,

    /// What is asked for
    #[arg(value_name = "TARGET", default_value = "/hello.txt")]
    pub target: String,
}

/// Whose system calls are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traced {
    /// Started for it.
    Lesson(Stage),
    /// The process that listens here.
    Address(SocketAddr),
    /// This process, whatever others ask of it.
    Process(u32),
}

/// `just bench 07`.
#[derive(Debug, Args)]
pub struct Bench {
    /// The lessons
    #[arg(value_name = "NN", default_values = ["07", "08", "09", "10", "11"], value_parser = stage)]
    pub lessons: Vec<Stage>,

    /// How many rounds, of which the medians are taken
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub rounds: u8,

    /// How long each measurement of a round takes
    #[arg(long, value_name = "MS", default_value_t = 700, value_parser = clap::value_parser!(u16).range(50..=10_000))]
    pub milliseconds: u16,
}

/// What nginx and lighttpd are started with.
#[derive(Debug, Args)]
pub struct Reference {
    /// Where it listens, on 127.0.0.1
    #[arg(long)]
    pub port: u16,
    /// The files to be served
    #[arg(long)]
    pub root: PathBuf,
    /// For its configuration and whatever else it writes
    #[arg(long)]
    pub folder: PathBuf,
    /// The most connections at a time, if that is not to be its default
    #[arg(long)]
    pub connections: Option<u32>,
    /// How long a file stays open after a request, in seconds (nginx: `open_file_cache`)
    #[arg(long)]
    pub keep_files: Option<u32>,
}

fn traced(text: &str) -> Result<Traced, String> {
    if let Some(stage) = Stage::from_name(text) {
        return Ok(Traced::Lesson(stage));
    }
    if let Ok(address) = text.parse() {
        return Ok(Traced::Address(address));
    }
    // Two digits with a zero in front are meant as a lesson.
    match text.parse() {
        Ok(pid) if pid > 0 && !text.starts_with('0') => Ok(Traced::Process(pid)),
        _ => stage(text).map(Traced::Lesson).map_err(|lessons| format!("{lessons}; else 127.0.0.1:8080, or a PID")),
    }
}

fn stage(text: &str) -> Result<Stage, String> {
    let last = || Stage::all().last().map_or(String::new(), |stage| stage.to_string());
    Stage::from_name(text).ok_or_else(|| format!("the lessons are 01 to {}", last()))
}
