//! `just sheet`: a sheet for each lesson, and the file from which the book takes it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::arguments;
use crate::experiment::Experiment;
use crate::progress::Progress;
use crate::record::{Record, Sheet, write_whole};
use crate::run::{perform, prepare};
use crate::scale::{CLIENTS, DEFAULT, Scale};
use crate::stop::{Interrupt, Stop};
use crate::tables;

/// Where the file is, from the root of the checkout.
const FILE: &str = "docs/measurements.json";
/// Raised when a reader of the old form would misread the new one.
const VERSION: u32 = 1;

/// Measures, prints, and writes if that is wanted.
pub fn run(arguments: &arguments::Sheet, interrupt: &Interrupt) -> Result<String, Stop> {
    let scale = Scale { slice: Duration::from_millis(200), ..DEFAULT };
    let mut lab = prepare(&arguments.lessons, scale, interrupt)?;
    let experiments = [Experiment::Calls, Experiment::Sheet];
    lab.progress = Progress::new(experiments.iter().map(|one| one.planned(&scale, lab.contenders.len())).sum());
    perform(&mut lab, &experiments, |_| Ok(()))?;
    let record = &lab.record;
    let mut text = format!("{}\n{CAPTION}", tables::of(Experiment::Sheet, record).text());
    if arguments.save {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let path = root.join(FILE);
        fs::create_dir_all(root.join("docs")).map_err(Stop::to("make the folder docs"))?;
        let whole = format!("{:#}\n", file(record));
        write_whole(&path, &whole).map_err(Stop::to(format!("write {FILE}")))?;
        text.push_str(&format!("\nwritten: {FILE}\n"));
    }
    Ok(text)
}

const CAPTION: &str = "\
lines of source, and those with code; lines new and gone against the lesson it comes from; crates that it names, and all
that are built for it; then, with 50 clients that do nothing: processes, threads, descriptors, memory of its own. Calls:
system calls of a request. Limits: cases of the suite that it is proved to fail (`just table` names them).
";

/// As crates/lab/README.md describes it.
fn file(record: &Record) -> Value {
    json!({
        "version": VERSION,
        "measured": record.begun,
        "machine": record.machine.describe(),
        "clients": CLIENTS,
        "lessons": record.sheet.iter().map(lesson).collect::<Vec<_>>(),
    })
}

fn lesson(sheet: &Sheet) -> Value {
    let cannot: Vec<Value> =
        sheet.cannot.iter().map(|(case, symptom)| json!({ "case": case, "symptom": symptom })).collect();
    json!({
        "lesson": sheet.lesson,
        "title": sheet.title,
        "lines": sheet.lines,
        "code": sheet.code,
        "parent": sheet.parent,
        "added": sheet.added,
        "removed": sheet.removed,
        "dependencies": sheet.dependencies,
        "all_dependencies": sheet.all_dependencies,
        "processes": sheet.processes,
        "threads": sheet.threads,
        "descriptors": sheet.descriptors,
        "memory": sheet.memory,
        "calls": sheet.calls,
        "cannot": cannot,
    })
}
