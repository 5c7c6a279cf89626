//! What a run has found, as tables.

use std::fmt::Write;

use crate::experiment::Experiment;
use crate::figure::{bytes, number, percent, spread};
use crate::record::{Calls, Cost, Lane, Latency, Record, Timeline};
use crate::spread::Spread;
use crate::table::Table;

/// What is said of a figure that may be the generator's.
const LIMITED: &str = "the generator was the limit";

/// All of them, for a terminal.
pub fn all(record: &Record) -> String {
    let mut text = String::new();
    for experiment in Experiment::ALL {
        let found = of(experiment, record);
        if !found.rows.is_empty() {
            let _ = writeln!(text, "\n{}\n\n{}", experiment.title(), found.text());
        }
        for remark in record.remarks.iter().filter(|remark| remark.experiment == experiment.name()) {
            let _ = writeln!(text, "  {} {}", remark.server, remark.text);
        }
    }
    text
}

/// The one of an experiment.
pub fn of(experiment: Experiment, record: &Record) -> Table {
    match experiment {
        Experiment::Waits => waits(record),
        Experiment::Cost => cost(record),
        Experiment::Idle => idle(record),
        Experiment::Large => large(record),
        Experiment::Latency => latency(record),
        Experiment::Calls => calls(record),
        Experiment::Sheet => sheet(record),
    }
}

fn waits(record: &Record) -> Table {
    let mut table = Table::new(&[
        "",
        "quick clients wait, ms",
        "the longest of them",
        "slow client done, ms",
        "silent one dropped, ms",
    ]);
    for Timeline { server, lanes } in &record.waits {
        let quick: Vec<f64> = lanes.iter().filter(|lane| lane.client == "quick").filter_map(waited).collect();
        let of = |client: &str, when: fn(&Lane) -> Option<f64>| {
            let lane = lanes.iter().find(|lane| lane.client == client);
            lane.and_then(|lane| Some(when(lane)? - lane.came)).map_or("–".to_owned(), number)
        };
        let median = Spread::of(&quick).map_or("–".to_owned(), |spread| number(spread.median));
        let longest = quick.iter().copied().reduce(f64::max).map_or("–".to_owned(), number);
        let (slow, silent) = (of("slow", |lane| lane.last_byte), of("silent", |lane| lane.closed));
        table.add(vec![server.clone(), median, longest, slow, silent]);
    }
    table
}

/// From when a client came to its last byte.
pub fn waited(lane: &Lane) -> Option<f64> {
    Some(lane.last_byte? - lane.came)
}

fn cost(record: &Record) -> Table {
    let mut table = Table::new(&[
        "",
        "connections",
        "CPU, µs a request",
        "floors",
        "baseline",
        "above it, µs",
        "requests a second",
        "",
    ]);
    for cost in &record.cost {
        let or_none = |figure: &Option<Spread>| figure.as_ref().map_or("–".to_owned(), spread);
        table.add(vec![
            cost.server.clone(),
            if cost.long { "long" } else { "short" }.to_owned(),
            or_none(&cost.microseconds),
            cost.floors.as_ref().map_or("–".to_owned(), |floors| number(floors.median)),
            cost.baseline.clone(),
            cost.above_baseline.as_ref().map_or("–".to_owned(), |above| number(above.median)),
            spread(&cost.per_second),
            cost_remark(cost),
        ]);
    }
    table
}

fn cost_remark(cost: &Cost) -> String {
    match cost {
        Cost { failures: 1.., .. } => format!("{} failed", cost.failures),
        Cost { limited_by_generator: 1.., .. } => LIMITED.to_owned(),
        _ => String::new(),
    }
}

fn idle(record: &Record) -> Table {
    let mut table = Table::new(&["", "idle clients", "of one core", "memory", "a client", "processes", "threads"]);
    for idle in &record.idle {
        let each = if idle.clients == 0 { "–".to_owned() } else { bytes(idle.memory / idle.clients as f64) };
        table.add(vec![
            idle.server.clone(),
            idle.clients.to_string(),
            percent(idle.core),
            bytes(idle.memory),
            each,
            idle.processes.to_string(),
            idle.threads.to_string(),
        ]);
    }
    table
}

fn large(record: &Record) -> Table {
    let head = [
        "",
        "connections",
        "files a second",
        "CPU of both ends, µs a file",
        "the server's part, µs",
        "memory",
        "p50 alone, ms",
        "meanwhile",
        "p99 alone, ms",
        "meanwhile",
        "",
    ];
    let mut table = Table::new(&head);
    let or_none = |figure: &Option<Spread>| figure.as_ref().map_or("–".to_owned(), spread);
    for large in &record.large {
        table.add(vec![
            large.server.clone(),
            if large.long { "long" } else { "short" }.to_owned(),
            or_none(&large.files_per_second),
            or_none(&large.both_ends),
            or_none(&large.server_end),
            large.memory.map_or("–".to_owned(), bytes),
            number(large.alone[0].median),
            number(large.meanwhile[0].median),
            number(large.alone[1].median),
            number(large.meanwhile[1].median),
            if large.limited_by_generator > 0 { LIMITED } else { "" }.to_owned(),
        ]);
    }
    table
}

fn latency(record: &Record) -> Table {
    let head = ["", "requests a second", "answered", "p50, ms", "p90, ms", "p99, ms", "p99.9, ms", ""];
    let mut table = Table::new(&head);
    let mut found: Vec<&Latency> = record.latency.iter().collect();
    let place = |server: &str| record.servers.iter().position(|named| named.name == server);
    found.sort_by_key(|latency| place(&latency.server));
    for latency in found {
        let remark = match latency {
            Latency { failures: 1.., .. } => format!("{} failed", latency.failures),
            Latency { limited_by_generator: 1.., .. } => LIMITED.to_owned(),
            _ => String::new(),
        };
        table.add(vec![
            latency.server.clone(),
            number(latency.offered),
            number(latency.answered.median),
            spread(&latency.p50),
            number(latency.p90.median),
            spread(&latency.p99),
            number(latency.p999.median),
            remark,
        ]);
    }
    table
}

/// A row for each call that some server makes at least once in ten requests.
fn calls(record: &Record) -> Table {
    let mut head = vec![""];
    head.extend(record.calls.iter().map(|calls| calls.server.as_str()));
    let mut table = Table::new(&head);
    if record.calls.is_empty() {
        return table;
    }
    let row = |name: &str, cell: &dyn Fn(&Calls) -> String| {
        std::iter::once(name.to_owned()).chain(record.calls.iter().map(cell)).collect::<Vec<_>>()
    };
    table.add(row("connections", &|calls| if calls.long { "long" } else { "short" }.to_owned()));
    table.add(row("all", &|calls| number(calls.total)));
    for name in call_names(record) {
        table.add(row(&name, &|calls| of_name(calls, &name)));
    }
    table
}

/// Those of many servers first, so that what they share stands together.
fn call_names(record: &Record) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let often = record.calls.iter().flat_map(|calls| &calls.by_name).filter(|(_, count)| *count >= 0.1);
    for (name, _) in often {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let servers = |name: &String| record.calls.iter().filter(|calls| !of_name(calls, name).is_empty()).count();
    names.sort_by_key(|name| std::cmp::Reverse(servers(name)));
    names
}

fn of_name(calls: &Calls, name: &str) -> String {
    let count = calls.by_name.iter().find(|(other, _)| other == name).map_or(0.0, |(_, count)| *count);
    if count == 0.0 { String::new() } else { number(count) }
}

fn sheet(record: &Record) -> Table {
    let head = [
        "",
        "lines",
        "code",
        "from",
        "new",
        "gone",
        "crates",
        "in all",
        "processes",
        "threads",
        "descriptors",
        "memory",
        "calls",
        "limits",
    ];
    let mut table = Table::new(&head);
    let counted = |count: Option<usize>| count.map_or("–".to_owned(), |count| count.to_string());
    for sheet in &record.sheet {
        table.add(vec![
            format!("{} {}", sheet.lesson, sheet.title),
            sheet.lines.to_string(),
            sheet.code.to_string(),
            sheet.parent.clone().unwrap_or_default(),
            sheet.added.to_string(),
            sheet.removed.to_string(),
            sheet.dependencies.to_string(),
            sheet.all_dependencies.to_string(),
            counted(sheet.processes),
            counted(sheet.threads),
            counted(sheet.descriptors),
            sheet.memory.map_or("–".to_owned(), |memory| bytes(memory as f64)),
            sheet.calls.map_or("–".to_owned(), number),
            sheet.cannot.len().to_string(),
        ]);
    }
    table
}

/// Each lesson that has limits, with the cases that prove them and their letters.
pub fn limits(record: &Record) -> Vec<(String, String)> {
    let of = |sheet: &crate::record::Sheet| {
        let cases: Vec<String> = sheet.cannot.iter().map(|(case, letter)| format!("{case} ({letter})")).collect();
        (sheet.lesson.clone(), cases.join(", "))
    };
    record.sheet.iter().map(of).filter(|(_, cases)| !cases.is_empty()).collect()
}

/// Two runs side by side, for a terminal.
pub fn comparison(old: &Record, new: &Record) -> String {
    format!("\nBeside the run of {}\n\n{}", old.begun, compared(old, new).text())
}

/// Two runs side by side. Where the spreads overlap, nothing is said to differ.
pub fn compared(old: &Record, new: &Record) -> Table {
    let mut table = Table::new(&["", "figure", "then", "now", "now / then", ""]);
    let then = figures(old);
    for (server, what, now) in figures(new) {
        let Some((_, _, then)) = then.iter().find(|(name, figure, _)| *name == server && *figure == what) else {
            continue;
        };
        let ratio = if then.median == 0.0 { "–".to_owned() } else { number(now.median / then.median) };
        table.add(vec![server, what, spread(then), spread(&now), ratio, differs(then, &now).to_owned()]);
    }
    table
}

fn differs(then: &Spread, now: &Spread) -> &'static str {
    if now.low > then.high {
        "more"
    } else if now.high < then.low {
        "less"
    } else {
        "no difference to be seen"
    }
}

/// What can be compared: server, what it is, and the figure.
fn figures(record: &Record) -> Vec<(String, String, Spread)> {
    let exact = |value: f64| Spread { median: value, low: value, high: value, rounds: 1 };
    let mut figures = Vec::new();
    for cost in &record.cost {
        let kind = if cost.long { "long" } else { "short" };
        figures.extend(
            cost.microseconds.map(|spread| (cost.server.clone(), format!("CPU, µs a request, {kind}"), spread)),
        );
        figures.extend(cost.floors.map(|floors| (cost.server.clone(), format!("floors a request, {kind}"), floors)));
    }
    for latency in &record.latency {
        figures.push((
            latency.server.clone(),
            format!("p99, ms, at {} a second", number(latency.offered)),
            latency.p99,
        ));
    }
    for large in &record.large {
        let named = |name: &str, figure: Option<Spread>| Some((large.server.clone(), name.to_owned(), figure?));
        figures.extend(named("1 MiB files a second", large.files_per_second));
        figures.extend(named("CPU of both ends, µs a file of 1 MiB", large.both_ends));
    }
    for calls in &record.calls {
        figures.push((calls.server.clone(), "system calls a request".to_owned(), exact(calls.total)));
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_differ_only_where_their_spreads_are_apart() {
        let spread = |low, high| Spread { median: (low + high) / 2.0, low, high, rounds: 5 };
        assert_eq!(differs(&spread(1.0, 2.0), &spread(3.0, 4.0)), "more");
        assert_eq!(differs(&spread(3.0, 4.0), &spread(1.0, 2.0)), "less");
        assert_eq!(differs(&spread(1.0, 3.0), &spread(2.0, 4.0)), "no difference to be seen");
    }
}
