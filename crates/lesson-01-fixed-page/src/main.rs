//! Lesson 01, a fixed page: the shortest life of a web server. Listen, accept, read the whole request, answer, close.
//!
//! It shows what a browser really sends, line by line. It cannot yet answer one question differently from another.

mod connection;
mod listener;

use protocol::Page;
use support::{Failure, Options};

use connection::serve;
use listener::{listen, next_client};

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[]);
    let page = Page::new(options.name, include_str!("page.html"));
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    loop {
        let Some((stream, client)) = next_client(&listener, &options.log) else { continue };
        serve(stream, client, &page, &options);
    }
}
