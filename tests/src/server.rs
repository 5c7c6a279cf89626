//! The server under test: started for each case, or already there.

use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionread;
use rustix::process::{Pid, Signal, geteuid, kill_process_group};
use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set};
use socket2::{Domain, Socket, Type};

use crate::language::{Both, ending, reason};
use crate::process::{Process, is_listened_on};
use crate::report::and_never_rests;
use crate::site::Site;
use crate::{PATIENT, both, keep};

/// What is tested.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A command that is started for each case, and stopped after it. `{port}` in it stands for a free port, `{root}`
    /// for the document root, `{timeout}` for how many seconds a client may be silent. A server that takes port 0 may
    /// instead print `listening on http://ADDRESS:PORT` on its standard output.
    Command {
        /// The program and its arguments.
        words: Vec<String>,
        /// How long a client may be silent, if the command has no `{timeout}`.
        timeout: Duration,
    },
    /// One of our lessons, started as a `Command` is. Where several answers are right, it has to give the first.
    Lesson {
        /// The program and its arguments.
        words: Vec<String>,
    },
    /// A server that is there already. What only its process can show is not looked at.
    Running {
        /// Where it listens.
        address: SocketAddr,
        /// How long a client may be silent.
        timeout: Duration,
    },
}

/// How a server is to be started, where a case needs it otherwise than usual.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// How many seconds a client may be silent (`{timeout}`).
    pub timeout: Option<u16>,
    /// How many descriptors the server may have (`RLIMIT_NOFILE`).
    pub descriptors: Option<u32>,
    /// Take from the superuser what lets him read everything, so that a file can be unreadable.
    pub unprivileged: bool,
    /// This port, not just any.
    pub port: Option<u16>,
    /// Words before the command: of a program that starts the server, in its own place or as its child.
    pub through: &'static [&'static str],
    /// With nothing open as standard input, output and error.
    pub closed: bool,
    /// Nobody reads what it says on standard error until [`Server::read_log`].
    pub unread_log: bool,
    /// As a user who is nobody else, if the suite runs as the superuser: limits do not bind that one.
    pub as_nobody: bool,
    /// More words behind the command. Only a lesson is known to take them.
    pub arguments: Vec<String>,
}

impl Setup {
    /// Whether the server gets less than it may need to start at all: that it does not is then no fault of it.
    pub(crate) fn is_narrow(&self) -> bool {
        self.descriptors.is_some() || self.unprivileged || self.as_nobody
    }
}

/// On which terms servers are started and cases are run, where nobody knows what kind of server it is.
#[derive(Clone, Debug)]
pub struct Terms {
    /// A program that starts as the keeper of a server when it is told to (see [`keep`]). Without one, a server is a
    /// child of this process, which is good enough for servers that behave.
    pub keeper: Option<PathBuf>,
    /// How long a server may take until it listens.
    pub start_timeout: Duration,
    /// How long a case may take. `None`: as long as it likes.
    pub case_timeout: Option<Duration>,
    /// How long to wait for what must come, at most. `None`: as long as is right where nobody knows the server. Short
    /// where a person waits for the verdict and can ask for it again.
    pub patience: Option<Duration>,
    /// Whether what fails is looked at once more, and a server that does not start is started once more. Without it,
    /// that a server does not start is how the case fails.
    pub second_look: bool,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms { keeper: None, start_timeout: PATIENT, case_timeout: None, patience: None, second_look: true }
    }
}

impl Terms {
    /// How long a server may take for anything, on these terms: a few times as long as for an answer.
    pub(crate) fn longest(&self) -> Duration {
        self.patience.map_or(PATIENT, |patience| PATIENT.min(3 * patience))
    }
}

/// The user and the group that own nothing.
const NOBODY: u32 = 65_534;

/// One running server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    timeout: Duration,
    /// How long it may take to end.
    longest: Duration,
    /// What was started: the server, its keeper, or a command that started it.
    child: Option<Child>,
    is_kept: bool,
    /// The process that holds the listener.
    pid: Option<u32>,
    /// What nobody reads yet.
    unread: Option<ChildStderr>,
    said: Arc<Said>,
    printed: Arc<Said>,
}

/// What a server says on standard error or standard output.
#[derive(Debug, Default)]
struct Said {
    /// The last few thousand bytes of it.
    end: Mutex<Vec<u8>>,
    /// How many bytes in all.
    in_all: AtomicUsize,
}

impl Subject {
    /// A lesson, by the path of its program.
    pub fn lesson(program: &str, has_root: bool) -> Subject {
        let mut words = vec![program, "--port", "{port-or-0}", "--timeout", "{timeout}"];
        if has_root {
            words.extend(["--root", "{root}"]);
        }
        Subject::Lesson { words: words.into_iter().map(str::to_owned).collect() }
    }

    /// A server of its own for the next case.
    ///
    /// # Errors
    ///
    /// As [`Subject::start_on`].
    pub fn start(&self, site: &Site, setup: &Setup) -> Result<Server, Both> {
        self.start_on(&Terms::default(), site, setup)
    }

    /// A server of its own for the next case, on these terms.
    ///
    /// # Errors
    ///
    /// If it does not come to listen: how it ended, or where it listens instead.
    pub fn start_on(&self, terms: &Terms, site: &Site, setup: &Setup) -> Result<Server, Both> {
        match self {
            Subject::Running { address, timeout } => Ok(Server {
                address: *address,
                timeout: *timeout,
                longest: terms.longest(),
                child: None,
                is_kept: false,
                pid: None,
                unread: None,
                said: Arc::default(),
                printed: Arc::default(),
            }),
            Subject::Command { words, timeout } => start(words, *timeout, site, setup, terms),
            // Longer than the suite waits: else who is held up by a silent client is served once that one is dropped.
            Subject::Lesson { words } => start(words, 3 * PATIENT, site, setup, terms),
        }
    }

    /// How long a client of this may be silent, as whoever gave it has said. Of a lesson the case says so.
    pub(crate) fn stated(&self) -> Option<Duration> {
        match self {
            Subject::Command { timeout, .. } | Subject::Running { timeout, .. } => Some(*timeout),
            Subject::Lesson { .. } => None,
        }
    }

    /// Whether a case can have the server started as it needs it.
    pub fn can_start(&self) -> bool {
        !matches!(self, Subject::Running { .. })
    }
}

fn start(words: &[String], stated: Duration, site: &Site, setup: &Setup, terms: &Terms) -> Result<Server, Both> {
    let timeout = match setup.timeout {
        Some(seconds) if words.iter().any(|word| word.contains("{timeout}")) => Duration::from_secs(seconds.into()),
        _ => stated,
    };
    let chosen = setup.port.map_or_else(free_port, Ok).map_err(|error| {
        let why = reason(&error);
        both!("no free port: {why}", "没有空闲端口：{why}" in why)
    })?;
    let fill = |word: &String| {
        word.replace("{port-or-0}", &if setup.closed { chosen } else { setup.port.unwrap_or(0) }.to_string())
            .replace("{port}", &chosen.to_string())
            .replace("{root}", &site.root().to_string_lossy())
            .replace("{timeout}", &timeout.as_secs().to_string())
    };
    let mut filled: Vec<String> = words.iter().map(fill).collect();
    filled.extend_from_slice(&setup.arguments);
    if let Some(most) = setup.descriptors {
        let limit = ["sh", "-c", "ulimit -n \"$0\" && exec \"$@\"", &most.to_string()].map(str::to_owned);
        filled.splice(0..0, limit);
    }
    if setup.closed {
        filled.splice(0..0, ["sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"].map(str::to_owned));
    }
    filled.splice(0..0, setup.through.iter().map(|&word| word.to_owned()));

    let mut command = match &terms.keeper {
        Some(keeper) => keep::command(keeper, &filled),
        None => Command::new(&filled[0]),
    };
    if terms.keeper.is_none() {
        command.args(&filled[1..]).stdin(Stdio::null());
    } else if let Some(folder) = site.scratch() {
        // What the server leaves there goes when the run ends.
        command.env("TMPDIR", folder);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if setup.as_nobody && geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut child = keep::start(|| spawn(command, setup.unprivileged))
        .map_err(|error| keep::cannot_start(&filled[0], &reason(&error)))?;

    let (tell, told) = mpsc::channel();
    let (silent, silence) = mpsc::channel();
    let (said, printed) = (Arc::new(Said::default()), Arc::new(Said::default()));
    if let Some(stdout) = child.stdout.take() {
        let printed = Arc::clone(&printed);
        thread::spawn(move || {
            let mut line = Vec::new();
            drain(stdout, &printed, |piece| find_address(&mut line, piece, &tell));
        });
    }
    let mut unread = child.stderr.take();
    if let Some(stderr) = unread.take_if(|_| !setup.unread_log) {
        let said = Arc::clone(&said);
        thread::spawn(move || {
            drain(stderr, &said, |_| ());
            drop(silent);
        });
    }

    let takes_port = setup.closed || words.iter().any(|word| word.contains("{port}"));
    let guess = takes_port.then_some(SocketAddr::from(([127, 0, 0, 1], chosen)));
    let mut server = Server {
        address: SocketAddr::from(([127, 0, 0, 1], 0)),
        timeout,
        longest: terms.longest(),
        pid: Some(child.id()),
        child: Some(child),
        unread,
        is_kept: terms.keeper.is_some(),
        said,
        printed,
    };
    server.address = server.await_address(&told, &silence, guess, terms.start_timeout)?;
    if server.is_kept {
        server.find_process();
    }
    Ok(server)
}

/// Looks for a line that says where the server listens, in output that may be anything and comes in pieces.
fn find_address(line: &mut Vec<u8>, piece: &[u8], tell: &mpsc::Sender<SocketAddr>) {
    /// Longer than any line that says an address.
    const LONGEST: usize = 256;
    for byte in piece {
        match byte {
            b'\n' => {
                let text = String::from_utf8_lossy(line);
                if let Some(address) = text.trim_end().strip_prefix("listening on http://") {
                    let _ = address.parse().map(|address| tell.send(address));
                }
                line.clear();
            }
            _ if line.len() < LONGEST => line.push(*byte),
            _ => {}
        }
    }
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

/// A port that is free, and stays so until the server has taken it: below those that the system gives to whoever asks
/// for any (from 32768 on), of which a run of the suite asks for thousands.
fn free_port() -> std::io::Result<u16> {
    const FIRST: u16 = 10_000;
    const PORTS: u32 = 20_000;
    /// Has no divisor in common with the number of ports, so that all of them come in turn.
    const STRIDE: u32 = 7919;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mut error = ErrorKind::AddrInUse.into();
    for _ in 0..PORTS / 4 {
        // Several runs at a time begin at different places, and go on in strides: ports in a row may all have been
        // taken by another run a moment ago, and be in TIME_WAIT.
        let start = std::process::id().wrapping_mul(997);
        let place = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(STRIDE)) % PORTS;
        let port = FIRST + place as u16;
        // Not listened on, or somebody might take this for the server.
        match Socket::new(Domain::IPV4, Type::STREAM, None)?.bind(&SocketAddr::from(([127, 0, 0, 1], port)).into()) {
            Ok(()) => return Ok(port),
            Err(this) => error = this,
        }
    }
    Err(error)
}

/// Reads until the end, whatever comes, so that the server never waits for it; and keeps the last of it.
fn drain(mut from: impl Read, said: &Said, mut each: impl FnMut(&[u8])) {
    const MOST: usize = 4096;
    let mut piece = [0; 16 * 1024];
    loop {
        let length = match from.read(&mut piece) {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        said.in_all.fetch_add(length, Ordering::Relaxed);
        each(&piece[..length]);
        if let Ok(mut end) = said.end.lock() {
            end.extend_from_slice(&piece[..length]);
            let excess = end.len().saturating_sub(MOST);
            end.drain(..excess);
        }
    }
}

impl Said {
    fn text(&self) -> String {
        self.end.lock().map(|end| String::from_utf8_lossy(&end).into_owned()).unwrap_or_default()
    }
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How long a client may be silent before this server drops it.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Its process, if it was started here: the one that listens, though a shell, `timeout` or a package manager may
    /// have started that, and not the command itself.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and(self.pid)
    }

    /// Of all processes that the command has become, the first that holds the listener.
    fn find_process(&mut self) {
        let Some(started) = self.child.as_ref().map(Child::id) else { return };
        let family = Process(started).family();
        let mut here = crate::process::listeners().unwrap_or_default();
        here.retain(|listener| listener.serves(self.address));
        let holds = |process: &Process| !process.held(&here).is_empty();
        let first = family.iter().find(|process| process.0 != started);
        self.pid = family.iter().find(|process| holds(process)).or(first).map_or(Some(started), |found| Some(found.0));
    }

    /// Whether it is this server that listens there: another run may have taken the port just before it. Where the
    /// system does not show that, it is believed.
    fn owns(&self, address: &SocketAddr) -> bool {
        let Some(child) = self.child.as_ref().filter(|_| self.is_kept) else { return true };
        let mut here = crate::process::listeners().unwrap_or_default();
        here.retain(|listener| listener.serves(*address));
        let family = Process(child.id()).family();
        family.iter().any(|process| process.descriptor_kinds().is_none() || !process.held(&here).is_empty())
    }

    /// Where the processes of this server listen, whatever they were told.
    fn listens_at(&self) -> Vec<SocketAddr> {
        let family = self.child.as_ref().map_or_else(Vec::new, |child| Process(child.id()).family());
        let all = crate::process::listeners().unwrap_or_default();
        let held = family.iter().flat_map(|process| process.held(&all));
        let mut places: Vec<SocketAddr> = held.map(|listener| listener.address).collect();
        places.sort();
        places.dedup();
        places
    }

    /// Why nobody answers there, as far as the processes of this server tell: that it has ended, and how, or that it
    /// listens elsewhere.
    pub fn why_refused(&mut self) -> Option<Both> {
        self.child.as_ref()?;
        // The system may need a moment to say how a process has ended.
        crate::process::until(Duration::from_millis(100), || self.has_ended());
        if let Some(status) = self.end() {
            let how = ending(status);
            return Some(both!("the server has died ({how})", "服务器已经退出（{how}）" in how));
        }
        if self.pid.is_some_and(|pid| Process(pid).has_ended()) {
            return Some(both!(
                "the process that listened has ended, though others that it started live on",
                "负责监听的进程已经结束，但它启动的其他进程还在运行"
            ));
        }
        self.elsewhere().map(|places| is_elsewhere(&places, self.address))
    }

    /// Whether somebody listens where this server was asked to.
    pub(crate) fn listens(&self) -> bool {
        listens(&self.address)
    }

    /// Where its processes listen, if they do.
    fn elsewhere(&self) -> Option<Both> {
        let places: Vec<String> = self.listens_at().iter().map(SocketAddr::to_string).collect();
        (!places.is_empty()).then(|| Both { en: places.join(" and "), zh: places.join("、") })
    }

    /// The last of what it said on standard error.
    pub fn said(&self) -> String {
        self.said.text()
    }

    /// The last of what it said on standard error, or if that is nothing, on standard output.
    pub fn last_words(&self) -> String {
        let said = self.said();
        if said.trim().is_empty() { self.printed.text() } else { said }
    }

    /// How many bytes it has said there until now.
    pub fn said_in_all(&self) -> usize {
        self.said.in_all.load(Ordering::Relaxed)
    }

    /// Begins to read what nobody has read (`Setup::unread_log`): how many bytes wait for that.
    pub fn read_log(&mut self) -> u64 {
        let Some(stderr) = self.unread.take() else { return 0 };
        let waiting = ioctl_fionread(&stderr).unwrap_or(0);
        let said = Arc::clone(&self.said);
        thread::spawn(move || drain(stderr, &said, |_| ()));
        waiting
    }

    /// Whether it is at work without a pause, as one in an endless loop is: seen for a moment, on a busy machine too.
    pub(crate) fn never_rests(&self) -> bool {
        const MOMENT: Duration = Duration::from_millis(60);
        let family = self.child.as_ref().map_or_else(Vec::new, |child| Process(child.id()).family());
        let before: Vec<_> = family.iter().map(|process| process.runnable_time()).collect();
        let start = Instant::now();
        thread::sleep(MOMENT);
        family.iter().zip(before).any(|(process, before)| {
            let used = process.runnable_time().zip(before).map(|(after, before)| after.saturating_sub(before));
            // What the kernel adds only at its ticks may be missing.
            used.is_some_and(|used| used >= start.elapsed() * 3 / 4)
        })
    }

    /// Whether it was started here and has ended.
    pub fn has_ended(&mut self) -> bool {
        self.end().is_some()
    }

    /// How it ended, if it was started here and has.
    pub fn end(&mut self) -> Option<ExitStatus> {
        self.child.as_mut()?.try_wait().ok()?
    }

    /// Sends a signal and waits for the end: `true` if it came. SIGINT goes to the whole process group of a server that
    /// has one of its own, as Ctrl-C does.
    pub fn stop_by(&mut self, signal: Signal) -> bool {
        self.stop_within(signal, self.longest)
    }

    /// The same, and so long is waited for the end.
    pub fn stop_within(&mut self, signal: Signal, wait: Duration) -> bool {
        let Some(pid) = self.pid() else { return false };
        match Process(pid).group().and_then(|group| Pid::from_raw(i32::try_from(group).ok()?)) {
            Some(group) if self.is_kept && signal == Signal::INT => drop(kill_process_group(group, signal)),
            _ => Process(pid).signal(signal),
        }
        if self.is_kept {
            // Others that it has started may live on: that is for the case to see.
            return crate::process::until(wait, || Process(pid).has_ended() || self.has_ended());
        }
        self.ends_within(wait)
    }

    fn ends_within(&mut self, wait: Duration) -> bool {
        let Some(child) = &mut self.child else { return false };
        let deadline = Instant::now() + wait;
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
        silence: &mpsc::Receiver<()>,
        guess: Option<SocketAddr>,
        wait: Duration,
    ) -> Result<SocketAddr, Both> {
        let deadline = Instant::now() + wait;
        let mut moment = Duration::from_millis(5);
        while Instant::now() < deadline {
            let pause = Instant::now() + moment;
            // To look costs more than to start, if a server takes its time.
            moment = (moment + moment / 8).min(Duration::from_millis(50));
            if let Ok(address) = told.recv_timeout(moment) {
                return Ok(address);
            }
            if let Some(address) = guess.filter(|address| listens(address) && self.owns(address)) {
                return Ok(address);
            }
            if let Some(child) = &mut self.child
                && let Ok(Some(status)) = child.try_wait()
            {
                // Its last words may still be on their way. Another process may have its standard error and live on.
                let _ = silence.recv_timeout(Duration::from_secs(1));
                let (how, words) = (ending(status), self.last_words());
                let said = keep::said(words.trim()).unwrap_or_else(|| Both::same(words.trim()));
                return Err(
                    both!("the server ended at once ({how}): {said}", "服务器一启动就退出了（{how}）：{said}" in how, said),
                );
            }
            // Where standard output has ended, nothing is waited for above.
            thread::sleep(pause.saturating_duration_since(Instant::now()));
        }
        let asked = guess.unwrap_or(self.address);
        Err(match self.elsewhere() {
            Some(places) if guess.is_some() => is_elsewhere(&places, asked),
            Some(places) => both!(
                "the server listens on {places}, which it does not print, and the command has no {{port}}",
                "服务器监听在 {places}，但它没有打印出来，命令里也没有 {{port}}" in places
            ),
            None => {
                let (wait, words) = (wait.as_secs(), self.last_words());
                let words = words.trim();
                let said = if words.is_empty() { Both::same("") } else { both!(": {words}", "：{words}") };
                let text = both!(
                    "the server does not listen after {wait} s{said}",
                    "过了 {wait} 秒，服务器还没有开始监听{said}" in said
                );
                if self.never_rests() { and_never_rests(&text) } else { text }
            }
        })
    }
}

fn is_elsewhere(places: &Both, asked: SocketAddr) -> Both {
    both!(
        "the server listens on {places}, and is asked for on {asked}",
        "服务器监听在 {places}，而请求发往 {asked}" in places
    )
}

/// Whether there is a listener, seen without a connection where that is possible: a server may not outlive one that
/// says nothing, and no case has begun.
fn listens(address: &SocketAddr) -> bool {
    is_listened_on(*address).unwrap_or_else(|| TcpStream::connect(address).is_ok())
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.is_kept {
            // The keeper ends all that is below it, and then itself.
            self.child.as_mut().map(|child| child.stdin.take());
            self.ends_within(2 * PATIENT);
            return;
        }
        // A command may have started the server by another program (`npm start`), which does not hand on a signal.
        let started = self.child.as_ref().map(|child| Process(child.id()));
        let others = started.map_or_else(Vec::new, Process::descendants);
        if let Some(started) = started {
            started.signal(Signal::TERM);
            if !self.ends_within(PATIENT) {
                started.signal(Signal::KILL);
                self.ends_within(PATIENT);
            }
        }
        others.into_iter().for_each(|process| process.signal(Signal::KILL));
    }
}
