//! `soak` on servers that are right, and on some that are not: what it says, and its exit status.

use std::path::Path;
use std::process::{Command, Output};

/// The same each time, as far as that is up to the clients.
const SEED: &[&str] = &["--seed", "1"];

fn soak(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_soak"))
        .args(["--lang", "en"])
        .args(SEED)
        .args(arguments)
        .output()
        .expect("soak does not start")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// On a mutant, which is to be like this lesson.
fn on_mutant(defect: &str, stage: &str, requests: &str) -> Output {
    on_mutant_with(&[], defect, stage, requests)
}

fn on_mutant_with(more: &[&str], defect: &str, stage: &str, requests: &str) -> Output {
    let options = ["--requests", requests, "--timeout", "5", "--stage", stage, "--"];
    let server = [env!("CARGO_BIN_EXE_mutant"), defect, "--port", "{port-or-0}", "--root", "{root}"];
    soak(&[more, &options[..], &server].concat())
}

/// It is wrong, and the report says so in these words.
fn finds(output: &Output, words: &[&str]) {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    for word in ["wrong, after", "--clients 16 --seed 1"].iter().chain(words) {
        assert!(out(output).contains(word), "no {word} in {}", out(output));
    }
}

#[test]
fn lessons_answer_right_and_give_everything_back() {
    // Those of the last build may be older than the source.
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--bin", "lesson-07", "--bin", "lesson-08"]);
    let status = cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).status();
    assert!(status.is_ok_and(|status| status.success()), "the lessons cannot be built");
    let programs = Path::new(env!("CARGO_BIN_EXE_soak")).parent().expect("it is in a folder").to_string_lossy();
    for lesson in ["07", "08"] {
        let output = soak(&["--programs", &programs, "--requests", "4000", lesson]);
        assert!(output.status.success(), "{lesson}: {output:?}");
        for word in [
            "the baseline\n",
            "all clients have left\n",
            "answers were right, beside",
            "the rest as it was\n",
            "the slowest answer took ",
        ] {
            assert!(out(&output).contains(word), "{lesson}: no {word} in {}", out(&output));
        }
    }
}

#[test]
fn a_pipeline_that_is_not_answered_to_its_end_is_found() {
    let output = on_mutant("pipelined-bytes-lost", "07", "4000");
    finds(&output, &["a pipeline", ": request ", "  on the wire\n    sent   "]);
}

#[test]
fn a_body_that_is_answered_is_found() {
    // Behind the first answer, or together with it: as it happens to come.
    finds(&on_mutant("body-as-request", "04", "4000"), &["more came", "POST /"]);
}

#[test]
fn an_answer_that_is_right_but_late_is_found() {
    let output = on_mutant_with(&["--slowest", "1500"], "wakeup-lost", "04", "4000");
    finds(&output, &["the slowest answer took ", "the answer is right, but took ", "where 1.500 s are allowed"]);
}

#[test]
fn how_late_is_too_late_can_be_said() {
    // No machine moves 8 MiB from one socket to another in a millisecond, and among 4000 answers there are some.
    let output = on_mutant_with(&["--slowest", "1"], "none", "04", "4000");
    finds(&output, &["the slowest answer took 0.", "where 0.001 s are allowed"]);
}

#[test]
fn a_descriptor_that_is_kept_is_found() {
    // Few enough that they do not run out.
    let output = on_mutant("descriptor-leak", "04", "300");
    finds(&output, &["all clients have left, and it is not as it was: ", " descriptors before, "]);
}

#[test]
fn what_cannot_be_tested_is_an_error() {
    for (arguments, said) in [(&["01"][..], "lesson 01 has one page"), (&[], "say which lesson"), (&["99"], "01 to")] {
        let output = soak(arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(said), "{output:?}");
    }
}
