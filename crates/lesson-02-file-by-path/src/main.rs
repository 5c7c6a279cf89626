//! Lesson 02, a file by path: the answer now depends on the question. The path of the request names a file below the
//! document root.
//!
//! It serves one client after another: while one is silent, all others wait.

mod connection;
mod listener;

use support::{Failure, Flag, Options};

use connection::serve;
use listener::{listen, next_client};

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    loop {
        let Some((stream, client)) = next_client(&listener, &options.log) else { continue };
        serve(stream, client, &site, &options);
    }
}
