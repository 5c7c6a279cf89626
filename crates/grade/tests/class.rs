//! Ten submissions from honest to hostile (`class/`), graded twice. It takes half a minute, and needs `check` beside
//! `grade`: `.ci/run` sees to that.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use grade::report::Report;
use grade::submission;
use http_suite::process::Process;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

/// So long it never takes: to see that it ends, not how fast.
const GENEROUS: Duration = Duration::from_secs(300);
/// Cases that take no time with a server that works.
const CASES: [&str; 4] = [
    "a-folder-shows-its-index",
    "a-request-may-come-in-two-pieces",
    "names-are-read-in-any-case",
    "a-nul-cuts-no-name",
];

/// The submissions: name, state, and what the reason or the likeness has to say.
const CLASS: [(&str, &str, &str); 10] = [
    ("does-not-compile", "not-built", "the build failed, with status 2: make"),
    ("eats-memory", "no-server", "does not listen"),
    ("forks", "no-server", "does not listen"),
    ("forwards", "graded", "looks like a forwarder"),
    ("honest", "graded", ""),
    ("naive", "graded", ""),
    ("never-listens", "no-server", "does not listen"),
    ("no-way-in", "not-built", "there is no server.toml"),
    ("prints-endlessly", "no-server", "does not listen"),
    ("tries-the-network", "no-server", "looks like a forwarder"),
];

struct Class {
    folder: TempDir,
}

impl Class {
    fn new() -> Class {
        let folder = tempfile::tempdir().unwrap();
        // Submissions run as another user, where that can be.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        Class { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn temporary(&self) -> PathBuf {
        self.path("tmp")
    }

    fn start(&self, csv: &str, options: &[&str]) -> Child {
        let program = Path::new(env!("CARGO_BIN_EXE_grade"));
        let check = program.with_file_name("check");
        assert!(check.is_file(), "first: cargo build --package http-suite --bin check");
        let mut command = Command::new(program);
        command.arg(submissions()).args(["--stage", "02", "--memory", "400", "--processes", "40", "--lang", "en"]);
        command.args(CASES.iter().flat_map(|case| ["--only", case])).arg("--csv").arg(self.path(csv)).args(options);
        command.env("TMPDIR", self.temporary()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn run(&self, csv: &str, options: &[&str]) -> String {
        let child = self.start(csv, options);
        let id = child.id();
        let watchdog = thread::spawn(move || {
            let start = Instant::now();
            while !Process(id).has_ended() && start.elapsed() < GENEROUS {
                thread::sleep(Duration::from_millis(50));
            }
            Process(id).signal(Signal::KILL);
        });
        let output = child.wait_with_output().unwrap();
        watchdog.join().unwrap();
        assert!(output.status.success(), "{output:?}");
        self.is_left_in_order();
        fs::read_to_string(self.path(csv)).unwrap()
    }

    /// Nothing runs any more, and nothing temporary is there.
    fn is_left_in_order(&self) {
        let temporary = self.temporary();
        let left: Vec<_> = fs::read_dir(&temporary).unwrap().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
        let temporary = temporary.display().to_string();
        let lines = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
            let line = fs::read(entry.path().join("cmdline")).ok()?;
            Some(String::from_utf8_lossy(&line).replace('\0', " "))
        });
        let left: Vec<String> = lines.filter(|line| line.contains(&temporary)).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

fn submissions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/class")
}

fn rows(csv: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap).collect()
}

#[test]
#[ignore = "takes half a minute, and needs check; .ci/run does it"]
fn a_class_is_graded_twice_alike() {
    let class = Class::new();
    let before = submission::digest(&submissions(), u64::MAX).unwrap();

    // Broken off when the first few are finished, and taken up again.
    let child = class.start("grades.csv", &[]);
    let records =
        || CLASS.iter().filter(|(name, ..)| class.path(&format!("grades/{name}/record.json")).exists()).count();
    assert!(http_suite::process::until(GENEROUS, || records() >= 2), "nothing is finished");
    Process(child.id()).signal(Signal::TERM);
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success(), "{output:?}");
    class.is_left_in_order();
    let finished: Vec<PathBuf> =
        CLASS.iter().map(|(name, ..)| class.path(&format!("grades/{name}/record.json"))).collect();
    let dates =
        || finished.iter().map(|path| path.metadata().and_then(|data| data.modified()).ok()).collect::<Vec<_>>();
    let kept = dates();
    assert!(kept.contains(&None) && kept.iter().flatten().count() >= 2, "{kept:?}");
    let first = class.run("grades.csv", &["--format", "junit", "--format", "gradescope", "--format", "json"]);
    assert!(kept.iter().zip(dates()).all(|(before, now)| before.is_none() || *before == now), "{kept:?}");

    let second = class.run("again.csv", &[]);
    assert_eq!(first, second);
    assert_eq!(submission::digest(&submissions(), u64::MAX).unwrap(), before, "a submission has changed");
    each_has_its_row(&first);
    each_has_its_files(&class);

    // Nothing is to be done any more: what only points change is changed at once.
    fs::write(class.path("points.toml"), "[parts]\ngained = 10\nkept = 10\n").unwrap();
    let known = dates();
    let third = class.run("grades.csv", &["--points", class.path("points.toml").to_str().unwrap()]);
    assert_eq!(dates(), known);
    assert_eq!(&rows(&third)[4][3], "20");
}

fn each_has_its_row(csv: &str) {
    let rows = rows(csv);
    assert_eq!(rows.len(), CLASS.len(), "{csv}");
    for (row, (name, state, says)) in rows.iter().zip(CLASS) {
        assert_eq!((&row[0], &row[2]), (name, state), "{csv}");
        assert!(row[12].contains(says) || row[13].contains(says), "{name}: {row:?}");
        let looks = ["forwards", "tries-the-network"].contains(&name);
        assert_eq!(!row[12].is_empty(), looks, "{name}: {row:?}");
    }
    let points = |at: usize| rows[at][3].parse::<f64>().unwrap();
    assert_eq!(points(4), 100.0, "{csv}");
    assert!(points(5) > 0.0 && points(5) < 100.0, "{csv}");
    assert!(CLASS.iter().zip(0..).all(|((_, state, _), at)| *state == "graded" || points(at) == 0.0), "{csv}");
}

fn each_has_its_files(class: &Class) {
    let overview = fs::read_to_string(class.path("grades/index.html")).unwrap();
    let mut reports = String::new();
    for (name, state, _) in CLASS {
        let read = |file: &str| fs::read_to_string(class.path(&format!("grades/{name}/{file}"))).unwrap();
        assert!(overview.contains(&format!("{name}/index.html")));
        let page = read("index.html");
        // Of memory it may be ended before it has taken too much.
        assert!(name != "forks" || page.contains("had 40 processes, and may have no more"), "{page}");
        assert!(page.contains("lang=\"zh\"") && page.contains("lang=\"en\"") && !page.contains("<script"), "{name}");
        roxmltree::Document::parse(&read("junit.xml")).unwrap();
        let _: Value = serde_json::from_str(&read("results.json")).unwrap();
        if state != "not-built" {
            let lines = read("report.jsonl");
            assert!(!lines.contains("--confine"), "{name}: {lines}");
            assert!(Report::read(&lines).unwrap().is_whole);
            assert_eq!(Report::read(&read("report.json")).unwrap().raw_cases.len(), lines.lines().count() - 2);
            reports.push_str(&lines);
        }
    }
    as_the_schema_says(&reports);
    let said = fs::read_to_string(class.path("grades/tries-the-network/record.json")).unwrap();
    // Where the system does not allow that, the page says so.
    let is_alone = overview.contains("without network: yes");
    assert!(said.contains(if is_alone { "Network is unreachable" } else { "no network: " }), "{said}");
}

/// What `check` really writes is what is published.
fn as_the_schema_says(lines: &str) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("python3");
    command.arg(here.join("tests/validate.py")).arg(here.join("report.schema.json")).stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), lines.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "Python's jsonschema refuses it, or is not here:\n{lines}");
}
