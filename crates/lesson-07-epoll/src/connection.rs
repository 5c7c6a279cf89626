//! One client, from its first byte to the close, a step at a time.

use std::io::{self, ErrorKind, Read};
use std::mem;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use polling::Event;
use protocol::{Inbox, Options, Outbox, Place, Site};

/// How long the client may take to hang up after us.
const LINGER: Duration = Duration::from_secs(2);
/// How many steps a client may take in one turn: enough for a few requests, or half a mebibyte.
const STEPS: usize = 8;

/// What lesson 04 kept on the stack of a thread: the variables of `serve`, and how far it had come.
pub struct Connection {
    pub stream: TcpStream,
    client: SocketAddr,
    inbox: Inbox,
    state: State,
    /// When a request was last whole, or something of an answer last went.
    active: Instant,
    /// What the kernel is watching it for.
    watched: Event,
    _place: Place,
}

/// The place in `serve` where a thread would wait.
enum State {
    Receiving,
    /// And whether the connection stays open after it.
    Sending(Outbox, bool),
    /// We have said "that was all", and read what still comes, until the client hangs up too or this time has come.
    HangingUp(Instant),
}

/// How a step went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Something happened, and more may at once.
    Moved,
    /// A thread would wait here. The kernel says when it goes on.
    Waiting,
    /// The connection is over.
    Ended,
}

impl Connection {
    /// `None` if there is nothing to talk to any more.
    pub fn new(
        stream: TcpStream,
        client: SocketAddr,
        place: Place,
        key: usize,
        options: &Options,
    ) -> Option<Connection> {
        options.log.event(format_args!("{client} connected"));
        stream.set_nonblocking(true).ok()?;
        // The end of an answer is not held back until the client has confirmed the rest (Nagle's algorithm).
        stream.set_nodelay(true).ok()?;
        let (inbox, active) = (Inbox::default(), Instant::now());
        let (state, watched) = (State::Receiving, Event::readable(key));
        Some(Connection { stream, client, inbox, state, active, watched, _place: place })
    }

    /// As many steps as are possible without waiting, up to a limit: others want to be served too.
    pub fn take_turn(&mut self, site: &Site, options: &Options) -> Turn {
        for _ in 0..STEPS {
            match self.advance(site, options) {
                // What is in the inbox already, nobody tells of again. For the rest the kernel is asked.
                Turn::Moved if matches!(self.state, State::Receiving) && !self.inbox.has_more() => {
                    return Turn::Waiting;
                }
                Turn::Moved => {}
                turn => return turn,
            }
        }
        Turn::Moved
    }

    /// One step, if that is possible without waiting. Whatever goes wrong is one line in the log, and no one else's
    /// trouble.
    fn advance(&mut self, site: &Site, options: &Options) -> Turn {
        let turn = match self.step(site, options) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Turn::Waiting,
            Err(error) => {
                options.log.lost(self.client, &error);
                Turn::Ended
            }
            Ok(turn) => turn,
        };
        let now = Instant::now();
        // A byte that completes nothing is no progress: who trickles is as late as who is silent.
        if turn == Turn::Moved {
            self.active = now;
        }
        if turn != Turn::Ended && now >= self.deadline(options) {
            options.log.lost(self.client, &ErrorKind::TimedOut.into());
            return Turn::Ended;
        }
        turn
    }

    /// What to watch it for from now on, if that is not what it is watched for.
    pub fn new_interest(&mut self) -> Option<Event> {
        let interest = match self.state {
            State::Receiving | State::HangingUp(_) => Event::readable(self.watched.key),
            State::Sending(..) => Event::writable(self.watched.key),
        };
        (mem::replace(&mut self.watched, interest) != interest).then_some(interest)
    }

    /// When it is to be looked at, whatever happens.
    pub fn deadline(&self, options: &Options) -> Instant {
        match self.state {
            State::HangingUp(enough) => enough,
            _ => self.active + options.patience,
        }
    }

    /// As far as one call of the system goes. `WouldBlock` leaves everything as it was, for the next time.
    fn step(&mut self, site: &Site, options: &Options) -> io::Result<Turn> {
        match &mut self.state {
            State::Receiving => match self.inbox.receive(&mut self.stream)? {
                Some(received) => {
                    let keep_alive = received.keep_alive();
                    let response = site.answer(&received).keeping_alive(keep_alive);
                    options.log.event(format_args!("{} {received} -> {response}", self.client));
                    self.state = State::Sending(response.encode(), keep_alive);
                }
                None => return self.hang_up(),
            },
            State::Sending(outbox, keep_alive) => {
                outbox.send_some(&mut self.stream)?;
                if outbox.is_sent() && !*keep_alive {
                    return self.hang_up();
                }
                if outbox.is_sent() {
                    self.state = State::Receiving;
                }
            }
            State::HangingUp(_) => {
                if self.stream.read(&mut [0; 16 * 1024])? == 0 {
                    return Ok(Turn::Ended);
                }
            }
        }
        Ok(Turn::Moved)
    }

    /// A close with unread bytes would be a reset, and that can take back an answer which is still on its way (RFC
    /// 9112, section 9.6): so the client hangs up first.
    fn hang_up(&mut self) -> io::Result<Turn> {
        self.stream.shutdown(Shutdown::Write)?;
        self.state = State::HangingUp(Instant::now() + LINGER);
        Ok(Turn::Moved)
    }
}
