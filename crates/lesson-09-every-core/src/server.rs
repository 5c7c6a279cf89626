//! All clients, and who of them can go on.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::mem;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use polling::{AsRawSource, Event, Events, PollMode, Poller};
use protocol::Site;
use support::{ConnectionLimit, Options, turn_away};

use crate::connection::Connection;
use crate::listener::{COURTESY, EXTRA, next_client};
use crate::turn::Turn;

/// How many clients are accepted in one turn: those who are there already want to be served too.
const ACCEPTS: usize = 64;
/// The key of the listener. Connections have the numbers after it, and none is used twice.
const LISTENER: usize = 0;

pub struct Server<'a> {
    listener: &'a TcpListener,
    site: &'a Site,
    options: &'a Options,
    limit: ConnectionLimit,
    accept_again: Instant,
    poller: Poller,
    connections: HashMap<usize, Connection>,
    /// Of all connections, the earliest first: found without walking them all.
    deadlines: BTreeSet<(Instant, usize)>,
    /// Those that can go on, as far as we know: none leaves it until a call has said `WouldBlock`.
    ready: BTreeSet<usize>,
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
            accept_again: Instant::now(),
            poller: Poller::new()?,
            connections: HashMap::new(),
            deadlines: BTreeSet::new(),
            ready: BTreeSet::new(),
            last_key: LISTENER,
        };
        server.watch(listener, LISTENER)?;
        Ok(server)
    }

    pub fn run(&mut self) -> io::Result<()> {
        let mut events = Events::new();
        loop {
            let first = self.deadlines.first().map(|(time, _)| time.saturating_duration_since(Instant::now()));
            // What is ready already, the kernel does not report again.
            let wait = if self.ready.is_empty() { first } else { Some(Duration::ZERO) };
            events.clear();
            self.poller.wait(&mut events, wait)?;
            self.ready.extend(events.iter().map(|event| event.key));
            while let Some((_, key)) = self.deadlines.first().filter(|(time, _)| *time <= Instant::now()) {
                self.ready.insert(*key);
                self.deadlines.pop_first();
            }
            for key in mem::take(&mut self.ready) {
                if key == LISTENER { self.accept() } else { self.advance(key)? }
            }
        }
    }

    fn accept(&mut self) {
        let start = Instant::now();
        self.leave_next_to_others_after(COURTESY);
        for _ in 0..ACCEPTS {
            let next = next_client(self.listener, &mut self.accept_again, &self.options.log);
            let Some((stream, client)) = next else {
                // After a pause, the clients who wait to be accepted are no news to the kernel. A deadline is.
                if self.accept_again > start {
                    self.deadlines.insert((self.accept_again, LISTENER));
                }
                return;
            };
            self.welcome(stream, client);
            self.leave_next_to_others_after(Duration::ZERO);
        }
        self.ready.insert(LISTENER);
    }

    /// For a moment, and if this worker has more than its share, and if the last time is so long ago.
    fn leave_next_to_others_after(&mut self, pause: Duration) {
        let has_enough = self.connections.len() > self.limit.size() / self.options.workers + EXTRA;
        if has_enough && Instant::now() >= self.accept_again + pause {
            self.accept_again = Instant::now() + COURTESY;
        }
    }

    fn welcome(&mut self, stream: TcpStream, client: SocketAddr) {
        let Some(permit) = self.limit.admit(client.ip()) else {
            self.options.log.event(format_args!("{client} turned away: it has too many connections"));
            return turn_away(stream, self.site);
        };
        let Some(connection) = Connection::new(stream, client, permit, self.options) else { return };
        self.last_key += 1;
        // A new client can be written to, so the kernel reports it at once.
        if let Err(error) = self.watch(&connection.stream, self.last_key) {
            return self.options.log.lost(client, &error);
        }
        self.deadlines.insert((connection.deadline, self.last_key));
        self.connections.insert(self.last_key, connection);
    }

    fn advance(&mut self, key: usize) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(&key) else { return Ok(()) };
        let deadline = connection.deadline;
        let turn = connection.take_turn(self.site, self.options);
        if connection.deadline != deadline {
            self.deadlines.remove(&(deadline, key));
            self.deadlines.insert((connection.deadline, key));
        }
        match turn {
            Turn::Moved => {
                self.ready.insert(key);
            }
            Turn::Waiting => {}
            Turn::Ended => {
                self.poller.delete(&connection.stream)?;
                self.deadlines.remove(&(connection.deadline, key));
                self.connections.remove(&key);
            }
        }
        Ok(())
    }

    /// Edge-triggered: the kernel reports what is new, to be read or to be written to, and each only once.
    fn watch(&self, source: impl AsRawSource, key: usize) -> io::Result<()> {
        // SAFETY: a connection is deleted from the poller before it is dropped, and the listener outlives the poller.
        #[allow(unsafe_code)]
        unsafe {
            self.poller.add_with_mode(source, Event::all(key), PollMode::Edge)
        }
    }
}
