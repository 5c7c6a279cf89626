//! What a step says of the suite is held to what the suite finds: here with lesson 05 as a step, and 04 as the one
//! before.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use tutor::course::Course;
use tutor::make;
use tutor::series::Step;
use tutor::suite::{self, Extent, Report};

/// The programs of both lessons.
fn programs() -> [PathBuf; 2] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let course = Course::at(&root).unwrap_or_else(|failure| panic!("{failure:?}"));
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(course.root()).args(["build", "--quiet", "--bin", "lesson-04", "--bin", "lesson-05"]);
    let status = cargo.args(["--target-dir"]).arg(make::target(&course)).status().unwrap();
    assert!(status.success(), "cargo cannot build lessons 04 and 05");
    ["lesson-04", "lesson-05"].map(|name| make::target(&course).join("debug").join(name))
}

fn report(green: &[&str], red: &[&str]) -> Report {
    let [before, program] = programs();
    let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
    let step = Step { stage: "05".into(), green: names(green), red: names(red), ..Step::default() };
    suite::test(&step, &program, &before, &[], Extent::Core).unwrap_or_else(|failure| panic!("{failure:?}"))
}

fn faults(report: &Report) -> Vec<&str> {
    report.faults.iter().map(|both| both.en.lines().next().unwrap_or_default()).collect()
}

#[test]
fn what_turns_green_passes_and_did_not_before() {
    let report = report(&["a-client-more-costs-no-thread"], &[]);
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    assert!(report.cases > 5 && report.of > 100, "{report:?}");
}

#[test]
fn what_is_said_wrongly_is_a_fault() {
    let report = report(&["a-bare-lf-ends-no-line"], &["trace-is-refused"]);
    let mut found = faults(&report);
    found.sort();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("a-bare-lf-ends-no-line: it passes on the step before already"), "{found:?}");
    assert!(found[1].starts_with("trace-is-refused: it is declared red, and it passes"), "{found:?}");
}
