//! The suite on a step: what turned green by it, what is still red, and the rest of its stage's column.

use std::collections::VecDeque;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use http_suite::site::Site;
use http_suite::{Case, Mark, Stage, Subject, Verdict, cases, run_case};

use crate::both;
use crate::language::{Both, Failure};
use crate::series::Step;

/// How many cases run at a time: they wait more than they work.
const AT_A_TIME: usize = 8;

/// What every step is tested by, besides what it says itself: a little of each kind.
pub const CORE: [&str; 8] = [
    "no-answer-before-the-request-is-whole",
    "a-request-may-come-byte-by-byte",
    "a-large-file-arrives-byte-for-byte",
    "one-request-after-another",
    "a-silent-client-holds-up-no-one",
    "clients-that-leave-at-once-hurt-no-one",
    "many-clients-leave-no-descriptors-behind",
    "an-interrupt-ends-it",
];

/// How much of the column is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What the step names, and a few cases of each kind. What was red on the step before is not shown to be so again.
    Core,
    /// All that applies at its stage.
    All,
}

/// What a case is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// As the column says: pass, or fail with the symptom that is declared.
    Column,
    /// Pass.
    Green,
    /// Fail, on this step.
    Red,
    /// Fail, on the step before.
    RedBefore,
}

/// What was found of a step.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many cases were run, those on the step before not counted.
    pub cases: usize,
    /// How many apply at this stage.
    pub of: usize,
    /// What is not as it should be.
    pub faults: Vec<Both>,
    /// What could not be seen here, and why.
    pub not_looked_at: Vec<Both>,
}

struct Job<'a> {
    case: &'static Case,
    expected: Expected,
    subject: &'a Subject,
}

/// A program as the suite starts it. Whether it serves a folder is in its own help: the first steps may not.
fn subject(program: &Path) -> Result<Subject, Failure> {
    let shown = program.display().to_string();
    let help = Command::new(program).arg("--help").output();
    let help =
        help.map_err(|error| Failure::failed(both!("cannot run {shown}: {error}", "无法运行 {shown}：{error}")))?;
    Ok(Subject::lesson(&shown, String::from_utf8_lossy(&help.stdout).contains("--root")))
}

/// The cases of a step, with what is expected of each.
fn expected(step: &Step, red_before: &[String], stage: Stage, extent: Extent) -> Vec<(&'static Case, Expected)> {
    let named = |names: &[String], case: &Case| names.iter().any(|name| name == case.name);
    let wanted = |case: &&'static Case| {
        let core = CORE.contains(&case.name) || named(&step.green, case) || named(&step.red, case);
        let still_red = named(&step.red, case) && named(red_before, case);
        let applies = stage.mark(case.name) != Mark::DoesNotApply && !named(&step.undecided, case);
        applies && (extent == Extent::All || core && !still_red)
    };
    let mut all: Vec<(&Case, Expected)> = cases::all()
        .filter(wanted)
        .map(|case| match () {
            () if named(&step.green, case) => (case, Expected::Green),
            () if named(&step.red, case) => (case, Expected::Red),
            () => (case, Expected::Column),
        })
        .collect();
    let before: Vec<_> = all
        .iter()
        .filter(|(_, expected)| *expected == Expected::Green)
        .map(|(case, _)| (*case, Expected::RedBefore))
        .collect();
    all.extend(before);
    all
}

/// Runs the cases of a step. `before`: the program of the step before, on which the green cases have to fail;
/// `red_before`: what is declared to be red on it.
pub fn test(
    step: &Step,
    program: &Path,
    before: &Path,
    red_before: &[String],
    extent: Extent,
) -> Result<Report, Failure> {
    let stage = step.stage()?;
    let site = Site::temporary().map_err(|error| {
        Failure::failed(both!("cannot make the files to be served: {error}", "无法生成要提供的文件：{error}"))
    })?;
    let (program, before) = (subject(program)?, subject(before)?);
    let cases = expected(step, red_before, stage, extent);
    let on_this_step = cases.iter().filter(|(_, expected)| *expected != Expected::RedBefore).count();
    let mut report = Report {
        cases: on_this_step,
        of: cases::all().filter(|case| stage.mark(case.name) != Mark::DoesNotApply).count(),
        ..Report::default()
    };
    let jobs = cases.into_iter().map(|(case, expected)| {
        let subject = if expected == Expected::RedBefore { &before } else { &program };
        Job { case, expected, subject }
    });
    let jobs: Mutex<VecDeque<Job>> = Mutex::new(jobs.collect());
    let next = || jobs.lock().ok()?.pop_front();
    thread::scope(|scope| {
        let work = || {
            let mut found = Vec::new();
            while let Some(job) = next() {
                let verdict = run_case(job.case, job.subject, &site, stage);
                found.push((job.case.name, job.expected, verdict));
            }
            found
        };
        let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            let Ok(found) = worker.join() else {
                report.faults.push(both!("a case panicked", "有一个用例发生了 panic"));
                continue;
            };
            for (name, expected, verdict) in found {
                judge(name, expected, verdict, &mut report);
            }
        }
    });
    Ok(report)
}

fn judge(name: &str, expected: Expected, verdict: Verdict, report: &mut Report) {
    let failed = matches!(verdict, Verdict::Fails(_) | Verdict::Beyond(_));
    match (expected, verdict) {
        (_, Verdict::NotLookedAt(why)) => {
            report.not_looked_at.push(both!("{name}: {why}", "{name}：{why}" in why));
        }
        (Expected::Red, _) if !failed => report.faults.push(both!(
            "{name}: it is declared red, and it passes; take it out of red",
            "{name}：声明为 red，却通过了；请从 red 中去掉"
        )),
        (Expected::RedBefore, _) if !failed => report.faults.push(both!(
            "{name}: it passes on the step before already, so this step does not turn it green",
            "{name}：在前一步就已经通过，不是由这一步变绿的"
        )),
        (Expected::Column | Expected::Green, Verdict::Fails(text) | Verdict::Beyond(text)) => {
            report.faults.push(Both { en: text.en.trim_end().to_owned(), zh: text.zh.trim_end().to_owned() });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(green: &[&str], red: &[&str]) -> Step {
        let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        Step { stage: "04".into(), green: names(green), red: names(red), ..Step::default() }
    }

    #[test]
    fn the_core_is_a_few_real_cases() {
        for name in CORE {
            assert!(cases::all().any(|case| case.name == name), "there is no case {name}");
        }
        let stage = Stage::from_name("04").unwrap();
        let core = expected(&step(&[], &[]), &[], stage, Extent::Core);
        assert_eq!(core.len(), CORE.len());
        assert!(expected(&step(&[], &[]), &[], stage, Extent::All).len() > 100);
    }

    #[test]
    fn what_is_green_has_to_fail_before() {
        let stage = Stage::from_name("04").unwrap();
        let all = expected(&step(&["a-bare-lf-ends-no-line"], &["trace-is-refused"]), &[], stage, Extent::Core);
        let of = |name: &str| {
            all.iter().filter(|(case, _)| case.name == name).map(|(_, expected)| *expected).collect::<Vec<_>>()
        };
        assert_eq!(of("a-bare-lf-ends-no-line"), [Expected::Green, Expected::RedBefore]);
        assert_eq!(of("trace-is-refused"), [Expected::Red]);
    }

    #[test]
    fn what_is_still_red_is_shown_once() {
        let stage = Stage::from_name("04").unwrap();
        let step = step(&[], &["trace-is-refused", CORE[0]]);
        let of = |before: &[&str], extent| {
            let before: Vec<String> = before.iter().map(|name| name.to_string()).collect();
            let all = expected(&step, &before, stage, extent);
            all.iter().filter(|(_, expected)| *expected == Expected::Red).count()
        };
        assert_eq!(of(&[], Extent::Core), 2);
        assert_eq!(of(&["trace-is-refused", CORE[0]], Extent::Core), 0);
        assert_eq!(of(&["trace-is-refused", CORE[0]], Extent::All), 2);
    }

    #[test]
    fn a_verdict_other_than_expected_is_a_fault() {
        let faults = |expected: Expected, verdict: Verdict| {
            let mut report = Report::default();
            judge("a-case", expected, verdict, &mut report);
            report.faults.len()
        };
        let fails = || Verdict::Fails(both!("so", "如此"));
        assert_eq!((faults(Expected::Green, Verdict::Passes), faults(Expected::Green, fails())), (0, 1));
        assert_eq!((faults(Expected::Column, Verdict::Passes), faults(Expected::Column, fails())), (0, 1));
        assert_eq!((faults(Expected::Red, Verdict::Passes), faults(Expected::Red, fails())), (1, 0));
        assert_eq!((faults(Expected::RedBefore, Verdict::Passes), faults(Expected::RedBefore, fails())), (1, 0));
        assert_eq!(faults(Expected::Column, Verdict::NotLookedAt(both!("why", "原因"))), 0);
    }
}
