//! Cases as learners write them: the examples kill what they say, and what cannot be meant is said, with its line.

use std::path::{Path, PathBuf};

use tutor::language::Language;
use tutor::learners_case::command;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name)
}

fn judged(path: &Path, language: Language) -> (String, u8) {
    match command(path, language) {
        Ok(said) => said,
        Err(failure) => (failure.said.say(language).to_owned(), failure.status),
    }
}

/// A file with this text.
fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("my.case");
    std::fs::write(&path, text).expect("a file");
    (folder, path)
}

#[test]
fn the_examples_kill_what_they_say() {
    for (name, killed) in [
        ("two-pieces.case", &["one-read-is-one-request", "would-block-is-an-end"][..]),
        ("a-silent-neighbour.case", &["sequential"]),
        ("pipelined.case", &["pipelined-bytes-lost"]),
    ] {
        let (said, status) = judged(&example(name), Language::English);
        assert_eq!(status, 0, "{name}\n{said}");
        let (_, behind) = said.split_once("that it kills").unwrap_or_else(|| panic!("{said}"));
        let (kills, _) = behind.split_once("\n\n").unwrap_or_else(|| panic!("{said}"));
        assert!(killed.iter().all(|name| kills.contains(name)), "{name}\n{said}");
    }
}

#[test]
fn a_case_that_finds_nothing_or_too_much_is_not_good() {
    let (_folder, nothing) = written("> GET / HTTP/1.1\n> Host: a\n> Connection: close\n>\n< 200\n");
    let (said, status) = judged(&nothing, Language::English);
    assert!(status == 1 && said.contains("It kills 0 of"), "{said}");
    let (_folder, too_much) = written("> GET / HTTP/1.1\n> Host: a\n>\n< 404\n");
    let (said, status) = judged(&too_much, Language::Chinese);
    assert!(status == 1 && said.contains("没有放过；第 4 行：应当是 404，却是 200"), "{said}");
}

#[test]
fn what_cannot_be_understood_is_said_with_its_line() {
    let (_folder, wrong) = written("> GET / HTTP/1.1\n\n? what\n");
    for (language, part) in
        [(Language::English, "my.case:3: this is no step"), (Language::Chinese, "my.case:3：这不是一步")]
    {
        let (said, status) = judged(&wrong, language);
        assert!(status == 2 && said.contains(part), "{said}");
    }
    let (said, status) = judged(Path::new("/nowhere/at.all"), Language::English);
    assert!(status == 2 && said.contains("/nowhere/at.all"), "{said}");
    let (_folder, unknown) = written("kills: no-such-defect\n> GET / HTTP/1.1\n>\n< 200\n");
    let (said, status) = judged(&unknown, Language::English);
    assert!(status == 2 && said.contains("no defect no-such-defect; there are answers-without-reading"), "{said}");
}

/// Builds a crate: run by `.ci/run`.
#[test]
#[ignore = "builds the suite once more"]
fn an_example_in_rust_kills_too() {
    let (said, status) = judged(&example("head.rs"), Language::English);
    assert!(status == 0 && said.contains("error-to-head-has-a-body  "), "{said}");
}
