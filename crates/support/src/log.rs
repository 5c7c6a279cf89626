//! What a server says while it runs: a line an event, on standard error.

use std::fmt::Display;
use std::io::{self, ErrorKind, Stderr};
use std::sync::Arc;
use std::{process, thread};

use crate::lines::Lines;

/// Says what happens, and in which process and thread, so that a model can be watched at work. Silent with `--quiet`.
///
/// Serving never waits for whoever reads the log. Lines that find no room are dropped, and how many they were is said
/// when there is room again; forked children count together with their parent. A closed standard error is no reason to
/// stop. A line of more than 4,096 bytes (`PIPE_BUF`) is cut.
#[derive(Clone, Debug)]
pub struct Log {
    /// `None`: silent.
    lines: Option<Arc<Lines<Stderr>>>,
}

impl Log {
    pub(crate) fn new(quiet: bool) -> Log {
        Log { lines: (!quiet).then(|| Arc::new(Lines::new(io::stderr()))) }
    }

    /// One line, written in one piece, so that lines of several processes do not mix.
    pub fn event(&self, what: impl Display) {
        let Some(lines) = &self.lines else { return };
        let thread = thread::current();
        let name = thread.name().map_or_else(|| format!("{:?}", thread.id()), str::to_owned);
        lines.write(&format!("[process {}, thread {name}] {what}\n", process::id()));
    }

    /// A connection that ended before its time.
    pub fn lost(&self, client: impl Display, error: &io::Error) {
        match error.kind() {
            // What a blocking socket says when its time-out has passed.
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                self.event(format_args!("{client} dropped: no progress in time"))
            }
            _ => self.event(format_args!("{client} lost: {error}")),
        }
    }

    /// Bytes as they came, line by line. What could play with a terminal is shown escaped.
    pub fn bytes(&self, bytes: &[u8]) {
        let Some(lines) = &self.lines else { return };
        let mut text = String::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            text.push_str(&format!("    {}\n", line.escape_ascii()));
        }
        lines.write(&text);
    }

    #[cfg(test)]
    pub(crate) fn is_quiet(&self) -> bool {
        self.lines.is_none()
    }
}
