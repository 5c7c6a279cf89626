//! What a process shows of itself in `/proc`. Everything is `None` where there is no `/proc`, or no such process any
//! more.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::libc;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};

pub use crate::connections::{clients_held_at, waiting_for};

/// Waits for this to become true, and says whether it has. It is asked once more when the time has passed.
pub fn until(wait: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + wait;
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    condition()
}

/// Has this process, and every server that it starts, have as many descriptors as that, if the system lets it.
pub fn allow_descriptors(number: u64) -> bool {
    let limit = getrlimit(Resource::Nofile);
    // `None` is no limit.
    let short = |limit: Option<u64>| limit.is_some_and(|most| most < number);
    if short(limit.maximum) {
        return false;
    }
    !short(limit.current) || setrlimit(Resource::Nofile, Rlimit { current: Some(number), ..limit }).is_ok()
}

/// A process that is looked at from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process(pub u32);

/// A TCP socket of this machine that listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Where.
    pub address: SocketAddr,
    /// Its number in the kernel, which the descriptors that stand for it show too.
    inode: u64,
}

impl Listener {
    /// Whether a client that connects to this address comes to this listener. A wildcard address of IPv6 takes IPv4
    /// too, unless it was told otherwise, and that cannot be seen from here.
    pub fn serves(&self, address: SocketAddr) -> bool {
        let here = self.address.ip();
        let same = here.to_canonical() == address.ip().to_canonical();
        let wildcard = here.is_unspecified() && (here.is_ipv6() || address.is_ipv4());
        self.address.port() == address.port() && (same || wildcard)
    }
}

/// All listeners of this machine; `None` where there is no `/proc`.
pub fn listeners() -> Option<Vec<Listener>> {
    let mut found = listeners_in("/proc/self/net/tcp").ok()?;
    found.extend(listeners_in("/proc/self/net/tcp6").unwrap_or_default());
    Some(found)
}

/// The kernel lists what listens before all connections (`tcp_get_idx` in `tcp_ipv4.c`). Of those there may be tens of
/// thousands, so the rest is not read.
fn listeners_in(table: &str) -> io::Result<Vec<Listener>> {
    let lines = BufReader::new(File::open(table)?).lines().map_while(Result::ok);
    Ok(lines.skip(1).map_while(|line| listener(&line)).collect())
}

/// A line of `/proc/net/tcp`: the second column is where a socket is, the fourth its state (0A is LISTEN), the tenth
/// its inode; proc(5).
fn listener(line: &str) -> Option<Listener> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let [_, local, _, "0A", _, _, _, _, _, inode, ..] = columns[..] else { return None };
    let (ip, port) = local.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    // Each word of 32 bits is printed as a number of this machine.
    let words = ip.as_bytes().chunks(8).map(|word| u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok());
    let bytes: Vec<u8> = words.collect::<Option<Vec<u32>>>()?.into_iter().flat_map(u32::to_ne_bytes).collect();
    let ip: IpAddr = match <[u8; 16]>::try_from(bytes.as_slice()) {
        Ok(bytes) => Ipv6Addr::from(bytes).into(),
        Err(_) => Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into(),
    };
    Some(Listener { address: SocketAddr::new(ip, port), inode: inode.parse().ok()? })
}

/// Whether some process of this machine listens where a client that connects to this address comes to.
pub fn is_listened_on(address: SocketAddr) -> Option<bool> {
    Some(listeners()?.iter().any(|listener| listener.serves(address)))
}

/// Every process of this machine, with its parent.
fn parents() -> Vec<(Process, u32)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let processes = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Process));
    processes.filter_map(|process| Some((process, process.parent()?))).collect()
}

fn children_of(parent: Process, parents: &[(Process, u32)]) -> impl Iterator<Item = Process> {
    parents.iter().filter(move |(_, of)| *of == parent.0).map(|(process, _)| *process)
}

impl Process {
    fn file(self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.0))
    }

    /// Whether this machine has what the rest of this needs.
    pub fn can_be_seen() -> bool {
        fs::metadata("/proc/self/task").is_ok()
    }

    /// Its children, zombies included.
    pub fn children(self) -> Vec<Process> {
        children_of(self, &parents()).collect()
    }

    /// Its descendants, zombies included. All of `/proc` is read once: a server may have a thousand of them.
    pub fn descendants(self) -> Vec<Process> {
        let parents = parents();
        let mut found: Vec<Process> = children_of(self, &parents).collect();
        let mut looked_at = 0;
        while let Some(process) = found.get(looked_at).copied() {
            found.extend(children_of(process, &parents));
            looked_at += 1;
        }
        found
    }

    /// Its descendants that have not ended, and itself before them.
    pub fn family(self) -> Vec<Process> {
        let all = std::iter::once(self).chain(self.descendants());
        all.filter(|process| !process.has_ended()).collect()
    }

    /// Those of these listeners that it holds.
    pub fn held(self, listeners: &[Listener]) -> Vec<Listener> {
        let sockets: HashSet<String> = self.descriptor_kinds().unwrap_or_default().into_iter().collect();
        let holds = |listener: &&Listener| sockets.contains(&format!("socket:[{}]", listener.inode));
        listeners.iter().filter(holds).copied().collect()
    }

    fn parent(self) -> Option<u32> {
        self.stat(1)?.parse().ok()
    }

    /// Its process group.
    pub fn group(self) -> Option<u32> {
        self.stat(2)?.parse().ok()
    }

    /// Whether it is there no more, or is a zombie.
    pub fn has_ended(self) -> bool {
        self.stat(0).is_none_or(|state| state == "Z" || state == "X")
    }

    /// Sends it a signal, if it is still there.
    pub fn signal(self, signal: Signal) {
        if let Some(pid) = i32::try_from(self.0).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Whether it has ended and nobody has taken its exit status.
    pub fn is_zombie(self) -> bool {
        self.stat(0).is_some_and(|state| state == "Z")
    }

    /// How many threads it has.
    pub fn threads(self) -> Option<usize> {
        Some(self.tasks()?.len())
    }

    /// How many descriptors it has open.
    pub fn descriptors(self) -> Option<usize> {
        Some(fs::read_dir(self.file("fd")).ok()?.count())
    }

    /// How many descriptors each epoll instance of it and of its family watches (`tfd` in `/proc/PID/fdinfo`, see
    /// proc_pid_fdinfo(5)).
    pub fn watched(self) -> BTreeMap<(Process, String), usize> {
        let mut watched = BTreeMap::new();
        for process in self.family() {
            for entry in fs::read_dir(process.file("fd")).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if fs::read_link(entry.path()).is_ok_and(|kind| kind.as_os_str() == "anon_inode:[eventpoll]") {
                    let info = fs::read_to_string(process.file(&format!("fdinfo/{name}"))).unwrap_or_default();
                    watched.insert((process, name), info.lines().filter(|line| line.starts_with("tfd:")).count());
                }
            }
        }
        watched
    }

    /// What its descriptors are: `socket:[123]`, `anon_inode:[eventpoll]`, or a path.
    pub fn descriptor_kinds(self) -> Option<Vec<String>> {
        let entries = fs::read_dir(self.file("fd")).ok()?.flatten();
        Some(
            entries
                .filter_map(|entry| Some(fs::read_link(entry.path()).ok()?.to_string_lossy().into_owned()))
                .collect(),
        )
    }

    /// Memory of its own that is in use, in bytes (`RssAnon`): not files, and not what is only reserved.
    pub fn memory(self) -> Option<u64> {
        let status = fs::read_to_string(self.file("status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
    }

    /// Whether it ignores Ctrl-C (SIGINT), as what a shell starts in the background does, and all that is started from
    /// there.
    pub fn ignores_interrupts(self) -> bool {
        self.ignores(Signal::INT)
    }

    /// Whether it ignores this signal.
    pub fn ignores(self, signal: Signal) -> bool {
        let mask = || {
            let status = fs::read_to_string(self.file("status")).ok()?;
            let line =
                status.lines().find_map(|line| line.strip_prefix("SigIgn:").map(str::trim).map(str::to_owned))?;
            u64::from_str_radix(&line, 16).ok()
        };
        mask().is_some_and(|ignored| ignored & (1 << (signal.as_raw() - 1)) != 0)
    }

    /// Lets its user have no more processes and threads than there are, or as many as before: `false` if the system
    /// does not let us. Another process has to ask, since a superuser may lack the power (`CAP_SYS_RESOURCE`) that the
    /// owner does not need.
    pub fn allow_processes(self, allowed: bool) -> bool {
        let before = getrlimit(Resource::Nproc).current.map_or_else(|| "unlimited".into(), |most| most.to_string());
        let soft = if allowed { before } else { "0".into() };
        let mut command = Command::new("prlimit");
        command.args(["--pid", &self.0.to_string(), &format!("--nproc={soft}:")]).stderr(Stdio::null());
        if let Ok(owner) = fs::metadata(self.file("")) {
            command.uid(owner.uid()).gid(owner.gid());
        }
        command.status().is_ok_and(|status| status.success())
    }

    /// The processor time that it has used, in user and kernel mode, to 10 ms.
    pub fn processor_time(self) -> Option<Duration> {
        let ticks: u64 = self.stat(11)?.parse::<u64>().ok()? + self.stat(12)?.parse::<u64>().ok()?;
        // USER_HZ is 100 on every Linux that people use; proc(5).
        Some(Duration::from_millis(ticks * 10))
    }

    /// The processor time that all its threads have used, to the nanosecond (`schedstat`, see sched-stats.rst of the
    /// kernel). A thread that has ended is missing.
    pub fn exact_processor_time(self) -> Option<Duration> {
        self.scheduled(|used, _| used)
    }

    /// How long all its threads could have gone on, whether or not they were given a processor: on a busy machine too,
    /// that is all of the time for one that never waits. A thread that has ended is missing.
    pub fn runnable_time(self) -> Option<Duration> {
        self.scheduled(|used, queued| used + queued)
    }

    /// How long each thread of it and of its family has run, by the numbers of the threads.
    pub fn running_times(self) -> BTreeMap<i32, Duration> {
        let of_one = |process: Process| {
            let task = move |task| Some((task, process.schedule(task)?.0));
            process.tasks().unwrap_or_default().into_iter().filter_map(task)
        };
        self.family().into_iter().flat_map(of_one).collect()
    }

    /// Which thread of it and of its family has run longest since [`Process::running_times`] was this.
    pub fn busiest_since(self, before: &BTreeMap<i32, Duration>) -> Option<i32> {
        let since =
            |number: &i32, after: Duration| after.saturating_sub(before.get(number).copied().unwrap_or_default());
        let times = self.running_times().into_iter().map(|(number, after)| (since(&number, after), number));
        times.max().map(|(_, number)| number)
    }

    /// The sum over all threads of what `schedstat` says: time on a processor, and time in the queue for one.
    fn scheduled(self, of: fn(Duration, Duration) -> Duration) -> Option<Duration> {
        let times = self.tasks()?.into_iter().filter_map(|task| self.schedule(task));
        times.map(|(used, queued)| of(used, queued)).reduce(|sum, time| sum + time)
    }

    /// How long a thread has been on a processor, and in the queue for one.
    fn schedule(self, task: i32) -> Option<(Duration, Duration)> {
        let schedstat = fs::read_to_string(self.file(&format!("task/{task}/schedstat"))).ok()?;
        let mut words = schedstat.split_whitespace().map(|word| word.parse().ok().map(Duration::from_nanos));
        Some((words.next()??, words.next()??))
    }

    /// Whether all its threads wait for something, as far as can be seen.
    pub fn is_at_rest(self) -> bool {
        let waits = |task| {
            let stat = fs::read_to_string(self.file(&format!("task/{task}/stat")));
            stat.is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S')))
        };
        self.tasks().is_none_or(|tasks| tasks.into_iter().all(waits))
    }

    /// Which threads of it and of its family wait for bytes to come over a socket, each with the descriptor: in a read,
    /// that is, and not in a call that waits for several. `None` if this system does not tell (`/proc/PID/syscall`,
    /// see proc_pid_syscall(5)).
    pub fn reading(self) -> Option<BTreeSet<(i32, u64)>> {
        let mut reading = BTreeSet::new();
        for process in self.family() {
            for task in process.tasks().unwrap_or_default() {
                let call = match fs::read_to_string(process.file(&format!("task/{task}/syscall"))) {
                    // It has just ended.
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    call => call.ok()?,
                };
                reading.extend(process.socket_read_by(&call).map(|descriptor| (task, descriptor)));
            }
        }
        Some(reading)
    }

    /// The descriptor that this call reads from, if it is such a call and a socket. Number and arguments of a call, or
    /// `running`.
    fn socket_read_by(self, call: &str) -> Option<u64> {
        const READS: [i64; 4] = [libc::SYS_read, libc::SYS_readv, libc::SYS_recvfrom, libc::SYS_recvmsg];
        let mut words = call.split_whitespace();
        let number: i64 = words.next()?.parse().ok()?;
        let descriptor = u64::from_str_radix(words.next()?.trim_start_matches("0x"), 16).ok()?;
        let kind = fs::read_link(self.file(&format!("fd/{descriptor}"))).ok()?;
        (READS.contains(&number) && kind.to_string_lossy().starts_with("socket:")).then_some(descriptor)
    }

    /// The numbers of its threads.
    pub fn tasks(self) -> Option<Vec<i32>> {
        let entries = fs::read_dir(self.file("task")).ok()?.flatten();
        Some(entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
    }

    /// How often its threads have waited for something and gone on (voluntary context switches, see proc(5)).
    pub fn wake_ups(self) -> Option<u64> {
        let switches = |status: String| {
            let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:").map(str::trim))?;
            line.parse::<u64>().ok()
        };
        let status = |task| fs::read_to_string(self.file(&format!("task/{task}/status"))).ok();
        let counts = self.tasks()?.into_iter().filter_map(|task| switches(status(task)?));
        counts.reduce(|sum, count| sum + count)
    }

    /// A field of `/proc/PID/stat`, counted from behind the name, which may itself have blanks and brackets.
    fn stat(self, field: usize) -> Option<String> {
        let stat = fs::read_to_string(self.file("stat")).ok()?;
        let (_, rest) = stat.rsplit_once(") ")?;
        rest.split(' ').nth(field).map(str::to_owned)
    }
}
