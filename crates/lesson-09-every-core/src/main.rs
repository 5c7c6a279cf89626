//! Lesson 09, every core: the loop of lesson 07, once for each core, all with the same listener. Multiplexing makes
//! waiting cheap, but nothing parallel; threads do that.
//!
//! A client stays with the worker that accepted it, even where that one is busy and another is idle.

mod connection;
mod listener;
mod server;
mod turn;

use std::panic;
use std::process;
use std::thread::{self, Builder};

use support::{ConnectionLimit, Failure, Flag, Options};

use listener::listen;
use server::Server;

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root, Flag::PerClient, Flag::Workers]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
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
