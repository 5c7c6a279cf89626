//! The exercises of the book: each is known, its solution fits the lesson, and its cases tell whether it was done.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use tutor::course::Course;
use tutor::exercise::judge::Ground;
use tutor::exercise::{self, Exercise, book, verify, work};
use tutor::language::Language;
use tutor::make;

fn course() -> Course {
    Course::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap_or_else(|failure| panic!("{failure:?}"))
}

fn exercises(course: &Course) -> Vec<Exercise> {
    exercise::all(course).unwrap_or_else(|failure| panic!("{}", failure.said.en))
}

#[test]
fn every_exercise_of_the_book_is_checked_or_says_why_not() {
    let course = course();
    let known = exercises(&course);
    let mut faults = Vec::new();
    for (language, page) in [(Language::English, "docs/en"), (Language::Chinese, "docs/zh")] {
        let written = book::exercises(&course, language).unwrap_or_else(|failure| panic!("{}", failure.said.en));
        assert!(written.len() > 40, "only {} exercises were found in {page}", written.len());
        let mut found = BTreeSet::new();
        for one in &written {
            let place = format!("{page}/{}.md, exercise {}", one.chapter, one.number);
            let parts = known.iter().filter(|other| other.place() == (one.chapter.clone(), one.number.as_str()));
            let parts: Vec<&Exercise> = parts.collect();
            if parts.is_empty() {
                faults.push(format!("{place}: no exercises.toml has it; see CONTRIBUTING.md"));
            }
            for part in parts {
                found.insert(part.number.clone());
                if one.title.as_deref().is_some_and(|title| title != part.title.say(language)) {
                    faults.push(format!("{place}: its title is another one in {}: {:?}", part.krate, part.title));
                }
                let command = format!("`just learn exercise {} check`", part.number);
                if part.talk == one.text.contains(&command) {
                    let remedy = if part.talk { "is not checked, and the text says" } else { "is checked; say so:" };
                    faults.push(format!("{place}: {} {remedy} {command}", part.number));
                }
            }
        }
        for exercise in known.iter().filter(|exercise| !found.contains(&exercise.number)) {
            faults.push(format!("{}: {page} has no exercise {}", exercise.krate, exercise.number));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_exercise_is_whole_and_its_solution_fits() {
    let course = course();
    let mut faults = Vec::new();
    let mut numbers = BTreeSet::new();
    for exercise in exercises(&course) {
        let number = &exercise.number;
        if !numbers.insert(number.clone()) {
            faults.push(format!("exercise {number} is there twice"));
        }
        faults.extend(exercise.faults().into_iter().map(|both| format!("exercise {number}: {}", both.en)));
        if exercise.talk {
            continue;
        }
        let solved = work::solved(&course, &exercise).and_then(|solved| work::patch(&course, &exercise, &solved));
        match solved {
            Ok(patch) if patch == exercise.patch => {}
            Ok(_) => faults.push(format!(
                "{} fits, but some lines away; write it anew: just learn exercise {number} record",
                exercise.patch_name()
            )),
            Err(failure) => faults.push(failure.said.en),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Takes a minute: some forty programs are built, and most cases that fail do so by waiting in vain.
#[test]
#[ignore = "a minute long; .ci/run has it"]
fn every_solution_does_what_it_is_to_do_and_no_lesson_does() {
    let course = course();
    let faults = Ground::plain().and_then(|ground| verify::faults(&course, &exercises(&course), &ground));
    let faults = faults.unwrap_or_else(|failure| panic!("{}", failure.said.en));
    let faults: Vec<String> = faults.into_iter().map(|both| both.en).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A checkout with a `work` of its own: all else is that of this one.
struct Learner {
    checkout: TempDir,
}

impl Learner {
    fn new() -> Learner {
        let checkout = tempfile::tempdir().unwrap();
        for name in ["Cargo.toml", "Cargo.lock", "rustfmt.toml", "crates", "docs", "tests"] {
            symlink(course().root().join(name), checkout.path().join(name)).unwrap();
        }
        Learner { checkout }
    }

    fn work(&self, path: &str) -> PathBuf {
        self.checkout.path().join("work").join(path)
    }

    /// The exit status, and what was said on standard output.
    fn types(&self, words: &str) -> (Option<i32>, String) {
        let mut learn = Command::new(env!("CARGO_BIN_EXE_learn"));
        learn.arg("exercise").args(words.split(' ')).arg("--root").arg(self.checkout.path());
        learn.env("CARGO_TARGET_DIR", make::target(&course())).env("LC_ALL", "C");
        let ended = learn.output().unwrap();
        (ended.status.code(), String::from_utf8_lossy(&ended.stdout).into_owned())
    }
}

#[test]
#[ignore = "builds a lesson; .ci/run has it"]
fn a_learner_is_told_how_far_it_is_and_sees_the_solution_only_then() {
    const REAP: &str = "exercise-03.2/crates/lesson-03-multi-process/src/children.rs";
    let learner = Learner::new();
    let (status, said) = learner.types("03.2");
    assert!(status == Some(0) && said.contains("just learn exercise 03.2 check"), "{said}");
    let source = fs::read_to_string(learner.work(REAP)).unwrap();

    let (status, said) = learner.types("03.2 check");
    assert!(status == Some(1) && said.contains("so far all is as in the lesson"), "{said}");
    let (status, said) = learner.types("03.2 solution");
    assert!(status == Some(1) && !said.contains("+++"), "{said}");
    let (status, said) = learner.types("03.2 solution --anyway");
    assert!(status == Some(0) && said.contains("+pub fn reap"), "{said}");

    // What ends at once is not what was asked for.
    let dead = source.replace("    loop {\n        let wait", "    process::exit(0);\n    loop {\n        let wait");
    fs::write(learner.work(REAP), dead).unwrap();
    let (status, said) = learner.types("03.2 check");
    assert!(status == Some(1) && said.contains("✗ a-silent-client-holds-up-no-one: fails"), "{said}");
    fs::write(learner.work(REAP), source.replace("fn reap", "fn reap(")).unwrap();
    assert_eq!(learner.types("03.2 check").0, Some(1), "it cannot be built");

    let done = source.replace(
        "    loop {\n        let wait",
        "    if children.len() < 1000 {\n        return;\n    }\n    loop {\n        let wait",
    );
    fs::write(learner.work(REAP), &done).unwrap();
    let (status, said) = learner.types("03.2 check --lang zh");
    assert!(status == Some(0) && said.contains("完成。"), "{said}");
    assert!(learner.types("list").1.contains("✓ 03.2"));
    assert!(learner.types("03.2 solution").1.contains("+pub fn reap"));

    let (status, said) = learner.types("03.2 reset");
    assert!(status == Some(0) && said.contains("work/exercise-03.2.1"), "{said}");
    assert_eq!(fs::read_to_string(learner.work(REAP)).unwrap(), source);
    assert_eq!(fs::read_to_string(learner.work(&REAP.replace("03.2/", "03.2.1/"))).unwrap(), done);

    assert_eq!(learner.types("03.9").0, Some(2));
    assert_eq!(learner.types("03.2 check --dir /nowhere").0, Some(2));
    let (status, said) = learner.types("06.4");
    assert!(status == Some(0) && said.contains("It is not checked"), "{said}");
}
