//! How a program of a learner is built and run, in each of the languages.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use std::{env, fs};

use http_suite::Subject;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::language::{Both, Failure};
use crate::{both, cargo, tree};

/// What a server is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProgrammingLanguage {
    /// A crate with one program.
    Rust,
    /// `server.py`
    Python,
    /// `server.c`, or a `Makefile` that makes `server`
    C,
    /// `server.js`, for Node.js
    JavaScript,
}

/// How long a client of a learner's server may be silent, where a case does not say it. Longer than any case waits for
/// an answer.
const SILENT: Duration = Duration::from_secs(30);

impl ProgrammingLanguage {
    /// All of them, in the order in which they are offered.
    pub const ALL: [ProgrammingLanguage; 4] = [
        ProgrammingLanguage::Rust,
        ProgrammingLanguage::Python,
        ProgrammingLanguage::C,
        ProgrammingLanguage::JavaScript,
    ];

    /// As folders and the command line have it: `javascript`.
    pub fn name(self) -> &'static str {
        match self {
            ProgrammingLanguage::Rust => "rust",
            ProgrammingLanguage::Python => "python",
            ProgrammingLanguage::C => "c",
            ProgrammingLanguage::JavaScript => "javascript",
        }
    }

    /// As people write it: `JavaScript`.
    pub fn title(self) -> &'static str {
        match self {
            ProgrammingLanguage::Rust => "Rust",
            ProgrammingLanguage::Python => "Python",
            ProgrammingLanguage::C => "C",
            ProgrammingLanguage::JavaScript => "JavaScript",
        }
    }

    /// The language of this name, also of a usual abbreviation: `py`, `js`, `rs`.
    pub fn from_name(name: &str) -> Option<ProgrammingLanguage> {
        match name.to_ascii_lowercase().as_str() {
            "rust" | "rs" => Some(ProgrammingLanguage::Rust),
            "python" | "py" | "python3" => Some(ProgrammingLanguage::Python),
            "c" => Some(ProgrammingLanguage::C),
            "javascript" | "js" | "node" => Some(ProgrammingLanguage::JavaScript),
            _ => None,
        }
    }

    /// The file in which the starter stands.
    pub fn main_file(self) -> &'static str {
        match self {
            ProgrammingLanguage::Rust => "src/main.rs",
            ProgrammingLanguage::Python => "server.py",
            ProgrammingLanguage::C => "server.c",
            ProgrammingLanguage::JavaScript => "server.js",
        }
    }

    /// The language of what lies in this folder, by its files.
    pub fn of(folder: &Path) -> Option<ProgrammingLanguage> {
        let has = |name: &str| folder.join(name).is_file();
        ProgrammingLanguage::ALL.into_iter().find(|language| match language {
            ProgrammingLanguage::Rust => has("Cargo.toml"),
            ProgrammingLanguage::C => has("server.c") || has("Makefile"),
            _ => has(language.main_file()),
        })
    }
}

impl fmt::Display for ProgrammingLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

/// A program that has been built, ready to be run.
#[derive(Debug)]
pub struct Program {
    /// The program and its arguments, with the holes of [`Subject::Command`].
    words: Vec<String>,
    is_of_a_lesson: bool,
    /// What the compiler warned of.
    pub warnings: Vec<String>,
    /// Where it was built, if that is to go.
    _built_in: Option<TempDir>,
}

/// Why there is no program.
#[derive(Debug)]
pub enum NotBuilt {
    /// The learner's code is at fault: what the compiler or the interpreter says.
    Code(String),
    /// Something is missing here: exit status 2.
    Here(Failure),
}

/// What a program is built from, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// Where the sources lie.
    pub folder: &'a Path,
    /// What they are written in.
    pub language: ProgrammingLanguage,
    /// The program takes options as the lessons do, `--port PORT --root ROOT --timeout TIMEOUT`, and not in this order
    /// without names.
    pub has_options: bool,
    /// Where Cargo puts what it builds. `None`: a temporary folder that goes with the program.
    pub target: Option<&'a Path>,
}

impl Program {
    /// As the suite starts it.
    pub fn subject(&self) -> Subject {
        let words = self.words.clone();
        if self.is_of_a_lesson { Subject::Lesson { words } } else { Subject::Command { words, timeout: SILENT } }
    }

    /// The command that runs it, with this port, this document root and this time-out in seconds.
    pub fn command(&self, port: u16, root: &Path, timeout: u16) -> Command {
        let fill = |word: &String| {
            let word = word.replace("{port-or-0}", &port.to_string()).replace("{port}", &port.to_string());
            word.replace("{root}", &root.to_string_lossy()).replace("{timeout}", &timeout.to_string())
        };
        let words: Vec<String> = self.words.iter().map(fill).collect();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    }
}

/// Builds a program, as far as its language needs that.
pub fn build(sources: &Sources) -> Result<Program, NotBuilt> {
    let folder = sources.folder.canonicalize().map_err(|error| {
        let shown = sources.folder.display();
        NotBuilt::Here(Failure::wrong(both!("cannot read {shown}: {error}", "无法读取 {shown}：{error}")))
    })?;
    let main = folder.join(sources.language.main_file());
    let positional = |words: Vec<String>| {
        let holes = ["{port}", "{root}", "{timeout}"].map(str::to_owned);
        words.into_iter().chain(holes).collect::<Vec<_>>()
    };
    let program = |words| Program { words, is_of_a_lesson: false, warnings: Vec::new(), _built_in: None };
    match sources.language {
        ProgrammingLanguage::Python => {
            let python = python()?;
            right(Command::new(&python).args(["-c", PYTHON_CHECK]).arg(&main), &main)?;
            // What it prints is to be seen at once.
            Ok(program(positional(vec![python, "-u".to_owned(), shown(&main)])))
        }
        ProgrammingLanguage::JavaScript => {
            right(Command::new("node").arg("--check").arg(&main), &main)?;
            Ok(program(positional(vec!["node".to_owned(), shown(&main)])))
        }
        ProgrammingLanguage::C => {
            let mut command = if folder.join("Makefile").is_file() {
                let mut make = Command::new("make");
                make.arg("--quiet");
                make
            } else {
                let mut cc = Command::new("cc");
                cc.args(["-O1", "-g", "-Wall", "-Wextra", "-o", "server", "server.c"]);
                cc
            };
            let said = right(command.current_dir(&folder), &folder)?;
            let warnings = if said.contains("warning:") { vec![said] } else { Vec::new() };
            Ok(Program { warnings, ..program(positional(vec![shown(&folder.join("server"))])) })
        }
        ProgrammingLanguage::Rust => rust(sources, &folder),
    }
}

/// Whether a file is Python. Says what is wrong in it, and not where this program was when it found that.
const PYTHON_CHECK: &str = "\
import sys, traceback
try:
    compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec')
except (SyntaxError, ValueError) as error:
    sys.exit(''.join(traceback.format_exception_only(type(error), error)))
";

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The interpreter itself: what is found on the path may be a script that looks for it, and costs as much again.
fn python() -> Result<String, NotBuilt> {
    use std::sync::OnceLock;
    static FOUND: OnceLock<String> = OnceLock::new();
    if let Some(found) = FOUND.get() {
        return Ok(found.clone());
    }
    let asked = output(Command::new("python3").args(["-c", "import sys; print(sys.executable)"]))?;
    let found = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    let found = if Path::new(&found).is_file() { found } else { "python3".to_owned() };
    Ok(FOUND.get_or_init(|| found).clone())
}

fn output(command: &mut Command) -> Result<Output, NotBuilt> {
    command.stdin(Stdio::null()).output().map_err(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        NotBuilt::Here(Failure::wrong(both!("cannot run {program}: {error}", "无法运行 {program}：{error}")))
    })
}

/// What a compiler says where it finds nothing wrong.
fn right(command: &mut Command, about: &Path) -> Result<String, NotBuilt> {
    if !about.exists() {
        let shown = about.display();
        return Err(NotBuilt::Here(Failure::wrong(both!(
            "there is no {shown}. Put it back, or begin the lesson anew: just learn reset, with its number",
            "没有 {shown}。请把它放回来，或者重新开始这一课：just learn reset 加上课的编号"
        ))));
    }
    let ended = output(command)?;
    let said = String::from_utf8_lossy(&ended.stderr).trim_end().to_owned();
    if ended.status.success() { Ok(said) } else { Err(NotBuilt::Code(said)) }
}

fn rust(sources: &Sources, folder: &Path) -> Result<Program, NotBuilt> {
    let failed = |said: Both| NotBuilt::Here(Failure::wrong(said));
    if !folder.join("Cargo.toml").is_file() {
        let shown = folder.display();
        return Err(failed(both!("there is no Cargo.toml in {shown}", "{shown} 里没有 Cargo.toml")));
    }
    let temporary = match sources.target {
        Some(_) => None,
        None => Some(
            tempfile::tempdir()
                .map_err(|error| failed(both!("no temporary folder: {error}", "无法创建临时目录：{error}")))?,
        ),
    };
    let target = sources.target.or(temporary.as_ref().map(TempDir::path)).unwrap_or(folder);
    forget_namesakes(folder, target)?;
    let mut cargo = cargo_in(folder);
    cargo.args(["build", "--message-format=json", "--target-dir"]);
    let ended = output(cargo.arg(target).env("CARGO_TERM_COLOR", "never"))?;
    let messages = cargo::messages(&ended.stdout);
    let rendered = |level: &str| {
        let said = messages.iter().filter(|message| cargo::is_about_code(message, level));
        let own = said.filter(|message| is_in(message, folder));
        own.filter_map(|message| message["message"]["rendered"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    if !ended.status.success() {
        let errors = rendered("error");
        let said = String::from_utf8_lossy(&ended.stderr).trim_end().to_owned();
        return Err(NotBuilt::Code(if errors.is_empty() { said } else { errors.join("\n") }));
    }
    let built =
        messages.iter().filter(|message| is_in(message, folder)).filter_map(|message| message["executable"].as_str());
    let programs: Vec<&str> = built.collect();
    let [built] = programs[..] else {
        let count = programs.len();
        return Err(failed(both!(
            "the crate must have one program, and it has {count}",
            "这个 crate 应当只有一个程序，现在有 {count} 个"
        )));
    };
    let (built, _built_in) = match temporary {
        Some(folder) => (built.to_owned(), Some(folder)),
        None => aside(Path::new(built))
            .map_err(|error| failed(both!("cannot copy {built}: {error}", "无法复制 {built}：{error}")))?,
    };
    let holes: &[&str] = if sources.has_options {
        &["--port", "{port-or-0}", "--root", "{root}", "--timeout", "{timeout}"]
    } else {
        &["{port}", "{root}", "{timeout}"]
    };
    let words = [built.as_str()].iter().chain(holes).map(|word| (*word).to_owned()).collect();
    Ok(Program { words, is_of_a_lesson: sources.has_options, warnings: rendered("warning"), _built_in })
}

/// Cargo as for this package.
fn cargo_in(folder: &Path) -> Command {
    let mut cargo = cargo::command();
    // Whoever runs this by Cargo has variables set that are about another package.
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_a_package(name)) {
        cargo.env_remove(name);
    }
    cargo.current_dir(folder);
    cargo
}

/// Has Cargo build this package anew if the last one of its name, in this target folder, was of another folder. Cargo
/// knows a package by its name and by where it lies in its own workspace, so it would take the one for the other, as
/// long as no source is newer than what it has built.
fn forget_namesakes(folder: &Path, target: &Path) -> Result<(), NotBuilt> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let name =
        manifest.parse::<toml::Table>().ok().and_then(|table| Some(table.get("package")?.get("name")?.to_string()));
    // Cargo itself says what is wrong with it.
    let Some(name) = name.map(|name| name.trim_matches('"').to_owned()).filter(|name| !name.contains('/')) else {
        return Ok(());
    };
    let mark = target.join("built-from").join(&name);
    let here = folder.display().to_string();
    if fs::read_to_string(&mark).is_ok_and(|before| before == here) {
        return Ok(());
    }
    output(cargo_in(folder).args(["clean", "--quiet", "--package", &name, "--target-dir"]).arg(target))?;
    tree::write_file(&mark, &here).map_err(NotBuilt::Here)
}

/// Another build may put another program of this name in its place: this one is kept elsewhere, as long as it is used.
fn aside(built: &Path) -> std::io::Result<(String, Option<TempDir>)> {
    let beside = built.parent().unwrap_or(Path::new("."));
    let folder = tempfile::Builder::new().prefix("learn-").tempdir_in(beside)?;
    let copy: PathBuf = folder.path().join(built.file_name().unwrap_or(OsStr::new("server")));
    fs::hard_link(built, &copy).or_else(|_| fs::copy(built, &copy).map(drop))?;
    Ok((shown(&copy), Some(folder)))
}

fn is_of_a_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO_TARGET_DIR"
}

/// Whether a message of Cargo is about the package in this folder.
fn is_in(message: &serde_json::Value, folder: &Path) -> bool {
    message["manifest_path"].as_str().is_some_and(|path| Path::new(path).parent() == Some(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_not_taken_for_its_namesake() {
        let all = tempfile::tempdir().unwrap();
        let target = all.path().join("target");
        let built = |name: &str| {
            let folder = all.path().join(name);
            let manifest = "[package]\nname = \"server\"\nedition = \"2024\"\n\n[workspace]\n";
            tree::write_file(&folder.join("Cargo.toml"), manifest).unwrap();
            let main = folder.join("src/main.rs");
            tree::write_file(&main, &format!("fn main() {{ println!(\"{name}\") }}\n")).unwrap();
            // Written long ago.
            let file = fs::File::options().write(true).open(&main).unwrap();
            file.set_modified(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000))
                .unwrap();
            let language = ProgrammingLanguage::Rust;
            let sources = Sources { folder: &folder, language, has_options: false, target: Some(&target) };
            let program = build(&sources).unwrap_or_else(|why| panic!("{why:?}"));
            String::from_utf8(Command::new(&program.words[0]).output().unwrap().stdout).unwrap()
        };
        for name in ["one", "other", "one"] {
            assert_eq!(built(name), format!("{name}\n"));
        }
    }

    #[test]
    fn a_language_is_known_by_its_files() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(ProgrammingLanguage::of(folder.path()), None);
        fs::write(folder.path().join("server.js"), "").unwrap();
        assert_eq!(ProgrammingLanguage::of(folder.path()), Some(ProgrammingLanguage::JavaScript));
        for language in ProgrammingLanguage::ALL {
            assert_eq!(ProgrammingLanguage::from_name(language.name()), Some(language));
        }
    }

    #[test]
    fn what_is_wrong_in_the_code_is_no_fault_of_the_machine() {
        let folder = tempfile::tempdir().unwrap();
        let sources = |language| Sources { folder: folder.path(), language, has_options: false, target: None };
        let missing = build(&sources(ProgrammingLanguage::Python));
        assert!(matches!(missing, Err(NotBuilt::Here(Failure { status: 2, .. }))), "{missing:?}");
        fs::write(folder.path().join("server.py"), "print('a'\n").unwrap();
        let Err(NotBuilt::Code(said)) = build(&sources(ProgrammingLanguage::Python)) else { panic!("it is no Python") };
        assert!(said.contains("SyntaxError") && !said.contains("<string>"), "{said}");
        fs::write(folder.path().join("server.py"), "print('a')\n").unwrap();
        assert!(build(&sources(ProgrammingLanguage::Python)).is_ok());
    }
}
