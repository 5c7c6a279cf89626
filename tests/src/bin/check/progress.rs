//! How far it is, for a person who waits.

use std::io::{IsTerminal, Write, stderr};

use http_suite::{Language, both};

/// A line on the terminal that is written over again and again, and is gone at the end. Nothing where there is no
/// terminal.
pub struct Progress {
    all: usize,
    done: usize,
    failed: usize,
    is_shown: bool,
    language: Language,
}

impl Progress {
    pub fn of(all: usize, language: Language) -> Progress {
        Progress { all, done: 0, failed: 0, is_shown: stderr().is_terminal(), language }
    }

    pub fn one_more(&mut self, failed: bool) {
        self.done += 1;
        self.failed += usize::from(failed);
        if self.is_shown {
            let Progress { all, done, failed, .. } = self;
            let text = both!("{done} of {all} cases, {failed} failed", "{all} 个用例已完成 {done} 个，{failed} 个失败");
            let _ = write!(stderr(), "\r{} ", text.say(self.language));
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
