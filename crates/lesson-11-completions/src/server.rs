//! All clients, and what has been done for them.

use std::io;
use std::net::TcpStream;

use protocol::Site;
use support::{ConnectionLimit, Options, turn_away};

use crate::connection::{Connection, Turn};
use crate::ring::{Completion, Ring};

pub struct Server<'a> {
    ring: Ring<'a>,
    site: &'a Site,
    options: &'a Options,
    limit: ConnectionLimit,
    last_key: usize,
}

impl<'a> Server<'a> {
    pub fn new(ring: Ring<'a>, site: &'a Site, options: &'a Options) -> Server<'a> {
        Server { ring, site, options, limit: ConnectionLimit::new(options), last_key: 0 }
    }

    pub fn run(&mut self) -> io::Result<()> {
        self.ring.accept()?;
        loop {
            self.ring.wait()?;
            while let Some(completion) = self.ring.next() {
                match completion {
                    Completion::Accepted(Ok(stream)) => self.welcome(stream),
                    Completion::Accepted(Err(error)) => {
                        self.options.log.event(format_args!("cannot accept: {error}"));
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
        self.last_key += 1;
        let connection = Connection::new(stream, client, permit, self.last_key, self.options);
        connection.into_iter().for_each(|connection| self.start(Box::new(connection)));
    }

    fn advance(&mut self, mut connection: Box<Connection>, result: io::Result<usize>) {
        match connection.advance(result, self.site, self.options) {
            Turn::Moved => self.start(connection),
            Turn::Ended => self.ring.forget(&connection),
        }
    }

    fn start(&mut self, connection: Box<Connection>) {
        let client = connection.client;
        if let Err(error) = self.ring.start(connection) {
            self.options.log.lost(client, &error);
        }
    }
}
