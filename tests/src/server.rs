//! The server under test: started for each case, or already there.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set};

use crate::PATIENT;
use crate::site::Site;

/// What is tested.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A command that is started for each case, and stopped after it. `{port}` in it stands for a free port, `{root}`
    /// for the document root, `{patience}` for how many seconds a client may be silent. A server that takes port 0 may
    /// instead print `listening on http://ADDRESS:PORT` on its standard output.
    Command {
        /// The program and its arguments.
        words: Vec<String>,
        /// How long a client may be silent, if the command has no `{patience}`.
        patience: Duration,
    },
    /// A server that is there already. What only its process can show is not looked at.
    Running {
        /// Where it listens.
        address: SocketAddr,
        /// How long a client may be silent.
        patience: Duration,
    },
}

/// How a server is to be started, where a case needs it otherwise than usual.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// How many seconds a client may be silent (`{patience}`).
    pub patience: Option<u16>,
    /// How many descriptors the server may have (`RLIMIT_NOFILE`).
    pub descriptors: Option<u32>,
    /// Take from the superuser what lets him read everything, so that a file can be unreadable.
    pub unprivileged: bool,
    /// This port, not just any.
    pub port: Option<u16>,
    /// More words behind the command.
    pub arguments: Vec<String>,
}

/// One running server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    patience: Duration,
    child: Option<Child>,
    said: Arc<Mutex<Vec<u8>>>,
}

impl Subject {
    /// A lesson, by the path of its program.
    pub fn lesson(program: &str, has_root: bool) -> Subject {
        let mut words = vec![program, "--port", "{port-or-0}", "--patience", "{patience}"];
        if has_root {
            words.extend(["--root", "{root}"]);
        }
        Subject::Command { words: words.into_iter().map(str::to_owned).collect(), patience: PATIENT }
    }

    /// A server of its own for the next case.
    pub fn start(&self, site: &Site, setup: &Setup) -> Result<Server, String> {
        match self {
            Subject::Running { address, patience } => {
                Ok(Server { address: *address, patience: *patience, child: None, said: Arc::default() })
            }
            Subject::Command { words, patience } => start(words, *patience, site, setup),
        }
    }

    /// Whether a case can have the server started as it needs it.
    pub fn can_start(&self) -> bool {
        matches!(self, Subject::Command { .. })
    }
}

fn start(words: &[String], stated: Duration, site: &Site, setup: &Setup) -> Result<Server, String> {
    let patience = match setup.patience {
        Some(seconds) if words.iter().any(|word| word.contains("{patience}")) => Duration::from_secs(seconds.into()),
        _ => stated,
    };
    let chosen = setup.port.map_or_else(free_port, Ok).map_err(|error| format!("no free port: {error}"))?;
    let fill = |word: &String| {
        word.replace("{port-or-0}", &setup.port.unwrap_or(0).to_string())
            .replace("{port}", &chosen.to_string())
            .replace("{root}", &site.root().to_string_lossy())
            .replace("{patience}", &patience.as_secs().to_string())
    };
    let mut filled: Vec<String> = words.iter().map(fill).collect();
    filled.extend_from_slice(&setup.arguments);
    if let Some(most) = setup.descriptors {
        let limit = ["sh", "-c", "ulimit -n \"$0\" && exec \"$@\"", &most.to_string()].map(str::to_owned);
        filled.splice(0..0, limit);
    }

    let mut command = Command::new(&filled[0]);
    command.args(&filled[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child =
        spawn(command, setup.unprivileged).map_err(|error| format!("cannot start {}: {error}", filled[0]))?;

    let (tell, told) = mpsc::channel();
    let said = Arc::new(Mutex::new(Vec::new()));
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("listening on http://").and_then(|text| text.parse().ok()) {
                    let _ = tell.send(address);
                }
            }
        });
    }
    if let Some(stderr) = child.stderr.take() {
        let said = Arc::clone(&said);
        thread::spawn(move || keep_the_end(stderr, &said));
    }

    let takes_port = words.iter().any(|word| word.contains("{port}"));
    let guess = takes_port.then_some(SocketAddr::from(([127, 0, 0, 1], chosen)));
    let mut server = Server { address: SocketAddr::from(([127, 0, 0, 1], 0)), patience, child: Some(child), said };
    server.address = server.await_address(&told, guess)?;
    Ok(server)
}

/// The bounding set belongs to the thread, so this one is thrown away after.
fn spawn(mut command: Command, unprivileged: bool) -> std::io::Result<Child> {
    if !unprivileged {
        return command.spawn();
    }
    let spawner = thread::spawn(move || {
        for capability in [CapabilitySet::DAC_OVERRIDE, CapabilitySet::DAC_READ_SEARCH] {
            // Fails for those who have no such power to lose.
            let _ = remove_capability_from_bounding_set(capability);
        }
        command.spawn()
    });
    spawner.join().unwrap_or_else(|_| Err(std::io::Error::other("the thread that starts servers panicked")))
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// What a server says on standard error, the last few thousand bytes of it.
fn keep_the_end(mut from: impl Read, said: &Mutex<Vec<u8>>) {
    const MOST: usize = 4096;
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        let Ok(mut said) = said.lock() else { return };
        said.extend_from_slice(&piece[..length]);
        let excess = said.len().saturating_sub(MOST);
        said.drain(..excess);
    }
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How long a client may be silent before this server drops it.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Its process, if it was started here.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// The last of what it said on standard error.
    pub fn said(&self) -> String {
        self.said.lock().map(|said| String::from_utf8_lossy(&said).into_owned()).unwrap_or_default()
    }

    /// Sends a signal and waits for the end: `true` if it came.
    pub fn stop_by(&mut self, signal: Signal) -> bool {
        let Some(child) = &mut self.child else { return false };
        if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
        let deadline = Instant::now() + PATIENT;
        while Instant::now() < deadline {
            if matches!(child.try_wait(), Ok(Some(_))) {
                self.child = None;
                return true;
            }
            thread::sleep(Duration::from_millis(2));
        }
        false
    }

    fn await_address(
        &mut self,
        told: &mpsc::Receiver<SocketAddr>,
        guess: Option<SocketAddr>,
    ) -> Result<SocketAddr, String> {
        let deadline = Instant::now() + PATIENT;
        while Instant::now() < deadline {
            if let Ok(address) = told.recv_timeout(Duration::from_millis(5)) {
                return Ok(address);
            }
            if let Some(address) = guess.filter(|address| TcpStream::connect(address).is_ok()) {
                return Ok(address);
            }
            if let Some(child) = &mut self.child
                && let Ok(Some(status)) = child.try_wait()
            {
                // Its last words may still be on their way.
                thread::sleep(Duration::from_millis(20));
                return Err(format!("the server ended at once ({status}): {}", self.said().trim()));
            }
        }
        Err(format!("the server does not listen after {} s: {}", PATIENT.as_secs(), self.said().trim()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.is_some() && !self.stop_by(Signal::TERM) {
            self.stop_by(Signal::KILL);
        }
    }
}
