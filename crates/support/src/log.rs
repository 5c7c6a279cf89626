//! What a server says while it runs: a line an event, on standard error.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::{process, thread};

/// Says what happens, and in which process and thread, so that a model can be watched at work. Silent with `--quiet`.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    quiet: bool,
}

impl Log {
    pub(crate) fn new(quiet: bool) -> Log {
        Log { quiet }
    }

    /// One line. Written in one piece, so that lines of several processes do not mix; a closed standard error is no
    /// reason to stop serving.
    pub fn event(&self, what: impl Display) {
        if self.quiet {
            return;
        }
        let thread = thread::current();
        let name = thread.name().map_or_else(|| format!("{:?}", thread.id()), str::to_owned);
        let line = format!("[process {}, thread {name}] {what}\n", process::id());
        let _ = io::stderr().write_all(line.as_bytes());
    }

    /// A connection that ended before its time.
    pub fn lost(&self, client: impl Display, error: &io::Error) {
        match error.kind() {
            // What a blocking socket says when its time-out has passed.
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                self.event(format_args!("{client} dropped: silent too long"))
            }
            _ => self.event(format_args!("{client} lost: {error}")),
        }
    }

    /// Bytes as they came, line by line. What could play with a terminal is shown escaped.
    pub fn bytes(&self, bytes: &[u8]) {
        if self.quiet {
            return;
        }
        let mut text = String::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            text.push_str(&format!("    {}\n", line.escape_ascii()));
        }
        let _ = io::stderr().write_all(text.as_bytes());
    }
}
