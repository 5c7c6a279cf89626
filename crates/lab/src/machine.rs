//! The machine: what it is, and what it allows.

use std::fs;
use std::time::Duration;

use http_suite::process::Process;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

/// Descriptors that are needed besides those for clients.
const RESERVE: u64 = 128;

/// What a figure depends on, and is therefore told with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    /// In bytes.
    pub memory: u64,
    /// The name and the release of the kernel.
    pub system: String,
    /// How many descriptors a process may have (`ulimit -n`), after it was raised as far as it goes.
    pub descriptors: u64,
    /// How many ports there are for clients of one server.
    pub ports: u64,
    /// How much had to be done in the minute before, in cores.
    pub load: f64,
    /// Whether there is a `/proc` that shows processes.
    pub proc: bool,
}

impl Machine {
    /// This one. Raises the limit on descriptors, for this process and for the servers that it starts.
    pub fn here() -> Machine {
        let cpuinfo = read("/proc/cpuinfo");
        let release = read("/proc/sys/kernel/osrelease");
        Machine {
            processor: value(&cpuinfo, "model name").or(value(&cpuinfo, "Hardware")).unwrap_or("unknown").to_owned(),
            cores: std::thread::available_parallelism().map_or(1, Into::into),
            memory: value(&read("/proc/meminfo"), "MemTotal").and_then(first_number).unwrap_or(0) * 1024,
            system: format!("{} {}", std::env::consts::OS, release.trim()).trim().to_owned(),
            descriptors: raise_descriptors(),
            ports: ports(&read("/proc/sys/net/ipv4/ip_local_port_range")),
            load: read("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
            proc: Process::can_be_seen(),
        }
    }

    /// How many clients can be held at a time by one process, and be served by another.
    pub fn most_clients(&self) -> usize {
        let most = self.descriptors.saturating_sub(RESERVE).min(self.ports.saturating_sub(RESERVE));
        usize::try_from(most).unwrap_or(usize::MAX)
    }

    /// Whether it has so much else to do that figures suffer.
    pub fn is_busy(&self) -> bool {
        self.load > self.cores as f64 * 0.5
    }

    /// In a line.
    pub fn describe(&self) -> String {
        let Machine { processor, cores, system, descriptors, ports, load, .. } = self;
        let memory = self.memory as f64 / f64::from(1 << 30);
        format!(
            "{processor}, {cores} cores, {memory:.0} GiB, {system}; {descriptors} descriptors, {ports} ports, load {load:.2}"
        )
    }
}

/// How long a server may take to come to rest after its clients have come.
pub const SETTLING: Duration = Duration::from_millis(120);

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Of `name : value`.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim())
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

fn ports(range: &str) -> u64 {
    let mut bounds = range.split_whitespace().filter_map(|bound| bound.parse::<u64>().ok());
    match (bounds.next(), bounds.next()) {
        (Some(first), Some(last)) => (last + 1).saturating_sub(first),
        // The range that is set aside for this (RFC 6335, section 6).
        _ => 16_384,
    }
}

fn raise_descriptors() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: maximum, maximum };
    if setrlimit(Resource::Nofile, wanted).is_ok() {
        return maximum.unwrap_or(u64::MAX);
    }
    current.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_writes_is_read() {
        assert_eq!(value("a : b\nmodel name\t: Good One \n", "model name"), Some("Good One"));
        assert_eq!(value("MemTotal:   100 kB\n", "MemTotal").and_then(first_number), Some(100));
        assert_eq!(ports("32768\t60999\n"), 28_232);
        assert_eq!(ports(""), 16_384);
    }

    #[test]
    fn clients_are_bounded_by_descriptors_and_by_ports() {
        let machine = Machine { descriptors: 1024, ports: 28_232, ..Machine::default() };
        assert_eq!(machine.most_clients(), 896);
        let machine = Machine { descriptors: 1_000_000, ports: 28_232, ..Machine::default() };
        assert_eq!(machine.most_clients(), 28_104);
        assert_eq!(Machine::default().most_clients(), 0);
    }
}
