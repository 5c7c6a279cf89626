//! The system calls of a server as they happen, by ptrace: no tool has to be installed for it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use http_suite::process::Process;
use http_suite::seized::{OWN, seize, stopped};
use load::Stop;
use nix::errno::Errno;
use nix::sys::ptrace;
use nix::sys::wait::{WaitStatus, waitpid};
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
                let seized = seize(Process(pid), &mut HashSet::new());
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

fn follow(mut each: impl FnMut(Call), over: &AtomicBool) {
    let mut inside: HashMap<Pid, Registers> = HashMap::new();
    while !over.load(Ordering::SeqCst) {
        let status = match waitpid(None, Some(OWN)) {
            Ok(status) => status,
            Err(Errno::EINTR) => continue,
            // Nobody is left.
            Err(_) => return,
        };
        match status {
            WaitStatus::PtraceSyscall(pid) => at_call(pid, &mut inside, &mut each),
            WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..) => drop(inside.remove(&pid)),
            _ => {}
        }
        if let Some((pid, signal)) = stopped(status) {
            // It may have ended meanwhile, and then there is nothing to do.
            let _ = ptrace::syscall(pid, signal);
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
