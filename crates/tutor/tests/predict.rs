//! `predict`, as a person runs it: in a folder that looks like this checkout and has a `work` of its own.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use http_suite::stages::LESSONS;
use tempfile::TempDir;
use tutor::language::Language;
use tutor::predict::Questions;
use unicode_width::UnicodeWidthStr;

/// Where the program finds questions and chapters. Question 2 of lesson 01 needs no server, so nothing is built.
fn checkout() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    for name in ["crates", "docs"] {
        symlink(here.join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn predict(checkout: &TempDir, words: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_predict"));
    command.args(words).arg("--root").arg(checkout.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It need not read it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

fn journal(checkout: &TempDir) -> String {
    fs::read_to_string(checkout.path().join("work/predictions.toml")).unwrap_or_default()
}

#[test]
fn an_answer_is_kept_and_shown_beside_what_is_measured() {
    let checkout = checkout();
    let output = predict(&checkout, &["01", "2", "--answers", "300", "--lang", "en"], "");
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    for line in [
        "  predicted 300 bytes",
        "  measured  100 bytes  ✗ otherwise than predicted",
        "  why       read gives",
        "  read      docs/en/lesson-01.md#code",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    let kept = journal(&checkout);
    assert!(kept.contains("question = \"01-first-read\"\nanswer = 300\n"), "{kept}");
    assert!(kept.contains("measured = 100\nverdict = \"off\"\n"), "{kept}");

    predict(&checkout, &["01", "2", "--answers", "60"], "");
    assert!(journal(&checkout).starts_with(&kept), "what was kept has changed");
    assert!(journal(&checkout).contains("verdict = \"close\""));
    let text = said(&predict(&checkout, &["--list", "--lang", "en"], ""));
    let line = text.lines().find(|line| line.contains("01 2")).unwrap_or_default();
    assert!(line.contains(" 2 ") && line.ends_with("close"), "{line}");
}

#[test]
fn what_is_no_answer_is_asked_again() {
    let checkout = checkout();
    let output = predict(&checkout, &["01", "2", "--lang", "en"], "many\n\n100\n");
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("'many' is no number"), "{text}");
    assert_eq!(text.matches("your prediction (bytes, ? = no idea): ").count(), 3, "{text}");
    assert!(text.contains("✓ right"), "{text}");
    assert_eq!(journal(&checkout).matches("[[prediction]]").count(), 1);
}

#[test]
fn whoever_breaks_off_leaves_nothing_behind() {
    let checkout = checkout();
    let output = predict(&checkout, &["01"], "c\nq\n");
    assert_eq!((output.status.code(), journal(&checkout).as_str()), (Some(0), ""));
    let output = predict(&checkout, &["01", "--lang", "en"], "c\n");
    assert_eq!((output.status.code(), journal(&checkout).as_str()), (Some(2), ""));
    assert!(said(&output).contains("the input ended after 1 of 4 answers"), "{}", said(&output));
}

#[test]
fn what_cannot_be_meant_is_exit_status_2() {
    let checkout = checkout();
    for (words, message) in [
        (&["12"][..], "there is no lesson '12'"),
        (&["01", "9"], "lesson 01 has no question '9'; they are 1 to 4"),
        (&["01", "2", "--answers", "x"], "question 1: 'x' is no number"),
        (&["01", "--answers", "c,100"], "--answers has 2 answers, and there are 4 questions"),
        (&["--answers", "c"], "required"),
        (&["01", "--lang", "fr"], "the languages are en and zh"),
    ] {
        let words = if words.contains(&"--lang") { words.to_vec() } else { [words, &["--lang", "en"]].concat() };
        let output = predict(&checkout, &words, "");
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", said(&output));
        assert!(said(&output).contains(message), "{words:?}: {}", said(&output));
    }
    assert_eq!(journal(&checkout), "");
}

#[test]
fn a_journal_that_is_none_is_left_alone() {
    let checkout = checkout();
    fs::create_dir(checkout.path().join("work")).unwrap();
    fs::write(checkout.path().join("work/predictions.toml"), "notes\n").unwrap();
    let output = predict(&checkout, &["01", "2", "--answers", "100"], "");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(journal(&checkout), "notes\n");
}

/// All questions are asked in this way, and all but one are broken off at the last.
#[test]
fn every_line_fits_eighty_columns_in_both_languages() {
    let checkout = checkout();
    let questions = Questions::load(checkout.path()).unwrap();
    for language in ["en", "zh"] {
        let list = said(&predict(&checkout, &["--list", "--lang", language], ""));
        let mut text = said(&predict(&checkout, &["01", "2", "--answers", "?", "--lang", language], ""));
        for (lesson, _) in LESSONS {
            let others = "?\n".repeat(questions.of(lesson).len() - 1);
            text += &said(&predict(&checkout, &[lesson, "--lang", language], &format!("{others}q\n")));
            text.push('\n');
        }
        for question in &questions.all {
            let begins: String = question.ask.say(Language::from_name(language).unwrap()).chars().take(12).collect();
            assert!(text.contains(&begins), "{begins}:\n{text}");
        }
        for line in list.lines().chain(text.lines()) {
            assert!(line.width() <= 80, "{} columns: {line}", line.width());
        }
        assert!(
            text.contains(if language == "zh" { "  实测      100 字节" } else { "  measured  100 bytes" }),
            "{text}"
        );
    }
}
