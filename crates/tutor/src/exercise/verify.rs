//! Whether the solutions do what their tables say, and the lessons do not.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::judge::{self, Did, Due, Found, Ground};
use super::{Exercise, work};
use crate::both;
use crate::course::Course;
use crate::language::{Both, Failure, Language};
use crate::make;
use crate::tree::Tree;

/// What is wrong with these exercises. Their solutions and the lessons are built, and all cases run side by side.
///
/// # Errors
///
/// If a solution does not fit its lesson, or something cannot be built or run.
pub fn faults(course: &Course, exercises: &[Exercise], ground: &Ground) -> Result<Vec<Both>, Failure> {
    let exercises: Vec<&Exercise> = exercises.iter().filter(|exercise| !exercise.talk).collect();
    let mut faults = Vec::new();
    let mut fault = |exercise: &Exercise, Both { en, zh }: Both| {
        let number = &exercise.number;
        faults.push(both!("exercise {number}: {en}", "练习 {number}：{zh}"));
    };
    let mut solved: Vec<Tree> = Vec::new();
    for exercise in &exercises {
        let (before, after) = (work::sources(course.root(), exercise)?, work::solved(course, exercise)?);
        let seen = |sources| judge::shape(exercise, sources).into_iter();
        for seen in seen(&after).filter(|seen| !seen.holds) {
            let tokens = seen.tokens;
            fault(exercise, both!("its solution is not as it says: {tokens}", "参考解答不符合所写的：{tokens}"));
        }
        let is_named = !exercise.shape.is_empty() || !exercise.lacks.is_empty();
        if is_named && seen(&before).all(|seen| seen.holds) {
            fault(exercise, both!("the lesson has the shape of the solution already", "课程本来就有参考解答的样子"));
        }
        solved.push(after);
    }
    let after = programs(course, &exercises, &solved)?;
    let before = lessons(course, &exercises)?;
    let all = exercises.iter().chain(&exercises).copied();
    let jobs: Vec<_> = all.zip(before.iter().chain(&after).map(PathBuf::as_path)).collect();
    let found = judge::many(&jobs, ground)?;
    for (number, ((exercise, _), found)) in jobs.iter().zip(found).enumerate() {
        let is_before = number < exercises.len();
        for found in found {
            let (name, right) = (&found.name, if is_before { found.is_as_before() } else { found.holds() });
            match &found.did {
                Did::NotLookedAt(why) => eprintln!("exercise {}: {name} is not looked at: {}", exercise.number, why.en),
                Did::Failed(how) if !right => fault(exercise, what(&found, is_before, how)),
                Did::Passed if !right => fault(exercise, what(&found, is_before, &Both::default())),
                _ => {}
            }
        }
    }
    Ok(faults)
}

fn what(found: &Found, is_before: bool, how: &Both) -> Both {
    // What happened, without the bytes on the wire: those are seen by `check`.
    let part = |language: Language| {
        let title = language.say("what happened", "发生了什么");
        judge::part(how.say(language), title).collect::<Vec<_>>().join("\n")
    };
    let (name, how) = (&found.name, Both::of(part));
    match (found.due, is_before) {
        (Due::Fails, false) => both!("{name} passes with the solution", "{name} 在参考解答上通过了"),
        (Due::Gains, true) => both!("{name} passes on the lesson already", "{name} 在课程上本来就通过"),
        (_, true) => both!("{name} fails on the lesson: {how}", "{name} 在课程上不通过：{how}" in how),
        (_, false) => both!("{name} fails with the solution: {how}", "{name} 在参考解答上不通过：{how}" in how),
    }
}

/// The programs of the solutions, in their order. Those that change nothing but a lesson are built by one call of
/// Cargo.
fn programs(course: &Course, exercises: &[&Exercise], solved: &[Tree]) -> Result<Vec<PathBuf>, Failure> {
    let folder = make::target(course).join("exercises");
    let pairs = || exercises.iter().copied().zip(solved);
    let mut built = BTreeMap::new();
    let plain: Vec<_> = pairs().filter(|(exercise, _)| exercise.also.is_empty()).collect();
    if !plain.is_empty() {
        let all = folder.join("all");
        crate::git::remove_folder(&all)?;
        work::together(course, &plain, &all)?;
        let mut arguments = vec!["--workspace".to_owned(), "--bins".to_owned()];
        for (exercise, _) in plain.iter().filter(|(exercise, _)| exercise.example.is_some()) {
            arguments.extend(["--example".to_owned(), work::program_name("solution", exercise)]);
        }
        built.extend(quietly(|said| work::cargo_build(course, &all, &arguments, said))?);
    }
    for (exercise, sources) in pairs().filter(|(exercise, _)| !exercise.also.is_empty()) {
        let own = folder.join(&exercise.number);
        work::make(course, exercise, sources, "solution", &own)?;
        let program = quietly(|said| work::build(course, exercise, &own, said))?;
        built.insert(work::program_name("solution", exercise), program);
    }
    let program = |exercise: &&Exercise| {
        let name = work::program_name("solution", exercise);
        built.get(&name).cloned().ok_or_else(|| not_built(&name))
    };
    exercises.iter().map(program).collect()
}

/// The programs that the exercises begin from.
fn lessons(course: &Course, exercises: &[&Exercise]) -> Result<Vec<PathBuf>, Failure> {
    let mut arguments = vec!["--bins".to_owned()];
    for exercise in exercises {
        arguments.extend(["--package".to_owned(), exercise.krate.clone()]);
        arguments.extend(exercise.example.iter().flat_map(|example| ["--example".to_owned(), example.clone()]));
    }
    let built: BTreeMap<_, _> =
        quietly(|said| work::cargo_build(course, course.root(), &arguments, said))?.into_iter().collect();
    let program = |exercise: &&Exercise| {
        let lesson = exercise.stage().map(|stage| format!("lesson-{}", stage.name())).unwrap_or_default();
        let name = exercise.example.clone().unwrap_or(lesson);
        built.get(&name).cloned().ok_or_else(|| not_built(&name))
    };
    exercises.iter().map(program).collect()
}

fn not_built(name: &str) -> Failure {
    Failure::failed(both!("cargo has not built {name}", "cargo 没有构建出 {name}"))
}

/// What the compiler says matters only if it fails: an exercise may leave behind what nobody uses any more.
fn quietly<T>(build: impl FnOnce(&mut String) -> Result<T, Failure>) -> Result<T, Failure> {
    let mut compiler = String::new();
    let built = build(&mut compiler);
    if built.is_err() {
        eprint!("{compiler}");
    }
    built
}
