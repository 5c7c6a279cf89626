//! One client, from its first byte to the close, an operation at a time.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use io_uring::types::Fd;
use io_uring::{opcode, squeue};
use protocol::{Inbox, Outbox, Received, Site};
use support::{Options, Permit};

use crate::turn::Turn;

/// How long we read on after the answer, at most, until the client closes too.
const LINGERING_TIME: Duration = Duration::from_secs(1);

/// What lesson 04 kept on the stack of a thread: the variables of `serve`, and how far it had come.
pub struct Connection {
    stream: TcpStream,
    pub client: SocketAddr,
    inbox: Inbox,
    /// What the kernel receives into.
    buffer: Vec<u8>,
    state: State,
    /// When its time is over. Progress sets it anew; a byte that completes nothing is none.
    pub deadline: Instant,
    _permit: Permit,
}

/// What the kernel does for it.
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
        // The end of an answer is not held back until the client has confirmed the rest (Nagle's algorithm).
        stream.set_nodelay(true).ok()?;
        let (inbox, buffer, deadline) = (Inbox::default(), Vec::new(), Instant::now() + options.timeout);
        Some(Connection { stream, client, inbox, buffer, state: State::Receiving, deadline, _permit: permit })
    }

    /// What the kernel is to do next. Until that is done, it uses the socket, and a buffer on the heap.
    pub fn operation(&mut self) -> io::Result<squeue::Entry> {
        let socket = Fd(self.stream.as_raw_fd());
        if let State::Sending(outbox, _) = &mut self.state {
            let piece = outbox.next_piece()?;
            return Ok(opcode::Send::new(socket, piece.as_ptr(), piece.len() as u32).build());
        }
        // Whoever is awaited costs this much, so for a new request it is little.
        self.buffer = vec![0; if self.inbox.is_empty() { 1024 } else { 8 * 1024 }];
        Ok(opcode::Recv::new(socket, self.buffer.as_mut_ptr(), self.buffer.len() as u32).build())
    }

    /// Goes on with what the kernel has done. Whatever goes wrong is one line in the log, and no one else's trouble.
    pub fn advance(&mut self, done: io::Result<usize>, site: &Site, options: &Options) -> Turn {
        let turn = match done.and_then(|length| self.step(length, site, options)) {
            Err(error) if error.kind() == ErrorKind::TimedOut => Turn::Moved,
            Err(error) => {
                options.log.lost(self.client, &error);
                Turn::Ended
            }
            Ok(turn) => turn,
        };
        if turn != Turn::Ended && Instant::now() >= self.deadline { self.time_out(site, options) } else { turn }
    }

    /// So many bytes have been received or sent.
    fn step(&mut self, length: usize, site: &Site, options: &Options) -> io::Result<Turn> {
        match &mut self.state {
            State::Receiving if length == 0 => return self.lingering_close(),
            State::Receiving => self.inbox.push(&self.buffer[..length]),
            State::Sending(outbox, keep_alive) => {
                outbox.advance(length);
                self.deadline = Instant::now() + options.timeout;
                if outbox.is_sent() && *keep_alive {
                    self.state = State::Receiving;
                } else if outbox.is_sent() {
                    return self.lingering_close();
                }
            }
            State::Lingering if length == 0 => return Ok(Turn::Ended),
            State::Lingering => {}
        }
        if let State::Receiving = self.state {
            let progress = self.inbox.progress();
            let next = self.inbox.next();
            if self.inbox.progress() > progress {
                self.deadline = Instant::now() + options.timeout;
            }
            next.inspect(|received| self.answer(received, site, options));
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
