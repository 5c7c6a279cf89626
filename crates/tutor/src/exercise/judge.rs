//! Whether an exercise was done: its cases on a program, and the shape of the code.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::slice;
use std::sync::Mutex;
use std::thread;

use http_suite::site::Site;
use http_suite::{SharedHouse, Stage, Subject, Terms, Verdict, examine, keep, run_own_case};

use super::{Exercise, cases};
use crate::both;
use crate::language::{Both, Failure};
use crate::shape;
use crate::tree::Tree;

/// How many cases run at a time: they wait more than they work.
const AT_A_TIME: usize = 8;

/// What a case has to do once the exercise is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Fail, where it passed on the lesson.
    Fails,
    /// Pass, where it failed on the lesson.
    Gains,
    /// Pass, as on the lesson.
    Passes,
}

/// What a case did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    /// It passed.
    Passed,
    /// It failed, and how.
    Failed(Both),
    /// It could not be seen here, and why.
    NotLookedAt(Both),
}

/// A case that an exercise names, and what it did.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// What is due.
    pub due: Due,
    /// What it did.
    pub did: Did,
}

/// A sequence of tokens that an exercise names, and whether it is as it should be.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The tokens.
    pub tokens: String,
    /// Whether they have to stand in the code, or have to be gone.
    pub wanted: bool,
    /// Whether that is so.
    pub holds: bool,
}

impl Found {
    /// Whether that was due. What could not be seen tells nothing, neither way.
    pub fn holds(&self) -> bool {
        match (&self.did, self.due) {
            (Did::NotLookedAt(_), _) => true,
            (Did::Failed(_), due) => due == Due::Fails,
            (Did::Passed, due) => due != Due::Fails,
        }
    }

    /// Whether it did what it does on the lesson, before the exercise.
    pub fn is_as_before(&self) -> bool {
        match (&self.did, self.due) {
            (Did::NotLookedAt(_), _) => true,
            (Did::Failed(_), due) => due == Due::Gains,
            (Did::Passed, due) => due != Due::Gains,
        }
    }
}

/// The files that are served, and how servers are started.
pub struct Ground {
    site: Site,
    terms: Terms,
}

impl Ground {
    /// For tests: a server is a child of this process.
    ///
    /// # Errors
    ///
    /// If the files to be served cannot be made.
    pub fn plain() -> Result<Ground, Failure> {
        Ground::of(Terms { second_look: false, ..Terms::default() }, |_| Site::temporary())
    }

    /// For a program that may be ended by Ctrl-C: nothing of what it has started stays.
    ///
    /// # Errors
    ///
    /// If the files to be served cannot be made, or it is not known which program this is.
    pub fn kept(house: &SharedHouse) -> Result<Ground, Failure> {
        let keeper = keep::this_program().map_err(|error| {
            Failure::wrong(both!("cannot tell which program this is: {error}", "无法确定当前程序：{error}"))
        })?;
        let terms = Terms { keeper: Some(keeper), second_look: false, ..Terms::default() };
        Ground::of(terms, |terms| house.site(terms))
    }

    fn of(terms: Terms, site: impl FnOnce(&Terms) -> io::Result<Site>) -> Result<Ground, Failure> {
        let site = site(&terms).map_err(|error| {
            Failure::wrong(both!("cannot make the files to be served: {error}", "无法生成要提供的文件：{error}"))
        })?;
        Ok(Ground { site, terms })
    }
}

/// Runs the cases that an exercise names on this program. `Err`: they cannot be run.
pub fn cases(exercise: &Exercise, program: &Path, ground: &Ground) -> Result<Vec<Found>, Failure> {
    let found = many(&[(exercise, program)], ground)?;
    Ok(found.into_iter().flatten().collect())
}

/// The same for several exercises, all of whose cases run side by side. In their order.
pub fn many(jobs: &[(&Exercise, &Path)], ground: &Ground) -> Result<Vec<Vec<Found>>, Failure> {
    let mut queue = VecDeque::new();
    for (number, (exercise, program)) in jobs.iter().enumerate() {
        let stage = exercise.stage().ok_or_else(|| Failure::failed(no_lesson(exercise)))?;
        let subject = subject(exercise, stage, program);
        queue.extend(exercise.due().into_iter().map(|(name, due)| (number, name, due, stage, subject.clone())));
    }
    let queue = Mutex::new(queue);
    let next = || queue.lock().ok()?.pop_front();
    let work = || {
        let mut found = Vec::new();
        while let Some((number, name, due, stage, subject)) = next() {
            found.push((number, Found { name: name.to_owned(), due, did: run(name, &subject, ground, stage) }));
        }
        found
    };
    let mut all: Vec<Vec<Found>> = vec![Vec::new(); jobs.len()];
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            let found =
                worker.join().map_err(|_| Failure::failed(both!("a case panicked", "有一个用例发生了 panic")))?;
            for (number, found) in found {
                all[number].push(found);
            }
        }
        Ok::<(), Failure>(())
    })?;
    for ((exercise, _), found) in jobs.iter().zip(&mut all) {
        let order = exercise.due();
        found.sort_by_key(|found| order.iter().position(|(name, due)| *name == found.name && *due == found.due));
    }
    Ok(all)
}

fn no_lesson(exercise: &Exercise) -> Both {
    let krate = &exercise.krate;
    both!("{krate} is no lesson", "{krate} 不是课程")
}

/// The program as the suite starts it. Lesson 01 serves no folder; an example is told the port, and nothing else.
fn subject(exercise: &Exercise, stage: Stage, program: &Path) -> Subject {
    let program = program.display().to_string();
    match exercise.example {
        Some(_) => Subject::Lesson { words: vec![program, "--port".into(), "{port}".into()] },
        None => Subject::lesson(&program, stage.number() > 1),
    }
}

fn run(name: &str, subject: &Subject, ground: &Ground, stage: Stage) -> Did {
    let Ground { site, terms } = ground;
    let verdict = match cases::find(name) {
        Some(cases::Found::OfTheSuite(case)) => examine(case, subject, site, stage, terms).verdict,
        Some(cases::Found::Own(case)) => run_own_case(case, subject, site, stage, terms),
        None => Verdict::NotLookedAt(both!("there is no case {name}", "没有用例 {name}")),
    };
    match verdict {
        Verdict::Passes | Verdict::Beyond(_) => Did::Passed,
        Verdict::Fails(text) | Verdict::Unstable(text) => Did::Failed(text),
        Verdict::ProvedLimit(symptom) => {
            let text = symptom.text();
            Did::Failed(both!("{name}: {text}\n", "{name}：{text}\n" in text))
        }
        Verdict::NotLookedAt(why) => Did::NotLookedAt(why),
        Verdict::DoesNotApply => Did::NotLookedAt(both!("it does not apply to this lesson", "它不适用于这一课")),
    }
}

/// The lines of a part of what the suite says of a failure, in the language of its title: `what happened`, `by hand`.
pub fn part<'t>(how: &'t str, title: &'t str) -> impl Iterator<Item = &'t str> {
    let behind = how.lines().skip_while(move |line| line.strip_prefix("  ") != Some(title)).skip(1);
    behind.map_while(|line| line.strip_prefix("    "))
}

/// Looks for the shape of the solution in the code that was changed.
pub fn shape(exercise: &Exercise, sources: &Tree) -> Vec<Seen> {
    let one = |tokens: &String, wanted| {
        let is_there = shape::missing(slice::from_ref(tokens), sources).is_empty();
        Seen { tokens: tokens.clone(), wanted, holds: is_there == wanted }
    };
    let there = exercise.shape.iter().map(|tokens| one(tokens, true));
    there.chain(exercise.lacks.iter().map(|tokens| one(tokens, false))).collect()
}
