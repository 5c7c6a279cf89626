//! What a run has found, as `lab.json` has it. The report and the tables are made from this and from nothing else.

use std::fs;
use std::io;
use std::path::Path;

use load::Stop;
use serde::{Deserialize, Serialize};

use crate::machine::Machine;
use crate::spread::Spread;

/// Raised when a reader of the old form would misread the new one.
pub const VERSION: u32 = 2;
/// The oldest form that can still be read: what it lacks is `None`.
const OLDEST: u32 = 1;

/// One run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    pub version: u32,
    /// When it began: a date as HTTP has it.
    pub begun: String,
    /// `quick` or `default`.
    pub mode: String,
    /// Whether it came to its end.
    pub complete: bool,
    pub machine: Machine,
    pub servers: Vec<Named>,
    pub waits: Vec<Timeline>,
    pub cost: Vec<Cost>,
    pub latency: Vec<Latency>,
    pub idle: Vec<Idle>,
    pub large: Vec<Large>,
    pub calls: Vec<Calls>,
    pub sheet: Vec<Sheet>,
    /// What could not be measured, what was adapted, what is not to be trusted.
    pub remarks: Vec<Remark>,
}

/// A server of this run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Named {
    pub name: String,
    pub title: String,
    /// Whether one connection serves many requests.
    pub keeps_alive: bool,
}

/// A sentence that belongs to an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remark {
    /// The name of the experiment.
    pub experiment: String,
    /// The name of the server; empty if it is about all.
    pub server: String,
    pub text: String,
}

/// Who waits for whom: the same ten clients come to a server, and each has a lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    pub server: String,
    pub lanes: Vec<Lane>,
}

/// What happened to one client, in milliseconds from the beginning. `None`: it never came to that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    /// `silent`, `slow`, or `quick`.
    pub client: String,
    pub came: f64,
    pub connected: Option<f64>,
    pub first_byte: Option<f64>,
    pub last_byte: Option<f64>,
    pub closed: Option<f64>,
}

/// What a request costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    pub server: String,
    /// Whether the connections were long: one for many requests.
    pub long: bool,
    /// The processor time of the server for a request, in microseconds.
    pub microseconds: Option<Spread>,
    /// The same, less that of the baseline.
    pub above_baseline: Option<Spread>,
    /// Which server that is.
    pub baseline: String,
    /// How many times the processor time of the bare epoll loop on the same kind of connection, round by round: a
    /// figure that can be compared with that of another machine. Since version 2.
    #[serde(default)]
    pub floors: Option<Spread>,
    /// Answers a second, with as many as the generator could ask for.
    pub per_second: Spread,
    /// In how many rounds the generator had no time left, and the server had.
    pub limited_by_generator: usize,
    pub failures: u64,
}

/// How long a request takes at a fixed rate of arrivals, in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    pub server: String,
    /// Requests a second that were due.
    pub offered: f64,
    /// Requests a second that were answered.
    pub answered: Spread,
    pub p50: Spread,
    pub p90: Spread,
    pub p99: Spread,
    pub p999: Spread,
    pub failures: u64,
    /// In how many rounds the generator had no time left, and the server had.
    pub limited_by_generator: usize,
}

/// What clients cost that do nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Idle {
    pub server: String,
    pub clients: usize,
    /// The part of one core.
    pub core: f64,
    /// In bytes, above what the server had with no client.
    pub memory: f64,
    pub processes: usize,
    pub threads: usize,
}

/// Files of 1 MiB, and what becomes of small requests meanwhile. Version 1 had other figures for the files, which are
/// not read: they counted the processor time of the server alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Large {
    pub server: String,
    /// Whether one connection served for many files. Since version 2.
    #[serde(default)]
    pub long: bool,
    /// Files a second. Since version 2.
    #[serde(default)]
    pub files_per_second: Option<Spread>,
    /// The processor time of a file at both ends together, the server's and the client's, in microseconds: on one
    /// machine the kernel charges either of them for the way between. Since version 2.
    #[serde(default)]
    pub both_ends: Option<Spread>,
    /// The part of it that is the server's. Since version 2.
    #[serde(default)]
    pub server_end: Option<Spread>,
    /// In how many rounds the generator had no time left, and the server had. Since version 2.
    #[serde(default)]
    pub limited_by_generator: usize,
    /// What the server had in use at most, in bytes.
    pub memory: Option<f64>,
    /// Small requests alone, in milliseconds: half take longer, and one in a hundred.
    pub alone: [Spread; 2],
    /// The same while large files are on their way.
    pub meanwhile: [Spread; 2],
}

/// The system calls of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calls {
    pub server: String,
    /// Whether all requests came on one connection.
    pub long: bool,
    /// For each request, in all.
    pub total: f64,
    /// Each by its name, the most frequent first.
    pub by_name: Vec<(String, f64)>,
}

/// What a lesson is, in figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// `07`.
    pub lesson: String,
    pub title: String,
    /// Lines of its source, and those of them which hold code.
    pub lines: usize,
    pub code: usize,
    /// The lesson that it comes from.
    pub parent: Option<String>,
    /// Lines that are new or gone against the parent.
    pub added: usize,
    pub removed: usize,
    /// Crates that it names, without `protocol`; and all that are built for it.
    pub dependencies: usize,
    pub all_dependencies: usize,
    /// While it has `CLIENTS` clients that do nothing. `None` where this cannot be seen.
    pub processes: Option<usize>,
    pub threads: Option<usize>,
    pub descriptors: Option<usize>,
    /// In bytes.
    pub memory: Option<u64>,
    /// For a request of its kind of connection.
    pub calls: Option<f64>,
    /// The cases of the suite that are limits of this lesson, each with its letter.
    pub cannot: Vec<(String, char)>,
}

impl Record {
    /// As it was written.
    pub fn read(path: &Path) -> Result<Record, Stop> {
        let text = fs::read_to_string(path).map_err(Stop::to(format!("read {}", path.display())))?;
        let wrong =
            |error: serde_json::Error| Stop::Failed(format!("{} is no record of a run: {error}", path.display()));
        let record: Record = serde_json::from_str(&text).map_err(wrong)?;
        match record.version {
            OLDEST..=VERSION => Ok(record),
            other => Err(Stop::Failed(format!("{} has version {other}, and this is {VERSION}", path.display()))),
        }
    }

    /// For programs, and for `--compare`.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        write_whole(path, &(serde_json::to_string_pretty(self)? + "\n"))
    }
}

/// All of it or nothing: if this is interrupted, the old one is kept.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: &Value) -> Result<Record, Stop> {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("lab.json");
        fs::write(&path, value.to_string()).expect("a file");
        Record::read(&path)
    }

    #[test]
    fn a_record_of_version_1_is_read_and_one_of_the_future_is_not() {
        let mut value: Value = serde_json::from_str(include_str!("report/fixture.json")).expect("JSON");
        assert_eq!(value["version"], VERSION);
        value["version"] = json!(1);
        for large in value["large"].as_array_mut().expect("a list") {
            let large = large.as_object_mut().expect("an object");
            for since in ["long", "files_per_second", "both_ends", "server_end", "limited_by_generator"] {
                assert!(large.remove(since).is_some(), "{since}");
            }
            large.insert("per_second".to_owned(), json!({"median": 1.0, "low": 1.0, "high": 1.0, "rounds": 1}));
        }
        value["cost"].as_array_mut().expect("a list").iter_mut().for_each(|cost| {
            cost.as_object_mut().expect("an object").remove("floors");
        });
        let record = read(&value).expect("a record of version 1");
        assert!(record.large[0].files_per_second.is_none() && record.cost[0].floors.is_none());
        assert!(crate::tables::all(&record).contains("Large files"));
        value["version"] = json!(VERSION + 1);
        assert!(read(&value).is_err());
    }

    #[test]
    fn the_measurements_of_the_book_are_a_record() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/measurements.json");
        assert!(Record::read(&path).expect("a record").complete);
    }
}
