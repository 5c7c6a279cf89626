//! `just bench`: lessons beside nginx, lighttpd and a bare epoll loop, in one run, and the goals that were set for
//! them.

use std::fmt::Write;
use std::time::Duration;

use http_suite::site::Site;
use load::{Harvest, Interrupt, Pace, Stop};
use tempfile::TempDir;

use crate::arguments;
use crate::contender::{Contender, KEEP_FILES, KEEPING, programs};
use crate::experiment::{Experiment, files};
use crate::figure::{self, number};
use crate::idlers::Idlers;
use crate::lab::{Asked, Running};
use crate::progress::Progress;
use crate::references::{FLOOR, LIGHTTPD, NGINX, References};
use crate::scale::{CONNECTIONS, DOWNLOADS};
use crate::spread::Spread;
use crate::table::Table;
use crate::usage::Usage;

/// The connections that do nothing, where their memory is measured: nginx has 512 by default.
const IDLE: usize = 400;

/// What was measured of one server, round by round.
#[derive(Default)]
struct Findings {
    name: String,
    /// The processor time of the server for a request for the page, in microseconds.
    small: Vec<f64>,
    /// Files of 1 MiB a second.
    files: Vec<f64>,
    /// The processor time of such a file at both ends, the server's and the generator's, in microseconds.
    both_ends: Vec<f64>,
    /// Of an idle connection, in KiB.
    memory: Option<f64>,
    /// In how many measurements the generator had no time left.
    limited: usize,
    failures: u64,
    /// Measurements that were made again, since nothing came; and those that were given up for that.
    repeated: usize,
    given_up: usize,
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
    let programs = programs()?;
    let mut contenders: Vec<Contender> =
        arguments.lessons.iter().flat_map(|stage| Contender::lesson(*stage, &programs)).collect();
    let References { contenders: references, missing } = References::here(&folder, None)?;
    contenders.extend(references);
    let site = Site::temporary().map_err(Stop::to("make the files to be served"))?;
    let time = Duration::from_millis(arguments.milliseconds.into());
    let kinds = contenders.len() + contenders.iter().filter(|contender| serves_files(contender)).count();
    let planned = time * u32::from(arguments.rounds + 1) * kinds as u32;
    let mut bench = Bench { site, interrupt, time, progress: Progress::new(planned) };
    let findings = bench.measure(&contenders, arguments.rounds.into())?;
    drop(bench);
    Ok(report(&findings, &missing, arguments.rounds))
}

/// Whether it is asked for large files: to keep them open changes nothing there that could be measured.
fn serves_files(contender: &Contender) -> bool {
    Experiment::Large.takes(contender)
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
                if serves_files(contender) {
                    self.progress.step(&format!("{what}: {}, files of 1 MiB", contender.name), self.time);
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
        let asked = Asked::page(running.contender.keeps_alive, self.time);
        let Some((harvest, processor)) = self.load(running, &asked, findings)? else { return Ok(()) };
        if harvest.answers > 0 {
            findings.small.push(processor.as_secs_f64() * 1e6 / harvest.answers as f64);
        }
        Ok(())
    }

    fn files(&self, running: &Running, findings: &mut Findings) -> Result<(), Stop> {
        let page = Asked::page(running.contender.keeps_alive, self.time);
        let asked = Asked { target: "/mebibyte.bin", connections: DOWNLOADS, ..page };
        let Some((harvest, processor)) = self.load(running, &asked, findings)? else { return Ok(()) };
        findings.files.push(harvest.rate());
        findings.both_ends.push((processor + harvest.busy).as_secs_f64() * 1e6 / files(&harvest));
        Ok(())
    }

    /// What came, and the processor time of the server. `None`, if nothing came however often it was tried: a busy
    /// machine, or one slow answer, is no reason to throw away what the others have shown.
    fn load(
        &self,
        running: &Running,
        asked: &Asked,
        findings: &mut Findings,
    ) -> Result<Option<(Harvest, Duration)>, Stop> {
        const TRIES: u32 = 3;
        let mut came = None;
        for again in 0..TRIES {
            let asked = Asked { time: asked.time * 2_u32.pow(again), ..*asked };
            match running.load(&asked, Pace::Closed, self.interrupt) {
                Ok(harvest) => {
                    came = Some(harvest);
                    break;
                }
                Err(Stop::Failed(text)) => {
                    findings.repeated += usize::from(again + 1 < TRIES);
                    self.progress.say(&format!("{}: {text}", running.contender.name));
                }
                Err(stop) => return Err(stop),
            }
        }
        let Some((harvest, processor)) = came else {
            findings.given_up += 1;
            return Ok(None);
        };
        let processor = processor.ok_or_else(no_processor_time)?;
        findings.limited += usize::from(harvest.is_limited_by_generator(processor));
        findings.failures += harvest.failures;
        Ok(Some((harvest, processor)))
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

fn report(findings: &[Findings], missing: &[&str], rounds: u8) -> String {
    let named = |name: &str| findings.iter().find(|of_one| of_one.name == name);
    let mut text = format!("Small files: the page of 1 KiB, {CONNECTIONS} connections at a time\n\n");
    text.push_str(&small(findings, named(FLOOR), named(NGINX)).text());
    let _ = write!(text, "\nLarge files: 1 MiB, {DOWNLOADS} connections at a time\n\n");
    text.push_str(&large(findings, named(LIGHTTPD), named(NGINX)).text());
    text.push('\n');
    text + &remarks(findings, missing, rounds)
}

/// Microseconds of this machine, and beside them the multiples of the bare loop, which other machines have too.
fn small(findings: &[Findings], floor: Option<&Findings>, nginx: Option<&Findings>) -> Table {
    let mut table = Table::new(&[
        "",
        "server CPU, µs a request",
        "floors",
        "beside nginx",
        "beside 07",
        "goal",
        "memory of an idle connection",
        "goal",
    ]);
    for of_one in findings {
        let beside = |other: Option<&Findings>| other.map_or_else(none, |other| ratio(&of_one.small, &other.small));
        // With files kept, beside the one that keeps them too.
        let seven = if of_one.name.ends_with(KEEPING) { format!("07{KEEPING}") } else { "07".to_owned() };
        let seven = findings.iter().find(|other| other.name == seven);
        let (most, memory) = match of_one.name.as_str() {
            "07" => ("≤ 0.60 of nginx", "≤ 1 KiB"),
            "07+keep" => ("≤ 1.50 floors", ""),
            "08" => ("≤ 0.85 of nginx", "≤ 10 KiB"),
            "09" => ("≤ 1.10 of 07", ""),
            "10" => ("≤ 1.10 of 07", "≤ 2 KiB"),
            "11+keep" => ("≤ 1.10 floors", ""),
            _ => ("", ""),
        };
        table.add(vec![
            of_one.name.clone(),
            with_spread(&of_one.small),
            beside(floor),
            beside(nginx),
            beside(seven),
            most.to_owned(),
            of_one.memory.map_or_else(none, |kib| format!("{} KiB", number(kib))),
            memory.to_owned(),
        ]);
    }
    table
}

/// By what a client sees, and by what both ends pay: the kernel charges either of them for the way between.
fn large(findings: &[Findings], lighttpd: Option<&Findings>, nginx: Option<&Findings>) -> Table {
    let mut table = Table::new(&[
        "",
        "answers a second",
        "beside lighttpd",
        "goal",
        "beside nginx",
        "CPU of both ends, µs an answer",
        "beside lighttpd",
        "goal",
        "beside nginx",
    ]);
    for of_one in findings.iter().filter(|of_one| !of_one.files.is_empty()) {
        let rate = |other: Option<&Findings>| other.map_or_else(none, |other| ratio(&of_one.files, &other.files));
        let ends =
            |other: Option<&Findings>| other.map_or_else(none, |other| ratio(&of_one.both_ends, &other.both_ends));
        let (least, most) = match of_one.name.as_str() {
            "07" | "08" => ("≥ 1.00", "≤ 1.10"),
            _ => ("", ""),
        };
        table.add(vec![
            of_one.name.clone(),
            with_spread(&of_one.files),
            rate(lighttpd),
            least.to_owned(),
            rate(nginx),
            with_spread(&of_one.both_ends),
            ends(lighttpd),
            most.to_owned(),
            ends(nginx),
        ]);
    }
    table
}

fn none() -> String {
    "–".to_owned()
}

fn with_spread(rounds: &[f64]) -> String {
    Spread::of(rounds).as_ref().map_or_else(none, figure::spread)
}

/// Round by round.
fn ratio(ours: &[f64], theirs: &[f64]) -> String {
    Spread::of_ratios(ours, theirs)
        .map_or_else(none, |Spread { median, low, high, .. }| format!("{median:.2} ({low:.2}–{high:.2})"))
}

fn remarks(findings: &[Findings], missing: &[&str], rounds: u8) -> String {
    let mut text = format!(
        "Medians of {rounds} rounds, in brackets the quartiles; a question mark: conclude nothing from it. Connections are long, but \
         for lessons that\nserve one request on each. A floor is what a bare epoll loop needs for a constant response. Memory is the \
         server's own, without the kernel's.\nOne worker each; nginx: sendfile, no access log; lighttpd: as it comes. +keep: files stay \
         open for {KEEP_FILES} s (--keep-files, open_file_cache).\n"
    );
    for name in missing {
        let package = if *name == NGINX { "nginx-light" } else { name };
        let _ = writeln!(text, "{name} is not installed, so there is nothing of it here: apt install {package}");
    }
    let is_wide = |rounds: &[f64]| Spread::of(rounds).is_some_and(|spread| spread.is_too_wide());
    for of_one in findings {
        let name = &of_one.name;
        if [&of_one.small, &of_one.files, &of_one.both_ends].into_iter().any(|rounds| is_wide(rounds)) {
            let _ = writeln!(text, "{name}: the rounds differ too much to conclude anything; is the machine busy?");
        }
        if of_one.limited > 0 {
            let _ = writeln!(
                text,
                "{name}: in {} measurements the load generator, not the server, was the limit.",
                of_one.limited
            );
        }
        if of_one.repeated > 0 {
            let _ = writeln!(
                text,
                "{name}: {} times nothing came, and it was measured again, for longer.",
                of_one.repeated
            );
        }
        if of_one.given_up > 0 {
            let _ = writeln!(text, "{name}: {} measurements were given up, since nothing came.", of_one.given_up);
        }
        if of_one.failures > 0 {
            let _ = writeln!(text, "{name}: {} requests failed.", of_one.failures);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(name: &str, small: f64, files: f64, both_ends: f64) -> Findings {
        let [small, files, both_ends] = [small, files, both_ends].map(|figure| vec![figure; 3]);
        Findings { name: name.to_owned(), small, files, both_ends, ..Findings::default() }
    }

    fn row<'a>(table: &'a Table, name: &str) -> &'a [String] {
        table.rows.iter().find(|row| row[0] == name).expect("a row")
    }

    #[test]
    fn small_files_are_told_in_floors_and_large_ones_beside_lighttpd() {
        let floor = Findings { files: Vec::new(), both_ends: Vec::new(), ..findings(FLOOR, 4.0, 0.0, 0.0) };
        let all = [findings("07", 8.0, 5500.0, 330.0), floor, findings(LIGHTTPD, 6.0, 5000.0, 300.0)];
        let table = small(&all, Some(&all[1]), None);
        assert_eq!(row(&table, "07")[1..4], ["8.00 (8.00–8.00)", "2.00 (2.00–2.00)", "–"]);
        let table = large(&all, Some(&all[2]), None);
        assert_eq!(table.rows.len(), 2, "the floor has no files");
        let seven = row(&table, "07");
        assert_eq!((seven[2].as_str(), seven[6].as_str()), ("1.10 (1.10–1.10)", "1.10 (1.10–1.10)"));
        assert_eq!(seven[4], "–");
    }

    #[test]
    fn what_nothing_came_of_is_said_and_ends_nothing() {
        let silent = Findings { name: "02".to_owned(), repeated: 2, given_up: 1, ..Findings::default() };
        let text = report(&[findings("07", 8.0, 5500.0, 330.0), silent], &[], 3);
        assert!(text.contains("02: 2 times nothing came, and it was measured again"), "{text}");
        assert!(text.contains("02: 1 measurements were given up"), "{text}");
        assert!(text.contains("8.00 (8.00–8.00)"), "{text}");
    }

    #[test]
    fn what_is_not_installed_is_said() {
        let text = report(&[findings("07", 8.0, 5500.0, 330.0)], &[NGINX, LIGHTTPD], 3);
        assert!(text.contains("apt install nginx-light") && text.contains("apt install lighttpd"), "{text}");
    }
}
