//! One client, from its first byte to the close, a step at a time.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use protocol::{Inbox, Outbox, Received, Site};
use support::{Options, Permit};

use crate::turn::Turn;

/// How long we read on after the answer, at most, until the client closes too.
const LINGERING_TIME: Duration = Duration::from_secs(1);
/// How many steps a client may take in one turn: enough for a few requests. With them a turn is bounded in bytes too.
const STEPS: usize = 16;

/// What lesson 04 kept on the stack of a thread: the variables of `serve`, and how far it had come.
pub struct Connection {
    pub stream: TcpStream,
    client: SocketAddr,
    inbox: Inbox,
    state: State,
    /// When its time is over. Progress sets it anew; a byte that completes nothing is none.
    pub deadline: Instant,
    _permit: Permit,
}

/// The place in `serve` where a thread would wait.
enum State {
    Receiving,
    /// And whether the connection stays open after it.
    Sending(Outbox, bool),
    /// We have said "that was all", and read what still comes, until the client closes too.
    Lingering,
}

impl Connection {
    /// `None` if there is nothing to talk to any more.
    pub fn new(stream: TcpStream, client: SocketAddr, permit: Permit, options: &Options) -> Option<Connection> {
        options.log.event(format_args!("{client} connected"));
        stream.set_nonblocking(true).ok()?;
        // The end of an answer is not held back until the client has confirmed the rest (Nagle's algorithm).
        stream.set_nodelay(true).ok()?;
        let (inbox, deadline) = (Inbox::default(), Instant::now() + options.timeout);
        Some(Connection { stream, client, inbox, state: State::Receiving, deadline, _permit: permit })
    }

    /// As many steps as are possible without waiting, up to a limit: others want to be served too.
    pub fn take_turn(&mut self, site: &Site, options: &Options) -> Turn {
        for _ in 0..STEPS {
            match self.advance(site, options) {
                // The next piece of a large answer comes after everyone else's turn.
                Turn::Moved if !matches!(self.state, State::Sending(..)) => {}
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
        if turn != Turn::Ended && Instant::now() >= self.deadline { self.time_out(site, options) } else { turn }
    }

    /// As far as one call of the system goes. `WouldBlock` leaves everything as it was, for the next time.
    fn step(&mut self, site: &Site, options: &Options) -> io::Result<Turn> {
        if let State::Receiving = self.state {
            let progress = self.inbox.progress();
            let next = self.inbox.next();
            if self.inbox.progress() > progress {
                self.deadline = Instant::now() + options.timeout;
            }
            match next {
                Some(received) => self.answer(&received, site, options),
                None if self.inbox.read_from(&mut self.stream)? == 0 => return self.lingering_close(),
                None => return Ok(Turn::Moved),
            }
        }
        match &mut self.state {
            State::Sending(outbox, keep_alive) => {
                outbox.send_some(&mut self.stream)?;
                self.deadline = Instant::now() + options.timeout;
                if outbox.is_sent() && *keep_alive {
                    self.state = State::Receiving;
                } else if outbox.is_sent() {
                    return self.lingering_close();
                }
            }
            State::Lingering if self.stream.read(&mut [0; 16 * 1024])? == 0 => return Ok(Turn::Ended),
            State::Receiving | State::Lingering => {}
        }
        Ok(Turn::Moved)
    }

    fn answer(&mut self, received: &Received, site: &Site, options: &Options) {
        let keep_alive = received.keep_alive();
        let response = site.answer(received).keeping_alive(keep_alive);
        options.log.event(format_args!("{} {received} -> {response}", self.client));
        self.state = State::Sending(response.encode(), keep_alive);
    }

    /// The client is told, if it has sent a part of a request: that is the last step that it gets.
    fn time_out(&mut self, site: &Site, options: &Options) -> Turn {
        if let (State::Receiving, Some(late)) = (&self.state, self.inbox.time_out()) {
            self.answer(&late, site, options);
            return Turn::Moved;
        }
        if !matches!(self.state, State::Lingering) {
            options.log.lost(self.client, &ErrorKind::TimedOut.into());
        }
        Turn::Ended
    }

    /// A close with unread bytes would be a reset, and that can take back an answer which is still on its way (RFC
    /// 9112, section 9.6): so the client closes first.
    fn lingering_close(&mut self) -> io::Result<Turn> {
        self.stream.shutdown(Shutdown::Write)?;
        (self.state, self.deadline) = (State::Lingering, Instant::now() + LINGERING_TIME);
        Ok(Turn::Moved)
    }
}
