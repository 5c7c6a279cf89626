//! How many system calls a server makes, counted by ptrace(2): no tool has to be installed for it, and anyone who may
//! start a server may trace it, unless the system is told otherwise (Yama, seccomp).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use crate::language::Both;
use crate::process::Process;
use crate::{Outcome, Stop};

/// A trace of a server: of all its threads and processes, also of those that are still to come. While there is one,
/// nobody may ask how a server has ended that is a child of this process: that would take away what the trace waits
/// for. Dropping it lets the server go; it runs on as if nothing had been.
pub struct Tracer {
    calls: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
    /// What ends when the trace is to end.
    running: Option<std::process::ChildStdin>,
}

impl Tracer {
    /// Begins to count.
    ///
    /// # Errors
    ///
    /// Why it cannot be done here.
    pub fn of(process: Process) -> Result<Tracer, Both> {
        let calls = Arc::<AtomicU64>::default();
        let (thread, running) = counting::begin(process, Arc::clone(&calls))?;
        Ok(Tracer { calls, thread: Some(thread), running: Some(running) })
    }

    /// How many calls there were since it began. Questions for the time of day are not counted: most systems answer
    /// them without a call.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// How many calls it takes to have this done: of several series the fewest, since a server may do other things now
    /// and then.
    ///
    /// # Errors
    ///
    /// What `work` says.
    pub fn fewest_calls(&self, series: usize, mut work: impl FnMut() -> Outcome) -> Result<u64, Stop> {
        let mut fewest = u64::MAX;
        for _ in 0..series {
            let before = self.calls();
            work()?;
            fewest = fewest.min(self.calls() - before);
        }
        Ok(fewest)
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        drop(self.running.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod counting {
    use std::collections::HashSet;
    use std::process::{Child, ChildStdin, Command, Stdio};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::mpsc;
    use std::thread::{self, JoinHandle};

    use nix::errno::Errno;
    use nix::libc;
    use nix::sys::ptrace;
    use nix::sys::wait::{WaitStatus, waitpid};
    use nix::unistd::Pid;

    use crate::both;
    use crate::language::{Both, reason};
    use crate::process::Process;
    use crate::seized::{OWN, seize, stopped};

    /// The trace is a thread: Linux lets only the thread that traces see what is traced.
    pub fn begin(process: Process, calls: Arc<AtomicU64>) -> Result<(JoinHandle<()>, ChildStdin), Both> {
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            let Some((alarm, running)) = alarm() else { return };
            let mut traced = HashSet::new();
            let seized = seize(process, &mut traced).map(|()| running);
            let goes_on = seized.is_ok();
            let _ = tell.send(seized);
            if goes_on {
                follow(&mut traced, Pid::from_raw(alarm.id() as i32), &calls);
            }
            let_go(traced);
        });
        match told.recv() {
            Ok(Ok(running)) => Ok((thread, running)),
            Ok(Err(error)) => {
                let why = Both { en: error.to_string(), zh: reason(&error.into()).zh };
                Err(both!(
                    "system calls cannot be counted: ptrace is refused here ({why})",
                    "无法统计系统调用：这里不允许 ptrace（{why}）" in why
                ))
            }
            Err(_) => {
                Err(both!("system calls cannot be counted: there is no `cat` here", "无法统计系统调用：这里没有 `cat`"))
            }
        }
    }

    /// A child that ends when somebody wants the thread that waits for what it traces to look up.
    fn alarm() -> Option<(Child, ChildStdin)> {
        let mut alarm = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().ok()?;
        let running = alarm.stdin.take()?;
        Some((alarm, running))
    }

    fn follow(traced: &mut HashSet<Pid>, alarm: Pid, calls: &AtomicU64) {
        loop {
            let status = match waitpid(None, Some(OWN)) {
                Ok(status) => status,
                Err(Errno::EINTR) => continue,
                Err(_) => return,
            };
            match status {
                WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..) => {
                    traced.remove(&pid);
                    if pid == alarm {
                        return;
                    }
                }
                WaitStatus::PtraceSyscall(pid) if is_call(pid) => {
                    calls.fetch_add(1, Ordering::SeqCst);
                }
                _ => {}
            }
            if let Some((pid, signal)) = stopped(status) {
                traced.insert(pid);
                // It may have ended meanwhile, and then there is nothing to do.
                let _ = ptrace::syscall(pid, signal);
            }
        }
    }

    /// Whether this thread is on its way into the system, for something that needs the system.
    fn is_call(pid: Pid) -> bool {
        let Ok(info) = ptrace::syscall_info(pid) else { return false };
        // SAFETY: the kernel has filled in the part that `op` says.
        #[allow(unsafe_code)]
        let number = || unsafe { info.u.entry.nr };
        info.op == libc::PTRACE_SYSCALL_INFO_ENTRY && number() != libc::SYS_clock_gettime as u64
    }

    /// A thread that is not stopped cannot be let go. Those that have come meanwhile, the kernel lets go when this one
    /// ends.
    fn let_go(traced: HashSet<Pid>) {
        for pid in traced {
            if ptrace::interrupt(pid).is_err() {
                continue;
            }
            let status = loop {
                match waitpid(pid, Some(OWN)) {
                    Err(Errno::EINTR) => {}
                    status => break status,
                }
            };
            if let Some((pid, signal)) = status.ok().and_then(stopped) {
                let _ = ptrace::detach(pid, signal);
            }
        }
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod counting {
    use std::process::ChildStdin;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;
    use std::thread::JoinHandle;

    use crate::both;
    use crate::language::Both;
    use crate::process::Process;

    pub fn begin(_: Process, _: Arc<AtomicU64>) -> Result<(JoinHandle<()>, ChildStdin), Both> {
        Err(both!(
            "system calls can be counted on Linux with the GNU library only",
            "只有在使用 GNU C 库的 Linux 上才能统计系统调用"
        ))
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use std::fs;
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};

    use super::*;

    fn tracer_of(process: Process) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", process.0)).expect("it runs");
        status.lines().find_map(|line| line.strip_prefix("TracerPid:")).expect("proc(5) has it").trim().to_owned()
    }

    #[test]
    fn calls_are_counted_and_who_made_them_is_let_go() {
        // A child of a child, so that both are seen.
        let mut shell = Command::new("sh");
        shell.args(["-c", "cat; exit 7"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = shell.spawn().expect("a shell");
        let (mut input, output) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let (process, mut output, mut line) = (Process(child.id()), BufReader::new(output), String::new());
        let mut echo = || {
            input.write_all(b"word\n").expect("cat reads");
            line.clear();
            output.read_line(&mut line).expect("cat writes");
            assert_eq!(line, "word\n");
        };
        echo();
        match Tracer::of(process) {
            Ok(tracer) => {
                assert!(Tracer::of(process).is_err(), "two cannot trace one");
                echo();
                let before = tracer.calls();
                (0..10).for_each(|_| echo());
                let calls = tracer.calls() - before;
                // One read and one write each; the last has not begun to read again, or has.
                assert!((19..=21).contains(&calls), "{calls} calls");
            }
            Err(why) => eprintln!("not looked at: {}", why.en),
        }
        for process in process.family() {
            assert_eq!(tracer_of(process), "0");
        }
        echo();
        drop(input);
        assert_eq!(child.wait().expect("it ends").code(), Some(7));
    }

    #[test]
    fn the_end_of_what_is_traced_is_not_the_end_of_the_trace() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().expect("cat");
        let tracer = Tracer::of(Process(child.id()));
        drop(child.stdin.take());
        assert!(crate::process::until(crate::PATIENT, || Process(child.id()).has_ended()));
        drop(tracer);
        let _ = child.wait();
    }
}
