//! The tables that are made of measurements: `docs/measurements.json`, the record of one run of the lab.

use std::fmt::Write;

use serde_json::Value;

use crate::html::{self, escape};
use crate::language::Language;
use crate::repository::Repository;

pub(crate) const FILE: &str = "docs/measurements.json";

/// A table by its name, as one line of HTML, with the date and the machine below it.
pub fn html(repository: &Repository, name: &str, language: Language) -> Result<String, String> {
    let record: Value = serde_json::from_str(&repository.read(FILE)?).map_err(|error| format!("{FILE}: {error}"))?;
    let table = match name {
        "sheet" => sheet(&record, language),
        "designs" => designs(&record, language),
        "small" => small(&record, language),
        other => Err(format!("there is no table {other}")),
    }?;
    Ok(format!("{table}{}", source(&record, language)))
}

/// What each lesson is, in figures.
fn sheet(record: &Value, language: Language) -> Result<String, String> {
    let heads = language.say(
        [
            "lesson",
            "lines of code",
            "against its parent",
            "processes",
            "threads",
            "descriptors",
            "memory",
            "system calls a request",
        ],
        ["课", "代码行数", "相对上一课", "进程", "线程", "描述符", "内存", "每个请求的系统调用"],
    );
    let rows = list(record, "sheet")?.iter().map(|row| {
        let against = if row["parent"].is_string() {
            format!("+{} −{}", number(&row["added"]), number(&row["removed"]))
        } else {
            "–".to_owned()
        };
        vec![
            text(&row["lesson"]),
            number(&row["code"]),
            against,
            number(&row["processes"]),
            number(&row["threads"]),
            number(&row["descriptors"]),
            bytes(&row["memory"]),
            number(&row["calls"]),
        ]
    });
    Ok(table(&heads, rows))
}

/// The designs side by side: what a request costs on short connections, what one costs that waits, what idle clients
/// cost.
fn designs(record: &Value, language: Language) -> Result<String, String> {
    let heads = language.say(
        [
            "server",
            "processor time a request",
            "above the baseline",
            "requests a second",
            "p99 latency",
            "files of 1 MiB a second",
            "processor time of one, both ends",
            "memory meanwhile",
            "idle clients",
            "core for them",
            "memory for them",
        ],
        [
            "服务器",
            "每个请求的处理器时间",
            "比基准多",
            "每秒请求数",
            "p99 延迟",
            "每秒 1 MiB 文件数",
            "每个文件的处理器时间（两端合计）",
            "大文件时的内存",
            "空闲客户端",
            "为它们花的处理器",
            "为它们花的内存",
        ],
    );
    let find = |experiment: &str, server: &Value| {
        let rows = list(record, experiment).map(Vec::as_slice).unwrap_or_default();
        let own = rows.iter().filter(|row| row["server"] == *server);
        // The short connections, which all have, and the largest limit.
        own.min_by_key(|row| (row["long"] == Value::Bool(true), std::cmp::Reverse(row["clients"].as_u64())))
            .cloned()
            .unwrap_or_default()
    };
    // Those that keep files open differ from the others for small requests only.
    let servers = list(record, "servers")?.iter().filter(|server| !text(&server["name"]).ends_with("+keep"));
    let rows = servers.map(|server| {
        let [cost, latency, idle, large] =
            ["cost", "latency", "idle", "large"].map(|experiment| find(experiment, &server["name"]));
        vec![
            text(&server["name"]),
            with_unit(&cost["microseconds"]["median"], "µs"),
            with_unit(&cost["above_baseline"]["median"], "µs"),
            number(&cost["per_second"]["median"]),
            with_unit(&latency["p99"]["median"], "ms"),
            number(&large["files_per_second"]["median"]),
            with_unit(&large["both_ends"]["median"], "µs"),
            bytes(&large["memory"]),
            number(&idle["clients"]),
            idle["core"].as_f64().map_or_else(none, |core| format!("{:.0} %", core * 100.0)),
            bytes(&idle["memory"]),
        ]
    });
    Ok(table(&heads, rows.collect::<Vec<_>>().into_iter()))
}

/// What a small request costs on long connections, as a multiple of what a bare epoll loop takes for one.
fn small(record: &Value, language: Language) -> Result<String, String> {
    let heads = language.say(
        ["server", "processor time a request", "in floors", "requests a second"],
        ["服务器", "每个请求的处理器时间", "是裸循环的多少倍", "每秒请求数"],
    );
    let rows = list(record, "cost")?.iter().filter(|cost| cost["long"] == Value::Bool(true)).map(|cost| {
        vec![
            text(&cost["server"]),
            with_unit(&cost["microseconds"]["median"], "µs"),
            number(&cost["floors"]["median"]),
            number(&cost["per_second"]["median"]),
        ]
    });
    Ok(table(&heads, rows))
}

/// When and on what it was measured: a figure without that says nothing.
fn source(record: &Value, language: Language) -> String {
    let machine = &record["machine"];
    let (processor, system) = (text(&machine["processor"]), text(&machine["system"]));
    let (cores, memory, begun) = (number(&machine["cores"]), bytes(&machine["memory"]), text(&record["begun"]));
    let line = language.say(
        format!("Measured {begun}, on {processor}, {cores} cores, {memory}, {system}."),
        format!("测量于 {begun}；机器：{processor}，{cores} 核，{memory}，{system}。"),
    );
    format!("<p class=\"legend\">{}</p>", escape(&line))
}

fn table(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
    let mut body = String::new();
    for row in rows {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
        let _ = write!(body, "<tr>{cells}</tr>");
    }
    html::table("measured", &heads, &body)
}

pub(crate) fn list<'a>(record: &'a Value, name: &str) -> Result<&'a Vec<Value>, String> {
    record[name].as_array().ok_or_else(|| format!("{FILE} has no {name}"))
}

fn none() -> String {
    "–".to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(none, str::to_owned)
}

/// Three figures, which is all that a measurement is good for.
pub(crate) fn number(value: &Value) -> String {
    match (value.as_u64(), value.as_f64()) {
        (Some(whole), _) => whole.to_string(),
        (None, Some(number)) if number.abs() >= 100.0 => format!("{number:.0}"),
        (None, Some(number)) if number.abs() >= 10.0 => format!("{number:.1}"),
        (None, Some(number)) => format!("{number:.2}"),
        _ => none(),
    }
}

fn with_unit(value: &Value, unit: &str) -> String {
    if value.is_number() { format!("{} {unit}", number(value)) } else { none() }
}

pub(crate) fn bytes(value: &Value) -> String {
    let Some(bytes) = value.as_f64() else { return none() };
    let (size, unit) = match bytes {
        b if b >= 1024.0 * 1024.0 * 1024.0 => (b / 1024.0 / 1024.0 / 1024.0, "GiB"),
        b if b >= 1024.0 * 1024.0 => (b / 1024.0 / 1024.0, "MiB"),
        b => (b / 1024.0, "KiB"),
    };
    format!("{} {unit}", number(&Value::from(size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_becomes_tables() {
        let record: Value = serde_json::from_str(
            r#"{"begun": "Sat, 21 Nov 2026", "machine": {"processor": "P", "cores": 2, "memory": 4294967296, "system": "linux 6"},
                "servers": [{"name": "lesson-07"}, {"name": "lesson-07+keep"}],
                "cost": [{"server": "lesson-07", "long": true, "microseconds": {"median": 9.0}, "floors": {"median": 2.345}},
                         {"server": "lesson-07", "long": false, "microseconds": {"median": 33.333}, "above_baseline": null}],
                "large": [{"server": "lesson-07", "files_per_second": {"median": 5500.0}, "both_ends": {"median": 330.0}, "memory": 1024}],
                "idle": [{"server": "lesson-07", "clients": 10, "core": 0.5}, {"server": "lesson-07", "clients": 1000, "core": 0.01, "memory": 2048}],
                "sheet": [{"lesson": "07", "code": 120, "parent": "06", "added": 5, "removed": 3, "memory": 1048576, "calls": 4.25}]}"#,
        )
        .unwrap();
        let table = designs(&record, Language::English).unwrap();
        for cell in [
            "<td>lesson-07</td>",
            "<td>33.3 µs</td>",
            "<td>–</td>",
            "<td>1000</td>",
            "<td>1 %</td>",
            "<td>2.00 KiB</td>",
            "<td>5500</td>",
            "<td>330 µs</td>",
        ] {
            assert!(table.contains(cell), "no {cell} in {table}");
        }
        assert!(!table.contains("+keep"));
        let table = small(&record, Language::Chinese).unwrap();
        for cell in ["<td>9.00 µs</td>", "<td>2.35</td>", "<th scope=\"col\">是裸循环的多少倍</th>"] {
            assert!(table.contains(cell), "no {cell} in {table}");
        }
        assert!(!table.contains("33.3"), "short connections are in another table");
        let table = sheet(&record, Language::Chinese).unwrap();
        for cell in ["<td>+5 −3</td>", "<td>1.00 MiB</td>", "<td>4.25</td>", "<th scope=\"col\">线程</th>"] {
            assert!(table.contains(cell), "no {cell} in {table}");
        }
        assert!(source(&record, Language::English).contains("on P, 2 cores, 4.00 GiB, linux 6."));
        assert!(sheet(&Value::default(), Language::English).is_err());
    }
}
