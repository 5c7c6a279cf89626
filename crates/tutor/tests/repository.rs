//! The steps of the lessons here: they lead from each parent to each lesson, are small, and can be built.

use std::path::Path;

use tutor::course::Course;
use tutor::series::Series;
use tutor::{check, make};

/// The lessons that have not been cut into steps yet: none. A new lesson may stand here for a while.
const WITHOUT_STEPS: [&str; 0] = [];

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
