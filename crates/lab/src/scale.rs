//! How much is measured: enough in five minutes, or a first look in one.

use std::time::Duration;

/// The sizes of all experiments. What is bounded is bounded here.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub name: &'static str,
    /// How often everything is measured, server after server, before medians are taken.
    pub rounds: usize,
    /// How long one measurement takes.
    pub slice: Duration,
    /// How long a client may be silent in the timelines.
    pub timeout: u16,
    /// Requests a second, for latencies.
    pub rates: &'static [f64],
    /// Clients that do nothing.
    pub idle: &'static [usize],
    /// How many requests are traced.
    pub traced: usize,
}

/// The most connections of a load at a time.
pub const CONNECTIONS: usize = 64;
/// The connections on which large files are asked for, at a time.
pub const DOWNLOADS: usize = 16;
/// The most answers on short connections in one measurement.
pub const SHORT: u64 = 4_000;
/// The most clients of a server that takes a process or a thread for each: lessons 03 and 04 have 512 at a time.
pub const PROCESSES: usize = 500;
/// The clients under which a sheet is taken.
pub const CLIENTS: usize = 50;

/// At most five minutes.
pub const DEFAULT: Scale = Scale {
    name: "default",
    rounds: 5,
    slice: Duration::from_millis(300),
    timeout: 2,
    rates: &[500.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0],
    idle: &[0, 10, 100, 1_000, 10_000],
    traced: 50,
};

/// Less than a minute.
pub const QUICK: Scale = Scale {
    name: "quick",
    rounds: 3,
    slice: Duration::from_millis(100),
    timeout: 1,
    rates: &[500.0, 2_000.0, 8_000.0],
    idle: &[0, 10, 100, 1_000],
    traced: 10,
};
