//! The ladders of lessons 01 and 02: each reference solution reaches just its rung, and each wrong one is caught at it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use http_suite::{Case, SharedHouse, Stage};
use tutor::climb::Attempt;
use tutor::course::Course;
use tutor::judge::Judge;
use tutor::ladder::{FROM_NOTHING, Ladder, is_from_nothing};
use tutor::language::Failure;
use tutor::program::{NotBuilt, ProgrammingLanguage};
use tutor::solutions::{self, Solutions};
use tutor::tree::{self, Tree};

/// How many solutions are looked at at a time: they wait more than they work.
const AT_A_TIME: usize = 4;

fn course() -> Course {
    right(Course::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")))
}

fn right<T>(result: Result<T, Failure>) -> T {
    result.unwrap_or_else(|failure| panic!("{}", failure.said.en))
}

/// The ladders that are there.
fn ladders(course: &Course) -> Vec<Ladder> {
    let is_there = |lesson: &&str| tutor::ladder::folder(course, lesson).join("ladder.toml").is_file();
    FROM_NOTHING.into_iter().filter(is_there).map(|lesson| right(Ladder::load(course, lesson))).collect()
}

fn judge(house: &SharedHouse, confirms: bool) -> Judge {
    right(Judge::new(house, PathBuf::from(env!("CARGO_BIN_EXE_learn")), confirms))
}

#[test]
fn every_ladder_is_whole() {
    let course = course();
    let mut faults = Vec::new();
    for ladder in ladders(&course) {
        faults.extend(ladder.faults());
        faults.extend(right(solutions::faults(&course, &ladder)));
    }
    for lesson in course.children().into_iter().filter(|lesson| !is_from_nothing(lesson)) {
        // A step says by its name what was gained, and has no more to say.
        faults.extend(right(Ladder::load(&course, lesson)).faults());
    }
    let faults: Vec<String> = faults.into_iter().map(|both| both.en).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_is_made_and_recorded_unchanged_changes_nothing() {
    // On a copy: recording writes.
    let copy = tempfile::tempdir().unwrap();
    let below = "crates/tutor/ladders";
    let ladders_here = right(tree::read_any(&course().root().join(below)));
    right(tree::write(&copy.path().join(below), &ladders_here));
    let course = right(Course::at(copy.path()));
    for ladder in ladders(&course) {
        for language in ProgrammingLanguage::ALL {
            let folder = tempfile::tempdir().unwrap();
            right(solutions::make(&course, ladder.lesson, language, folder.path()));
            let written = right(solutions::record(&course, ladder.lesson, language, folder.path()));
            assert!(written.is_empty(), "lesson {}, {language}: {written:?}", ladder.lesson);
        }
    }
}

/// One program, with the cases that it has to pass and those of which it has to fail one.
struct Task {
    name: String,
    lesson: &'static str,
    language: ProgrammingLanguage,
    sources: Tree,
    passes: Vec<&'static Case>,
    fails: Vec<&'static Case>,
}

/// The first case of each rung below this one, and all of the one just below.
fn below(ladder: &Ladder, rung: usize) -> Vec<&'static Case> {
    let first = (1..rung).filter_map(|below| ladder.own(below).into_iter().next());
    let before = if rung > 1 { ladder.own(rung - 1) } else { Vec::new() };
    let mut cases: Vec<&'static Case> = first.chain(before).collect();
    cases.sort_by_key(|case| case.name);
    cases.dedup_by_key(|case| case.name);
    cases
}

fn tasks(ladder: &Ladder, language: ProgrammingLanguage, solutions: &Solutions) -> Vec<Task> {
    let task = |name: String, sources: &Tree, passes, fails| {
        let name = format!("lesson {}, {language}, {name}", ladder.lesson);
        Task { name, lesson: ladder.lesson, language, sources: sources.clone(), passes, fails }
    };
    let last = ladder.len();
    let mut tasks = Vec::new();
    for (rung, tree) in solutions.trees.iter().enumerate() {
        if rung < last && solutions.only_last && rung > 0 {
            continue;
        }
        let own = if rung > 0 { ladder.own(rung) } else { Vec::new() };
        let passes = if rung == last { ladder.due(last) } else { [below(ladder, rung), own].concat() };
        let fails = if rung == last { Vec::new() } else { ladder.own(rung + 1) };
        tasks.push(task(format!("solution {rung}"), tree, passes, fails));
    }
    for (rung, what, tree) in &solutions.wrong {
        tasks.push(task(format!("wrong solution {rung}-{what}"), tree, below(ladder, *rung), ladder.own(*rung)));
    }
    tasks
}

/// What is not as it should be.
fn look(course: &Course, ladder: &Ladder, task: &Task, patient: &Judge, hasty: &Judge) -> Option<String> {
    let Task { name, lesson, language, sources, passes, fails } = task;
    let folder = tempfile::tempdir().unwrap();
    right(tree::write(folder.path(), sources));
    let attempt = Attempt::of(course, ladder, *language, folder.path());
    let program = match attempt.build() {
        Ok(program) => program,
        Err(NotBuilt::Code(said)) => return Some(format!("{name} does not build:\n{said}")),
        Err(NotBuilt::Here(failure)) => return Some(format!("{name}: {}", failure.said.en)),
    };
    if !program.warnings.is_empty() {
        return Some(format!("{name}: {}", program.warnings.join("\n")));
    }
    let stage = Stage::from_name(lesson).expect("a lesson");
    let outcome = patient.run(passes, &program.subject(), stage, |_| ());
    if let Some(failing) = outcome.failing {
        return Some(format!("{name} does not pass what it has to:\n{}", failing.text.en));
    }
    let outcome = hasty.run(fails, &program.subject(), stage, |_| ());
    if !fails.is_empty() && outcome.failing.is_none() && outcome.not_looked_at.is_empty() {
        let fails: Vec<&str> = fails.iter().map(|case| case.name).collect();
        return Some(format!("{name} passes all of {}", fails.join(", ")));
    }
    None
}

#[test]
#[ignore = "takes a minute"]
fn each_solution_reaches_just_its_rung_and_each_wrong_one_is_caught_at_it() {
    let course = course();
    let ladders = ladders(&course);
    // A house keeps the files of one judge.
    let houses = [SharedHouse::default(), SharedHouse::default()];
    let (patient, hasty) = (judge(&houses[0], true), judge(&houses[1], false));
    let mut all = VecDeque::new();
    for ladder in &ladders {
        for language in ProgrammingLanguage::ALL {
            let solutions = right(solutions::load(&course, ladder, language));
            all.extend(tasks(ladder, language, &solutions).into_iter().map(|task| (ladder, task)));
        }
    }
    println!("{} programs", all.len());
    let left = Mutex::new(all);
    let next = || left.lock().unwrap().pop_front();
    let faults: Vec<String> = thread::scope(|scope| {
        let work = || {
            let mut faults = Vec::new();
            while let Some((ladder, task)) = next() {
                faults.extend(look(&course, ladder, &task, &patient, &hasty));
            }
            faults
        };
        let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    houses.iter().for_each(SharedHouse::leave);
    assert!(faults.is_empty(), "{} are not as they should be:\n{}", faults.len(), faults.join("\n"));
}
