//! What a person reads, in English and in Chinese, and why a command failed.

pub use http_suite::language::{Both, Language};

/// Why a command ends before its end, with the exit status of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was tried, on what, and why it failed.
    pub said: Both,
    /// 2 for what cannot be meant, 1 for what cannot be done or is not right.
    pub status: u8,
}

impl Failure {
    /// What was asked for cannot be meant: exit status 2.
    pub fn wrong(said: Both) -> Failure {
        Failure { said, status: 2 }
    }

    /// It cannot be done, or it is not right: exit status 1.
    pub fn failed(said: Both) -> Failure {
        Failure { said, status: 1 }
    }
}
