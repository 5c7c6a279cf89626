//! The experiments, each with what it asks.

mod calls;
mod cost;
mod idle;
mod large;
mod latency;
mod sheet;
mod waits;

pub use large::files;
#[cfg(test)]
pub use waits::lanes;

use std::time::Duration;

use load::Stop;

use crate::contender::Contender;
use crate::lab::Lab;
use crate::references::FLOOR;
use crate::scale::Scale;

/// One question to all servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Experiment {
    /// Who waits for whom
    Waits,
    /// Cost of a request
    Cost,
    /// Idle clients
    Idle,
    /// Large files
    Large,
    /// Latency under load
    Latency,
    /// System calls of a request
    Calls,
    /// A sheet for each lesson
    Sheet,
}

impl Experiment {
    /// In the order in which they run, and stand in the report.
    pub const ALL: [Experiment; 7] = [
        Experiment::Waits,
        Experiment::Cost,
        Experiment::Idle,
        Experiment::Large,
        Experiment::Latency,
        Experiment::Calls,
        Experiment::Sheet,
    ];

    /// In remarks, and in addresses within the report.
    pub fn name(self) -> &'static str {
        match self {
            Experiment::Waits => "waits",
            Experiment::Cost => "cost",
            Experiment::Idle => "idle",
            Experiment::Large => "large",
            Experiment::Latency => "latency",
            Experiment::Calls => "calls",
            Experiment::Sheet => "sheet",
        }
    }

    /// Above its table.
    pub fn title(self) -> &'static str {
        match self {
            Experiment::Waits => "Who waits for whom",
            Experiment::Cost => "Cost of a request",
            Experiment::Idle => "Idle clients",
            Experiment::Large => "Large files",
            Experiment::Latency => "Latency under load",
            Experiment::Calls => "System calls of a request",
            Experiment::Sheet => "A sheet for each lesson",
        }
    }

    /// Whether this server takes part. One that keeps files open is another server only where a small file is asked
    /// for.
    pub fn takes(self, contender: &Contender) -> bool {
        match self {
            Experiment::Cost | Experiment::Calls => true,
            Experiment::Latency => !contender.keeps_files,
            Experiment::Waits | Experiment::Idle => !contender.keeps_files && contender.name != FLOOR,
            Experiment::Large => !contender.keeps_files && contender.has_files,
            Experiment::Sheet => !contender.keeps_files && contender.stage.is_some(),
        }
    }

    /// How long it should take for so many servers.
    pub fn planned(self, scale: &Scale, servers: usize) -> Duration {
        match self {
            Experiment::Waits => waits::planned(scale),
            Experiment::Cost => cost::planned(scale, servers),
            Experiment::Idle => idle::planned(scale, servers),
            Experiment::Large => large::planned(scale, servers),
            Experiment::Latency => latency::planned(scale, servers),
            Experiment::Calls => calls::planned(servers),
            Experiment::Sheet => sheet::planned(servers),
        }
    }

    /// Adds to the record what it finds. What fails for one server is remarked there.
    pub fn run(self, lab: &mut Lab) -> Result<(), Stop> {
        match self {
            Experiment::Waits => waits::run(lab),
            Experiment::Cost => cost::run(lab),
            Experiment::Idle => idle::run(lab),
            Experiment::Large => large::run(lab),
            Experiment::Latency => latency::run(lab),
            Experiment::Calls => calls::run(lab),
            Experiment::Sheet => sheet::run(lab),
        }
    }
}

/// What is said where a server's processes cannot be seen.
const UNSEEN: &str =
    "the server was not started here, or there is no /proc: its processor time and memory are not to be seen";
