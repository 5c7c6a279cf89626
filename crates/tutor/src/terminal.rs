//! What is said to people: on a terminal, or wherever its output goes.

use std::io::{self, IsTerminal, Write};

/// On standard output. That somebody reads only the beginning (`| head`) is no error.
pub fn say(text: &str) {
    let mut stdout = anstream::stdout();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// On standard error.
pub fn warn(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Columns and lines of the terminal that standard output is, if it is one that knows them.
pub fn size() -> Option<(usize, usize)> {
    let stdout = io::stdout();
    let size = stdout.is_terminal().then(|| rustix::termios::tcgetwinsize(&stdout).ok()).flatten();
    size.map(|size| (usize::from(size.ws_col), usize::from(size.ws_row))).filter(|(columns, _)| *columns > 0)
}
