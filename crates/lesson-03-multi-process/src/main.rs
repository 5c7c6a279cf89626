//! Lesson 03, multi-process: a process for every client. The parent only accepts; a child that it forks serves, and
//! ends.
//!
//! A silent client now holds up only its own child. But a process is a lot to pay for a client.

mod children;
mod connection;
mod listener;

use std::collections::HashSet;
use std::process;

use nix::unistd::{ForkResult, fork, getpid};
use socket2::SockRef;
use support::{Failure, Flag, Options, turn_away};

use children::{die_with_parent, reap};
use connection::serve;
use listener::{PAUSE, listen, next_client};

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    let parent = getpid();
    let mut children = HashSet::new();
    loop {
        reap(&mut children);
        // While there are children, `accept` returns now and then, so that none stays a zombie for long. On macOS and
        // the BSDs this time-out has no effect on `accept`: there they are reaped when the next client connects.
        let _ = SockRef::from(&listener).set_read_timeout((!children.is_empty()).then_some(PAUSE));
        let Some((stream, client)) = next_client(&listener, &options.log) else { continue };
        // SAFETY: this process has one thread, so nothing that the child needs is locked by another.
        #[allow(unsafe_code)]
        match unsafe { fork() } {
            Ok(ForkResult::Parent { child }) => {
                // The child has its own copy. While this one was open, the connection could not end.
                drop(stream);
                children.insert(child);
            }
            Ok(ForkResult::Child) => {
                drop(listener);
                die_with_parent(parent);
                serve(stream, client, &site, &options);
                process::exit(0);
            }
            Err(error) => {
                options.log.event(format_args!("{client} turned away: cannot fork: {error}"));
                turn_away(stream, &site);
            }
        }
    }
}
