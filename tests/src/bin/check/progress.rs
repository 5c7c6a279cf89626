//! How far it is, for a person who waits.

use std::io::{IsTerminal, Write, stderr};

/// A line on the terminal that is written over again and again, and is gone at the end. Nothing where there is no
/// terminal.
pub struct Progress {
    all: usize,
    done: usize,
    failed: usize,
    is_shown: bool,
}

impl Progress {
    pub fn of(all: usize) -> Progress {
        Progress { all, done: 0, failed: 0, is_shown: stderr().is_terminal() }
    }

    pub fn one_more(&mut self, failed: bool) {
        self.done += 1;
        self.failed += usize::from(failed);
        if self.is_shown {
            let _ = write!(stderr(), "\r{} of {} cases, {} failed ", self.done, self.all, self.failed);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(stderr(), "\r{}\r", " ".repeat(40));
        }
    }
}
