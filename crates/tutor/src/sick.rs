//! Sick servers: a server with one defect is started, its symptoms are told, and the learner finds out what it has.
//!
//! `sick.toml` has the patients: what an operator is told, hints, a choice of diagnoses with reasons, an explanation.
//! The servers are those of the suite (`tests/src/bin/mutant`), each with the case that finds it.

mod patient;
mod running;
mod show;
mod solved;

pub use patient::{Choice, Patient, patients};
pub use running::{Running, folder};
pub use show::{key, list, outcome, report};
pub use solved::Solved;
