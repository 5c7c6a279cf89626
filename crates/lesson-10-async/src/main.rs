//! Lesson 10, async: the straight-line code of lesson 08, and no stack at all. The compiler turns it into the state
//! machine that lesson 05 wrote by hand, and a loop like that of lesson 07 runs it.
//!
//! Only code that says `async` can be put aside, and everything that calls it has to say so too.

mod connection;
mod executor;
mod listener;
mod source;

use support::{Failure, Flag, Options};

use executor::Executor;
use listener::{accept, listen};
use source::{Reactor, Source};

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root, Flag::PerClient]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    let reactor = Reactor::new().map_err(|error| Failure::to_wait(&error))?;
    let executor = Executor::new(&reactor);
    let listener = Source::new(listener, &reactor).map_err(|error| Failure::to_wait(&error))?;
    let ended = executor.run(accept(listener, &executor, &site, &options));
    ended.map_err(|error| Failure::to_wait(&error))
}
