//! `just learn case FILE`: which of the defective servers a case kills.

use std::env;
use std::io::Write;
use std::process::ExitCode;

use tutor::language::Language;
use tutor::learners_case;

fn main() -> ExitCode {
    let mut words: Vec<String> = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let mut language = Language::of_environment();
    if let Some(at) = words.iter().position(|word| word == "--lang").filter(|at| at + 1 < words.len()) {
        language = Language::from_name(&words[at + 1]).unwrap_or(language);
        words.drain(at..at + 2);
    }
    match learners_case::command(&words, language) {
        Ok((text, status)) => {
            let _ = anstream::stdout().write_all(text.as_bytes());
            ExitCode::from(status)
        }
        Err(failure) => {
            let _ = writeln!(anstream::stderr(), "{}", failure.said.say(language));
            ExitCode::from(failure.status)
        }
    }
}
