//! `just lab`: one experiment after another, and after each of them what there is is written down.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use http_suite::Stage;
use http_suite::site::Site;
use load::{Interrupt, Stop};
use tempfile::TempDir;

use crate::arguments;
use crate::brought;
use crate::contender::{Contender, programs};
use crate::experiment::Experiment;
use crate::lab::Lab;
use crate::machine::Machine;
use crate::progress::Progress;
use crate::record::{Named, Record, VERSION, write_whole};
use crate::references::References;
use crate::report;
use crate::scale::{DEFAULT, QUICK, Scale};
use crate::tables;

/// The most connections of nginx and lighttpd: more than there are idle clients.
const CONNECTIONS_OF_OTHERS: u32 = 16_384;

/// Runs and writes; `say` is told what was found, and that is some of it if somebody interrupts.
pub fn run(arguments: &arguments::Run, interrupt: &Interrupt, say: impl Fn(&str)) -> Result<(), Stop> {
    let old = arguments.compare.as_deref().map(Record::read).transpose()?;
    let folder = TempDir::new().map_err(Stop::to("make a temporary folder"))?;
    let scale = if arguments.quick { QUICK } else { DEFAULT };
    let mut lab = prepare(&arguments.lessons, scale, interrupt)?;
    add_others(&mut lab, arguments, &folder)?;
    let experiments = arguments.experiments();
    let planned: Duration = experiments.iter().map(|one| one.planned(&scale, lab.taking_part(*one).len())).sum();
    lab.progress = Progress::new(planned);
    lab.progress.say(&lab.record.machine.describe());

    let output = arguments.output();
    fs::create_dir_all(&output).map_err(Stop::to(format!("make the folder {}", output.display())))?;
    let ended = perform(&mut lab, &experiments, |record| write(record, old.as_ref(), &output));
    lab.record.complete = ended.is_ok();
    write(&lab.record, old.as_ref(), &output)?;
    let mut text = tables::all(&lab.record);
    if let Some(old) = &old {
        text.push_str(&tables::comparison(old, &lab.record));
    }
    if let Err(Stop::Interrupted) = ended {
        text.push_str("\nInterrupted: this is what there was.\n");
    }
    drop(lab);
    say(&format!("{text}\n{}\n{}\n", output.join("report.html").display(), output.join("lab.json").display()));
    ended
}

/// One after another. What one of them found is kept whatever happens to the next.
pub fn perform(
    lab: &mut Lab,
    experiments: &[Experiment],
    mut write: impl FnMut(&Record) -> Result<(), Stop>,
) -> Result<(), Stop> {
    for experiment in experiments {
        let ended = experiment.run(lab);
        if let Err(Stop::Failed(text)) = &ended {
            lab.remark(experiment.name(), "", text);
        }
        write(&lab.record)?;
        if let Err(Stop::Interrupted) = ended {
            return ended;
        }
    }
    Ok(())
}

/// A laboratory with the lessons in it, and nothing found yet.
pub fn prepare(lessons: &[Stage], scale: Scale, interrupt: &Interrupt) -> Result<Lab, Stop> {
    let lessons: Vec<Stage> = if lessons.is_empty() { Stage::all().collect() } else { lessons.to_vec() };
    let programs = programs()?;
    let machine = Machine::here();
    let mut lab = Lab {
        contenders: lessons.iter().flat_map(|stage| Contender::lesson(*stage, &programs)).collect(),
        lessons,
        site: Site::temporary().map_err(Stop::to("make the files to be served"))?,
        scale,
        progress: Progress::new(Duration::ZERO),
        interrupt: interrupt.clone(),
        record: Record::new(machine, scale.name),
    };
    if lab.record.machine.is_busy() {
        lab.remark(
            "machine",
            "",
            "it has other work to do, so figures will be wide; end that work, and run this again",
        );
    }
    if !lab.record.machine.proc {
        lab.remark(
            "machine",
            "",
            "there is no /proc, so what needs it is left out: processor time, memory, system calls",
        );
    }
    Ok(lab)
}

fn add_others(lab: &mut Lab, arguments: &arguments::Run, folder: &TempDir) -> Result<(), Stop> {
    let references = References::here(folder, Some(CONNECTIONS_OF_OTHERS))?;
    lab.contenders.extend(references.contenders);
    for name in references.missing {
        lab.remark("machine", name, "not installed, so there are no figures of it here");
    }
    lab.contenders.extend(brought::contenders(arguments, &lab.site)?);
    let named = |contender: &Contender| Named {
        name: contender.name.clone(),
        title: contender.title.clone(),
        keeps_alive: contender.keeps_alive,
    };
    lab.record.servers = lab.contenders.iter().map(named).collect();
    Ok(())
}

impl Record {
    /// Nothing is found yet.
    fn new(machine: Machine, mode: &str) -> Record {
        Record {
            version: VERSION,
            begun: httpdate::fmt_http_date(SystemTime::now()),
            mode: mode.to_owned(),
            complete: false,
            machine,
            servers: Vec::new(),
            waits: Vec::new(),
            cost: Vec::new(),
            latency: Vec::new(),
            idle: Vec::new(),
            large: Vec::new(),
            calls: Vec::new(),
            sheet: Vec::new(),
            remarks: Vec::new(),
        }
    }
}

fn write(record: &Record, old: Option<&Record>, folder: &Path) -> Result<(), Stop> {
    let failed = || Stop::to(format!("write into {}", folder.display()));
    record.write(&folder.join("lab.json")).map_err(failed())?;
    write_whole(&folder.join("report.html"), &report::page(record, old)).map_err(failed())
}
