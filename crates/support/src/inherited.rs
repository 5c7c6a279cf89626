//! What a process has from the program that started it, set right before anything else.
//!
//! Rust's runtime has already done two things before `main`: descriptors 0 to 2 that were closed are open on
//! `/dev/null` (or the first socket would be standard error), and SIGPIPE is ignored, so that to write to a client that
//! has gone is an error and not the end. Children that an `exec` has left to this process stay: only a lesson that
//! waits for children has to tell them from its own.

use std::process;

use nix::sys::signal::{SigHandler, SigSet, Signal, signal};

/// What ends a process that has not said otherwise, and is meant for a server: Ctrl-C, Ctrl-\, a terminal that has
/// gone, a request to terminate.
const ENDS: [Signal; 4] = [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGHUP, Signal::SIGTERM];

/// Sets signals to what a server expects. To be called while there is one thread.
///
/// - SIGCHLD has its default action: were it ignored, there would be no exit status to wait for, and no child would
///   ever be seen to end.
/// - SIGTERM has its default action: it is what service managers end a server by.
/// - No signal is blocked.
/// - As process 1, in a container, this ends by the same signals as any other process.
///
/// SIGINT, SIGQUIT and SIGHUP stay ignored if they are: that is how a shell keeps a background job from Ctrl-C, and
/// `nohup` a server from the end of its terminal.
pub(crate) fn set_right() {
    for name in [Signal::SIGCHLD, Signal::SIGTERM] {
        set(name, SigHandler::SigDfl);
    }
    if process::id() == 1 {
        // The kernel drops a signal to process 1 unless there is a handler for it: pid_namespaces(7).
        for name in ENDS {
            if matches!(set(name, SigHandler::Handler(end)), Some(SigHandler::SigIgn)) {
                set(name, SigHandler::SigIgn);
            }
        }
    }
    let _ = SigSet::empty().thread_set_mask();
}

/// What was there before; `None` if that cannot be told.
fn set(name: Signal, handler: SigHandler) -> Option<SigHandler> {
    // SAFETY: the only handler is `end`, and what it does is async-signal-safe.
    #[allow(unsafe_code)]
    unsafe { signal(name, handler) }.ok()
}

/// Ends as by the signal's default action, with the exit status that a shell shows for that.
extern "C" fn end(name: i32) {
    // SAFETY: `_exit` is async-signal-safe: signal-safety(7).
    #[allow(unsafe_code)]
    unsafe {
        nix::libc::_exit(128 + name)
    }
}
