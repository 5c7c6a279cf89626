//! The suite as `cargo test` and nextest see it.

use std::process;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::run::{Verdict, run_case};
use crate::server::Subject;
use crate::site::Site;
use crate::stages::{Mark, Stage};
use crate::{cases, command_line};

/// How many cases run at a time, unless `--test-threads` says otherwise: they wait more than they work.
const AT_A_TIME: usize = 8;

/// The test target of a lesson: all cases, judged by its column of the table. Does not return.
pub fn test_lesson(stage: &str, program: &'static str) {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_A_TIME);
    let stage = Stage::from_name(stage).unwrap_or_else(|| panic!("there is no lesson {stage}"));
    let site = match Site::temporary() {
        Ok(site) => Arc::new(site),
        Err(error) => {
            eprintln!("cannot make the files to be served: {error}");
            process::exit(1)
        }
    };
    let subject = Arc::new(Subject::lesson(program, stage.number() > 1));

    let trials = cases::all().map(|case| {
        let (subject, site) = (Arc::clone(&subject), Arc::clone(&site));
        let run = move || match run_case(case, &subject, &site, stage) {
            Verdict::Fails(text) | Verdict::Beyond(text) | Verdict::Unstable(text) => Err(Failed::from(text)),
            Verdict::NotLookedAt(why) => {
                eprintln!("{}: not looked at: {why}", case.name);
                Ok(())
            }
            Verdict::Passes | Verdict::ProvedLimit(_) | Verdict::DoesNotApply => Ok(()),
        };
        let mark = stage.mark(case.name);
        let kind = if matches!(mark, Mark::Fails(_)) { "limit" } else { case.group.name() };
        Trial::test(case.name, run).with_kind(kind).with_ignored_flag(mark == Mark::DoesNotApply)
    });
    let trials = trials.chain(command_line::trials(program, stage)).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    // `exit` runs no destructors: what is temporary goes now.
    drop((site, subject));
    conclusion.exit()
}
