//! A thread of a server that is held, as if it were busy for as long as that takes: by ptrace(2), so that it does not
//! depend on how fast the machine is, or on what costs a server much.

use std::sync::mpsc;
use std::thread::JoinHandle;

use crate::language::Both;

/// The thread does nothing until this is dropped; then it goes on as if nothing had been.
pub struct Held {
    holder: Option<JoinHandle<()>>,
    /// What ends when the thread is to go on.
    held: Option<mpsc::Sender<()>>,
}

impl Held {
    /// Holds the thread with this number.
    ///
    /// # Errors
    ///
    /// Why it cannot be done here.
    pub fn thread(number: i32) -> Result<Held, Both> {
        let (held, release) = mpsc::channel();
        let holder = holding::begin(number, release)?;
        Ok(Held { holder: Some(holder), held: Some(held) })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.held.take());
        if let Some(holder) = self.holder.take() {
            let _ = holder.join();
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod holding {
    use std::sync::mpsc::{self, Receiver};
    use std::thread::{self, JoinHandle};

    use nix::errno::Errno;
    use nix::sys::ptrace::{self, Options};
    use nix::sys::wait::waitpid;
    use nix::unistd::Pid;

    use crate::both;
    use crate::language::{Both, reason};
    use crate::seized::OWN;

    /// A thread of its own: Linux lets only the thread that traces see what is traced, and lets that go when it ends.
    pub fn begin(number: i32, release: Receiver<()>) -> Result<JoinHandle<()>, Both> {
        let (tell, told) = mpsc::channel();
        let holder = thread::spawn(move || {
            let thread = Pid::from_raw(number);
            let stopped = stop(thread);
            let is_held = stopped.is_ok();
            let _ = tell.send(stopped);
            if is_held {
                let _ = release.recv();
                let _ = ptrace::detach(thread, None);
            }
        });
        match told.recv() {
            Ok(Ok(())) => Ok(holder),
            Ok(Err(error)) => {
                let why = Both { en: error.to_string(), zh: reason(&error.into()).zh };
                Err(both!(
                    "a thread cannot be held: ptrace is refused here ({why})",
                    "无法让线程停住：这里不允许 ptrace（{why}）" in why
                ))
            }
            Err(_) => Err(both!("the thread that holds another panicked", "负责让别的线程停住的线程发生了 panic")),
        }
    }

    fn stop(thread: Pid) -> Result<(), Errno> {
        ptrace::seize(thread, Options::empty())?;
        ptrace::interrupt(thread)?;
        loop {
            match waitpid(thread, Some(OWN)) {
                Err(Errno::EINTR) => {}
                status => return status.map(drop),
            }
        }
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod holding {
    use std::sync::mpsc::Receiver;
    use std::thread::JoinHandle;

    use crate::both;
    use crate::language::Both;

    pub fn begin(_: i32, _: Receiver<()>) -> Result<JoinHandle<()>, Both> {
        Err(both!(
            "a thread can be held on Linux with the GNU library only",
            "只有在使用 GNU C 库的 Linux 上才能让线程停住"
        ))
    }
}
