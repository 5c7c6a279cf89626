//! What a check has to say.

use std::fmt;

/// Something that is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// From the root of the repository.
    pub file: String,
    /// The id of the heading; empty where the file as a whole is meant.
    pub section: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// In a section of a file.
    pub fn new(
        file: impl Into<String>,
        section: impl Into<String>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Problem {
        Problem { file: file.into(), section: section.into(), what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.section.is_empty() { "" } else { "#" };
        write!(f, "{}{mark}{}: {}\n    {}", self.file, self.section, self.what, self.remedy)
    }
}

/// All of them, one below the other.
pub fn list(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

/// For a test: nothing may be wrong.
///
/// # Panics
///
/// With the list, if there is anything in it.
pub fn expect_none(problems: &[Problem]) {
    assert!(problems.is_empty(), "\n\n{}\n{} in all\n", list(problems), problems.len());
}
