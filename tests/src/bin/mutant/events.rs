//! One thread for all clients, and the kernel says who of them can go on: lesson 07 in short.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, ErrorKind, Read};
use std::mem;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use polling::{AsRawSource, Event, Events, PollMode, Poller};
use protocol::{Inbox, Outbox};
use support::{ConnectionLimit, Permit};

use crate::Server;
use crate::defect::Defect;
use crate::models::next_client;

/// How many steps a client may take in one turn.
const STEPS: usize = 8;
/// How many clients are accepted in one turn.
const ACCEPTS: usize = 64;
/// How long who asks again and again rests in between.
const TICK: Duration = Duration::from_millis(1);
/// How long who calls the roll waits for the next time.
const ROLL_CALL: Duration = Duration::from_millis(250);
const LISTENER: usize = 0;

pub fn by_events(listener: &TcpListener, server: &Server) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut options = server.options.clone();
    if server.defect == Defect::NoCapOnConnections {
        options.per_client = usize::MAX;
    }
    let mut clients = Clients {
        server,
        limit: ConnectionLimit::new(&options),
        poller: Poller::new()?,
        connections: HashMap::new(),
        alarms: BTreeSet::new(),
        ready: BTreeSet::new(),
        last_key: LISTENER,
    };
    clients.watch(listener, LISTENER, PollMode::Level)?;
    clients.serve(listener)
}

struct Clients<'a> {
    server: &'a Server,
    limit: ConnectionLimit,
    poller: Poller,
    connections: HashMap<usize, Connection>,
    /// One for each connection: when to see whether its deadline has come. It may have been put off meanwhile.
    alarms: BTreeSet<(Instant, usize)>,
    /// Who can go on, whether or not the kernel says so again.
    ready: BTreeSet<usize>,
    last_key: usize,
}

impl Clients<'_> {
    fn serve(&mut self, listener: &TcpListener) -> io::Result<()> {
        let mut events = Events::new();
        let mut roll_call = Instant::now();
        loop {
            let first = match self.server.defect {
                Defect::WalksAllDeadlines => self.connections.values().map(|connection| connection.active).min(),
                Defect::CallsTheRoll => Some(roll_call),
                _ => self.alarms.first().map(|(time, _)| *time),
            };
            let first = first.map(|time| time.saturating_duration_since(Instant::now()));
            let wait = match self.server.defect {
                Defect::AsksEveryoneAgain => Some(TICK),
                _ if self.ready.is_empty() => first,
                _ => Some(Duration::ZERO),
            };
            events.clear();
            self.poller.wait(&mut events, wait)?;
            self.ready.extend(events.iter().map(|event| event.key));
            let calls_the_roll = self.server.defect == Defect::CallsTheRoll && roll_call <= Instant::now();
            if calls_the_roll || self.server.defect == Defect::AsksEveryoneAgain {
                self.ready.extend(self.connections.keys());
                roll_call = Instant::now() + ROLL_CALL;
            }
            for key in mem::take(&mut self.ready) {
                if key == LISTENER { self.accept(listener) } else { self.advance(key)? }
            }
            self.drop_the_late()?;
        }
    }

    fn accept(&mut self, listener: &TcpListener) {
        for _ in 0..ACCEPTS {
            let Some((mut stream, client)) = next_client(listener, &self.server.options.log) else { return };
            let _ = stream.set_nonblocking(true);
            match self.limit.admit(client.ip()) {
                Some(permit) => {
                    if let Err(error) = self.welcome(stream, client, permit) {
                        self.server.options.log.lost(client, &error);
                    }
                }
                None => self.server.site.turn_away(&mut stream),
            }
        }
    }

    fn welcome(&mut self, stream: TcpStream, client: SocketAddr, permit: Permit) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let (key, active) = (self.last_key + 1, Instant::now());
        let (inbox, state, watched) = (Inbox::default(), State::Receiving, Event::readable(key));
        self.watch(&stream, key, self.mode())?;
        self.alarms.insert((active + self.server.options.timeout, key));
        let connection = Connection { stream, client, inbox, state, active, watched, has_read: false, _permit: permit };
        self.connections.insert(key, connection);
        self.last_key = key;
        Ok(())
    }

    fn advance(&mut self, key: usize) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(&key) else { return Ok(()) };
        match connection.take_turn(self.server) {
            Ok(Turn::Moved) => {
                self.ready.insert(key);
                Ok(())
            }
            Ok(Turn::Waiting) => match connection.new_interest(self.server.defect) {
                Some(interest) => {
                    let mode = self.mode();
                    self.poller.modify_with_mode(&self.connections[&key].stream, interest, mode)
                }
                None => Ok(()),
            },
            Ok(Turn::Ended) => self.end(key),
            Err(error) => {
                self.server.options.log.lost(connection.client, &error);
                self.end(key)
            }
        }
    }

    fn drop_the_late(&mut self) -> io::Result<()> {
        let now = Instant::now();
        while let Some((_, key)) = self.alarms.first().copied().filter(|(time, _)| *time <= now) {
            self.alarms.pop_first();
            // The kernel tells of much room only. Where there is a little, the client has read, and is not late.
            self.advance(key)?;
            let Some(connection) = self.connections.get_mut(&key) else { continue };
            let deadline = connection.active + self.server.options.timeout;
            if deadline <= now && connection.is_told(self.server) {
                self.advance(key)?;
                self.alarms.insert((now + self.server.options.timeout, key));
            } else if deadline <= now {
                self.server.options.log.lost(connection.client, &ErrorKind::TimedOut.into());
                self.end(key)?;
            } else {
                self.alarms.insert((deadline, key));
            }
        }
        Ok(())
    }

    fn end(&mut self, key: usize) -> io::Result<()> {
        match self.connections.remove(&key) {
            Some(connection) => self.poller.delete(&connection.stream),
            None => Ok(()),
        }
    }

    fn mode(&self) -> PollMode {
        if self.server.defect == Defect::EdgeNotDrained { PollMode::Edge } else { PollMode::Level }
    }

    fn watch(&self, source: impl AsRawSource, key: usize, mode: PollMode) -> io::Result<()> {
        // SAFETY: a connection is deleted from the poller before it is dropped, and the listener outlives the poller.
        #[allow(unsafe_code)]
        unsafe {
            self.poller.add_with_mode(source, Event::readable(key), mode)
        }
    }
}

struct Connection {
    stream: TcpStream,
    client: SocketAddr,
    inbox: Inbox,
    state: State,
    /// When a request was last whole, or something of an answer last went.
    active: Instant,
    watched: Event,
    /// In this turn.
    has_read: bool,
    _permit: Permit,
}

enum State {
    Receiving,
    /// And whether the connection stays open after it.
    Sending(Outbox, bool),
    Lingering,
}

enum Turn {
    Moved,
    Waiting,
    Ended,
}

impl Connection {
    fn take_turn(&mut self, server: &Server) -> io::Result<Turn> {
        if server.defect == Defect::TrickleIsProgress {
            self.active = Instant::now();
        }
        self.has_read = false;
        let steps = if server.defect == Defect::StaysWithOneClient { usize::MAX } else { STEPS };
        for _ in 0..steps {
            let sends = matches!(self.state, State::Sending(..));
            match self.step(server) {
                // The next piece of a large answer comes after everyone else's turn.
                Ok(Turn::Moved) if steps == STEPS && sends && self.has_more_to_send() => return Ok(Turn::Moved),
                Ok(Turn::Moved) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(self.would_block(server.defect)),
                turn => return turn,
            }
        }
        Ok(Turn::Moved)
    }

    fn has_more_to_send(&self) -> bool {
        matches!(&self.state, State::Sending(outbox, _) if !outbox.is_sent())
    }

    fn would_block(&mut self, defect: Defect) -> Turn {
        match (defect, &self.state) {
            (Defect::WouldBlockIsAnEnd, _) => return Turn::Ended,
            (Defect::PartialWriteForgotten, State::Sending(..)) => self.state = State::Receiving,
            _ => {}
        }
        Turn::Waiting
    }

    /// What to watch it for from now on, if that is not what it is watched for.
    fn new_interest(&mut self, defect: Defect) -> Option<Event> {
        let sending = matches!(self.state, State::Sending(..));
        let kept = defect == Defect::WriteInterestKept && self.watched.writable;
        let interest = Event::new(self.watched.key, !sending, sending || kept);
        (mem::replace(&mut self.watched, interest) != interest).then_some(interest)
    }

    /// As far as one call of the system goes.
    fn step(&mut self, server: &Server) -> io::Result<Turn> {
        match &mut self.state {
            State::Receiving => {
                let progress = self.inbox.progress();
                let Some(received) = self.inbox.next() else {
                    if self.inbox.progress() > progress {
                        self.active = Instant::now();
                    }
                    if self.read(server.defect)? == 0 {
                        return self.lingering_close();
                    }
                    return Ok(Turn::Moved);
                };
                let keep_alive = received.keep_alive();
                let response = server.site.answer(&received).keeping_alive(keep_alive);
                self.state = State::Sending(response.encode(), keep_alive);
            }
            State::Sending(outbox, _) if !outbox.is_sent() => {
                if server.defect == Defect::SendsUntilDone {
                    self.stream.set_nonblocking(false)?;
                    outbox.send(&mut self.stream)?;
                    self.stream.set_nonblocking(true)?;
                }
                while server.defect == Defect::WritesUntilFull && !outbox.is_sent() {
                    outbox.send_some(&mut self.stream)?;
                    self.active = Instant::now();
                }
                outbox.send_some(&mut self.stream)?;
            }
            State::Sending(_, false) => return self.lingering_close(),
            State::Sending(_, true) => {
                self.state = State::Receiving;
                if server.defect == Defect::PipelinedBytesLost {
                    self.inbox = Inbox::default();
                }
                // Bytes that are in the inbox already, the kernel does not report again.
                return Ok(if self.inbox.is_empty() { Turn::Waiting } else { Turn::Moved });
            }
            State::Lingering if self.stream.read(&mut [0; 16 * 1024])? == 0 => return Ok(Turn::Ended),
            // Who goes on sending now does not put off the end.
            State::Lingering => return Ok(Turn::Moved),
        }
        self.active = Instant::now();
        Ok(Turn::Moved)
    }

    /// A client whose time is over is told so, if it has sent a part of a request.
    fn is_told(&mut self, server: &Server) -> bool {
        let (State::Receiving, Some(late)) = (&self.state, self.inbox.time_out()) else { return false };
        self.state = State::Sending(server.site.answer(&late).encode(), false);
        true
    }

    fn read(&mut self, defect: Defect) -> io::Result<usize> {
        match defect {
            Defect::EdgeNotDrained if mem::replace(&mut self.has_read, true) => Err(ErrorKind::WouldBlock.into()),
            _ => self.inbox.read_from(&mut self.stream),
        }
    }

    fn lingering_close(&mut self) -> io::Result<Turn> {
        self.stream.shutdown(Shutdown::Write)?;
        self.state = State::Lingering;
        Ok(Turn::Moved)
    }
}
