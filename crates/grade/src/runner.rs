//! A command that is watched: it ends in time, takes no more memory, processes and disk than it may, and leaves nothing
//! behind.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use http_suite::keep::KEEP_SERVER;
use http_suite::process::Process;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

/// How many times the memory of one process all of them may have in use together.
pub const TOGETHER: u64 = 4;
/// How often a command is looked at.
const TICK: Duration = Duration::from_millis(100);
/// How many ticks are between two measurements of its folder.
const FOLDER_TICKS: u32 = 10;
/// How much is kept of what it says, in bytes: the end of it.
const SAID: usize = 16 * 1024;

/// Whether this program is about to end: then nothing is started any more, and nothing is taken for a result.
pub static STOPPING: AtomicBool = AtomicBool::new(false);

/// A command and its bounds.
pub struct Job<'a> {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Where it runs.
    pub folder: &'a Path,
    /// All of its environment.
    pub environment: &'a [(String, String)],
    /// The file for its standard output; without one that is kept with what it says on standard error.
    pub output: Option<File>,
    /// How long it may take.
    pub time: Duration,
    /// How much memory each of its processes may have in use, in bytes (`RssAnon`); all together [`TOGETHER`] times as
    /// much, since the suite starts several servers at a time.
    pub memory: u64,
    /// How many processes it may have before it is said to have met that limit.
    pub processes: u64,
    /// A folder, and how many bytes it may come to hold.
    pub disk: (&'a Path, u64),
    /// Programs of ours that run among its processes, and are not the student's.
    pub ours: &'a [PathBuf],
    /// The user as whom it runs, if that is another: then the connections that it opens can be told from those of its
    /// clients.
    pub user: Option<u32>,
}

/// How a command has ended.
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// The end of what it has said.
    pub said: String,
    /// The bounds that it has met.
    pub met: BTreeSet<Bound>,
    /// Where its processes were connected to as clients.
    pub connections: Vec<String>,
}

/// A bound that a command can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// It took too long, and was ended.
    Time,
    /// One of its processes, or all together, took too much memory: the largest was killed.
    Memory,
    /// It had as many processes as it may.
    Processes,
    /// It wrote too much, and was ended.
    Disk,
}

/// Runs it to its end.
///
/// # Errors
///
/// If it cannot be started, or this program is about to end.
pub fn run(job: Job<'_>) -> io::Result<Ended> {
    let mut child = start(&job)?;
    let said = Arc::new(Mutex::new(Vec::new()));
    let out = child.stdout.take().map(|out| keep_end(out, &said));
    let err = child.stderr.take().map(|err| keep_end(err, &said));
    let mut watch = Watch { met: BTreeSet::new(), is_over: false, connections: BTreeSet::new() };
    let status = watch.until_end(&job, &mut child)?;
    for reader in [out, err].into_iter().flatten() {
        let _ = reader.join();
    }
    if STOPPING.load(Ordering::Relaxed) {
        return Err(io::Error::other("this program is about to end"));
    }
    let said = said.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Ended {
        status,
        said: String::from_utf8_lossy(&said).into_owned(),
        met: watch.met,
        connections: watch.connections.into_iter().collect(),
    })
}

/// Below a keeper, so that whatever it starts ends with it, and it with this program.
fn start(job: &Job<'_>) -> io::Result<Child> {
    if STOPPING.load(Ordering::Relaxed) {
        return Err(io::Error::other("this program is about to end"));
    }
    let mut command = Command::new(http_suite::keep::this_program()?);
    command.arg(KEEP_SERVER).args(&job.words).process_group(0).current_dir(job.folder);
    command.env_clear().envs(job.environment.iter().map(|(name, value)| (name, value)));
    let output = match &job.output {
        Some(file) => file.try_clone()?.into(),
        None => Stdio::piped(),
    };
    command.stdin(Stdio::piped()).stdout(output).stderr(Stdio::piped()).spawn()
}

/// Reads all that comes, so that nobody waits, and keeps the end.
fn keep_end(mut from: impl Read + Send + 'static, said: &Arc<Mutex<Vec<u8>>>) -> thread::JoinHandle<()> {
    let said = Arc::clone(said);
    thread::spawn(move || {
        let mut piece = [0; 8192];
        while let Ok(length @ 1..) = from.read(&mut piece) {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.extend_from_slice(&piece[..length]);
            let excess = said.len().saturating_sub(SAID);
            said.drain(..excess);
        }
    })
}

struct Watch {
    met: BTreeSet<Bound>,
    /// Whether it has so many processes that it has to end.
    is_over: bool,
    connections: BTreeSet<String>,
}

impl Watch {
    fn until_end(&mut self, job: &Job<'_>, child: &mut Child) -> io::Result<ExitStatus> {
        let start = Instant::now();
        let mut ticks: u32 = 0;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if start.elapsed() > job.time {
                self.met.insert(Bound::Time);
            }
            if ticks % FOLDER_TICKS == FOLDER_TICKS - 1 && size(job.disk.0) > job.disk.1 {
                self.met.insert(Bound::Disk);
            }
            if self.is_over || self.met.contains(&Bound::Time) || self.met.contains(&Bound::Disk) {
                // At once, the suite before the server: else it would go on to report of a server that is being ended.
                let keeper = Process(child.id());
                keeper.family().iter().filter(|other| **other != keeper).for_each(|other| other.signal(Signal::KILL));
                // The keeper ends all else that is below it when this closes.
                drop(child.stdin.take());
                return child.wait();
            }
            self.look(job, Process(child.id()));
            ticks = ticks.wrapping_add(1);
            thread::sleep(TICK);
        }
    }

    fn look(&mut self, job: &Job<'_>, keeper: Process) {
        let mut family = keeper.family();
        let is_ours = |process: &Process| {
            let program = fs::read_link(format!("/proc/{}/exe", process.0));
            *process == keeper || program.is_ok_and(|program| job.ours.contains(&program))
        };
        let inner = family.iter().copied().find(|process| process != &keeper);
        family.retain(|process| !is_ours(process));
        let count = family.len() as u64;
        if count >= job.processes {
            self.met.insert(Bound::Processes);
        }
        // The system's own limit does not bind the superuser.
        self.is_over |= count > 2 * job.processes;
        let used: Vec<(u64, Process)> =
            family.iter().map(|process| (process.memory().unwrap_or_default(), *process)).collect();
        let all: u64 = used.iter().map(|(bytes, _)| bytes).sum();
        if let Some((bytes, largest)) = used.iter().max()
            && (*bytes > job.memory || all > job.memory * TOGETHER)
        {
            self.met.insert(Bound::Memory);
            largest.signal(Signal::KILL);
        }
        if let (Some(user), Some(inner)) = (job.user, inner) {
            self.connections.extend(opened(inner, user).into_iter().take(4));
        }
    }
}

/// How many bytes the files of a folder take up.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let of_one = |entry: fs::DirEntry| match entry.metadata() {
        Ok(data) if data.is_dir() => size(&entry.path()),
        Ok(data) => data.blocks() * 512,
        Err(_) => 0,
    };
    entries.map(of_one).sum()
}

/// Where processes of this user are connected to as clients, in the network that this process sees: to an address that
/// is not of this machine, or to a listener of the same user.
fn opened(process: Process, user: u32) -> Vec<String> {
    let tables = ["tcp", "tcp6"].map(|table| fs::read_to_string(format!("/proc/{}/net/{table}", process.0)));
    let sockets: Vec<Socket> = tables.iter().flatten().flat_map(|table| table.lines().filter_map(socket)).collect();
    clients_among(&sockets, user)
}

fn clients_among(sockets: &[Socket], user: u32) -> Vec<String> {
    /// Of `include/net/tcp_states.h`: established, and on the way to that.
    const CONNECTED: [u8; 2] = [0x01, 0x02];
    const LISTEN: u8 = 0x0A;
    let listens = |port: u16| sockets.iter().any(|s| s.state == LISTEN && s.user == user && s.local.port() == port);
    let is_client = |socket: &&Socket| {
        let is_elsewhere = !socket.remote.ip().to_canonical().is_loopback();
        let is_own = socket.user == user && CONNECTED.contains(&socket.state);
        // What comes from a listener has its port.
        is_own && !listens(socket.local.port()) && (is_elsewhere || listens(socket.remote.port()))
    };
    sockets.iter().filter(is_client).map(|socket| socket.remote.to_string()).collect()
}

/// A line of `/proc/net/tcp`; proc(5).
#[derive(Clone, Copy, Debug)]
struct Socket {
    local: SocketAddr,
    remote: SocketAddr,
    state: u8,
    user: u32,
}

fn socket(line: &str) -> Option<Socket> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let [_, local, remote, state, _, _, _, user, ..] = columns[..] else { return None };
    Some(Socket {
        local: address(local)?,
        remote: address(remote)?,
        state: u8::from_str_radix(state, 16).ok()?,
        user: user.parse().ok()?,
    })
}

/// Each word of 32 bits is printed as a number of this machine.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let words = ip.as_bytes().chunks(8).map(|word| u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok());
    let bytes: Vec<u8> = words.collect::<Option<Vec<u32>>>()?.into_iter().flat_map(u32::to_ne_bytes).collect();
    let ip: IpAddr = match <[u8; 16]>::try_from(bytes.as_slice()) {
        Ok(bytes) => Ipv6Addr::from(bytes).into(),
        Err(_) => Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into(),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(local: &str, remote: &str, state: &str, user: u32) -> Socket {
        socket(&format!("0: {local} {remote} {state} 0:0 0:0 0 {user} 0 1 1")).expect("a line of the table")
    }

    #[test]
    fn only_what_it_opens_itself_is_a_connection_of_its_own() {
        let listener = line("0100007F:1F90", "00000000:0000", "0A", 61_184);
        let served = line("0100007F:1F90", "0100007F:D431", "01", 61_184);
        let client_of_the_suite = line("0100007F:D431", "0100007F:1F90", "01", 0);
        assert_eq!(clients_among(&[listener, served, client_of_the_suite], 61_184), Vec::<String>::new());
        let hidden = line("0100007F:2328", "00000000:0000", "0A", 61_184);
        let forwarded = line("0100007F:D500", "0100007F:2328", "01", 61_184);
        assert_eq!(clients_among(&[listener, served, hidden, forwarded], 61_184), ["127.0.0.1:9000"]);
        let abroad = line("0100000A:D500", "08080808:0050", "02", 61_184);
        assert_eq!(clients_among(&[listener, abroad], 61_184), ["8.8.8.8:80"]);
        // Somebody else's.
        assert_eq!(clients_among(&[abroad], 61_185), Vec::<String>::new());
    }
}
