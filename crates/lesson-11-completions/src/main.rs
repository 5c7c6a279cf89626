//! Lesson 11, completions: the kernel is not asked who is ready, it is asked to do the work, and says when it is done.
//! One system call hands over what many clients need and brings what has been done for others.
//!
//! What the kernel works on is not ours meanwhile, and it takes a kernel that does this, and permits it.

mod connection;
mod listener;
mod ring;
mod server;
mod turn;

use std::panic;
use std::process;
use std::thread::{self, Builder};

use support::{ConnectionLimit, Failure, Flag, Options};

use listener::listen_when_free;
use ring::Ring;
use server::Server;

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root, Flag::PerClient, Flag::Workers]);
    let site = options.open_site()?;
    let listener = listen_when_free(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    // Before anybody is told to come: not every kernel does this, and not every container may ask for it.
    Ring::new(&listener).map_err(|error| Failure::to_use_io_uring(&error))?;
    options.announce(&listener.local_addr());

    let limit = ConnectionLimit::new(&options);
    let work = || {
        let server = Server::new(&listener, &site, &options, limit.clone()).and_then(|mut server| server.run());
        // Without it the others would go on, and nobody would notice that one is missing.
        if let Err(error) = server {
            Failure::to_wait(&error).end()
        }
    };
    // A panic, too, would end only its thread.
    let say = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        say(panic);
        process::exit(101)
    }));
    thread::scope(|scope| {
        for number in 2..=options.workers {
            let worker = Builder::new().name(format!("worker {number}"));
            if let Err(error) = worker.spawn_scoped(scope, work) {
                Failure::to_start_thread(&error).end()
            }
        }
        work()
    });
    Ok(())
}
