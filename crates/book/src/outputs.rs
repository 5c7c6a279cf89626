//! Commands that the books show, with what they really print.
//!
//! `docs/outputs.toml` has the commands, `docs/outputs/NAME.txt` what each printed. A command runs just as it is shown,
//! as if it had been typed in `just shell`: by bash, in a folder of its own, with the lessons on its path and `$COURSE`
//! the folder of the repository. Only, several run at a time, so that each gets another port in the place of 7890.
//! Whatever it leaves running is ended.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use http_suite::stages::Stage;
use regex::Regex;
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process_group, set_child_subreaper, waitpgid};
use serde::Deserialize;

use crate::diff;
use crate::html::preformatted;
use crate::problem::Problem;
use crate::repository::Repository;
use crate::tidy::tidy;

const COMMANDS: &str = "docs/outputs.toml";
/// The demonstrations without HTTP, which a reader has as commands too.
pub const DEMONSTRATIONS: [&str; 3] = ["watch-the-list", "watch-epoll", "watch-the-pool"];
/// Where the lessons listen, as all commands have it.
pub(crate) const PORT: &str = "7890";
/// What a command may take at most; ten times of what it should.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long after its end what it printed may still be on its way, through a filter that it started.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

/// All of them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outputs {
    #[serde(default)]
    output: Vec<Output>,
}

/// A command.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// What a chapter calls it.
    pub name: String,
    run: String,
    /// Patterns for what is different each time, each with what is shown for it.
    #[serde(default)]
    normalise: Vec<(String, String)>,
}

/// What a run came to.
pub enum Run {
    /// What was printed, without what differs each time.
    Printed(String),
    /// Why there is nothing.
    Failed(String),
    /// Which program is not on this machine.
    Lacks(String),
}

impl Outputs {
    /// From `docs/outputs.toml`.
    pub fn read(repository: &Repository) -> Result<Outputs, String> {
        if !repository.path(COMMANDS).exists() {
            return Ok(Outputs::default());
        }
        let outputs: Outputs =
            toml::from_str(&repository.read(COMMANDS)?).map_err(|error| format!("{COMMANDS}: {error}"))?;
        for (index, output) in outputs.output.iter().enumerate() {
            if outputs.output[..index].iter().any(|earlier| earlier.name == output.name) {
                return Err(format!("{COMMANDS}: there are two of {}", output.name));
            }
            output.patterns()?;
        }
        Ok(outputs)
    }

    /// All, in order.
    pub fn all(&self) -> &[Output] {
        &self.output
    }

    /// One, by its name.
    pub fn get(&self, name: &str) -> Result<&Output, String> {
        let found = self.output.iter().find(|output| output.name == name);
        found.ok_or_else(|| format!("there is no output {name} in {COMMANDS}"))
    }

    /// A command and what it printed, as one line of HTML.
    pub fn html(&self, repository: &Repository, name: &str) -> Result<String, String> {
        let output = self.get(name)?;
        let printed = repository.read(output.file()).map_err(|_| "its command has not been run yet".to_owned())?;
        let command = preformatted(output.shown());
        let printed = preformatted(printed.trim_end());
        Ok(format!(
            "<figure class=\"output\"><pre class=\"command\"><code class=\"nohighlight\">{command}</code></pre>\
             <pre class=\"printed\"><code class=\"nohighlight\">{printed}</code></pre></figure>"
        ))
    }
}

impl Output {
    /// `docs/outputs/NAME.txt`
    pub fn file(&self) -> String {
        format!("docs/outputs/{}.txt", self.name)
    }

    /// The command as the page has it.
    pub fn shown(&self) -> &str {
        self.run.trim_matches('\n').trim_end()
    }

    fn patterns(&self) -> Result<Vec<(Regex, &str)>, String> {
        let wrong = |error| format!("{COMMANDS}: a pattern of {} is none: {error}", self.name);
        self.normalise.iter().map(|(pattern, text)| Ok((Regex::new(pattern).map_err(wrong)?, text.as_str()))).collect()
    }

    /// Runs it, with programs from this folder.
    pub fn run(&self, repository: &Repository, programs: &Path) -> Run {
        self.printed(repository, programs).unwrap_or_else(|error| Run::Failed(format!("{}: {error}", self.name)))
    }

    fn printed(&self, repository: &Repository, programs: &Path) -> Result<Run, String> {
        let folder = tempfile::tempdir().map_err(|error| format!("cannot make a folder: {error}"))?;
        let port = free_port().map_err(|error| format!("there is no free port: {error}"))?;
        let lessons = on_port(port, programs).map_err(|error| format!("cannot make a folder: {error}"))?;
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{}:{path}", lessons.path().display(), programs.display());
        let mut command = Command::new("bash");
        command.args(["-c", &self.run.replace(PORT, &port.to_string())]);
        command.current_dir(folder.path()).stdin(Stdio::null());
        command.env_clear().env("PATH", path).env("HOME", folder.path()).env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        command.env("COURSE", repository.path(""));
        let (code, text) = run(command)?;
        // What bash says of a program that is not there.
        if code == Some(127) || text.contains(": command not found") {
            return Ok(Run::Lacks(text.trim().to_owned()));
        }
        let root = repository.path("html");
        let text = text.replace(&folder.path().display().to_string(), ".").replace(&root.display().to_string(), "html");
        let text = tidy(&text, port);
        let text =
            self.patterns()?.iter().fold(text, |text, (pattern, by)| pattern.replace_all(&text, *by).into_owned());
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        Ok(Run::Printed(format!("{}\n", lines.join("\n").trim_end())))
    }
}

/// A folder with a command for each lesson and each demonstration, which listens on this port where nothing else is
/// said.
fn on_port(port: u16, programs: &Path) -> std::io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    for (command, program) in commands(programs) {
        let script = format!(
            "#!/usr/bin/env bash\n[[ \" $*\" == *' --port'* ]] || set -- --port {port} \"$@\"\nexec '{}' \"$@\"\n",
            program.display()
        );
        fs::write(folder.path().join(&command), script)?;
        fs::set_permissions(folder.path().join(&command), fs::Permissions::from_mode(0o755))?;
    }
    Ok(folder)
}

/// What a reader has as a command, and where the program is.
fn commands(programs: &Path) -> Vec<(String, PathBuf)> {
    let lessons = Stage::all().map(|stage| stage.lesson()).map(|name| (name.clone(), programs.join(name)));
    let demonstrations = DEMONSTRATIONS.map(|name| (name.to_owned(), programs.join("examples").join(name)));
    lessons.chain(demonstrations).collect()
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// All that a command and its children print, and its exit status. Nothing of it is left running.
fn run(mut command: Command) -> Result<(Option<i32>, String), String> {
    // What outlives its parent becomes our child, so that we can wait for its end.
    set_child_subreaper(Some(getpid())).map_err(|error| format!("cannot adopt processes: {error}"))?;
    let (mut reader, writer) = std::io::pipe().map_err(|error| format!("cannot make a pipe: {error}"))?;
    let errors = writer.try_clone().map_err(|error| format!("cannot make a pipe: {error}"))?;
    let mut child = command
        .stdout(writer)
        .stderr(errors)
        .process_group(0)
        .spawn()
        .map_err(|error| format!("cannot run bash: {error}"))?;
    // It holds the ends of the pipe that are written to.
    drop(command);
    let (sender, printed) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = reader.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    let ended = wait(&mut child);
    let bytes = printed.recv_timeout(ON_ITS_WAY).ok();
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // The servers are its children; where all have ended, there is no group any more.
    let _ = group.map(|group| kill_process_group(group, Signal::KILL));
    let _ = child.wait();
    while group.is_some_and(|group| matches!(waitpgid(group, WaitOptions::empty()), Ok(Some(_)))) {}
    let rest = || printed.recv_timeout(PATIENCE).map_err(|_| "something that it started does not end".to_owned());
    let bytes = bytes.map_or_else(rest, Ok)?;
    let status = ended.ok_or_else(|| {
        format!("it does not end within {} s; so far: {}", PATIENCE.as_secs(), String::from_utf8_lossy(&bytes))
    })?;
    Ok((status.code(), String::from_utf8_lossy(&bytes).into_owned()))
}

fn wait(child: &mut Child) -> Option<std::process::ExitStatus> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(20));
    }
    None
}

/// Where the lessons are, built anew if their sources are newer: beside the program that asks.
pub fn programs(repository: &Repository) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("cannot tell where the programs are: {error}"))?;
    let folder = own
        .ancestors()
        .find(|folder| folder.join(".fingerprint").is_dir())
        .ok_or("cannot tell where the programs are")?;
    let stale: Vec<_> = commands(folder).into_iter().filter(|(_, program)| !is_fresh(program)).collect();
    if !stale.is_empty() {
        let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
        cargo.current_dir(repository.path("")).args(["build", "--quiet"]);
        cargo.args(stale.iter().flat_map(|(name, _)| {
            let kind = if DEMONSTRATIONS.contains(&name.as_str()) { "--example" } else { "--bin" };
            [kind, name.as_str()]
        }));
        let built = cargo.status().map_err(|error| format!("cannot run cargo: {error}"))?;
        if !built.success() {
            return Err("the lessons cannot be built".to_owned());
        }
    }
    Ok(folder.to_owned())
}

/// Whether a program is newer than all that cargo says it was made of.
fn is_fresh(program: &Path) -> bool {
    let time = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let (Some(built), Ok(made_of)) = (time(program), fs::read_to_string(program.with_extension("d"))) else {
        return false;
    };
    let sources = made_of.split_once(": ").map_or("", |(_, sources)| sources).split_whitespace();
    sources.into_iter().all(|source| time(Path::new(source)).is_some_and(|changed| changed <= built))
}

/// Runs all whose name is chosen, several at a time, and gives each result to `then`.
pub fn run_all<'a>(
    repository: &Repository,
    outputs: &[&'a Output],
    programs: &Path,
    mut then: impl FnMut(&'a Output, Run),
) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..4 {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(output) = outputs.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let _ = sender.send((*output, output.run(repository, programs)));
                }
            });
        }
        drop(sender);
        results.into_iter().for_each(|(output, result)| then(output, result));
    });
}

/// Runs every command again: what it prints must be what the books show. What this machine lacks is said and passed
/// over.
pub fn stale(repository: &Repository, programs: &Path) -> Vec<Problem> {
    let outputs = match Outputs::read(repository) {
        Ok(outputs) => outputs,
        Err(error) => return vec![Problem::new(COMMANDS, "", error, "mend it")],
    };
    let mut problems = Vec::new();
    let all: Vec<&Output> = outputs.all().iter().collect();
    let mut again = Vec::new();
    run_all(repository, &all, programs, |output, result| {
        if compare(repository, output, result).is_some() {
            again.push(output);
        }
    });
    // A machine that is busy gets a second chance, with one command at a time.
    for output in again {
        problems.extend(compare(repository, output, output.run(repository, programs)));
    }
    problems
}

fn compare(repository: &Repository, output: &Output, result: Run) -> Option<Problem> {
    let remedy = format!(
        "run `just outputs {}` and read whether the chapters that show it are still right; \
         what differs each time belongs in `normalise` in {COMMANDS}",
        output.name
    );
    let what = match result {
        Run::Printed(now) => {
            let kept = repository.read(output.file()).unwrap_or_default();
            if kept == now {
                return None;
            }
            format!("its command prints something else now:\n{}", diff::plain("kept", "now", &kept, &now))
        }
        Run::Failed(error) => error,
        Run::Lacks(error) if std::env::var_os("CI").is_some() => error,
        Run::Lacks(error) => {
            eprintln!("not run: {}, which needs more than this machine has ({error})", output.name);
            return None;
        }
    };
    Some(Problem::new(output.file(), "", what, remedy))
}

/// Outputs without a command, and commands that no chapter shows.
pub fn loose(repository: &Repository) -> Vec<Problem> {
    let outputs = match Outputs::read(repository) {
        Ok(outputs) => outputs,
        Err(error) => return vec![Problem::new(COMMANDS, "", error, "mend it")],
    };
    let mut problems = Vec::new();
    for file in repository.files("docs/outputs", "txt") {
        if outputs.get(file.trim_end_matches(".txt")).is_err() {
            problems.push(Problem::new(
                format!("docs/outputs/{file}"),
                "",
                "no command makes it",
                format!("delete it, or give it a command in {COMMANDS}"),
            ));
        }
    }
    let chapters: String = crate::language::Language::ALL
        .into_iter()
        .flat_map(|language| repository.chapters(language).0)
        .map(|chapter| chapter.text)
        .collect();
    for output in outputs.all() {
        if !chapters.contains(&format!("{{{{#output {}}}}}", output.name)) {
            problems.push(Problem::new(
                COMMANDS,
                "",
                format!("no chapter shows {}", output.name),
                "show it, or delete it with its file",
            ));
        }
    }
    problems
}
