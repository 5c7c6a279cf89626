//! A shell as `just shell` opens it for a reader: an interactive bash at a terminal of its own, into which blocks are
//! pasted.
//!
//! Where the system allows it, each is in a network of its own (network_namespaces(7)), in which nothing but the
//! loopback interface is up, so that many can have a server on port 7890 at the same time.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use http_suite::process::until;
use regex::Regex;
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, waitpid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::repository::Repository;

/// How long what a block has started may take to end, once the block has.
const ON_ITS_WAY: Duration = Duration::from_secs(2);
/// How often one looks whether something has happened.
const A_MOMENT: Duration = Duration::from_millis(10);

/// What a bash at a terminal says of jobs: `[1] 4701` and `[1]+  Terminated  lesson-01 --quiet`.
static OF_JOBS: LazyLock<Regex> = LazyLock::new(|| {
    let states = "Done|Running|Stopped|Terminated|Killed|Hangup|Exit [0-9]+|Broken pipe|Interrupt";
    Regex::new(&format!(r"(?m)^\[[0-9]+\](?: [0-9]+|[-+ ] +(?:{states})(?:\([^)]*\))?(?: .*)?)\n")).expect("a constant")
});

/// The first of these that works makes a network of its own; none may.
static NETWORK: LazyLock<Option<&[&str]>> = LazyLock::new(|| {
    let ways: [&[&str]; 2] = [&["--net"], &["--map-root-user", "--net"]];
    ways.into_iter().find(|options| {
        let mut command = Command::new("unshare");
        command
            .args(*options)
            .args(["bash", "-c", UP])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
});

const UP: &str = "ip link set lo up";

/// Whether each session has a network of its own. If not, one at a time has to have port 7890.
pub fn apart() -> bool {
    NETWORK.is_some()
}

/// An open shell.
pub struct Session {
    child: Child,
    terminal: File,
    /// What appeared on the terminal since the last block: prompts, and what was typed.
    screen: Arc<Mutex<Vec<u8>>>,
    /// Where the output of the blocks is kept.
    kept: tempfile::TempDir,
    pasted: usize,
    /// The shell itself, and what it runs in.
    own: Vec<Pid>,
    folder: PathBuf,
}

/// What came of a block.
#[derive(Debug)]
pub struct Came {
    /// Standard output and standard error, without what bash says of jobs.
    pub text: String,
    /// The exit status.
    pub status: i32,
    /// What it has left behind: processes, and ports at which somebody listens.
    pub left: Vec<String>,
}

impl Came {
    /// Whether bash did not find a program.
    pub fn lacks_a_program(&self) -> bool {
        self.status == 127 || self.text.contains(": command not found")
    }
}

impl Session {
    /// A new one, with programs from this folder.
    pub fn open(repository: &Repository, programs: &Path) -> Result<Session, String> {
        // What outlives its parent becomes our child, so that we can wait for its end.
        set_child_subreaper(Some(getpid())).map_err(|error| format!("cannot adopt processes: {error}"))?;
        let kept = tempfile::tempdir().map_err(|error| format!("cannot make a folder: {error}"))?;
        let no_terminal = |error| format!("cannot open a terminal: {error}");
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).map_err(no_terminal)?;
        grantpt(&master).and_then(|()| unlockpt(&master)).map_err(no_terminal)?;
        let name = ptsname(&master, Vec::new()).map_err(no_terminal)?;
        let end = || {
            let path = name.to_str().map_err(|error| format!("cannot open a terminal: {error}"))?;
            let file = File::options().read(true).write(true).open(path);
            file.map_err(|error| format!("cannot open {path}: {error}"))
        };
        let mut command = Command::new("setsid");
        command.arg("--ctty");
        let shell = repository.path("docs/shell");
        match *NETWORK {
            Some(options) => {
                let script = format!("{UP} && exec bash \"$0\"");
                command.arg("unshare").args(options).args(["bash", "-c", &script]).arg(shell)
            }
            None => command.arg("bash").arg(shell),
        };
        command.current_dir(kept.path()).stdin(end()?).stdout(end()?).stderr(end()?);
        environment(&mut command, kept.path(), programs);
        let child = command.spawn().map_err(|error| format!("cannot run setsid: {error}"))?;
        drop(command);
        let terminal = File::from(master);
        let screen = Arc::new(Mutex::new(Vec::new()));
        let mut source = terminal.try_clone().map_err(|error| format!("cannot read a terminal: {error}"))?;
        let shown = Arc::clone(&screen);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = source.read(&mut bytes) {
                if let Ok(mut shown) = shown.lock() {
                    shown.extend_from_slice(&bytes[..count]);
                }
            }
        });
        let mut session = Session { child, terminal, screen, kept, pasted: 0, own: Vec::new(), folder: PathBuf::new() };
        session.wait_for("(lessons) ")?;
        session.own = session.processes().into_keys().collect();
        session.type_in("pwd >\"$HOME/folder\"\r")?;
        session.folder = PathBuf::from(session.said("folder", Duration::from_secs(10))?.trim_end());
        Ok(session)
    }

    /// The folder in which the shell stands.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Pastes a block, as a terminal does, and waits for its end. Whatever it leaves running is ended.
    pub fn paste(&mut self, block: &str, patience: Duration) -> Result<Came, String> {
        self.pasted += 1;
        if let Ok(mut screen) = self.screen.lock() {
            screen.clear();
        }
        let number = self.pasted;
        // In braces it runs in this same shell, and only what it prints goes elsewhere.
        self.type_in("{\r")?;
        self.type_in(&format!("\x1b[200~{}\x1b[201~\r", block.trim_matches('\n')))?;
        self.type_in(&format!("}} >\"$HOME/printed-{number}\" 2>&1; echo $? >\"$HOME/status-{number}\"\r"))?;
        let status = self.said(&format!("status-{number}"), patience).map_err(|error| {
            let so_far = fs::read(self.kept.path().join(format!("printed-{number}"))).unwrap_or_default();
            format!("{error}; so far: {}\n{}", String::from_utf8_lossy(&so_far), self.on_screen())
        })?;
        let left = self.left();
        let printed = fs::read(self.kept.path().join(format!("printed-{number}")))
            .map_err(|error| format!("what it printed cannot be read: {error}"))?;
        let printed = String::from_utf8_lossy(&printed);
        Ok(Came {
            text: OF_JOBS.replace_all(&printed, "").into_owned(),
            status: status.trim().parse().map_err(|_| format!("its status is {status}"))?,
            left,
        })
    }

    fn type_in(&mut self, text: &str) -> Result<(), String> {
        self.terminal.write_all(text.as_bytes()).map_err(|error| format!("cannot type into the shell: {error}"))
    }

    /// Waits until the terminal shows this.
    fn wait_for(&mut self, text: &str) -> Result<(), String> {
        if until(Duration::from_secs(20), || self.on_screen().contains(text)) {
            return Ok(());
        }
        Err(format!("the shell does not open: {}", self.on_screen()))
    }

    fn on_screen(&self) -> String {
        self.screen.lock().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// What the shell has written into a file, once the line is whole.
    fn said(&mut self, file: &str, patience: Duration) -> Result<String, String> {
        let end = Instant::now() + patience;
        while Instant::now() < end {
            let text = fs::read_to_string(self.kept.path().join(file)).unwrap_or_default();
            if text.ends_with('\n') {
                return Ok(text);
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("it has ended the shell ({status})"));
            }
            if ["event not found", "bash: syntax error"].iter().any(|refusal| self.on_screen().contains(refusal)) {
                return Err("bash does not take it as it is pasted".to_owned());
            }
            thread::sleep(A_MOMENT);
        }
        Err(format!("it does not end within {} s", patience.as_secs()))
    }

    /// What still runs or listens, after a moment in which it may end; it is ended then.
    fn left(&self) -> Vec<String> {
        let end = Instant::now() + ON_ITS_WAY;
        loop {
            let mut left: Vec<String> = self.running().into_values().collect();
            left.extend(self.listening().into_iter().map(|port| format!("port {port}, at which somebody listens")));
            if left.is_empty() || Instant::now() > end {
                self.running().into_keys().for_each(end_process);
                return left;
            }
            thread::sleep(A_MOMENT);
        }
    }

    /// The processes of this terminal beside the shell.
    fn running(&self) -> HashMap<Pid, String> {
        self.processes().into_iter().filter(|(pid, _)| !self.own.contains(pid)).collect()
    }

    /// All processes of this terminal, each with its name; those that have ended do not count.
    fn processes(&self) -> HashMap<Pid, String> {
        let folders = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
        folders.filter_map(|folder| of_session(&folder.path(), self.child.id())).collect()
    }

    /// The ports at which somebody listens: of the book alone, where the network is not ours alone.
    fn listening(&self) -> Vec<u16> {
        let shell = self.child.id();
        let table = fs::read_to_string(format!("/proc/{shell}/net/tcp")).unwrap_or_default();
        let mut ports: Vec<u16> = table.lines().filter_map(port_of_listener).collect();
        ports.retain(|port| apart() || *port == 7890);
        ports
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The shell empties its folder.
        let _ = self.type_in("exit\r");
        until(ON_ITS_WAY, || !matches!(self.child.try_wait(), Ok(None)));
        self.processes().into_keys().for_each(end_process);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a reader's shell has, and nothing of this machine's owner.
fn environment(command: &mut Command, home: &Path, programs: &Path) {
    let variable = |name: &str| std::env::var_os(name);
    let owner = variable("HOME").map(PathBuf::from).unwrap_or_default();
    command.env_clear().env("HOME", home).env("TERM", "xterm").env("HISTFILE", "/dev/null");
    command
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .env("CARGO_NET_OFFLINE", "true")
        .env("PATH", variable("PATH").unwrap_or_default());
    for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        command.env(name, variable(name).unwrap_or_else(|| owner.join(folder).into_os_string()));
    }
    if let Some(target) = programs.parent() {
        command.env("CARGO_TARGET_DIR", target);
    }
}

/// A process, if it belongs to this session and has not ended: proc_pid_stat(5).
fn of_session(folder: &Path, session: u32) -> Option<(Pid, String)> {
    let pid = Pid::from_raw(folder.file_name()?.to_str()?.parse().ok()?)?;
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    let (before, after) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = after.split(' ').collect();
    let is_of_it = fields.get(3)?.parse() == Ok(session) && !matches!(fields[0], "Z" | "X");
    is_of_it.then(|| (pid, format!("process {}", before.split_once('(').map_or(before, |(_, name)| name))))
}

/// The port of a line of /proc/net/tcp whose socket listens: proc_pid_net(5).
fn port_of_listener(line: &str) -> Option<u16> {
    let mut fields = line.split_whitespace().skip(1);
    let (_, port) = fields.next()?.split_once(':')?;
    let state = fields.nth(1)?;
    (state == "0A").then(|| u16::from_str_radix(port, 16).ok()).flatten()
}

fn end_process(pid: Pid) {
    let _ = kill_process(pid, Signal::KILL);
    // It is ours only if its parent has ended before it.
    until(ON_ITS_WAY, || !matches!(waitpid(Some(pid), WaitOptions::NOHANG), Ok(None)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bash_says_of_jobs_is_no_output() {
        let text = "[1] 4701\none\n[1]+  Terminated              lesson-01 --quiet\n[2]-  Exit 1                  nc -z 127.0.0.1 1\n\
                    [3]   Done                    echo a\n[1]+  Terminated              lesson-02 2> log  (wd: ~/a)\n[1] is an index\n\
                    [2]+  Killed: 9(core dumped) x\n";
        assert_eq!(OF_JOBS.replace_all(text, ""), "one\n[1] is an index\n[2]+  Killed: 9(core dumped) x\n");
    }

    #[test]
    fn a_listener_is_found_by_its_state() {
        let line = "   0: 0100007F:1ED2 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1";
        assert_eq!(port_of_listener(line), Some(7890));
        assert_eq!(port_of_listener(&line.replace(" 0A ", " 01 ")), None);
        assert_eq!(port_of_listener("  sl  local_address rem_address   st tx_queue rx_queue"), None);
    }
}
