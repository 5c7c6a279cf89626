//! `check` on servers as students write them, and worse ones (`servers/students.py`): each gets a verdict, soon, and
//! leaves nothing behind.

use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use http_suite::process::Process;
use libtest_mimic::{Arguments, Trial};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tempfile::TempDir;

/// So long a run of a few cases never takes: to see that it ends, not how fast.
const GENEROUS: Duration = Duration::from_secs(300);
/// A case that passes with a server that only reads once.
const EASY: &str = "a-folder-shows-its-index";

/// A run of `check`, with a folder of its own for all that is temporary: by its name all processes of the run are
/// known.
struct Run {
    folder: TempDir,
    child: Child,
}

/// How many run at a time: they wait more than they work.
const AT_A_TIME: usize = 8;

/// Those that may be tested like any other, whatever else they do.
const ORDINARY: &[&str] = &[
    "naive",
    "with-method-check",
    "endless-output",
    "latin-1",
    "slow-starter",
    "daemon",
    "leaves-children",
    "ignores-sigterm",
    "prints-nothing",
    "kills-its-group",
];

/// A test, of servers of one kind or of none.
type Test = fn(&'static str);

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_A_TIME);
    let python = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !python {
        eprintln!("not looked at: there is no python3 here");
    }
    // A panic is a failure, as with any other test.
    let test = |name: String, run: Test, kind: &'static str| {
        Trial::test(name, move || {
            run(kind);
            Ok(())
        })
        .with_ignored_flag(!python)
    };
    let tests: &[(&str, Test)] = &[
        ("what_has_no_end_is_a_verdict", |_| what_has_no_end_is_a_verdict()),
        ("a_server_may_be_started_by_something_else", |_| a_server_may_be_started_by_something_else()),
        ("a_server_that_does_not_start_again_fails", |_| a_server_that_does_not_start_again_fails()),
        ("a_server_that_listens_elsewhere_is_told_where", |_| a_server_that_listens_elsewhere_is_told_where()),
        ("a_server_that_has_died_is_said_to_have_died", |_| a_server_that_has_died_is_said_to_have_died()),
        ("a_server_that_never_answers_is_none", |_| a_server_that_never_answers_is_none()),
        ("a_server_that_reads_nothing_gets_a_verdict", |_| a_server_that_reads_nothing_gets_a_verdict()),
        ("pages_that_are_not_read_from_the_disk_fail", |_| pages_that_are_not_read_from_the_disk_fail()),
        ("lines_that_end_in_lf_are_named_as_what_they_are", |_| lines_that_end_in_lf_are_named_as_what_they_are()),
        ("programs_get_a_line_a_case_and_all_there_is_to_know", |_| {
            programs_get_a_line_a_case_and_all_there_is_to_know()
        }),
        ("a_person_gets_one_screen", |_| a_person_gets_one_screen()),
    ];
    let mut trials: Vec<Trial> = tests.iter().map(|(name, run)| test((*name).to_owned(), *run, "")).collect();
    for &kind in ORDINARY {
        trials.push(test(format!("a_server_that_is_{kind}_is_tested"), |kind| is_tested(&student(kind)), kind));
    }
    for &kind in ENDED {
        trials.push(test(format!("nothing_of_{kind}_stays_when_check_is_ended"), nothing_stays, kind));
    }
    trials.push(test("nothing_stays_when_soak_is_ended".to_owned(), |_| nothing_stays_of_soak(), ""));
    libtest_mimic::run(&arguments, trials).exit()
}

fn students() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/students.py").display().to_string()
}

impl Run {
    /// Options for `check`, and a command behind `--`; `SCRIPT` stands for the servers of students.
    fn start(words: &[&str]) -> Run {
        Run::of(env!("CARGO_BIN_EXE_check"), words)
    }

    /// The same of `soak`.
    fn of(program: &str, words: &[&str]) -> Run {
        let folder = tempfile::Builder::new().prefix("students-").tempdir().unwrap();
        let words = words.iter().map(|word| word.replace("SCRIPT", &students()));
        let mut command = Command::new(program);
        command.args(["--lang", "en"]).args(words).env("TMPDIR", folder.path()).env("COLUMNS", "80").process_group(0);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Run { folder, child }
    }

    /// Its end, which has to come.
    fn end(self) -> (Output, Left) {
        let id = self.child.id();
        let watchdog = thread::spawn(move || {
            let start = Instant::now();
            while !Process(id).has_ended() && start.elapsed() < GENEROUS {
                thread::sleep(Duration::from_millis(20));
            }
            let late = !Process(id).has_ended();
            if late {
                Process(id).signal(Signal::KILL);
            }
            late
        });
        let output = self.child.wait_with_output().unwrap();
        assert!(!watchdog.join().unwrap(), "it has not ended after {GENEROUS:?}");
        (output, Left { folder: self.folder })
    }

    /// Waits until a server of this run is there.
    fn await_server(&self) {
        let name = format!("{}/", self.folder.path().display());
        let there = || processes_with(&name).iter().any(|line| !line.contains("--keep"));
        until("no server comes", there);
        // And until its children are.
        thread::sleep(Duration::from_millis(500));
    }
}

/// What is left of a run that has ended.
struct Left {
    folder: TempDir,
}

impl Left {
    fn entries(&self) -> Vec<PathBuf> {
        fs::read_dir(self.folder.path()).unwrap().flatten().map(|entry| entry.path()).collect()
    }

    fn processes(&self) -> Vec<String> {
        processes_with(&format!("{}/", self.folder.path().display()))
    }

    fn is_nothing(&self) {
        assert_eq!(self.entries(), Vec::<PathBuf>::new(), "folders are left");
        assert_eq!(self.processes(), Vec::<String>::new(), "processes are left");
    }

    /// Where nobody could wait for it.
    fn becomes_nothing(&self) {
        until("folders are left", || self.entries().is_empty());
        until("processes are left", || self.processes().is_empty());
    }
}

/// The command lines of all processes that have this in them.
fn processes_with(text: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ")).filter(|line| line.contains(text)).collect()
}

fn until(failure: &str, condition: impl FnMut() -> bool) {
    assert!(http_suite::process::until(Duration::from_secs(60), condition), "{failure}");
}

/// The report for programs, of a run on these cases; and the exit status, which is to be this.
fn report(options: &[&str], command: &[&str], status: i32) -> Value {
    let mut words = vec!["--format", "json", "--stage", "02"];
    words.extend(options);
    words.push("--");
    words.extend(command);
    let (output, left) = Run::start(&words).end();
    assert_eq!(output.status.code(), Some(status), "{}", String::from_utf8_lossy(&output.stderr));
    left.is_nothing();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn student(kind: &'static str) -> Vec<&'static str> {
    vec!["python3", "SCRIPT", kind, "{port}", "{root}"]
}

/// What each case found: its name, and the member of the report.
fn of_case<'a>(report: &'a Value, name: &str, member: &str) -> &'a Value {
    let cases = report["cases"].as_array().unwrap();
    let case = cases.iter().find(|case| case["name"] == name).unwrap_or_else(|| panic!("no {name} in {report:#}"));
    &case[member]
}

/// A server of this kind passes a case that has nothing to do with what is wrong with it.
fn is_tested(command: &[&str]) {
    let report = report(&["--only", EASY], command, 0);
    assert_eq!(of_case(&report, EASY, "verdict"), "passes", "{report:#}");
    assert_eq!(report["score"]["gained"]["passed"], 1);
}

fn a_server_may_be_started_by_something_else() {
    const DESCRIPTORS: &str = "many-clients-leave-no-descriptors-behind";
    let script = students();
    let line = format!("python3 {script} naive {{port}} {{root}}; exit 3");
    is_tested(&["sh", "-c", &line]);
    is_tested(&["timeout", "300", "python3", "SCRIPT", "naive", "{port}", "{root}"]);
    // It is the server that leaks, and not its wrapper.
    let leaks = format!("python3 {script} leaks {{port}} {{root}}; exit 3");
    let report = report(&["--only", DESCRIPTORS], &["timeout", "300", "sh", "-c", &leaks], 1);
    assert!(of_case(&report, DESCRIPTORS, "got").as_str().unwrap().contains("descriptors before"), "{report:#}");
}

fn what_has_no_end_is_a_verdict() {
    for (kind, cause) in [("endless-body", "no-end"), ("endless-fields", "takes-too-long")] {
        let report = report(&["--only", "the-type-is-told-by-the-name", "--timeout", "8"], &student(kind), 1);
        assert_eq!(of_case(&report, "the-type-is-told-by-the-name", "cause"), cause, "{report:#}");
    }
}

fn a_server_that_has_died_is_said_to_have_died() {
    let report = report(&["--only", EASY], &student("dies"), 1);
    let got = of_case(&report, EASY, "got").as_str().unwrap();
    assert!(got.contains("the server has died (signal: 11"), "{report:#}");
    assert_eq!(of_case(&report, EASY, "server-said")[0], "this is the third request");
}

fn a_server_that_does_not_start_again_fails() {
    let report = report(&["--only", EASY], &student("starts-once"), 1);
    assert_eq!(of_case(&report, EASY, "verdict"), "fails", "{report:#}");
    assert_eq!(of_case(&report, EASY, "cause"), "not-started", "{report:#}");
    assert!(of_case(&report, EASY, "got").as_str().unwrap().contains("I have been started before"), "{report:#}");
}

fn a_server_that_listens_elsewhere_is_told_where() {
    for (kind, place) in [("ipv6-only", "listens on [::1]:"), ("other-port", "listens on 127.0.0.1:")] {
        let report = report(&["--only", EASY, "--start-timeout", "3"], &student(kind), 2);
        assert_eq!(report["verdict"], "no-server");
        assert!(report["why"].as_str().unwrap().contains(place), "{report:#}");
    }
}

fn a_server_that_never_answers_is_none() {
    let report = report(&["--only", EASY, "--timeout", "5"], &student("says-nothing"), 2);
    assert_eq!(report["verdict"], "no-server");
    assert_eq!(report["cases"].as_array().unwrap().len(), 0);
}

fn a_server_that_reads_nothing_gets_a_verdict() {
    let report = report(&["--only", "garbage-is-refused"], &student("reads-nothing"), 1);
    assert_eq!(of_case(&report, "garbage-is-refused", "cause"), "served", "{report:#}");
}

fn pages_that_are_not_read_from_the_disk_fail() {
    let report = report(&["--only", EASY], &student("hard-coded"), 1);
    assert_eq!(report["score"]["gained"]["passed"], 0);
}

fn lines_that_end_in_lf_are_named_as_what_they_are() {
    let report = report(&["--only", "names-are-read-in-any-case", "--only", EASY], &student("bare-lf"), 1);
    assert_eq!(report["mend"].as_array().unwrap().len(), 1, "{report:#}");
    assert_eq!(of_case(&report, EASY, "cause"), "line-ends");
}

fn programs_get_a_line_a_case_and_all_there_is_to_know() {
    let mut words = vec!["--format", "jsonl", "--stage", "02", "--only", EASY, "--only", "garbage-is-refused", "--"];
    words.extend(student("naive"));
    let (output, left) = Run::start(&words).end();
    left.is_nothing();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["start", "case", "case", "end"]);
    assert_eq!(lines[0]["version"], env!("CARGO_PKG_VERSION"));
    let failure = lines.iter().find(|line| line["verdict"] == "fails").unwrap();
    for member in ["expected", "got", "sent", "came", "hint", "read-on", "mark", "marks", "text"] {
        assert!(failure[member].as_str().is_some_and(|text| !text.is_empty()), "no {member} in {failure:#}");
    }
    assert!(failure["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(failure["attempts"], 2);
}

fn a_person_gets_one_screen() {
    for columns in ["80", "60"] {
        let folder = tempfile::tempdir().unwrap();
        let mut words = vec!["--stage", "02", "--only", "piece", "--only", "refused", "--group", "pieces", "--"];
        words.extend(["python3", "SCRIPT", "naive", "{port}", "{root}"]);
        let words = words.iter().map(|word| word.replace("SCRIPT", &students()));
        let mut command = Command::new(env!("CARGO_BIN_EXE_check"));
        command.args(["--lang", "en"]).args(words);
        command.env("TMPDIR", folder.path()).env("COLUMNS", columns).stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains('\x1b'), "{text}");
        let columns: usize = columns.parse().unwrap();
        // What is in quotes cannot be broken, and a terminal breaks it.
        let rows: usize = text.lines().map(|line| line.chars().count().div_ceil(columns).max(1)).sum();
        assert!(rows <= 23, "{rows} rows:\n{text}");
        for part in
            ["kept ", "First to mend: a-request-may-come-in-two-pieces", "expected", "by hand", "sleep 1;", "read on"]
        {
            assert!(text.contains(part), "no {part} in\n{text}");
        }
        // As wide as it may be, but for what is to be copied.
        let wide = text.lines().find(|line| line.chars().count() > columns && !line.contains('\''));
        assert!(wide.is_none(), "{wide:?}");
    }
}

/// A run of `check` that takes a while.
fn check_on(kind: &'static str) -> Run {
    let mut words = vec!["--format", "jsonl", "--stage", "02"];
    // Many at a time, so that some are at work whenever it is ended.
    words.extend(["--only", "a-silent-client-is-dropped", "--only", "trickling", "--only", "pipelined", "--"]);
    words.extend(student(kind));
    Run::start(&words)
}

/// A run of `soak` that takes a while, on a server that is right, and has a child that nobody ends.
fn soak_on_a_sound_server() -> Run {
    let mutant = env!("CARGO_BIN_EXE_mutant");
    let server = format!("sh -c 'sleep 1000; :' {{root}} & exec {mutant} none --port {{port}} --root {{root}}");
    Run::of(env!("CARGO_BIN_EXE_soak"), &["--stage", "04", "--clients", "2", "--", "sh", "-c", &server])
}

/// Ends a run by a signal: what it has said until then.
fn killed(run: Run, signal: Signal, group: bool) -> String {
    run.await_server();
    let id = run.child.id();
    match Pid::from_raw(i32::try_from(id).unwrap()) {
        Some(pid) if group => kill_process_group(pid, signal).unwrap(),
        _ => Process(id).signal(signal),
    }
    let (output, left) = run.end();
    assert_eq!(output.status.signal(), Some(signal.as_raw()), "{output:?}");
    if signal == Signal::KILL {
        left.becomes_nothing()
    } else {
        left.is_nothing()
    }
    String::from_utf8(output.stdout).unwrap()
}

/// What is to be ended with `check`: a server that daemonises, and one with a child that ignores SIGTERM.
const ENDED: &[&str] = &["daemon", "leaves-children"];

fn nothing_stays(kind: &'static str) {
    for signal in [Signal::INT, Signal::TERM, Signal::KILL] {
        if Process(std::process::id()).ignores(signal) {
            eprintln!("not looked at: {signal:?} is ignored here");
            continue;
        }
        let said = killed(check_on(kind), signal, false);
        // That it kills the servers itself is nothing to be said of them.
        assert!(!said.contains("not-looked-at") && !said.contains("not-started"), "{signal:?}: {said}");
        assert!(!said.contains("\"type\":\"end\""), "{signal:?}: {said}");
    }
    killed(check_on(kind), Signal::KILL, true);
}

fn nothing_stays_of_soak() {
    killed(soak_on_a_sound_server(), Signal::KILL, false);
    if !Process(std::process::id()).ignores(Signal::TERM) {
        killed(soak_on_a_sound_server(), Signal::TERM, false);
    }
}
