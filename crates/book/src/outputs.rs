//! Commands that the books show, with what they really print.
//!
//! `docs/outputs.toml` has the commands, `docs/outputs/NAME.txt` what each printed. A command runs just as it is shown,
//! pasted into a shell as `just shell` opens it: [`crate::session`]. Each is recorded in a shell of its own, so that it
//! needs no other; [`crate::typed`] runs those of a chapter one after the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use http_suite::stages::Stage;
use regex::Regex;
use serde::Deserialize;

use crate::diff;
use crate::glosses::Glosses;
use crate::html::preformatted;
use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;
use crate::session::{self, Came, Session};
use crate::tidy::{GAP, tidy, varying};

pub(crate) const COMMANDS: &str = "docs/outputs.toml";
/// The demonstrations without HTTP, which a reader has as commands too.
pub const DEMONSTRATIONS: [&str; 3] = ["watch-the-list", "watch-epoll", "watch-the-pool"];
/// Where the lessons listen, as all commands have it.
pub(crate) const PORT: &str = "7890";
/// What a command may take at most; ten times of what it should.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

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
            if let Some((_, by)) = output.normalise.iter().find(|(_, by)| !by.contains(GAP)) {
                return Err(format!("{COMMANDS}: {}: `{by}` has no {GAP}, which marks what differs", output.name));
            }
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

    /// A command and what it printed, as one line of HTML. What differs each time is marked.
    pub fn html(
        &self,
        repository: &Repository,
        name: &str,
        language: Language,
        glosses: &Glosses,
    ) -> Result<String, String> {
        let output = self.get(name)?;
        let printed = repository.read(output.file()).map_err(|_| "its command has not been run yet".to_owned())?;
        let command = preformatted(output.shown());
        let printed = printed.trim_end();
        let (marked, legend) = (marked(printed, language), legend(printed, language));
        let gloss = language.say(String::new(), glosses.html(printed));
        Ok(format!(
            "<figure class=\"output\"><pre class=\"command\"><code class=\"nohighlight\">{command}</code></pre>\
             <pre class=\"printed\"><code class=\"nohighlight\">{marked}</code></pre>{gloss}{legend}</figure>"
        ))
    }
}

const DIFFERS: [&str; 2] = ["another one each time", "每次都不同"];

fn marked(printed: &str, language: Language) -> String {
    let title = language.say(DIFFERS[0], DIFFERS[1]);
    let mut html = String::new();
    let mut done = 0;
    for range in varying(printed) {
        let (before, varies) = (preformatted(&printed[done..range.start]), preformatted(&printed[range.clone()]));
        html.push_str(&format!("{before}<span class=\"varies\" title=\"{title}\">{varies}</span>"));
        done = range.end;
    }
    html.push_str(&preformatted(&printed[done..]));
    html
}

/// What the mark means, where there is one.
fn legend(printed: &str, language: Language) -> String {
    if varying(printed).is_empty() {
        return String::new();
    }
    let said = language.say(
        "<span class=\"varies\">Underlined with dots</span>: you will see something else here, and each time.",
        "<span class=\"varies\">加点下划线</span>的部分每次运行都不同，你看到的会是别的值。",
    );
    format!("<figcaption class=\"legend\">{said}</figcaption>")
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

    /// Runs it alone in a fresh shell, with programs from this folder.
    pub fn run(&self, repository: &Repository, programs: &Path) -> Run {
        let came = Session::open(repository, programs)
            .and_then(|mut shell| Ok((shell.paste(&self.run, PATIENCE)?, shell.folder().to_owned())));
        match came {
            Ok((came, folder)) => self.came(repository, &came, &folder),
            Err(error) => Run::Failed(error),
        }
    }

    /// What came of it, in a shell that stood in this folder.
    pub fn came(&self, repository: &Repository, came: &Came, folder: &Path) -> Run {
        let text = came.text.trim();
        if came.lacks_a_program() {
            return Run::Lacks(text.to_owned());
        }
        if !came.left.is_empty() {
            return Run::Failed(format!("it leaves {}", came.left.join(", ")));
        }
        if came.status != 0 {
            return Run::Failed(format!("its exit status is {}: {text}", came.status));
        }
        self.kept(repository, &came.text, folder).map_or_else(Run::Failed, Run::Printed)
    }

    /// What is kept of a text: nothing that differs each time.
    fn kept(&self, repository: &Repository, text: &str, folder: &Path) -> Result<String, String> {
        let root = repository.path("html");
        let text = text.replace(&folder.display().to_string(), ".").replace(&root.display().to_string(), "html");
        let text = tidy(&text);
        let text =
            self.patterns()?.iter().fold(text, |text, (pattern, by)| pattern.replace_all(&text, *by).into_owned());
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        Ok(format!("{}\n", lines.join("\n").trim_end()))
    }
}

/// What a reader has as a command, and where the program is.
fn commands(programs: &Path) -> Vec<(String, PathBuf)> {
    let lessons = Stage::all().map(|stage| stage.lesson()).map(|name| (name.clone(), programs.join(name)));
    let demonstrations = DEMONSTRATIONS.map(|name| (name.to_owned(), programs.join("examples").join(name)));
    lessons.chain(demonstrations).collect()
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
        // Where all have one network, one at a time has to have the port.
        for _ in 0..if session::apart() { 8 } else { 1 } {
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

/// What is wrong with what came of a command now, if anything is. What this machine lacks is said and passed over.
pub(crate) fn compare(repository: &Repository, output: &Output, result: Run) -> Option<Problem> {
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
