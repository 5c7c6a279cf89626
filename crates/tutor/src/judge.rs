//! How far a learner has come: the cases of a rung, run many at a time, up to the first that fails.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use http_suite::site::Site;
use http_suite::{Account, Case, Examined, Group, SharedHouse, Stage, Subject, Terms, Verdict, examine};

use crate::ladder::{Ladder, is_from_nothing};
use crate::language::{Both, Failure};
use crate::program::Program;
use crate::tree::Tree;
use crate::{both, shape, terminal};

/// How long a server has for anything, where a person waits for the verdict.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a server may take until it listens, where a person waits.
const START: Duration = Duration::from_secs(4);
/// How long to wait for cases that come before one that is known to fail, where a person waits: it is the first that is
/// to be mended first, but a verdict at once is worth more than that.
const GRACE: Duration = Duration::from_millis(300);
/// How long it has when it is looked at once more, because the first time may have been the fault of a busy machine.
const LONGER: Duration = Duration::from_secs(4);

/// How the first case of several fails.
#[derive(Clone, Debug)]
pub struct Failing {
    /// Which.
    pub case: &'static str,
    /// What there is to say about it, part by part.
    pub account: Option<Account>,
    /// The same, as a text.
    pub text: Both,
}

/// What cases found.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The first in their order that fails.
    pub failing: Option<Failing>,
    /// Those that passed before that one, or in all.
    pub passed: Vec<&'static str>,
    /// Which could not be looked at here, and why.
    pub not_looked_at: Vec<(&'static str, Both)>,
}

/// What stands between a learner and a rung.
#[derive(Clone, Debug)]
pub enum Obstacle {
    /// A case fails.
    Case(Box<Failing>),
    /// This is not in the code.
    Shape(Vec<String>),
    /// The compiler warns, and a rung that no case sees is only reached without that.
    Warnings(Vec<String>),
    /// The code keeps the compiler from warning.
    Silenced,
    /// None of the cases could be looked at, and why not.
    NotLookedAt(Both),
}

/// What judges programs: a site to be served, and terms.
#[derive(Clone, Debug)]
pub struct Judge {
    site: Arc<Site>,
    terms: Terms,
    /// What fails is looked at once more, with more patience.
    confirms: bool,
    /// Says of each case when it was over, and how long it took.
    pub tells_times: bool,
}

impl Judge {
    /// One for a person who waits, or, if it `confirms`, for a verdict that is to be kept. `keeper` is a program that
    /// calls [`http_suite::keep::kept`].
    pub fn new(house: &SharedHouse, keeper: PathBuf, confirms: bool) -> Result<Judge, Failure> {
        let usual = Terms::default();
        let start_timeout = if confirms { usual.start_timeout } else { START };
        let terms =
            Terms { keeper: Some(keeper), start_timeout, patience: Some(PATIENCE), second_look: false, ..usual };
        let site = house.site(&terms).map_err(|error| {
            Failure::wrong(both!("cannot make the files to be served: {error}", "无法生成要提供的文件：{error}"))
        })?;
        Ok(Judge { site: Arc::new(site), terms, confirms, tells_times: false })
    }

    /// The files that are served.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Runs these cases, many at a time, and returns as soon as it is known which is the first to fail. Others may be
    /// at work even then. `each` hears how many have passed.
    pub fn run(&self, cases: &[&'static Case], subject: &Subject, stage: Stage, each: impl FnMut(usize)) -> Outcome {
        self.run_with(cases, subject, stage, None, each)
    }

    /// The same; those before one that is known to fail have so long to fail too, if that is limited.
    fn run_with(
        &self,
        cases: &[&'static Case],
        subject: &Subject,
        stage: Stage,
        grace: Option<Duration>,
        mut each: impl FnMut(usize),
    ) -> Outcome {
        let start = Instant::now();
        let (tell, told) = mpsc::channel();
        let next = Arc::new(AtomicUsize::new(0));
        // Beyond the first failure that is known, nothing has to be looked at.
        let end = Arc::new(AtomicUsize::new(cases.len()));
        for _ in 0..at_a_time().min(cases.len()) {
            let (tell, next, end) = (tell.clone(), Arc::clone(&next), Arc::clone(&end));
            let (judge, cases, subject) = (self.clone(), cases.to_vec(), subject.clone());
            thread::spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= end.load(Ordering::Relaxed) {
                        return;
                    }
                    let examined = judge.examine(cases[at], &subject, stage);
                    if fails(&examined) {
                        end.fetch_min(at, Ordering::Relaxed);
                    }
                    if tell.send((at, examined)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tell);
        let mut known: BTreeMap<usize, Examined> = BTreeMap::new();
        let mut failed: Option<Instant> = None;
        loop {
            let left = failed.zip(grace).map(|(failed, grace)| grace.saturating_sub(failed.elapsed()));
            let news = match left {
                Some(left) => told.recv_timeout(left).ok(),
                None => told.recv().ok(),
            };
            // All are over, or the first to fail is not waited for any longer.
            let Some((at, examined)) = news else { break };
            if self.tells_times {
                let (at_ms, took) = (start.elapsed().as_millis(), examined.took.as_millis());
                let mark = if fails(&examined) { '-' } else { '+' };
                terminal::warn(&format!("{at_ms:>6} ms {mark} {} ({took} ms)\n", cases[at].name));
            }
            if fails(&examined) && failed.is_none() {
                failed = Some(Instant::now());
            }
            known.insert(at, examined);
            let so_far = known
                .values()
                .enumerate()
                .take_while(|(place, examined)| known.contains_key(place) && !fails(examined));
            let passed = so_far.count();
            each(known.values().filter(|examined| !fails(examined)).count());
            if known.get(&passed).is_some_and(fails) {
                break;
            }
        }
        outcome(cases, known)
    }

    fn examine(&self, case: &'static Case, subject: &Subject, stage: Stage) -> Examined {
        let examined = examine(case, subject, &self.site, stage, &self.terms);
        if !self.confirms || !fails(&examined) {
            return examined;
        }
        let terms = Terms { patience: Some(LONGER), ..self.terms.clone() };
        examine(case, subject, &self.site, stage, &terms)
    }

    /// What stands between this program and a rung (counted from 1), if anything does. The cases of the rung itself
    /// come first, then those of the rungs before it.
    pub fn obstacle(
        &self,
        ladder: &Ladder,
        rung: usize,
        program: &Program,
        sources: &Tree,
        each: impl FnMut(usize),
    ) -> Result<Option<Obstacle>, Failure> {
        let wanted = &ladder.rungs[rung - 1];
        let cases = own_first(ladder, rung);
        let grace = (!self.confirms).then_some(GRACE);
        let outcome = self.run_with(&cases, &program.subject(), stage(&wanted.stage)?, grace, each);
        Ok(obstacle(ladder, rung, outcome, program, sources))
    }

    /// The highest rung that this program reaches (0: none), and what stands before the next one.
    pub fn highest(
        &self,
        ladder: &Ladder,
        program: &Program,
        sources: &Tree,
    ) -> Result<(usize, Option<Obstacle>), Failure> {
        let all = ladder.len();
        if !is_from_nothing(ladder.lesson) {
            return self.highest_from_above(ladder, program, sources);
        }
        let cases = ladder.due(all);
        let outcome = self.run(&cases, &program.subject(), stage(ladder.lesson)?, |_| ());
        let failing = outcome.failing.as_ref().map(|failing| failing.case);
        let of = |name: &str| ladder.rungs.iter().position(|rung| rung.cases.iter().any(|case| case == name));
        let reached = failing.map_or(all, |name| of(name).unwrap_or(0));
        let is_seen = |case: &&'static Case| !outcome.not_looked_at.iter().any(|(unseen, _)| *unseen == case.name);
        let unseen = (1..=reached).find(|rung| !ladder.own(*rung).iter().any(is_seen));
        let reached = unseen.map_or(reached, |rung| rung - 1);
        let due = (reached + 1).min(all);
        Ok((reached, obstacle(ladder, due, outcome, program, sources)))
    }

    /// A later step may take back what an earlier one brought: so the highest rung counts, and not those below it.
    fn highest_from_above(
        &self,
        ladder: &Ladder,
        program: &Program,
        sources: &Tree,
    ) -> Result<(usize, Option<Obstacle>), Failure> {
        let mut failed: HashMap<(&'static str, String), Failing> = HashMap::new();
        let mut passed: HashSet<(&'static str, String)> = HashSet::new();
        let mut above = None;
        for rung in (1..=ladder.len()).rev() {
            let wanted = &ladder.rungs[rung - 1];
            let mut cases = own_first(ladder, rung);
            cases.retain(|case| !passed.contains(&(case.name, wanted.stage.clone())));
            let known = cases.iter().find_map(|case| failed.get(&(case.name, wanted.stage.clone())));
            let found = match (shape_obstacle(ladder, rung, program, sources), known) {
                (Some(obstacle), _) => Some(obstacle),
                (None, Some(failing)) => Some(Obstacle::Case(Box::new(failing.clone()))),
                (None, None) => {
                    let outcome = self.run(&cases, &program.subject(), stage(&wanted.stage)?, |_| ());
                    passed.extend(outcome.passed.iter().map(|case| (*case, wanted.stage.clone())));
                    if let Some(failing) = &outcome.failing {
                        failed.insert((failing.case, wanted.stage.clone()), failing.clone());
                    }
                    obstacle(ladder, rung, outcome, program, sources)
                }
            };
            match found {
                None => return Ok((rung, above)),
                found => above = found,
            }
        }
        Ok((0, above))
    }
}

/// The cases that are due for a rung (counted from 1), those of its own first. Of the others those come first that wait
/// for a clock: begun last, they would be what a learner waits for.
fn own_first(ladder: &Ladder, rung: usize) -> Vec<&'static Case> {
    let mut cases = ladder.due(rung);
    let is_own = |case: &Case| ladder.rungs[rung - 1].cases.iter().any(|own| own == case.name);
    cases.sort_by_key(|case| (!is_own(case), !waits_for_a_clock(case)));
    cases
}

/// Whether a case takes seconds on an idle machine too.
fn waits_for_a_clock(case: &Case) -> bool {
    const SLOW: [&str; 2] = ["a-slow-reader-gets-every-byte", "a-client-that-stops-reading-is-dropped"];
    case.group == Group::Deadlines || SLOW.contains(&case.name)
}

fn at_a_time() -> usize {
    // They wait more than they work.
    (4 * thread::available_parallelism().map_or(1, NonZero::get)).clamp(4, 16)
}

fn fails(examined: &Examined) -> bool {
    matches!(examined.verdict, Verdict::Fails(_) | Verdict::Beyond(_))
}

/// What the cases up to the first failure found.
fn outcome(cases: &[&'static Case], known: BTreeMap<usize, Examined>) -> Outcome {
    let mut outcome = Outcome::default();
    let failure_is_known = known.values().any(fails);
    for (at, case) in cases.iter().enumerate() {
        let Some(examined) = known.get(&at) else {
            if failure_is_known {
                continue;
            }
            // Whoever looked at it has panicked.
            let text = both!("the case could not be run to its end", "这个用例没能运行到底");
            outcome.failing = Some(Failing { case: case.name, account: None, text });
            return outcome;
        };
        match &examined.verdict {
            Verdict::Fails(text) | Verdict::Beyond(text) => {
                let (account, text) = (examined.account.clone(), text.clone());
                outcome.failing = Some(Failing { case: case.name, account, text });
                return outcome;
            }
            Verdict::NotLookedAt(why) => outcome.not_looked_at.push((case.name, why.clone())),
            _ => outcome.passed.push(case.name),
        }
    }
    outcome
}

fn stage(name: &str) -> Result<Stage, Failure> {
    Stage::from_name(name).ok_or_else(|| Failure::failed(both!("there is no stage '{name}'", "没有阶段“{name}”")))
}

fn obstacle(ladder: &Ladder, rung: usize, outcome: Outcome, program: &Program, sources: &Tree) -> Option<Obstacle> {
    let own = ladder.own(rung);
    let unseen = |name: &str| outcome.not_looked_at.iter().find(|(unseen, _)| *unseen == name);
    if let Some(failing) = outcome.failing {
        return Some(Obstacle::Case(Box::new(failing)));
    }
    // A rung of which nothing was seen is not reached, nor is it failed.
    if !own.is_empty() && own.iter().all(|case| unseen(case.name).is_some()) {
        let why = unseen(own[0].name).map(|(_, why)| why.clone());
        return Some(Obstacle::NotLookedAt(why.unwrap_or_default()));
    }
    shape_obstacle(ladder, rung, program, sources)
}

fn shape_obstacle(ladder: &Ladder, rung: usize, program: &Program, sources: &Tree) -> Option<Obstacle> {
    let wanted = &ladder.rungs[rung - 1].shape;
    if wanted.is_empty() {
        return None;
    }
    let missing = shape::missing(wanted, sources);
    if !missing.is_empty() {
        return Some(Obstacle::Shape(missing.into_iter().map(str::to_owned).collect()));
    }
    if shape::silences_warnings(sources) {
        return Some(Obstacle::Silenced);
    }
    (!program.warnings.is_empty()).then(|| Obstacle::Warnings(program.warnings.clone()))
}
