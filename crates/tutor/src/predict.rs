//! The questions that each chapter asks before it answers them, and the measurements that answer them.
//!
//! `predictions.toml` has the questions, in both languages, each with the name of a measurement. What is measured is a
//! server of this course or the kernel itself, here and now: a count wherever that is possible, and not a time.

pub mod answer;
pub mod book;
pub mod journal;
pub mod measure;
pub mod program;
pub mod question;
mod stand;

pub use answer::{Answer, Verdict};
pub use measure::{Bench, Unseen, Value};
pub use question::{Kind, Question, Questions};
