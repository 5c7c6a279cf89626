//! Lesson 04, multi-thread: a thread for every client. Threads share memory and descriptors, so nothing is copied, and
//! a client costs a stack instead of a process.
//!
//! Still each client holds a thread for as long as it likes, and most of that time the thread waits.

mod connection;
mod listener;

use std::sync::Arc;
use std::thread;

use support::{Failure, Flag, Options, memory_to_spare, turn_away};

use connection::serve;
use listener::{PAUSE, listen, next_client};

/// How many clients are served at a time; one more waits for a thread to end.
const THREADS_MAX: usize = 512;

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    // A thread of the scope may borrow what was made before it: nothing has to be copied for a client.
    thread::scope(|scope| {
        let alive = Arc::new(());
        loop {
            // Each thread holds one more of it.
            while Arc::strong_count(&alive) > THREADS_MAX {
                thread::sleep(PAUSE);
            }
            let Some((stream, client)) = next_client(&listener, &options.log) else { continue };
            // If no thread can be had, the stream goes with what it was to do. This one is left to say so with.
            let again = stream.try_clone();
            let (site, options, alive) = (&site, &options, Arc::clone(&alive));
            let thread = thread::Builder::new().name(format!("client-{}", client.port()));
            let serve = move || {
                let _alive = alive;
                serve(stream, client, site, options);
            };
            let started = memory_to_spare().and_then(|()| thread.spawn_scoped(scope, serve));
            if let Err(error) = started {
                options.log.event(format_args!("{client} turned away: cannot start a thread: {error}"));
                let _ = again.map(|stream| turn_away(stream, site));
            }
        }
    })
}
