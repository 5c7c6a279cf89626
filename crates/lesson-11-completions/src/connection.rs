//! One client, from its first byte to the close, an operation at a time.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use io_uring::types::Fd;
use io_uring::{opcode, squeue};
use protocol::{Inbox, Outbox, Received, Site};
use support::{Options, Permit};

/// How long we read on after the answer, at most, until the client closes too.
const LINGERING_TIME: Duration = Duration::from_secs(1);
/// How much is received at most of what may be a whole request, in bytes. Whoever is awaited costs this much.
const FIRST_READ: usize = 1024;
/// How much is received at most of the rest.
const READ: usize = 8 * 1024;

/// What lesson 04 kept on the stack of a thread: the variables of `serve`, and how far it had come.
pub struct Connection {
    stream: TcpStream,
    pub client: SocketAddr,
    pub key: usize,
    inbox: Inbox,
    /// What the kernel receives into. On the heap, where it stays when the connection is moved.
    buffer: Vec<u8>,
    state: State,
    /// When the client has to have made progress.
    pub deadline: Instant,
    /// When it is to be looked at, whatever happens. No later than its deadline.
    pub looked_at: Instant,
    _permit: Permit,
}

/// What the kernel does for it.
enum State {
    Receiving,
    /// And whether the connection stays open after it.
    Sending(Outbox, bool),
    /// We have said "that was all", and receive what still comes, until the client closes too.
    Lingering,
}

/// How a step went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// There is something for the kernel to do.
    Moved,
    /// The connection is over.
    Ended,
}

impl Connection {
    /// `None` if there is nothing to talk to any more.
    pub fn new(
        stream: TcpStream,
        client: SocketAddr,
        permit: Permit,
        key: usize,
        options: &Options,
    ) -> Option<Connection> {
        options.log.event(format_args!("{client} connected"));
        // The end of an answer is not held back until the client has confirmed the rest (Nagle's algorithm).
        stream.set_nodelay(true).ok()?;
        let (inbox, buffer, state) = (Inbox::default(), Vec::new(), State::Receiving);
        let now = Instant::now();
        let deadline = now + options.timeout;
        Some(Connection { stream, client, key, inbox, buffer, state, deadline, looked_at: now, _permit: permit })
    }

    /// What the kernel is to do next. It may use socket and buffer until that is done.
    pub fn operation(&mut self) -> io::Result<squeue::Entry> {
        let socket = Fd(self.stream.as_raw_fd());
        if let State::Sending(outbox, _) = &mut self.state {
            let piece = outbox.next_piece()?;
            return Ok(opcode::Send::new(socket, piece.as_ptr(), piece.len() as u32).build());
        }
        let room = if self.inbox.is_empty() { FIRST_READ } else { READ };
        if self.buffer.len() != room {
            self.buffer = vec![0; room];
        }
        Ok(opcode::Recv::new(socket, self.buffer.as_mut_ptr(), room as u32).build())
    }

    /// Takes what the kernel has done, as far as the next operation. Whatever goes wrong is one line in the log, and no
    /// one else's trouble.
    pub fn advance(&mut self, done: io::Result<usize>, site: &Site, options: &Options) -> Turn {
        let (progress, sending) = (self.inbox.progress(), matches!(self.state, State::Sending(..)));
        let sent = sending && done.is_ok();
        let turn = match done.and_then(|length| self.step(length, site, options)) {
            // The deadline, or an earlier one.
            Err(error) if error.kind() == ErrorKind::TimedOut => Turn::Moved,
            Err(error) => {
                options.log.lost(self.client, &error);
                Turn::Ended
            }
            Ok(turn) => turn,
        };
        let now = Instant::now();
        // The deadline is that of the whole request: a byte that completes nothing is no progress.
        if (self.inbox.progress() > progress || sent) && !matches!(self.state, State::Lingering) {
            self.deadline = now + options.timeout;
        }
        if turn == Turn::Moved && now >= self.deadline { self.time_out(site, options) } else { turn }
    }

    /// So many bytes have been received or sent.
    fn step(&mut self, length: usize, site: &Site, options: &Options) -> io::Result<Turn> {
        match &mut self.state {
            State::Receiving if length == 0 => return self.lingering_close(),
            State::Receiving => self.inbox.push(&self.buffer[..length]),
            State::Sending(outbox, keep_alive) => {
                outbox.advance(length);
                if outbox.is_sent() && !*keep_alive {
                    return self.lingering_close();
                }
                if outbox.is_sent() {
                    self.state = State::Receiving;
                }
            }
            State::Lingering if length == 0 => return Ok(Turn::Ended),
            State::Lingering => {}
        }
        if let State::Receiving = self.state
            && let Some(received) = self.inbox.next()
        {
            self.answer(&received, site, options);
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
        self.state = State::Lingering;
        self.deadline = Instant::now() + LINGERING_TIME;
        Ok(Turn::Moved)
    }
}
