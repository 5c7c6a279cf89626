//! All clients, and who of them can go on.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, ErrorKind};
use std::mem;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use polling::{AsRawSource, Event, Events, PollMode, Poller};
use protocol::Site;
use support::{ConnectionLimit, Options, turn_away};

use crate::connection::{Connection, Turn};

/// How long an `accept` that failed is not tried again: an error that lasts must not become a flood of messages.
const PAUSE: Duration = Duration::from_millis(100);
/// How many clients are accepted in one turn. The others wait with the kernel, which tells again.
const ACCEPTS: usize = 64;
/// The key of the listener. Connections have the numbers after it, and none is used twice.
const LISTENER: usize = 0;

pub struct Server<'a> {
    listener: &'a TcpListener,
    site: &'a Site,
    options: &'a Options,
    limit: ConnectionLimit,
    poller: Poller,
    connections: HashMap<usize, Connection>,
    /// Which connection is to be looked at when, whatever happens: found without walking them all.
    deadlines: BTreeSet<(Instant, usize)>,
    /// Who can go on, whether or not the kernel says so again.
    ready: BTreeSet<usize>,
    /// Whether the listener is watched.
    accepting: bool,
    last_key: usize,
}

impl<'a> Server<'a> {
    pub fn new(
        listener: &'a TcpListener,
        site: &'a Site,
        options: &'a Options,
        limit: ConnectionLimit,
    ) -> io::Result<Server<'a>> {
        let server = Server {
            listener,
            site,
            options,
            limit,
            poller: Poller::new()?,
            connections: HashMap::new(),
            deadlines: BTreeSet::new(),
            ready: BTreeSet::new(),
            accepting: true,
            last_key: LISTENER,
        };
        server.watch(listener, LISTENER)?;
        Ok(server)
    }

    pub fn run(&mut self) -> io::Result<()> {
        let mut events = Events::new();
        loop {
            // Bytes that are in an inbox already, the kernel does not report again.
            let first = self.deadlines.first().map(|(time, _)| time.saturating_duration_since(Instant::now()));
            let wait = if self.ready.is_empty() { first } else { Some(Duration::ZERO) };
            events.clear();
            self.poller.wait(&mut events, wait)?;
            self.ready.extend(events.iter().map(|event| event.key));
            while let Some((_, key)) = self.deadlines.first().filter(|(time, _)| *time <= Instant::now()) {
                self.ready.insert(*key);
                self.deadlines.pop_first();
            }
            for key in mem::take(&mut self.ready) {
                if key == LISTENER { self.accept()? } else { self.advance(key)? }
            }
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        let mut accepting = true;
        for _ in 0..ACCEPTS {
            match self.listener.accept() {
                Ok((stream, client)) => self.welcome(stream, client),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => {
                    self.options.log.event(format_args!("cannot accept: {error}"));
                    // The client stays at the door, and the kernel would tell of it again and again.
                    self.deadlines.insert((Instant::now() + PAUSE, LISTENER));
                    accepting = false;
                    break;
                }
            }
        }
        if mem::replace(&mut self.accepting, accepting) != accepting {
            let interest = Event::new(LISTENER, accepting, false);
            self.poller.modify_with_mode(self.listener, interest, PollMode::Level)?;
        }
        Ok(())
    }

    fn welcome(&mut self, stream: TcpStream, client: SocketAddr) {
        let Some(permit) = self.limit.admit(client.ip()) else {
            self.options.log.event(format_args!("{client} turned away: it has too many connections"));
            return turn_away(stream, self.site);
        };
        let key = self.last_key + 1;
        let Some(connection) = Connection::new(stream, client, permit, key, self.options) else { return };
        match self.watch(&connection.stream, key) {
            Ok(()) => {
                self.last_key = key;
                self.connections.insert(key, connection);
                // It may have said something already.
                self.ready.insert(key);
            }
            Err(error) => self.options.log.lost(client, &error),
        }
    }

    fn advance(&mut self, key: usize) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(&key) else { return Ok(()) };
        match connection.take_turn(self.site, self.options) {
            Turn::Moved => {
                self.ready.insert(key);
            }
            Turn::Waiting => {
                let deadline = connection.deadline(self.options);
                // An earlier one may stay: at that time there is another look. So a request costs no change here.
                if deadline < connection.looked_at || connection.looked_at <= Instant::now() {
                    self.deadlines.remove(&(connection.looked_at, key));
                    self.deadlines.insert((deadline, key));
                    connection.looked_at = deadline;
                }
                if let Some(interest) = connection.new_interest() {
                    self.poller.modify_with_mode(&connection.stream, interest, PollMode::Level)?;
                }
            }
            Turn::Ended => {
                self.poller.delete(&connection.stream)?;
                self.deadlines.remove(&(connection.looked_at, key));
                self.connections.remove(&key);
            }
        }
        Ok(())
    }

    /// Level-triggered: the kernel tells of what is there, again and again, until it is gone.
    fn watch(&self, source: impl AsRawSource, key: usize) -> io::Result<()> {
        // SAFETY: a connection is deleted from the poller before it is dropped, and the listener outlives the poller.
        #[allow(unsafe_code)]
        unsafe {
            self.poller.add_with_mode(source, Event::readable(key), PollMode::Level)
        }
    }
}
