//! A case in Rust: built in a crate of its own, which runs it on every server.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use http_suite::Subject;

use crate::both;
use crate::cargo;
use crate::language::{Both, Failure};
use crate::learners_case::judge::{self, Judged, Said, Tried};
use crate::learners_case::play::Failed;
use crate::tree;

/// The crate's only dependency is the suite, as the checkout has it.
const MANIFEST: &str = r#"[package]
name = "learners-case-in-rust"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
http-suite = { path = "SUITE", default-features = false }

[profile.dev]
debug = false
"#;

/// A line for each server comes in: its name, the stage, the words of its command, parted by tabs. For each, a line
/// goes out: the name, the verdict, and what there is to say, with no line end in it.
const MAIN: &str = r##"// Written by `just learn case`.

#[path = "FILE"]
mod case;

use std::io::Read;
use std::sync::Mutex;

use http_suite::site::Site;
use http_suite::{Both, Stage, Subject, Verdict};

fn main() {
    let mut lines = String::new();
    std::io::stdin().read_to_string(&mut lines).expect("the servers");
    let site = Site::temporary().expect("files to be served");
    let left = Mutex::new(lines.lines());
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                loop {
                    let Some(line) = left.lock().expect("no thread panics here").next() else { return };
                    let mut words = line.split('\t').map(str::to_owned);
                    let (Some(name), Some(stage)) = (words.next(), words.next()) else { return };
                    let subject = Subject::Lesson { words: words.collect() };
                    let stage = Stage::from_name(&stage).expect("a lesson");
                    let mut verdict = http_suite::try_case(&CASE, &subject, &site, stage);
                    if !matches!(verdict, Verdict::Passes) {
                        verdict = http_suite::try_case(&CASE, &subject, &site, stage);
                    }
                    let (said, text) = match verdict {
                        Verdict::Passes => ("passes", Both::default()),
                        Verdict::Fails(text) => ("fails", text),
                        Verdict::NotLookedAt(why) => ("not-tried", why),
                        other => ("not-tried", Both::same(format!("{other:?}"))),
                    };
                    let [en, zh] = [text.en, text.zh].map(|text| text.replace('\n', "\u{1}"));
                    println!("{name}\t{said}\t{en}\t{zh}");
                }
            });
        }
    });
}
"##;

/// Texts that were put into a line each.
fn both_of(en: &str, zh: &str) -> Both {
    let [en, zh] = [en, zh].map(|text| text.replace('\u{1}', "\n"));
    Both { en, zh }
}

/// Builds the case, and has it try every server.
pub fn judged(root: &Path, file: &Path, text: &str) -> Result<Judged, Failure> {
    let case = if text.contains("pub const CASE") {
        "case::CASE"
    } else if text.contains("pub fn case(") {
        r#"http_suite::Case::new(http_suite::Group::Pieces, "a-case-of-yours", case::case)"#
    } else {
        let name = file.display();
        return Err(Failure::wrong(both!(
            "{name}: it has neither `pub const CASE: Case` nor `pub fn case(trial: &mut Trial) -> Outcome`",
            "{name}：其中既没有 `pub const CASE: Case`，也没有 `pub fn case(trial: &mut Trial) -> Outcome`"
        )));
    };
    let servers = judge::servers(root)?;
    let program = built(root, file, case)?;
    let output = ran(&program, &servers)?;
    let said = |server: &Tried| {
        let row = output.lines().map(|line| line.splitn(4, '\t').collect::<Vec<_>>());
        let row = row.into_iter().find(|row| row.first() == Some(&server.name.as_str()));
        match row.as_deref() {
            Some([_, "passes", ..]) => Said::Passes,
            Some([_, "fails", en, zh]) => Said::Fails(Failed::of_text(both_of(en, zh))),
            Some([_, _, en, zh]) => Said::NotTried(both_of(en, zh)),
            _ => Said::NotTried(both!("the case has panicked", "这个用例发生了 panic")),
        }
    };
    let said = servers.into_iter().map(|server| (server.clone(), said(&server))).collect();
    Ok(Judged { said, kills: Vec::new() })
}

/// The program that has the case in it. What the compiler says goes to standard error.
fn built(root: &Path, file: &Path, case: &str) -> Result<PathBuf, Failure> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = target.join("learners-case");
    let cannot = |what: Both| Failure::wrong(what);
    let file = file.canonicalize().map_err(|error| {
        let name = file.display();
        cannot(both!("cannot read {name}: {error}", "无法读取 {name}：{error}"))
    })?;
    let quoted = |path: &Path| path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
    tree::write_file(&folder.join("Cargo.toml"), &MANIFEST.replace("SUITE", &quoted(&root.join("tests"))))?;
    tree::write_file(&folder.join("src/main.rs"), &MAIN.replace("CASE", case).replace("FILE", &quoted(&file)))?;
    // The versions that are there already.
    let lock = folder.join("Cargo.lock");
    if !lock.exists() {
        let _ = fs::copy(root.join("Cargo.lock"), &lock);
    }
    let mut cargo = cargo::command();
    cargo.args(["build", "--quiet", "--manifest-path"]).arg(folder.join("Cargo.toml"));
    cargo.arg("--target-dir").arg(&target).stdout(Stdio::null());
    match cargo.status() {
        Ok(status) if status.success() => Ok(target.join("debug/learners-case-in-rust")),
        Ok(_) => {
            let name = file.display();
            Err(cannot(both!("{name} cannot be built", "{name} 无法构建")))
        }
        Err(error) => Err(cannot(cargo::cannot_run(&error))),
    }
}

fn ran(program: &Path, servers: &[Tried]) -> Result<String, Failure> {
    let mut lines = String::new();
    for server in servers {
        let Subject::Lesson { words } = &server.subject else { continue };
        let stage = if server.is_long { "07" } else { "04" };
        lines.push_str(&format!("{}\t{stage}\t{}\n", server.name, words.join("\t")));
    }
    let run = || {
        let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(lines.as_bytes())?;
        }
        child.wait_with_output()
    };
    let output = run().map_err(|error| {
        let name = program.display();
        Failure::wrong(both!("cannot run {name}: {error}", "无法运行 {name}：{error}"))
    })?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
