//! The children of the server: they end with their parent, and are reaped and counted.

use std::collections::HashSet;
use std::process;

use nix::errno::Errno;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getppid};

/// How many clients are served at a time; one more waits for a child to end.
const CHILDREN_MAX: usize = 512;

/// Ctrl-C in a terminal reaches every process; `kill` only the parent. On Linux a child can ask to be told. It may be
/// too late for that: then it has another parent already.
pub fn die_with_parent(parent: Pid) {
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGTERM);
    if getppid() != parent {
        process::exit(0);
    }
}

/// Takes the exit status of every child that has ended: until somebody does, it is a zombie. At the limit it waits for
/// one.
///
/// Not every child serves a client here: `exec` leaves a process the children of the program that it was before.
pub fn reap(children: &mut HashSet<Pid>) {
    loop {
        let wait = if children.len() < CHILDREN_MAX { WaitPidFlag::WNOHANG } else { WaitPidFlag::empty() };
        match waitpid(None, Some(wait)) {
            Ok(WaitStatus::StillAlive) => return,
            Ok(ended) => children.retain(|child| ended.pid() != Some(*child)),
            Err(Errno::EINTR) => {}
            // There are no children.
            Err(_) => return children.clear(),
        }
    }
}
