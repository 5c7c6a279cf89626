//! Repositories for students: each can be built, started, judged and graded as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const LANGUAGES: [(&str, &str); 4] =
    [("rust", "src/main.rs"), ("python", "server.py"), ("c", "server.c"), ("javascript", "server.js")];

fn template(folder: &Path, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_template"));
    command.arg(folder).args(["--lang", "en"]).args(options).output().unwrap()
}

/// One for this lesson and language.
fn made(lesson: &str, language: &str) -> (TempDir, PathBuf) {
    let all = tempfile::tempdir().unwrap();
    let folder = all.path().join("submissions").join(language);
    let output = template(&folder, &["--language", language, "--lesson", lesson, "--course", "owner/course"]);
    assert!(output.status.success(), "{output:?}");
    (all, folder)
}

#[test]
fn no_hole_is_left_in_any_file() {
    for (language, main) in LANGUAGES {
        for lesson in ["01", "02", "04"] {
            let (_all, folder) = made(lesson, language);
            let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_else(|_| panic!("no {name}"));
            for name in ["README.md", "README.zh.md", ".github/workflows/grade.yml", ".gitignore", main] {
                let text = read(name);
                // What the command has, the program fills; what GitHub fills begins with a dollar.
                let holes = text.replace("${{", "").matches("{{").count();
                assert_eq!(holes, 0, "{language} {lesson}, {name}:\n{text}");
            }
            let workflow = read(".github/workflows/grade.yml");
            assert!(workflow.contains("uses: 'owner/course@main'") && workflow.contains(&format!("stage: '{lesson}'")));
            assert_eq!(folder.join("Makefile").is_file(), language == "c");
            let starts = read("README.md").contains("$ cargo build --release\n$ target/release/server 7890 .\n");
            assert_eq!(starts, language == "rust");
        }
    }
}

#[test]
fn what_is_there_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.py"), "").unwrap();
    let output = template(folder.path(), &["--language", "python"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not empty"), "{output:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn lesson_04_begins_with_a_server_of_files() {
    let (_one, first) = made("01", "python");
    let (_other, later) = made("04", "python");
    let lines = |folder: &Path| fs::read_to_string(folder.join("server.py")).unwrap().lines().count();
    assert!(lines(&first) < 30 && lines(&later) > 60, "{} and {}", lines(&first), lines(&later));
}

#[test]
#[ignore = "builds and runs servers in four languages; .ci/run does it"]
fn each_is_judged_by_the_tutor() {
    for (language, _) in LANGUAGES {
        let (_all, folder) = made("01", language);
        let mut learn = Command::new(env!("CARGO_BIN_EXE_learn"));
        learn.args(["check", "--lang", "en", "--lesson", "01", "--language", language, "--dir"]).arg(&folder);
        let output = learn.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("rung 0 of 10"), "{language}: {output:?}");
    }
}

#[test]
#[ignore = "builds and runs servers in four languages, and needs check and grade; .ci/run does it"]
fn each_is_graded() {
    let grade = Path::new(env!("CARGO_BIN_EXE_template")).with_file_name("grade");
    assert!(grade.is_file(), "first: cargo build --package http-suite --bin check --package grade --bin grade");
    // Lesson 02 begins with a server that works: what lesson 01 has to do it does.
    let class = tempfile::tempdir().unwrap();
    for (language, _) in LANGUAGES {
        let folder = class.path().join("submissions").join(language);
        let output = template(&folder, &["--language", language, "--lesson", "02", "--course", "owner/course"]);
        assert!(output.status.success(), "{output:?}");
    }
    let csv = class.path().join("grades.csv");
    let mut command = Command::new(grade);
    command
        .arg(class.path().join("submissions"))
        .args(["--stage", "02", "--as-this-user", "--lang", "en", "--csv"])
        .arg(&csv);
    command.args(["--only", "a-folder-shows-its-index", "--only", "names-are-read-in-any-case"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let table = fs::read_to_string(csv).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), LANGUAGES.len(), "{table}");
    for row in rows {
        assert_eq!((row[2], row[5], row[7]), ("graded", "0", "1"), "{table}");
    }
}
