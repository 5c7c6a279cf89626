//! A sheet for each lesson: what it is, in figures that need no load.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use http_suite::Stage;
use http_suite::stages::{Mark, TABLE};
use load::Stop;

use crate::contender::{Contender, programs};
use crate::idlers::Idlers;
use crate::lab::Lab;
use crate::lines;
use crate::machine::SETTLING;
use crate::record::Sheet;
use crate::scale::CLIENTS;
use crate::usage::Usage;

use super::UNSEEN;

const EACH: Duration = Duration::from_millis(700);

pub fn planned(servers: usize) -> Duration {
    EACH * servers as u32
}

pub fn run(lab: &mut Lab) -> Result<(), Stop> {
    for stage in lab.lessons.clone() {
        lab.progress.step(&format!("sheet: {stage}"), EACH);
        lab.interrupt.check()?;
        let written = written(stage);
        let Some(mut sheet) = lab.kept("sheet", &stage.to_string(), written)? else { continue };
        let usage = under_clients(stage, lab);
        if let Some(usage) = lab.kept("sheet", &stage.to_string(), usage)? {
            sheet.processes = Some(usage.processes);
            sheet.threads = Some(usage.threads);
            sheet.descriptors = Some(usage.descriptors);
            sheet.memory = Some(usage.memory);
        }
        sheet.calls = lab.record.calls.iter().find(|calls| calls.server == sheet.lesson).map(|calls| calls.total);
        lab.record.sheet.push(sheet);
    }
    Ok(())
}

/// What its source says.
fn written(stage: Stage) -> Result<Sheet, Stop> {
    let sources = sources(stage)?;
    let parent = stage.parent();
    let old = parent.map(self::sources).transpose()?.unwrap_or_default();
    let (added, removed) = lines::changed(&old, &sources);
    Ok(Sheet {
        lesson: stage.to_string(),
        title: stage.title().en,
        lines: sources.iter().map(|(_, text)| text.lines().count()).sum(),
        code: sources.iter().map(|(_, text)| lines::code(text)).sum(),
        parent: parent.map(|parent| parent.to_string()),
        added: if parent.is_some() { added } else { 0 },
        removed,
        dependencies: dependencies(stage, &["--depth", "1"])?,
        all_dependencies: dependencies(stage, &[])?,
        processes: None,
        threads: None,
        descriptors: None,
        memory: None,
        calls: None,
        cannot: cannot(stage),
    })
}

fn folder(stage: Stage) -> Result<PathBuf, Stop> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let entries = fs::read_dir(&crates).map_err(Stop::to("read the folder of the lessons"))?;
    let is_it = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{}-", stage.lesson())))
    };
    let found = entries.flatten().map(|entry| entry.path()).find(is_it);
    found.ok_or_else(|| Stop::Failed(format!("there is no folder of {}", stage.lesson())))
}

/// Its files, by name.
fn sources(stage: Stage) -> Result<Vec<(String, String)>, Stop> {
    let folder = folder(stage)?.join("src");
    let entries = fs::read_dir(&folder).map_err(Stop::to("read the source of a lesson"))?;
    let read = |path: PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        if name.ends_with(".rs") { Some((name, fs::read_to_string(path).ok()?)) } else { None }
    };
    let mut sources: Vec<_> = entries.flatten().filter_map(|entry| read(entry.path())).collect();
    sources.sort();
    Ok(sources)
}

/// Other people's crates, as Cargo counts them.
fn dependencies(stage: Stage, depth: &[&str]) -> Result<usize, Stop> {
    let folder = folder(stage)?;
    let package = folder.file_name().unwrap_or_default();
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(&folder).args(["tree", "--quiet", "--locked", "--edges", "normal", "--prefix", "none"]);
    let output = command.args(depth).arg("--package").arg(package).output().map_err(Stop::to("start cargo"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut crates: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    crates.sort_unstable();
    crates.dedup();
    let ours = ["protocol", &package.to_string_lossy()];
    let others = crates.iter().filter(|name| !name.is_empty() && !ours.contains(*name)).count();
    if output.status.success() {
        Ok(others)
    } else {
        Err(Stop::Failed("cargo does not tell the dependencies".to_owned()))
    }
}

/// With some clients that are there and say nothing, and as it is started by default.
fn under_clients(stage: Stage, lab: &Lab) -> Result<Usage, Stop> {
    let contender = Contender::plain_lesson(stage, &programs()?, 60);
    let server = contender.start(&lab.site)?;
    let mut idlers = Idlers::default();
    idlers.more(CLIENTS, server.address(), contender.keeps_alive, &lab.interrupt)?;
    thread::sleep(SETTLING);
    server.pid().and_then(Usage::of).ok_or_else(|| Stop::Failed(UNSEEN.to_owned()))
}

/// The cases of the suite that it is declared, and seen, to fail.
fn cannot(stage: Stage) -> Vec<(String, char)> {
    let cases = TABLE.iter().flat_map(|(_, rows)| rows.iter());
    let limit = |(case, _): &(&str, &str)| match stage.mark(case) {
        Mark::Fails(symptom) => Some(((*case).to_owned(), symptom.letter())),
        _ => None,
    };
    cases.filter_map(limit).collect()
}
