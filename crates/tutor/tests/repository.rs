//! The steps of the lessons here: they lead from each parent to each lesson, are small, and can be built.

use std::path::Path;

use tutor::change::Change;
use tutor::course::{self, Course};
use tutor::series::Series;
use tutor::{check, make};

/// The lessons that have not been cut into steps yet. A new lesson may stand here for a while.
const WITHOUT_STEPS: [&str; 0] = [];

/// How many lines a lesson may have to write that are not in its parent: new files, comments, all but moved and blank
/// lines.
const LESSON_MAX: usize = 100;
/// Those that may have more. In 05, what a thread keeps on its stack is written down as a struct; in files of their
/// own, 07 has the server with its poller and its deadlines, 08 the coroutines and a watchdog for their deadlines, 10
/// the executor and the sockets that its tasks wait for, 11 the two queues.
const LONGER_LESSONS: [(&str, usize); 5] = [("05", 150), ("07", 200), ("08", 200), ("10", 350), ("11", 250)];

fn course() -> Course {
    Course::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap_or_else(|failure| panic!("{failure:?}"))
}

#[test]
fn every_lesson_is_reached_by_its_steps() {
    let course = course();
    let mut without = Vec::new();
    let mut faults = Vec::new();
    for lesson in course.children() {
        match check::lesson(&course, lesson) {
            Ok(Some(finding)) => faults.extend(finding.faults.into_iter().map(|both| both.en)),
            Ok(None) => without.push(lesson),
            Err(failure) => faults.push(failure.said.en),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(without, WITHOUT_STEPS, "these have no steps; if that is right, say so in WITHOUT_STEPS");
}

#[test]
fn no_step_is_reached_by_doing_nothing() {
    let course = course();
    let mut faults = Vec::new();
    for lesson in course.children() {
        if let Some(finding) = check::lesson(&course, lesson).unwrap_or_else(|failure| panic!("{}", failure.said.en)) {
            let found = check::passed_by_doing_nothing(&finding.series, &finding.trees);
            faults.extend(found.into_iter().map(|both| both.en));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_lesson_changes_little_in_its_parent() {
    let course = course();
    let sources = |lesson| course.sources(lesson).unwrap_or_else(|failure| panic!("{}", failure.said.en));
    for child in course.children() {
        let parent = course::parent(child).unwrap_or_else(|failure| panic!("{}", failure.said.en));
        let written = Change::between(&sources(parent), &sources(child)).counts(&[]).written;
        println!("{parent} -> {child}: {written} lines to write");
        let most = LONGER_LESSONS.iter().find(|(lesson, _)| *lesson == child).map_or(LESSON_MAX, |(_, most)| *most);
        assert!(
            written <= most,
            "lesson {child} has {written} lines to write on top of lesson {parent}, and {most} are the most. See \
             `just diff {child} --whole`, and take back each change that is not about the idea of the lesson: a name, an \
             order, a comment."
        );
    }
}

#[test]
fn every_step_is_built_without_a_warning() {
    let course = course();
    for lesson in course.children() {
        let Some(series) = Series::load(&course, lesson).unwrap_or_else(|failure| panic!("{}", failure.said.en)) else {
            continue;
        };
        let trees = series.checked_trees(&course).unwrap_or_else(|failure| panic!("{}", failure.said.en));
        let built = make::build(&course, &make::crates(&series, &trees), &[]);
        let built = built.unwrap_or_else(|failure| panic!("{}", failure.said.en));
        assert_eq!(built.len(), trees.len(), "lesson {lesson}");
        for step in built {
            assert_eq!(step.warnings, 0, "the compiler warns of step {lesson} {}", step.step);
        }
    }
}
