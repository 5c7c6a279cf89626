//! All clients, and what has been done for them.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use protocol::Site;
use support::{ConnectionLimit, Options, turn_away};

use crate::connection::Connection;
use crate::listener::{COURTESY, EXTRA, PAUSE};
use crate::ring::{Completion, Ring};
use crate::turn::Turn;

pub struct Server<'a> {
    ring: Ring<'a>,
    site: &'a Site,
    options: &'a Options,
    limit: ConnectionLimit,
}

impl<'a> Server<'a> {
    pub fn new(
        listener: &'a TcpListener,
        site: &'a Site,
        options: &'a Options,
        limit: ConnectionLimit,
    ) -> io::Result<Server<'a>> {
        Ok(Server { ring: Ring::new(listener)?, site, options, limit })
    }

    pub fn run(&mut self) -> io::Result<()> {
        self.ring.accept_after(Duration::ZERO)?;
        loop {
            self.ring.wait()?;
            while let Some(completion) = self.ring.next() {
                match completion {
                    Completion::Accepted(Ok(stream)) => {
                        self.welcome(stream);
                        // Whoever has more than its share leaves the next client to the others, if they are quick.
                        let has_enough = self.ring.in_flight() > self.limit.size() / self.options.workers + EXTRA;
                        self.ring.accept_after(if has_enough { COURTESY } else { Duration::ZERO })?;
                    }
                    Completion::Accepted(Err(error)) => {
                        self.options.log.event(format_args!("cannot accept: {error}"));
                        self.ring.accept_after(PAUSE)?;
                    }
                    Completion::Done(connection, result) => self.advance(connection, result),
                }
            }
        }
    }

    fn welcome(&mut self, stream: TcpStream) {
        // It may have left already.
        let Ok(client) = stream.peer_addr() else { return };
        let Some(permit) = self.limit.admit(client.ip()) else {
            self.options.log.event(format_args!("{client} turned away: it has too many connections"));
            return turn_away(stream, self.site);
        };
        if let Some(connection) = Connection::new(stream, client, permit, self.options) {
            self.start(Box::new(connection));
        }
    }

    fn advance(&mut self, mut connection: Box<Connection>, done: io::Result<usize>) {
        if connection.advance(done, self.site, self.options) != Turn::Ended {
            self.start(connection);
        }
    }

    fn start(&mut self, connection: Box<Connection>) {
        let client = connection.client;
        if let Err(error) = self.ring.start(connection) {
            self.options.log.lost(client, &error);
        }
    }
}
