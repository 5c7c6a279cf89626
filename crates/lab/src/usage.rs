//! What a server takes of the machine: processor time and memory, of all its processes together.

use std::fs;
use std::time::Duration;

use http_suite::process::Process;
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;

/// What a process and all its descendants hold at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// In user and kernel mode, with that of the threads and children which have ended.
    pub processor: Duration,
    /// In bytes, of their own: not files, and not what is only reserved.
    pub memory: u64,
    /// The server itself among them.
    pub processes: usize,
    /// Of all processes.
    pub threads: usize,
    /// Of all processes.
    pub descriptors: usize,
}

impl Usage {
    /// Of a server that was started here. `None` where there is no `/proc`, or no such process.
    pub fn of(pid: u32) -> Option<Usage> {
        let all = family(pid);
        let mut usage = Usage { processor: processor_time(pid)?, ..Usage::default() };
        for process in all {
            usage.memory += process.memory().unwrap_or(0);
            usage.processes += usize::from(!process.is_zombie());
            usage.threads += process.threads().unwrap_or(0);
            usage.descriptors += process.descriptors().unwrap_or(0);
        }
        Some(usage)
    }
}

/// The processor time of a server up to now.
///
/// The clock of a living process counts nanoseconds, its ended threads included. What children have used that are dead
/// and buried is only known to 10 ms, in all and not for each.
///
/// `None` where there is no `/proc`, or no such process: a part of it, without the children, would be a wrong figure.
pub fn processor_time(pid: u32) -> Option<Duration> {
    fs::metadata(format!("/proc/{pid}/stat")).ok()?;
    let times = family(pid).into_iter().filter_map(|process| Some(own_time(process)? + buried_time(process)));
    let total: Duration = times.sum();
    (!total.is_zero()).then_some(total)
}

/// A process and its descendants. All of `/proc` is read once: one of the servers has a thousand children.
fn family(pid: u32) -> Vec<Process> {
    let mut all = vec![Process(pid)];
    let parents = parents();
    let mut place = 0;
    while let Some(Process(parent)) = all.get(place).copied() {
        all.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| Process(*child)));
        place += 1;
    }
    all
}

/// Every process of this machine, with its parent.
fn parents() -> Vec<(u32, u32)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let parent = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some((pid, stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?))
    };
    entries.flatten().filter_map(|entry| parent(entry.file_name().to_str()?.parse().ok()?)).collect()
}

fn own_time(process: Process) -> Option<Duration> {
    let exact = || {
        let pid = Pid::from_raw(i32::try_from(process.0).ok()?);
        Some(Duration::from(clock_getcpuclockid(pid).ok()?.now().ok()?))
    };
    exact().filter(|time| !time.is_zero()).or_else(|| process.processor_time())
}

fn buried_time(process: Process) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.0)).unwrap_or_default();
    buried_ticks(&stat).map_or(Duration::ZERO, |ticks| Duration::from_millis(ticks * 10))
}

/// The fields `cutime` and `cstime` of proc(5), in hundredths of a second. The name before them may have blanks and
/// brackets.
fn buried_ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(13);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use load::own_processor_time;

    use super::*;

    #[test]
    fn the_time_of_dead_children_is_found_behind_a_name_of_any_kind() {
        let stat = "77 (a ) odd (name) S 1 77 77 0 -1 4194304 500 900 0 0 11 22 33 44 20 0 1 0 100 1000 50";
        assert_eq!(buried_ticks(stat), Some(77));
        assert_eq!(buried_ticks("nonsense"), None);
    }

    #[test]
    fn work_of_this_process_is_counted() {
        let pid = std::process::id();
        let before = processor_time(pid).expect("a process that lives");
        let own = own_processor_time();
        while own_processor_time() - own < Duration::from_millis(50) {}
        assert!(processor_time(pid).expect("a process that lives") - before >= Duration::from_millis(50));
    }

    #[test]
    fn there_is_no_usage_of_a_process_that_is_not_there() {
        assert_eq!(Usage::of(u32::MAX), None);
    }
}
