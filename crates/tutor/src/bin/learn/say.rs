//! What is said on the terminal.

use std::io::Write;

/// On standard output. That somebody reads only the beginning (`| head`) is no error.
pub fn say(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// On standard error.
pub fn warn(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}
