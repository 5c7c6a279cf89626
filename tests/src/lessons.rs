//! The suite as `cargo test` and nextest see it.

use std::process;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::case::Case;
use crate::language::Language;
use crate::run::{Verdict, run_case};
use crate::server::Subject;
use crate::site::{Site, not_made};
use crate::stages::{Mark, Stage};
use crate::turns::{Turns, mostly_waits};
use crate::{both, cases, command_line};

/// The test target of a lesson: all cases, judged by its column of the table, in the language of the environment. Does
/// not return.
pub fn test_lesson(stage: &str, program: &'static str) {
    let mut arguments = Arguments::from_args();
    let language = Language::of_environment();
    let turns = Turns::of(&mut arguments);
    let stage = Stage::from_name(stage).unwrap_or_else(|| panic!("there is no lesson {stage}"));
    let site = match Site::temporary() {
        Ok(site) => Arc::new(site),
        Err(error) => {
            eprintln!("{}", not_made(&error).say(language));
            process::exit(1)
        }
    };
    let subject = Arc::new(Subject::lesson(program, stage.number() > 1));

    let (waiting, others): (Vec<&Case>, Vec<&Case>) = cases::all().partition(|case| mostly_waits(case));
    let trials = waiting.into_iter().chain(others).map(|case| {
        let (subject, site, turns) = (Arc::clone(&subject), Arc::clone(&site), turns.clone());
        let run = move || match turns.take(case, || run_case(case, &subject, &site, stage)) {
            Verdict::Fails(text) | Verdict::Beyond(text) | Verdict::Unstable(text) => {
                Err(Failed::from(text.say(language)))
            }
            Verdict::NotLookedAt(why) => {
                let text = both!("{}: not looked at: {why}", "{}：未检查：{why}" in why; case.name);
                eprintln!("{}", text.say(language));
                Ok(())
            }
            Verdict::Passes | Verdict::ProvedLimit(_) | Verdict::DoesNotApply => Ok(()),
        };
        let mark = stage.mark(case.name);
        let kind = if matches!(mark, Mark::Fails(_)) { "limit" } else { case.group.name() };
        Trial::test(case.name, run).with_kind(kind).with_ignored_flag(mark == Mark::DoesNotApply)
    });
    let trials = trials.chain(command_line::trials(program, stage, language)).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    // `exit` runs no destructors: what is temporary goes now.
    drop((site, subject));
    conclusion.exit()
}
