//! Threads of a server that are traced by ptrace(2): how a trace of all of them begins, and who has been stopped.

use std::collections::HashSet;

use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus};
use nix::unistd::Pid;

use crate::process::Process;

/// Waits only for what the calling thread traces or has started: Linux lets no other see what is traced.
pub const OWN: WaitPidFlag = WaitPidFlag::__WALL.union(WaitPidFlag::__WNOTHREAD);

/// Stops every thread of a server and of its family, once, so that each can be told to stop at its calls; those that
/// are still to come are traced from their beginning. `traced` gets the numbers of all of them.
///
/// # Errors
///
/// What the system says of the server itself. Another thread may just be ending.
pub fn seize(server: Process, traced: &mut HashSet<Pid>) -> Result<(), Errno> {
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACECLONE;
    let first = Pid::from_raw(i32::try_from(server.0).map_err(|_| Errno::ESRCH)?);
    ptrace::seize(first, options).and_then(|()| ptrace::interrupt(first))?;
    traced.insert(first);
    loop {
        let before = traced.len();
        for task in server.family().into_iter().flat_map(|process| process.tasks().unwrap_or_default()) {
            let task = Pid::from_raw(task);
            // Another thread or child may be about to end, and then it is not missed; or it has been traced from its
            // beginning, as a child of one that is.
            if !traced.contains(&task) && ptrace::seize(task, options).is_ok() {
                let _ = ptrace::interrupt(task);
                traced.insert(task);
            }
        }
        if traced.len() == before {
            return Ok(());
        }
    }
}

/// Who has been stopped, and by which signal, if it is to have that when it goes on.
pub fn stopped(status: WaitStatus) -> Option<(Pid, Option<Signal>)> {
    match status {
        WaitStatus::PtraceSyscall(pid) | WaitStatus::PtraceEvent(pid, ..) => Some((pid, None)),
        WaitStatus::Stopped(pid, signal) => Some((pid, Some(signal).filter(|signal| *signal != Signal::SIGTRAP))),
        _ => None,
    }
}
