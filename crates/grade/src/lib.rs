//! A class graded by the suite: each submission is built and run within limits, and the report of `check` on it becomes
//! points, in the formats that courses use.
//!
//! - [`report`] reads what `check --format json` and `--format jsonl` write.
//! - [`points`] says what a case is worth, and [`grade`] what a submission has earned.
//! - [`formats`] writes that down: text, CSV, JUnit XML, Gradescope, GitHub.
//! - [`classroom`] goes over a folder of submissions, with [`submission`], [`confine`], [`runner`] and [`likeness`];
//!   [`pages`] shows what came of it.
//!
//! `README.md` has the commands.

pub mod classroom;
pub mod confine;
pub mod formats;
pub mod grade;
pub mod likeness;
pub mod pages;
pub mod points;
pub mod report;
pub mod runner;
pub mod submission;
