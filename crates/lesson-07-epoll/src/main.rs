//! Lesson 07, epoll: the same connections, and the kernel says which of them can go on. The server sleeps until then,
//! and an idle client costs nothing but its memory.
//!
//! One thread still means one core. And the program is cut into steps, which is not how anybody thinks of it.

mod connection;
mod listener;
mod server;
mod turn;

use support::{Failure, Flag, Options};

use listener::listen;
use server::Server;

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root, Flag::PerClient]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    let server = Server::new(&listener, &site, &options).and_then(|mut server| server.run());
    server.map_err(|error| Failure::to_wait(&error))
}
