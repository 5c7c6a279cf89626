//! What is said on the terminal.

use std::io::{self, IsTerminal, Write};

use tutor::view::Size;

/// Columns where there is no terminal, and the most: longer lines are hard to read.
const COLUMNS: usize = 100;

/// On standard output. That somebody reads only the beginning (`| head`) is no error.
pub fn say(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// On standard error.
pub fn warn(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// The width of the terminal, and as many lines as are wanted.
pub fn size(height: Option<usize>) -> Size {
    let stdout = io::stdout();
    let size = stdout.is_terminal().then(|| rustix::termios::tcgetwinsize(&stdout).ok()).flatten();
    let width = size.map(|size| usize::from(size.ws_col)).filter(|width| *width > 0).unwrap_or(COLUMNS);
    Size { width: width.clamp(40, COLUMNS), height }
}
