//! `just bench`: lessons side by side with nginx, in one run, and the goals that were set for them.

use std::fmt::Write;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use http_suite::Stage;
use http_suite::site::Site;
use load::{Interrupt, Pace, Stop};
use tempfile::TempDir;

use crate::arguments;
use crate::contender::{Contender, programs};
use crate::idlers::Idlers;
use crate::lab::{Asked, Running};
use crate::nginx;
use crate::progress::Progress;
use crate::scale::CONNECTIONS;
use crate::spread::Spread;
use crate::usage::Usage;

/// The connections that do nothing, where their memory is measured: nginx has 512 by default.
const IDLE: usize = 400;
/// The connections of nginx, if nothing is said: its own default.
const NGINX_CONNECTIONS: &str = "512";

/// What was measured of one server, round by round.
#[derive(Default)]
struct Findings {
    name: String,
    /// Of a request for the page, in microseconds.
    processor: Vec<f64>,
    /// Of large files, in MiB for each second of processor time.
    throughput: Vec<f64>,
    /// Of an idle connection, in KiB.
    memory: Option<f64>,
    /// In how many measurements the generator had no time left.
    limited: usize,
    failures: u64,
}

struct Bench<'a> {
    site: Site,
    interrupt: &'a Interrupt,
    time: Duration,
    progress: Progress,
}

/// Measures and reports.
pub fn run(arguments: &arguments::Bench, interrupt: &Interrupt) -> Result<String, Stop> {
    let folder = TempDir::new().map_err(Stop::to("make a temporary folder"))?;
    let contenders = contenders(&arguments.lessons, &folder)?;
    let site = Site::temporary().map_err(Stop::to("make the files to be served"))?;
    let time = Duration::from_millis(arguments.milliseconds.into());
    let measurements = 2 * u32::from(arguments.rounds + 1) * contenders.len() as u32;
    let mut bench = Bench { site, interrupt, time, progress: Progress::new(time * measurements) };
    let findings = bench.measure(&contenders, arguments.rounds.into())?;
    drop(bench);
    Ok(report(&findings, arguments.rounds))
}

fn contenders(lessons: &[Stage], folder: &TempDir) -> Result<Vec<Contender>, Stop> {
    let programs = programs()?;
    let mut contenders: Vec<_> = lessons.iter().map(|stage| Contender::lesson(*stage, &programs)).collect();
    if nginx::version().is_some() {
        let folder = folder.path().to_string_lossy();
        let arguments = ["--root", "{root}", "--folder", &folder, "--connections", NGINX_CONNECTIONS];
        contenders.push(Contender::helper("nginx", "", &arguments)?);
    }
    Ok(contenders)
}

impl Bench<'_> {
    /// Round by round, each with every server: what disturbs the machine for a while disturbs all of them.
    fn measure(&mut self, contenders: &[Contender], rounds: usize) -> Result<Vec<Findings>, Stop> {
        let start =
            |contender: &Contender| Ok(Running { contender: contender.clone(), server: contender.start(&self.site)? });
        let servers = contenders.iter().map(start).collect::<Result<Vec<Running>, Stop>>()?;
        let named = |contender: &Contender| Findings { name: contender.name.clone(), ..Findings::default() };
        let mut findings: Vec<Findings> = contenders.iter().map(named).collect();
        for round in 0..=rounds {
            for (running, findings) in servers.iter().zip(&mut findings) {
                let contender = &running.contender;
                let what = if round == 0 { "warm-up".to_owned() } else { format!("round {round} of {rounds}") };
                let mut warm_up = Findings::default();
                let findings = if round == 0 { &mut warm_up } else { findings };
                self.progress.step(&format!("{what}: {}, pages", contender.name), self.time);
                self.pages(running, findings)?;
                self.progress.step(&format!("{what}: {}, files of 1 MiB", contender.name), self.time);
                if contender.has_files {
                    self.files(running, findings)?;
                }
            }
        }
        drop(servers);
        for (contender, findings) in contenders.iter().zip(&mut findings).filter(|(contender, _)| contender.keeps_alive)
        {
            findings.memory = self.memory(contender)?;
        }
        Ok(findings)
    }

    fn pages(&self, running: &Running, findings: &mut Findings) -> Result<(), Stop> {
        let (answers, _, processor) = self.load(running, "/page.html", findings)?;
        findings.processor.push(processor.as_secs_f64() * 1e6 / answers as f64);
        Ok(())
    }

    fn files(&self, running: &Running, findings: &mut Findings) -> Result<(), Stop> {
        let (_, bytes, processor) = self.load(running, "/mebibyte.bin", findings)?;
        findings.throughput.push(bytes as f64 / f64::from(1 << 20) / processor.as_secs_f64());
        Ok(())
    }

    /// Answers, bytes, and the processor time of the server.
    fn load(&self, running: &Running, target: &str, findings: &mut Findings) -> Result<(u64, u64, Duration), Stop> {
        let asked = Asked { target, ..Asked::page(running.contender.keeps_alive, self.time) };
        let (harvest, processor) = running.load(&asked, Pace::Closed, self.interrupt)?;
        let processor = processor.ok_or_else(no_processor_time)?;
        findings.limited += usize::from(harvest.is_limited_by_generator(processor));
        findings.failures += harvest.failures;
        Ok((harvest.answers, harvest.bytes, processor))
    }

    /// Of connections that have been served once and are kept: in a server of its own, which has served before.
    fn memory(&mut self, contender: &Contender) -> Result<Option<f64>, Stop> {
        self.progress.step(&format!("{}, {IDLE} idle connections", contender.name), Duration::ZERO);
        let server = contender.start(&self.site)?;
        let memory = || server.pid().and_then(Usage::of).map(|usage| usage.memory as f64 / 1024.0);
        let mut idlers = Idlers::default();
        idlers.more(8, server.address(), true, self.interrupt)?;
        let Some(before) = memory() else { return Ok(None) };
        idlers.more(IDLE, server.address(), true, self.interrupt)?;
        Ok(memory().map(|after| (after - before) / IDLE as f64))
    }
}

fn no_processor_time() -> Stop {
    Stop::Failed("the processor time of the server is not to be seen: this needs /proc, as Linux has it".to_owned())
}

fn report(findings: &[Findings], rounds: u8) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header([
        "",
        "CPU per request",
        "1 MiB files, MiB per CPU second",
        "memory per idle connection",
    ]);
    for of_one in findings {
        let processor = with_spread(&of_one.processor, "µs");
        let memory = of_one.memory.map_or("closes".to_owned(), |kib| format!("{kib:.2} KiB"));
        table.add_row([of_one.name.clone(), processor, with_spread(&of_one.throughput, ""), memory]);
    }
    let nginx = findings.iter().find(|of_one| of_one.name == "nginx");
    for of_one in findings.iter().filter(|of_one| of_one.name != "nginx") {
        if let Some(nginx) = nginx {
            table.add_row(ratios(of_one, nginx));
        }
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{table}\n\n{}", remarks(findings, nginx.is_some(), rounds))
}

fn with_spread(rounds: &[f64], unit: &str) -> String {
    match Spread::of(rounds) {
        Some(Spread { median, low, high, .. }) if median < 1000.0 => {
            format!("{median:.2} {unit} ({low:.2} – {high:.2})")
        }
        Some(Spread { median, low, high, .. }) => format!("{median:.0} {unit} ({low:.0} – {high:.0})"),
        None => "–".to_owned(),
    }
}

/// Against nginx, round by round, and the goal that was set.
fn ratios(ours: &Findings, nginx: &Findings) -> [String; 4] {
    let (most, least, memory) = match ours.name.as_str() {
        "07" => ("  goal ≤ 0.80", "  goal ≥ 0.9", "  goal ≤ 1"),
        "08" => ("  goal ≤ 0.85", "  goal ≥ 0.9", "  goal ≤ 10"),
        _ => ("", "", ""),
    };
    let ratio = |ours: &[f64], theirs: &[f64], goal| {
        let spread = Spread::of_ratios(ours, theirs);
        spread.map_or("–".to_owned(), |Spread { median, low, high, .. }| {
            format!("{median:.2} ({low:.2} – {high:.2}){goal}")
        })
    };
    [
        format!("{} / nginx", ours.name),
        ratio(&ours.processor, &nginx.processor, most),
        ratio(&ours.throughput, &nginx.throughput, least),
        ours.memory.map_or(String::new(), |kib| format!("{kib:.2} KiB{memory}")),
    ]
}

fn remarks(findings: &[Findings], has_nginx: bool, rounds: u8) -> String {
    let mut text = format!(
        "Medians of {rounds} rounds (quartiles); {CONNECTIONS} connections; a page of 1 KiB. CPU is that of the server alone.\n"
    );
    if !has_nginx {
        text.push_str("nginx is not installed, so there is nothing to compare with: apt install nginx-light\n");
    }
    for of_one in findings {
        let name = &of_one.name;
        let wide = [&of_one.processor, &of_one.throughput].into_iter().filter_map(|rounds| Spread::of(rounds));
        if wide.into_iter().any(|spread| spread.is_too_wide()) {
            let _ = writeln!(text, "{name}: the rounds differ too much to conclude anything; is the machine busy?");
        }
        if of_one.limited > 0 {
            let _ = writeln!(
                text,
                "{name}: in {} measurements the load generator, not the server, was the limit.",
                of_one.limited
            );
        }
        if of_one.failures > 0 {
            let _ = writeln!(text, "{name}: {} requests failed.", of_one.failures);
        }
    }
    text
}
