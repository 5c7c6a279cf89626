//! How many cases run at a time: so many that work, and besides them those that only wait for a time to pass.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use libtest_mimic::Arguments;

use crate::case::{Case, Group};

/// How many cases that work run at a time, unless `--test-threads` says otherwise.
const WORKING: usize = 8;
/// How many of the others there may be. They are to begin first, and cost next to nothing.
const WAITING: usize = 24;

/// Whether a case does little else than to wait until a server has had enough of a client.
pub fn mostly_waits(case: &Case) -> bool {
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

/// What every case has to take before it runs.
#[derive(Clone)]
pub struct Turns(Arc<Permits>);

struct Permits {
    left: Mutex<usize>,
    returned: Condvar,
}

impl Turns {
    /// For a test target with these arguments, which from now on has as many threads as there may be cases.
    pub fn of(arguments: &mut Arguments) -> Turns {
        let working = WORKING.min(arguments.test_threads.unwrap_or(usize::MAX));
        arguments.test_threads.get_or_insert(WORKING + WAITING);
        Turns(Arc::new(Permits { left: Mutex::new(working), returned: Condvar::new() }))
    }

    /// Runs a case, when it is its turn.
    pub fn take<T>(&self, case: &Case, run: impl FnOnce() -> T) -> T {
        let _permit = (!mostly_waits(case)).then(|| self.0.take());
        run()
    }
}

impl Permits {
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
