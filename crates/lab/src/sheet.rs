//! `just sheet`: a sheet for each lesson.

use std::time::Duration;

use load::{Interrupt, Stop};

use crate::arguments;
use crate::experiment::Experiment;
use crate::progress::Progress;
use crate::run::{perform, prepare};
use crate::scale::{DEFAULT, Scale};
use crate::tables;

/// Measures, and says what was found.
pub fn run(arguments: &arguments::Sheet, interrupt: &Interrupt) -> Result<String, Stop> {
    let scale = Scale { slice: Duration::from_millis(200), ..DEFAULT };
    let mut lab = prepare(&arguments.lessons, scale, interrupt)?;
    let experiments = [Experiment::Calls, Experiment::Sheet];
    lab.progress = Progress::new(experiments.iter().map(|one| one.planned(&scale, lab.taking_part(*one).len())).sum());
    perform(&mut lab, &experiments, |_| Ok(()))?;
    let record = &lab.record;
    let mut text = format!("{}\n{CAPTION}", tables::of(Experiment::Sheet, record).text());
    for (lesson, cases) in tables::limits(record) {
        text.push_str(&format!("{lesson}: {cases}\n"));
    }
    Ok(text)
}

const CAPTION: &str = "\
lines of source, and those with code; lines new and gone against the lesson it comes from; crates that it names, and all
that are built for it; then, with 50 clients that do nothing: processes, threads, descriptors, memory of its own. Calls:
system calls of a request. Limits: cases of the suite that it is proved to fail, each with its letter of `just table`.
";
