//! The page around the pictures.

use std::fmt::Write;

use crate::experiment::Experiment;
use crate::record::{Cost, Large, Latency, Record};
use crate::table::Table;
use crate::tables;

use super::chart::{self, Axes, Bar, Line};
use super::escaped;
use super::words::{self, Both, translated};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What has to be the same for every reader is text; what differs by language stands twice.
pub fn page(record: &Record, old: Option<&Record>) -> String {
    let mut body = format!("<h1>{}</h1>\n<p class=\"lead\">{}</p>\n", words::TITLE.html(), words::INTRODUCTION.html());
    let _ = writeln!(body, "<p class=\"soft\">{}</p>", words::DOUBT.html());
    let _ = writeln!(
        body,
        "<p class=\"machine\">{}<br>{}</p>",
        escaped(&record.machine.describe()),
        escaped(&record.begun)
    );
    if !record.complete {
        let _ = writeln!(body, "<p class=\"warning\">{}</p>", words::INTERRUPTED.html());
    }
    body.push_str(&remarks(record, "machine"));
    body.push_str(&contents());
    for experiment in Experiment::ALL {
        body.push_str(&section(experiment, record));
    }
    let _ = writeln!(
        body,
        "<section id=\"why\"><h2>{}</h2><p>{}</p></section>",
        words::WHY.html(),
        words::CONCLUSION.html()
    );
    if let Some(old) = old {
        body.push_str(&comparison(old, record));
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>The lab</title>\n<style>\n{STYLE}</style>\n<body>\n{LANGUAGES}\n{body}<script>\n{SCRIPT}</script>\n"
    )
}

const LANGUAGES: &str = "\
<nav class=\"languages\"><input type=\"radio\" name=\"language\" id=\"en\" checked><label for=\"en\">English</label>\
<input type=\"radio\" name=\"language\" id=\"zh\"><label for=\"zh\">中文</label></nav>";

fn contents() -> String {
    let link = |name: &str, title: Both| format!("<a href=\"#{name}\">{}</a>", title.html());
    let links = Experiment::ALL.map(|one| link(one.name(), words::of(one).title));
    format!("<nav class=\"contents\">{} {}</nav>\n", links.join(" "), link("why", words::WHY))
}

fn section(experiment: Experiment, record: &Record) -> String {
    let words = words::of(experiment);
    let table = tables::of(experiment, record);
    let mut text = format!(
        "<section id=\"{}\">\n<h2>{}</h2>\n<p>{}</p>\n",
        experiment.name(),
        words.title.html(),
        words.asks.html()
    );
    if table.rows.is_empty() {
        let _ = write!(
            text,
            "<p class=\"soft\">{}</p>\n{}",
            words::NOT_MEASURED.html(),
            remarks(record, experiment.name())
        );
        return text + "</section>\n";
    }
    let labelled = |label: Both, what: Both| format!("<p><strong>{}</strong> {}</p>\n", label.html(), what.html());
    text.push_str(&labelled(words::EXPECTED, words.expected));
    let _ = writeln!(text, "<p class=\"soft\">{}</p>", words.read.html());
    text.push_str(&pictures(experiment, record));
    text.push_str(&match experiment {
        Experiment::Calls | Experiment::Sheet => html(&table, experiment == Experiment::Calls),
        _ => format!("<details><summary>{}</summary>\n{}</details>\n", words::FIGURES.html(), html(&table, false)),
    });
    if experiment == Experiment::Sheet {
        text.push_str(&limits(record));
    }
    text.push_str(&labelled(words::SILENT_ON, words.silent_on));
    text.push_str(&remarks(record, experiment.name()));
    text + "</section>\n"
}

fn pictures(experiment: Experiment, record: &Record) -> String {
    let figures = match experiment {
        Experiment::Waits => return timelines(record),
        Experiment::Cost => costs(record),
        Experiment::Idle => idle(record),
        Experiment::Large => large(record),
        Experiment::Latency => latencies(record),
        Experiment::Calls | Experiment::Sheet => return String::new(),
    };
    let figures: String = figures
        .into_iter()
        .filter(|(_, picture)| !picture.is_empty())
        .map(|(caption, picture)| format!("<figure><figcaption>{caption}</figcaption>\n{picture}</figure>\n"))
        .collect();
    format!("<div class=\"pictures\">\n{figures}</div>\n")
}

fn timelines(record: &Record) -> String {
    let ends =
        record.waits.iter().flat_map(|timeline| &timeline.lanes).filter_map(|lane| lane.last_byte.or(lane.closed));
    let longest = ends.fold(1.0, f64::max);
    let each = record.waits.iter().map(|timeline| {
        let title = record.servers.iter().find(|named| named.name == timeline.server).map_or("", |named| &named.title);
        let (server, picture) = (escaped(&timeline.server), chart::timeline(timeline, longest));
        format!("<figure><figcaption><b>{server}</b> {}</figcaption>\n{picture}</figure>\n", in_both(title))
    });
    let key = |class: &str, part: &str, words: Both| {
        format!("<span class=\"{class} key\"><i class=\"{part}\"></i>{}</span>", words.html())
    };
    let legend = [
        key("quick", "comes", words::QUICK),
        key("slow", "comes", words::SLOW),
        key("silent", "waits", words::SILENT),
        key("any", "waits", words::WAITING),
        key("any", "comes", words::RECEIVING),
    ];
    format!(
        "<p class=\"legend\">{}</p>\n<div class=\"pictures\">\n{}</div>\n",
        legend.join(" "),
        each.collect::<String>()
    )
}

/// Each with its caption.
type Pictures = Vec<(String, String)>;

fn costs(record: &Record) -> Pictures {
    let bars = |long: bool, figure: &dyn Fn(&Cost) -> Option<Bar>| {
        record.cost.iter().filter(|cost| cost.long == long).filter_map(figure).collect::<Vec<_>>()
    };
    let paid = |cost: &Cost| {
        let figure = cost.microseconds?;
        let baseline = cost.above_baseline.map_or(0.0, |above| figure.median - above.median);
        Some(Bar { server: cost.server.clone(), figure, baseline })
    };
    let rate = |cost: &Cost| Some(Bar { server: cost.server.clone(), figure: cost.per_second, baseline: 0.0 });
    let floors = |cost: &Cost| Some(Bar { server: cost.server.clone(), figure: cost.floors?, baseline: 1.0 });
    vec![
        (joined(words::SHORT, words::MICROSECONDS), picture(bars(false, &paid), "processor time, short connections")),
        (joined(words::LONG, words::MICROSECONDS), picture(bars(true, &paid), "processor time, long connections")),
        (
            joined(words::LONG, words::FLOORS),
            picture(bars(true, &floors), "processor time in floors, long connections"),
        ),
        (joined(words::SHORT, words::RATE), picture(bars(false, &rate), "answers a second, short connections")),
        (joined(words::LONG, words::RATE), picture(bars(true, &rate), "answers a second, long connections")),
    ]
}

fn picture(bars: Vec<Bar>, what: &str) -> String {
    if bars.is_empty() { String::new() } else { chart::bars(&bars, what) }
}

fn joined(first: Both, second: Both) -> String {
    format!("{}<br>{}", first.html(), second.html())
}

fn idle(record: &Record) -> Pictures {
    let lines = |figure: fn(&crate::record::Idle) -> f64| {
        let of = |server: &String| {
            let of_one = record.idle.iter().filter(|idle| idle.server == *server);
            Line { server: server.clone(), points: of_one.map(|idle| (idle.clients as f64, figure(idle))).collect() }
        };
        servers(record).iter().map(of).filter(|line| !line.points.is_empty()).collect::<Vec<_>>()
    };
    let percent = |value: f64| format!("{} %", chart::number_short(value));
    let core = Axes { x: chart::number_short, y: percent, zero: true, least: 0.01 };
    let memory = Axes { x: chart::number_short, y: chart::number_short, zero: true, least: 10.0 };
    vec![
        (
            words::IDLE_CORE.html(),
            chart::lines(&lines(|idle| idle.core * 100.0), &core, "processor time of idle clients"),
        ),
        (
            words::IDLE_MEMORY.html(),
            chart::lines(&lines(|idle| idle.memory / 1024.0), &memory, "memory of idle clients"),
        ),
    ]
}

fn large(record: &Record) -> Pictures {
    let files =
        |large: &Large| Some(Bar { server: large.server.clone(), figure: large.files_per_second?, baseline: 0.0 });
    let ends = |large: &Large| {
        let (figure, server_end) = (large.both_ends?, large.server_end?);
        Some(Bar { server: large.server.clone(), figure, baseline: figure.median - server_end.median })
    };
    let bars = |figure: &dyn Fn(&Large) -> Option<Bar>| record.large.iter().filter_map(figure).collect::<Vec<_>>();
    let moved = |large: &Large| (large.server.clone(), large.alone[1].median, large.meanwhile[1].median);
    let moves: Vec<_> = record.large.iter().map(moved).collect();
    vec![
        (words::FILES.html(), picture(bars(&files), "files a second")),
        (words::BOTH_ENDS.html(), picture(bars(&ends), "processor time of both ends")),
        (words::MEANWHILE.html(), chart::moves(&moves, "small requests beside large files")),
    ]
}

fn latencies(record: &Record) -> Pictures {
    let lines = |figure: fn(&Latency) -> f64| {
        let of = |server: &String| {
            let of_one = record.latency.iter().filter(|latency| latency.server == *server);
            Line { server: server.clone(), points: of_one.map(|latency| (latency.offered, figure(latency))).collect() }
        };
        servers(record).iter().map(of).filter(|line| !line.points.is_empty()).collect::<Vec<_>>()
    };
    let axes = || Axes { x: chart::number_short, y: chart::number_short, zero: false, least: 0.05 };
    vec![
        (words::P50.html(), chart::lines(&lines(|latency| latency.p50.median), &axes(), "median latency by rate")),
        (words::P99.html(), chart::lines(&lines(|latency| latency.p99.median), &axes(), "p99 by rate")),
    ]
}

fn servers(record: &Record) -> Vec<String> {
    record.servers.iter().map(|named| named.name.clone()).collect()
}

fn comparison(old: &Record, new: &Record) -> String {
    let table = html(&tables::compared(old, new), false);
    let (title, differs) = (words::COMPARED.html(), words::DIFFERS.html());
    format!(
        "<section id=\"compare\"><h2>{title}</h2>\n<p>{} → {}</p>\n<p>{differs}</p>\n{table}</section>\n",
        old.begun, new.begun
    )
}

fn remarks(record: &Record, experiment: &str) -> String {
    let of = record.remarks.iter().filter(|remark| remark.experiment == experiment);
    let items: String =
        of.map(|remark| format!("<li><b>{}</b> {}</li>\n", escaped(&remark.server), in_both(&remark.text))).collect();
    if items.is_empty() { items } else { format!("<ul class=\"remarks\">\n{items}</ul>\n") }
}

/// What each lesson cannot do.
fn limits(record: &Record) -> String {
    let items: String = tables::limits(record)
        .iter()
        .map(|(lesson, cases)| format!("<li><b>{lesson}</b> {}</li>\n", escaped(cases)))
        .collect();
    if items.is_empty() {
        items
    } else {
        format!("<p>{}</p>\n<ul class=\"remarks\">\n{items}</ul>\n", words::LIMITS.html())
    }
}

/// A figure is the same in both languages; a word is not.
fn in_both(text: &str) -> String {
    match translated(text) {
        Some(zh) => format!("<span class=\"en\">{}</span><span class=\"zh\" lang=\"zh\">{zh}</span>", escaped(text)),
        None => escaped(text),
    }
}

/// With `heat`, a cell is the darker the larger its figure is.
fn html(table: &Table, heat: bool) -> String {
    let head: String = table.head.iter().map(|text| format!("<th scope=\"col\">{}</th>", in_both(text))).collect();
    let mut rows = String::new();
    for row in &table.rows {
        let (name, cells) = row.split_first().map_or(("", &row[..]), |(name, cells)| (name.as_str(), cells));
        let _ = write!(rows, "<tr><th scope=\"row\">{}</th>", named(name));
        for cell in cells {
            let warmth = if heat { warmth(name, cell) } else { String::new() };
            let _ = write!(rows, "<td{warmth}>{}</td>", in_both(cell));
        }
        rows.push_str("</tr>\n");
    }
    format!("<div class=\"wide\"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n")
}

/// `07 epoll`: the number is the same in both languages.
fn named(name: &str) -> String {
    match name.split_once(' ') {
        Some((number, title)) if translated(title).is_some() => format!("{number} {}", in_both(title)),
        _ => in_both(name),
    }
}

fn warmth(name: &str, cell: &str) -> String {
    let count = cell.parse::<f64>().unwrap_or(0.0);
    let degree = match count {
        _ if name == "all" => return String::new(),
        0.0 => return String::new(),
        ..0.95 => 1,
        ..1.5 => 2,
        ..3.5 => 3,
        _ => 4,
    };
    format!(" class=\"heat-{degree}\"")
}
