//! The system calls of a server as they happen, by ptrace: no tool has to be installed for it.

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use http_suite::process::Process;
use load::Stop;
use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::call::{Call, Registers};

/// How long the end of a trace may take.
const ENDING: Duration = Duration::from_secs(5);

/// A trace of a server and of all its threads and children, also of those that are still to come.
///
/// It is a thread, since Linux lets only the thread that traces see what is traced. When that thread ends, the server
/// runs on as if nothing had been.
pub struct Tracer {
    thread: Option<JoinHandle<()>>,
    over: Arc<AtomicBool>,
}

impl Tracer {
    /// Has `each` called for every system call from now on.
    pub fn begin(pid: u32, each: impl FnMut(Call) + Send + 'static) -> Result<Tracer, Stop> {
        let over = Arc::new(AtomicBool::new(false));
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn({
            let over = Arc::clone(&over);
            move || {
                let seized = seize(pid);
                let goes_on = seized.is_ok();
                let _ = tell.send(seized);
                if goes_on {
                    follow(each, &over);
                }
            }
        });
        let seized = told.recv().unwrap_or(Err(Errno::EIO));
        let refused = |error| format!("system calls cannot be watched: ptrace is refused here ({error})");
        seized.map_err(|error| Stop::Failed(refused(error)))?;
        Ok(Tracer { thread: Some(thread), over })
    }

    /// Ends it. The tracer looks up only when the server calls the system, so `stir` is to make it do so.
    pub fn end(mut self, mut stir: impl FnMut()) {
        self.over.store(true, Ordering::SeqCst);
        let begin = Instant::now();
        let Some(thread) = self.thread.take() else { return };
        while !thread.is_finished() && begin.elapsed() < ENDING {
            stir();
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Stops every thread of the server, once, so that each can be told to stop at its calls.
fn seize(pid: u32) -> Result<(), Errno> {
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACECLONE;
    let seize = |task: Pid| ptrace::seize(task, options).and_then(|()| ptrace::interrupt(task));
    let first = Pid::from_raw(i32::try_from(pid).map_err(|_| Errno::ESRCH)?);
    seize(first)?;
    let family = std::iter::once(Process(pid)).chain(Process(pid).descendants());
    for task in family.flat_map(threads).filter(|task| *task != first) {
        // Another thread or child may be about to end, and then it is not missed.
        let _ = seize(task);
    }
    Ok(())
}

fn threads(process: Process) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir(format!("/proc/{}/task", process.0)) else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Pid::from_raw)).collect()
}

fn follow(mut each: impl FnMut(Call), over: &AtomicBool) {
    let mut inside: HashMap<Pid, Registers> = HashMap::new();
    while !over.load(Ordering::SeqCst) {
        // Only what this thread traces: the servers are children of another.
        match waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)) {
            Ok(WaitStatus::PtraceSyscall(pid)) => {
                at_call(pid, &mut inside, &mut each);
                go_on(pid, None);
            }
            Ok(WaitStatus::PtraceEvent(pid, _, _)) => go_on(pid, None),
            Ok(WaitStatus::Stopped(pid, signal)) => {
                go_on(pid, Some(signal).filter(|signal| *signal != Signal::SIGTRAP))
            }
            Ok(WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..)) => drop(inside.remove(&pid)),
            Ok(_) | Err(Errno::EINTR) => {}
            // Nobody is left.
            Err(_) => return,
        }
    }
}

/// Each call stops twice: on the way in, with what it is given, and on the way out, with what it gives.
fn at_call(pid: Pid, inside: &mut HashMap<Pid, Registers>, each: &mut impl FnMut(Call)) {
    let Some(registers) = Registers::of(pid) else { return };
    if let Some(before) = inside.remove(&pid) {
        each(Call::new(pid, before, Some(registers.result())));
    } else if registers.never_returns() {
        each(Call::new(pid, registers, None));
    } else {
        inside.insert(pid, registers);
    }
}

fn go_on(pid: Pid, signal: Option<Signal>) {
    // It may have ended meanwhile, and then there is nothing to do.
    let _ = ptrace::syscall(pid, signal);
}
