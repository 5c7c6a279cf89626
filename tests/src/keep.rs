//! The keeper of a server: a process between `check` and a server that it does not know, so that nothing of the server
//! stays, whatever it does and however `check` ends.
//!
//! The keeper is a sub-reaper (prctl(2), `PR_SET_CHILD_SUBREAPER`): whoever daemonises or is orphaned below it becomes
//! its child, and nobody gets away. Its standard input is a pipe of which only `check` has the other end. When that
//! closes, because `check` has closed it or has ended, be it by SIGKILL, the keeper ends all that is below it. It is in
//! a process group of its own, and the server in another: a signal to the group of one hits nobody else.

use std::fs;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, Signal, WaitOptions, getpid, getrlimit, set_child_subreaper, setrlimit, wait};

use crate::both;
use crate::language::{Both, reason};
use crate::process::{Process, until};

/// The first argument of a program that is to be the keeper of the command that follows.
pub const KEEP_SERVER: &str = "--keep-server";
/// The first argument of a program that is to remove the folder that follows, once its standard input ends.
pub const KEEP_FOLDER: &str = "--keep-folder";

/// How long a server may take to end when it is asked to (SIGTERM), before it is made to (SIGKILL).
const GRACE: Duration = Duration::from_secs(1);
/// How long to try to remove a folder in which processes that are just being ended may still write.
const REMOVING: Duration = Duration::from_secs(10);

/// This program as a keeper, if its arguments say so: then it does nothing else.
pub fn kept(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> Option<ExitCode> {
    match arguments.nth(1)?.to_str()? {
        KEEP_SERVER => Some(keep_server(&arguments.collect::<Vec<_>>())),
        KEEP_FOLDER => Some(keep_folder(Path::new(&arguments.next()?))),
        _ => None,
    }
}

/// Whether this run is about to end, and no server is to be started any more.
static CLOSED: RwLock<bool> = RwLock::new(false);

/// Waits for the end of this program if a signal is about to end it: its servers are being killed, and what is seen of
/// that says nothing of them.
pub fn say_no_more_if_ending() {
    while *CLOSED.read().unwrap_or_else(PoisonError::into_inner) {
        thread::park();
    }
}

/// Starts a server, unless this run is about to end: what a thread started then, nobody would see.
pub(crate) fn start(spawn: impl FnOnce() -> io::Result<Child>) -> io::Result<Child> {
    let closed = CLOSED.read().unwrap_or_else(PoisonError::into_inner);
    if *closed { Err(io::Error::other("this run is about to end")) } else { spawn() }
}

/// The command as the keeper `program` starts it. The keeper's standard input has to be a pipe.
pub(crate) fn command(program: &Path, words: &[String]) -> Command {
    let mut command = Command::new(program);
    command.arg(KEEP_SERVER).args(words).process_group(0).stdin(Stdio::piped());
    command
}

fn keep_server(words: &[std::ffi::OsString]) -> ExitCode {
    let Some((program, arguments)) = words.split_first() else { return ExitCode::from(2) };
    let failed = |error: io::Error| {
        eprintln!("{SAYS}{}:{}", error.raw_os_error().unwrap_or_default(), program.display());
        ExitCode::from(127)
    };
    if let Err(error) = set_child_subreaper(Some(getpid())) {
        return failed(error.into());
    }
    let child = Command::new(program).args(arguments).process_group(0).stdin(Stdio::null()).spawn();
    let child = match child {
        Ok(child) => child,
        Err(error) => return failed(error),
    };
    let asked = Arc::new(AtomicBool::new(false));
    thread::spawn({
        let asked = Arc::clone(&asked);
        move || {
            let _ = io::stdin().read_to_end(&mut Vec::new());
            asked.store(true, Ordering::Relaxed);
            end_all(Process(std::process::id()), GRACE);
        }
    });
    relay(wait_for_all(child.id()), asked.load(Ordering::Relaxed))
}

/// What a keeper says that could not start its server: this, the number of the error, a colon, the program. A person
/// reads it as [`said`] has it.
const SAYS: &str = "http-suite: cannot start: errno ";

/// What the last words of a server mean, if they are those of a keeper that could not start it.
pub(crate) fn said(words: &str) -> Option<Both> {
    let (number, program) = words.strip_prefix(SAYS)?.split_once(':')?;
    let error = io::Error::from_raw_os_error(number.parse().ok()?);
    Some(cannot_start(program, &reason(&error)))
}

/// That a program cannot be started.
pub(crate) fn cannot_start(program: &str, why: &Both) -> Both {
    both!("cannot start {program}: {why}", "无法启动 {program}：{why}" in why)
}

/// Waits until nobody is left below this process: how the server ended. Of a server that has handed over to others (a
/// daemon) that is how those end.
fn wait_for_all(server: u32) -> ExitStatus {
    let mut end = ExitStatus::from_raw(0);
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) => {
                let status = ExitStatus::from_raw(status.as_raw());
                let is_server = u32::try_from(pid.as_raw_nonzero().get()) == Ok(server);
                if is_server || (end.success() && status.signal().is_some()) {
                    end = status;
                }
            }
            Err(Errno::INTR) | Ok(None) => {}
            Err(_) => return end,
        }
    }
}

/// Ends as the server did, so that whoever waits for this process learns it.
fn relay(status: ExitStatus, asked: bool) -> ExitCode {
    if let Some(signal) = status.signal().filter(|_| !asked) {
        // One core is enough.
        let limit = getrlimit(Resource::Core);
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), ..limit });
        if let Some(signal) = Signal::from_named_raw(signal) {
            // Of some signals the runtime takes the first, to look whether a stack has overflowed.
            (0..2).for_each(|_| Process(std::process::id()).signal(signal));
        }
        return ExitCode::from(128_u8.saturating_add(signal.try_into().unwrap_or(0)));
    }
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(0))
}

/// Asks all descendants of this process to end, and after a while makes them: also those that they start meanwhile.
fn end_all(ancestor: Process, grace: Duration) {
    let others = || {
        let mut family = ancestor.family();
        family.retain(|process| *process != ancestor);
        family
    };
    others().into_iter().for_each(|process| process.signal(Signal::TERM));
    until(grace, || others().is_empty());
    until(REMOVING, || {
        let left = others();
        left.iter().for_each(|process| process.signal(Signal::KILL));
        left.is_empty()
    });
}

fn keep_folder(folder: &Path) -> ExitCode {
    let _ = io::stdin().read_to_end(&mut Vec::new());
    // What belongs to a server that is just being ended may still write.
    let start = Instant::now();
    while folder.exists() && start.elapsed() < REMOVING {
        let _ = fs::remove_dir_all(folder);
        thread::sleep(Duration::from_millis(20));
    }
    ExitCode::SUCCESS
}

/// What sees to it that a run leaves nothing: its folder goes, and so do all processes below this one.
#[derive(Debug)]
pub struct House {
    keeper: Child,
}

impl House {
    /// For this run, which has this temporary folder. `program` is one that calls [`kept`].
    ///
    /// # Errors
    ///
    /// If the program cannot be started.
    pub fn of(program: &Path, folder: &Path) -> io::Result<House> {
        // Whoever loses its keeper becomes a child of this process. Without that (no Linux) only fewer are found.
        let _ = set_child_subreaper(Some(getpid()));
        let mut command = Command::new(program);
        command.arg(KEEP_FOLDER).arg(folder).process_group(0);
        let keeper = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(House { keeper })
    }

    /// Ends all processes below this one at once, and removes the folder.
    pub fn leave(&mut self) {
        *CLOSED.write().unwrap_or_else(PoisonError::into_inner) = true;
        let (own, keeper) = (Process(std::process::id()), Process(self.keeper.id()));
        // Another thread may just be starting one: so nobody is to be seen twice.
        let mut calm = 0;
        until(REMOVING, || {
            let mut family = own.family();
            family.retain(|process| *process != own && *process != keeper);
            family.iter().for_each(|process| process.signal(Signal::KILL));
            calm = if family.is_empty() { calm + 1 } else { 0 };
            calm == 3
        });
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// The program that is running, to be started once more as a keeper.
///
/// # Errors
///
/// If the system does not say which it is.
pub fn this_program() -> io::Result<PathBuf> {
    std::env::current_exe()
}
