//! The suite as `cargo test` and nextest see it.

use std::process;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};

use crate::case::{Case, Group};
use crate::run::{Verdict, run_case};
use crate::server::Subject;
use crate::site::Site;
use crate::stages::{Mark, Stage};
use crate::{cases, command_line};

/// How many cases run at a time, unless `--test-threads` says otherwise, besides those that only wait for a time to
/// pass.
const AT_A_TIME: usize = 8;
/// How many of those there may be. They begin first, and cost next to nothing.
const WAITING: usize = 16;

/// The test target of a lesson: all cases, judged by its column of the table. Does not return.
pub fn test_lesson(stage: &str, program: &'static str) {
    let mut arguments = Arguments::from_args();
    let working = Permits::new(AT_A_TIME.min(arguments.test_threads.unwrap_or(usize::MAX)));
    arguments.test_threads.get_or_insert(AT_A_TIME + WAITING);
    let stage = Stage::from_name(stage).unwrap_or_else(|| panic!("there is no lesson {stage}"));
    let site = match Site::temporary() {
        Ok(site) => Arc::new(site),
        Err(error) => {
            eprintln!("cannot make the files to be served: {error}");
            process::exit(1)
        }
    };
    let subject = Arc::new(Subject::lesson(program, stage.number() > 1));

    let (waiting, others): (Vec<&Case>, Vec<&Case>) = cases::all().partition(|case| mostly_waits(case));
    let trials = waiting.into_iter().chain(others).map(|case| {
        let (subject, site, working) = (Arc::clone(&subject), Arc::clone(&site), Arc::clone(&working));
        let run = move || match working.unless(mostly_waits(case), || run_case(case, &subject, &site, stage)) {
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

/// Whether a case does little else than to wait until a server has had enough of a client.
fn mostly_waits(case: &Case) -> bool {
    const OTHERS: &[&str] = &[
        "a-silent-client-is-dropped-in-time",
        "a-trickling-client-is-dropped-in-time",
        "a-client-that-stops-reading-is-dropped",
        "who-reads-little-by-little-is-not-dropped",
        "a-body-is-not-waited-for-for-ever",
        "what-has-changed-is-seen-in-time",
        "children-of-another-program-are-not-counted",
    ];
    case.group == Group::Deadlines || OTHERS.contains(&case.name)
}

/// Leave to work, for so many at a time.
struct Permits {
    left: Mutex<usize>,
    returned: Condvar,
}

impl Permits {
    fn new(number: usize) -> Arc<Permits> {
        Arc::new(Permits { left: Mutex::new(number), returned: Condvar::new() })
    }

    /// Does this work when it is its turn, or at once if it needs no leave.
    fn unless<T>(&self, exempt: bool, work: impl FnOnce() -> T) -> T {
        if exempt {
            return work();
        }
        let _permit = self.take();
        work()
    }

    fn take(&self) -> Permit<'_> {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let left = self.returned.wait_while(left, |left| *left == 0);
        *left.unwrap_or_else(PoisonError::into_inner) -= 1;
        Permit(self)
    }
}

/// Given back when it is dropped, be it by a panic.
struct Permit<'a>(&'a Permits);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.left.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.returned.notify_one();
    }
}
