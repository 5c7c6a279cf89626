//! What an HTTP/1.1 server of static files owes its clients, as cases: for the lessons of this course, and for any
//! server in any language.
//!
//! - A [`Case`] is one behaviour: a name, why it matters, and a small function that sends raw bytes and looks at what
//!   comes back. The cases are in [`cases`], a file for each group.
//! - The table of [`stages`] says of each case which lessons pass it, and which cannot yet, with the symptom that shows
//!   it.
//! - A [`Subject`] is the server under test. [`run_case`] gives each case a server of its own, so that no case suffers
//!   from what another did.
//!
//! `tests/README.md` says how to add a case.

pub mod agreed;
mod alive;
mod answer;
pub mod called;
mod case;
pub mod cases;
mod client;
mod command_line;
mod connections;
pub mod example;
mod held;
mod house;
pub mod keep;
pub mod language;
mod lessons;
mod order;
pub mod process;
mod report;
mod run;
#[cfg(target_os = "linux")]
pub mod seized;
mod server;
pub mod site;
pub mod stages;
pub mod table;
mod topics;
pub mod tracer;
mod transcript;
mod trial;
mod turns;

pub use alive::{see_alive, served_site};
pub use answer::Answer;
pub use case::{Case, Cause, Group, Outcome, Probe, Stop, Then};
pub use client::{Client, all_answered};
pub use held::Held;
pub use house::SharedHouse;
pub use language::{Both, Language};
pub use lessons::test_lesson;
pub use order::{needs, rank};
pub use report::Account;
pub use run::{Examined, Verdict, examine, run_case, run_own_case, try_case};
pub use server::{Server, Setup, Subject, Terms};
pub use stages::{Mark, Stage, Symptom};
pub use transcript::visible;
pub use trial::{Trial, get};
pub use turns::{Turns, mostly_waits};

use std::time::Duration;

/// How long a server that does its work may take for anything. Long, because a machine may be busy; no case that passes
/// waits for it to pass.
pub const PATIENT: Duration = Duration::from_secs(10);

/// How long to wait for what is declared not to come. Short: the wait is the price of every proved limit.
pub const IMPATIENT: Duration = Duration::from_millis(700);
