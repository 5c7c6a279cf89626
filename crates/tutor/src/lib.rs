//! The steps in which each lesson is reached from its parent.
//!
//! A lesson keeps its steps in `steps/`: `steps.toml` says what each is about and which cases of the suite turn green
//! by it, and `1-….patch`, `2-….patch`, … lead from the parent's `src` to the lesson's, byte for byte. The same steps
//! are shown, explained, built by learners and tested.
//!
//! The command `steps` stands on this library; what goes to a terminal, and what comes from the command line, is there.

pub mod cargo;
pub mod carry;
pub mod change;
pub mod check;
pub mod climb;
pub mod command_line;
pub mod course;
pub mod excerpt;
pub mod exercise;
pub mod git;
pub mod judge;
pub mod ladder;
pub mod language;
pub mod learners_case;
pub mod make;
pub mod names;
pub mod patch;
pub mod predict;
pub mod program;
pub mod progress;
pub mod series;
pub mod shape;
pub mod show;
pub mod sick;
pub mod solutions;
pub mod suite;
pub mod template;
pub mod terminal;
pub mod tree;
pub mod view;
mod words;
pub mod workspace;
pub mod wrap;

pub use http_suite::both;
