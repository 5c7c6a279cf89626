//! The patient that runs: started in the background, found again by other commands, stopped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use http_suite::process::{Process, until};
use http_suite::site::Site;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use crate::both;
use crate::language::{Both, Failure};
use crate::sick::Patient;
use crate::tree;

/// The program that has all defects.
const PROGRAM: &str = "mutant";
/// How long a client may be silent, in seconds.
const TIMEOUT: &str = "10";
/// How long the end of a process may take.
const ENDING: Duration = Duration::from_secs(5);

/// What is known of the patient that runs, from one command to the next: `work/sick/running.toml`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Running {
    /// The patient.
    pub number: u16,
    /// The process that listens. It leads a process group of its own, in which all of its children are.
    pub pid: u32,
    /// The port on 127.0.0.1.
    pub port: u16,
    /// How many hints have been opened.
    pub hints: usize,
    /// How many wrong answers have been given.
    pub wrong: usize,
}

/// Where the learner's patients are kept, in this checkout.
pub fn folder(root: &Path) -> PathBuf {
    root.join("work/sick")
}

impl Running {
    /// Starts this patient, with files of the suite to serve. Nothing that `/proc` shows of the process tells which
    /// defect it has.
    ///
    /// # Errors
    ///
    /// If the files cannot be made, or the server cannot be started.
    pub fn start(patient: &Patient, programs: &Path, folder: &Path) -> Result<Running, Failure> {
        let (site, log) = (folder.join("site"), folder.join("log"));
        let cannot = |error: &io::Error| {
            let shown = folder.display();
            Failure::failed(both!("cannot prepare {shown}: {error}", "无法准备 {shown}：{error}"))
        };
        fs::create_dir_all(folder).map_err(|error| cannot(&error))?;
        if site.exists() {
            fs::remove_dir_all(&site).map_err(|error| cannot(&error))?;
        }
        Site::make_in(&site).map_err(|error| cannot(&error))?;
        let pipe = unread_pipe(&log).map_err(|error| cannot(&error))?;
        let (pid, port) = started(patient, &programs.join(PROGRAM), &site.join("root"), pipe).map_err(|error| {
            let number = patient.number;
            Failure::failed(both!("patient {number} cannot be started: {error}", "病人 {number} 无法启动：{error}"))
        })?;
        let running = Running { number: patient.number, pid, port, hints: 0, wrong: 0 };
        running.save(folder)?;
        Ok(running)
    }

    /// The one that was started last, whether or not its server still runs.
    ///
    /// # Errors
    ///
    /// If there is none, or the file cannot be read.
    pub fn load(folder: &Path) -> Result<Running, Failure> {
        let path = folder.join("running.toml");
        if !path.exists() {
            return Err(Failure::wrong(both!(
                "no patient is here: just sick start brings one",
                "现在没有病人：用 just sick start 请一位来"
            )));
        }
        let text = tree::read_file(&path)?;
        let shown = path.display();
        toml::from_str(&text).map_err(|error| Failure::failed(both!("{shown}: {error}", "{shown}：{error}")))
    }

    /// Writes it down.
    ///
    /// # Errors
    ///
    /// If that cannot be done.
    pub fn save(&self, folder: &Path) -> Result<(), Failure> {
        tree::write_file(&folder.join("running.toml"), &toml::to_string(self).unwrap_or_default())
    }

    /// Whether the process that listens is still there, and still that one.
    pub fn is_alive(&self) -> bool {
        !Process(self.pid).has_ended() && is_ours(self.pid)
    }

    /// Ends the server and whatever it has started. Of processes that have got one of its numbers since, it touches
    /// none.
    ///
    /// # Errors
    ///
    /// If what is written about it cannot be removed.
    pub fn stop(&self, folder: &Path) -> Result<(), Failure> {
        for process in self.group() {
            process.signal(Signal::KILL);
        }
        until(ENDING, || self.group().iter().all(|process| process.has_ended()));
        let path = folder.join("running.toml");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                let shown = path.display();
                Err(Failure::failed(both!("cannot remove {shown}: {error}", "无法删除 {shown}：{error}")))
            }
            _ => Ok(()),
        }
    }

    /// All that lives of it.
    fn group(&self) -> Vec<Process> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let mut group: Vec<Process> = pids.map(Process).filter(|one| one.group() == Some(self.pid)).collect();
        group.retain(|one| !one.has_ended() && is_ours(one.0));
        group
    }

    /// The text, with what it says of this server filled in.
    pub fn filled(&self, text: &Both, folder: &Path) -> Both {
        let fill = |text: &str| {
            text.replace("{url}", &format!("http://127.0.0.1:{}", self.port))
                .replace("{port}", &self.port.to_string())
                .replace("{pid}", &self.pid.to_string())
                .replace("{root}", &folder.join("site/root").display().to_string())
                .replace("{log}", &folder.join("log").display().to_string())
        };
        Both { en: fill(&text.en), zh: fill(&text.zh) }
    }
}

/// A process that runs the program with the defects. A program that was built anew meanwhile is shown as deleted.
fn is_ours(pid: u32) -> bool {
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    program
        .file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.trim_end_matches(" (deleted)") == PROGRAM)
}

/// A pipe that has a name, and that nobody reads until somebody opens it: standard error of a server whose log goes to
/// a collector that stands still. It is opened for both, so that it neither waits for a reader nor ends with one.
fn unread_pipe(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    mknodat(CWD, path, FileType::Fifo, Mode::from(0o600), 0)?;
    OpenOptions::new().read(true).write(true).open(path)
}

/// The process, and the port that it has chosen.
fn started(patient: &Patient, program: &Path, root: &Path, log: File) -> io::Result<(u32, u16)> {
    let mut command = Command::new(program);
    // What `ps` shows, also as the command.
    command.arg0("server").arg("-").args(["--port", "0", "--timeout", TIMEOUT]).arg("--root").arg(root);
    command.args(&patient.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
    // Ctrl-C is for the command that started it.
    let mut child = command.process_group(0).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        writeln!(stdin, "{}", patient.defect)?;
    }
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    let port = line.trim_end().rsplit(':').next().and_then(|port| port.parse().ok());
    match port {
        Some(port) => Ok((child.id(), port)),
        None => {
            let _ = child.kill();
            let status = child.wait()?;
            Err(io::Error::other(format!("it does not say where it listens ({status})")))
        }
    }
}
