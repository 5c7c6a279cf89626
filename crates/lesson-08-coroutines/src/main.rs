//! Lesson 08, coroutines: the straight-line code of lesson 04 again, but what runs it costs a few kilobytes instead of
//! a thread. Where a thread would wait, a coroutine is put aside, and its thread goes on with another.
//!
//! Only waiting for sockets is so cheap. A call that blocks the thread, such as reading a file, blocks every coroutine
//! on it.

mod connection;
mod listener;
mod stream;
mod worker;

use std::os::fd::AsRawFd;

use support::{ConnectionLimit, Failure, Flag, Options, memory_to_spare, turn_away};

use connection::serve;
use listener::{listen, next_client};
use stream::Watchdog;

/// How many clients are served at a time. The system allows a process some 32,000 stacks, and the library panics at one
/// more. A client that gives way has two for a moment.
const CLIENTS_MAX: usize = 12 * 1024;

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root, Flag::PerClient, Flag::Workers]);
    let site = options.open_site()?;
    worker::configure(options.workers);
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    let limit = ConnectionLimit::new(&options);
    let watchdog = Watchdog::start().map_err(|error| Failure::to_start_thread(&error))?;
    loop {
        let Some((stream, client)) = next_client(&listener, &options.log) else { continue };
        let Some(permit) =
            limit.admit(client.ip()).filter(|_| limit.size() <= CLIENTS_MAX && memory_to_spare().is_ok())
        else {
            options.log.event(format_args!("{client} turned away: it has too many connections, or all have"));
            turn_away(stream, &site);
            continue;
        };
        let (site, its_options, watchdog) = (site.clone(), options.clone(), watchdog.clone());
        let started = worker::start(stream.as_raw_fd(), move || {
            let _permit = permit;
            serve(stream, client, &site, &its_options, &watchdog);
        });
        if let Err(error) = started {
            options.log.event(format_args!("{client} refused: cannot start a coroutine: {error}"));
        }
    }
}
