//! The questions of `just predict`: they are sound, the chapters say what they refer to, and each measurement gives
//! what the file declares.

use std::path::Path;
use std::time::Instant;

use http_suite::stages::LESSONS;
use tutor::course::Course;
use tutor::language::Both;
use tutor::predict::measure::Laboratory;
use tutor::predict::{Kind, Question, Questions, Value, book};

fn course() -> Course {
    Course::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap_or_else(|failure| panic!("{failure:?}"))
}

fn questions() -> Questions {
    Questions::load(course().root()).unwrap_or_else(|failure| panic!("{}", failure.said.en))
}

fn expect_none(faults: Vec<Both>) {
    let faults: Vec<String> = faults.into_iter().map(|both| both.en).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_question_is_sound() {
    expect_none(questions().faults());
}

#[test]
fn every_lesson_has_some() {
    let questions = questions();
    for (lesson, _) in LESSONS {
        let of = questions.of(lesson);
        assert!((2..=6).contains(&of.len()), "lesson {lesson} has {} questions", of.len());
    }
    let lessons = questions.all.iter().map(|question| question.lesson.as_str());
    assert!(lessons.is_sorted(), "the questions are not in the order of the lessons");
}

#[test]
fn the_chapters_say_what_the_questions_refer_to() {
    let (course, questions) = (course(), questions());
    expect_none(questions.all.iter().flat_map(|question| book::faults(course.root(), question)).collect());
}

#[test]
fn what_a_chapter_does_not_say_is_seen() {
    let (course, questions) = (course(), questions());
    let faults = |change: fn(&mut Question)| {
        let mut question = questions.of("07")[0].clone();
        change(&mut question);
        book::faults(course.root(), &question).into_iter().map(|both| both.en).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(faults(|_| ()), "");
    for (change, said) in [
        (
            (|question| question.book.item = Some(2)) as fn(&mut Question),
            "docs/en/lesson-07.md: section predict no longer",
        ),
        (|question| question.book.zh = "没有这句话".into(), "docs/zh/lesson-07.md: section predict no longer"),
        (|question| question.book.en = String::new(), "docs/en/lesson-07.md: section predict no longer"),
        (|question| question.book.section = "prediction".into(), "has no section prediction"),
        (|question| question.read = "lesson-07#nowhere".into(), "'lesson-07#nowhere' is no section"),
        (|question| question.read = "lesson-08#idea".into(), "'lesson-08#idea' is no section"),
        (|question| question.lesson = "12".into(), "docs/en/lesson-12.md: it is not there"),
    ] {
        let found = faults(change);
        assert!(found.contains(said), "{said}: {found}");
    }
}

/// A range that is declared wrong would be seen: of every question, the value that was measured is refused where the
/// range or the key is another.
fn is_refused_elsewhere(question: &Question, value: &Value) -> bool {
    let mut other = question.clone();
    match &mut other.kind {
        Kind::Number(number) => (number.from, number.to) = (number.to + 1.0, number.to + 2.0),
        Kind::Choice(choice) => {
            let others = choice.of.iter().find(|one| one.key != choice.right);
            choice.right = others.map(|one| one.key.clone()).unwrap_or_default();
        }
    }
    !other.allows(value)
}

/// Takes some thirty seconds, so it is run on its own: `cargo test -p tutor --test predictions -- --ignored`.
#[test]
#[ignore = "measures for half a minute; .ci/run runs it"]
fn every_measurement_gives_what_is_declared() {
    let (course, questions) = (course(), questions());
    let all: Vec<&Question> = questions.all.iter().collect();
    let laboratory = Laboratory::for_questions(&course, &all).unwrap_or_else(|failure| panic!("{}", failure.said.en));
    let start = Instant::now();
    let mut faults = Vec::new();
    for question in all {
        let (name, began) = (question.name(), Instant::now());
        match laboratory.measure(question) {
            Ok(value) => {
                println!("{name}: {value:?} in {:.1?}", began.elapsed());
                if !question.allows(&value) {
                    faults.push(format!("{name}: {value:?} was measured, and {:?} is declared", question.kind));
                }
                if !is_refused_elsewhere(question, &value) {
                    faults.push(format!("{name}: {value:?} would be taken where something else is declared"));
                }
            }
            // Where ptrace or io_uring is refused, this is how it is said.
            Err(why) if why.0.en.contains("ptrace") || why.0.en.contains("io_uring") => {
                eprintln!("{name}: not looked at: {}", why.0.en);
            }
            Err(why) => faults.push(format!("{name}: {}", why.0.en)),
        }
    }
    println!("all measured in {:.1?}", start.elapsed());
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
