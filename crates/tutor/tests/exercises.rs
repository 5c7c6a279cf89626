//! The exercises of the book: each is known, its solution fits the lesson, and its cases tell whether it was done.

use std::collections::BTreeSet;
use std::path::Path;

use tutor::course::Course;
use tutor::exercise::judge::Ground;
use tutor::exercise::{self, Exercise, book, verify, work};
use tutor::language::Language;

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
