//! Lesson 06, long connection: a client asks for many things, one after another, on one connection. That saves it a
//! handshake for each; the server keeps each connection for as long as the client makes progress, and so many for each.
//!
//! Idle clients are cheap now, but not free: each is asked in every round whether it has something to say.

mod connection;
mod listener;
mod turn;

use std::thread;
use std::time::{Duration, Instant};

use support::{ConnectionLimit, Failure, Flag, Options, turn_away};

use connection::Connection;
use listener::{listen, next_client};
use turn::Turn;

/// How long to rest after a round in which nothing happened. Shorter burns more, longer makes clients wait longer.
const REST: Duration = Duration::from_millis(1);

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root, Flag::PerClient]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    let limit = ConnectionLimit::new(&options);
    let mut connections: Vec<Connection> = Vec::new();
    let mut accept_again = Instant::now();
    loop {
        let mut moved = false;
        if let Some((stream, client)) = next_client(&listener, &mut accept_again, &options.log) {
            match limit.admit(client.ip()) {
                Some(permit) => connections.extend(Connection::new(stream, client, permit, &options)),
                None => {
                    options.log.event(format_args!("{client} turned away: it has too many connections"));
                    turn_away(stream, &site);
                }
            }
            moved = true;
        }
        // `retain_mut` visits each once and keeps or drops it on the way: nothing is removed behind the walker's back.
        connections.retain_mut(|connection| {
            let turn = connection.advance(&site, &options);
            moved |= turn == Turn::Moved;
            turn != Turn::Ended
        });
        if !moved {
            thread::sleep(REST);
        }
    }
}
