//! One connection, driven byte by byte.

use std::cell::RefCell;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::rc::Rc;
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use crate::answer::{Answer, Head};
use crate::stages::Symptom;
use crate::transcript::{Event, Transcript};
use crate::{PATIENT, Stop, visible};

/// A connection to the server under test. Everything that it sends and receives goes into the transcript of its case.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    number: usize,
    transcript: Rc<RefCell<Transcript>>,
    /// What came and has not been looked at.
    unread: Vec<u8>,
    timeout: Duration,
    /// A write met a reset: the kernel says so once, and the next read sees only an end.
    reset: bool,
    ended: Option<Ended>,
}

/// How the server ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It closed.
    Closed,
    /// It reset.
    Reset,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr, transcript: &Rc<RefCell<Transcript>>) -> Result<Client, Stop> {
        Client::connect_with(address, transcript, None, None)
    }

    /// With a small receive buffer, so that little can be on its way while we do not read; from this address.
    pub(crate) fn connect_with(
        address: SocketAddr,
        transcript: &Rc<RefCell<Transcript>>,
        receive_buffer: Option<usize>,
        source: Option<IpAddr>,
    ) -> Result<Client, Stop> {
        let number = transcript.borrow_mut().connection();
        let stream =
            open(address, receive_buffer, source).map_err(|error| Stop::other(format!("cannot connect: {error}")))?;
        Ok(Client {
            stream,
            number,
            transcript: Rc::clone(transcript),
            unread: Vec::new(),
            timeout: PATIENT,
            reset: false,
            ended: None,
        })
    }

    /// A connection outside of any case, with a transcript of its own: by a client that can take in about this many
    /// bytes before it reads, and that has this address.
    ///
    /// # Errors
    ///
    /// If nobody accepts it.
    pub fn open(address: SocketAddr, receive_buffer: Option<usize>, source: Option<IpAddr>) -> Result<Client, Stop> {
        Client::connect_with(address, &Rc::default(), receive_buffer, source)
    }

    /// What went over the wire, for a person to read.
    pub fn wire(&self) -> String {
        self.transcript.borrow().show(b"")
    }

    /// The port that this client has on its side.
    pub fn port(&self) -> u16 {
        self.stream.local_addr().map_or(0, |address| address.port())
    }

    /// From now on, wait this long at most.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    fn note(&self, event: Event) {
        self.transcript.borrow_mut().add(self.number, event);
    }

    /// Sends all of it.
    ///
    /// A server may have closed already: that is for the answer to show. Only one that neither takes the bytes nor
    /// hangs up is a failure here.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<&mut Client, Stop> {
        let bytes = bytes.as_ref();
        self.note(Event::Sent(bytes.to_vec()));
        let _ = self.stream.set_write_timeout(Some(self.timeout));
        match self.stream.write_all(bytes) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Err(Stop::with(Symptom::Waits, "the server neither reads what is sent nor closes"))
            }
            result => {
                self.reset |= result.is_err();
                Ok(self)
            }
        }
    }

    /// Sends one urgent byte (`MSG_OOB`, RFC 6093), if that is possible at once: it wakes who waits for the socket, and
    /// is not among the bytes that are read.
    pub fn send_urgent(&mut self) {
        self.note(Event::Sent(b"!".to_vec()));
        let _ = rustix::net::send(&self.stream, b"!", rustix::net::SendFlags::OOB | rustix::net::SendFlags::DONTWAIT);
    }

    /// Sends these pieces, with a moment of silence between them, so that a server sees each by itself.
    ///
    /// Whatever the server says or does in such a moment is a failure: it did not wait for the rest.
    pub fn send_in_pieces<'a>(&mut self, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<&mut Client, Stop> {
        for (number, piece) in pieces.into_iter().enumerate() {
            if number > 0 && !self.is_quiet_for(Duration::from_millis(1)) {
                return match self.read_more()? {
                    true => Err(Stop::other("an answer came before the request was whole")),
                    false => Err(self.hung_up("before the request was whole")),
                };
            }
            self.send(piece)?;
        }
        Ok(self)
    }

    /// Says that no more will be sent (a half-close: FIN), and goes on listening.
    pub fn finish(&mut self) -> &mut Client {
        self.note(Event::HalfClosed);
        let _ = self.stream.shutdown(Shutdown::Write);
        self
    }

    /// The answer to a request other than HEAD.
    pub fn answer(&mut self) -> Result<Answer, Stop> {
        self.read_answer(true)
    }

    /// The answer to a HEAD request: it has no body, whatever `Content-Length` says.
    pub fn answer_to_head(&mut self) -> Result<Answer, Stop> {
        self.read_answer(false)
    }

    /// What comes first: an answer, or `None` for a close without one.
    pub fn answer_or_close(&mut self) -> Result<Option<Answer>, Stop> {
        if self.unread.is_empty() && !self.read_more()? {
            return match self.ended {
                Some(Ended::Closed) => Ok(None),
                _ => Err(self.hung_up("before any answer")),
            };
        }
        self.read_answer(true).map(Some)
    }

    fn read_answer(&mut self, body: bool) -> Result<Answer, Stop> {
        loop {
            let answer = self.read_any_answer(body)?;
            // 1xx comes before the real one (RFC 9110, section 15.2).
            if answer.status >= 200 {
                return Ok(answer);
            }
        }
    }

    /// The next response, be it 1xx.
    pub fn read_any_answer(&mut self, body: bool) -> Result<Answer, Stop> {
        let head = loop {
            match Head::parse(&self.unread) {
                Ok(Some(head)) => break head,
                Ok(None) => {}
                Err(text) => return Err(Stop::other(text)),
            }
            if !self.read_more()? {
                return Err(self.hung_up("before the head of an answer was whole"));
            }
        };
        let raw: Vec<u8> = self.unread.drain(..head.length).collect();
        let bodiless = !body || matches!(head.status, 100..=199 | 204 | 304);
        let length = if bodiless { Some(0) } else { self.content_length(&head)? };
        let body = match length {
            Some(length) => {
                while self.unread.len() < length {
                    if !self.read_more()? {
                        let came = self.unread.len();
                        return Err(self.hung_up(&format!("after {came} of {length} bytes of the body")));
                    }
                }
                self.unread.drain(..length).collect()
            }
            // No length: the close ends the body (RFC 9112, section 6.3).
            None => {
                while self.read_more()? {}
                if self.ended == Some(Ended::Reset) {
                    return Err(self.hung_up("in the middle of the body"));
                }
                std::mem::take(&mut self.unread)
            }
        };
        Ok(Answer { status: head.status, fields: head.fields, body, head: raw })
    }

    fn content_length(&self, head: &Head) -> Result<Option<usize>, Stop> {
        head.field("Content-Length")
            .map(|value| value.parse().map_err(|_| Stop::other(format!("Content-Length: {value} is not a number"))))
            .transpose()
    }

    /// Waits until the server has closed. A byte that comes before is a failure, and so is a reset.
    pub fn closes(&mut self) -> Result<(), Stop> {
        if self.unread.is_empty() {
            match self.read_more() {
                Ok(false) if self.ended == Some(Ended::Closed) => return Ok(()),
                Ok(false) => return Err(self.hung_up("where a clean close was due")),
                Ok(true) => {}
                Err(stop) => return Err(stop.seen_as(Symptom::StaysOpen)),
            }
        }
        Err(Stop::other(format!("expected a close, but more came: {}", visible(&self.unread))))
    }

    /// Waits until the server has closed or reset, whatever it sends before.
    pub fn ends(&mut self) -> Result<Ended, Stop> {
        while self.read_more().map_err(|stop| stop.seen_as(Symptom::StaysOpen))? {
            self.unread.clear();
        }
        self.ended.ok_or_else(|| Stop::with(Symptom::StaysOpen, "the connection stays open"))
    }

    /// Whether something has come, or does within this time. For what should *not* come: nothing tells of that but
    /// time.
    pub fn hears_within(&mut self, wait: Duration) -> bool {
        let timeout = std::mem::replace(&mut self.timeout, wait);
        let heard = !self.unread.is_empty() || self.read_more().is_ok();
        self.timeout = timeout;
        heard
    }

    /// Whether nothing comes within this time. Looks without reading, so that it may be asked again and again.
    pub fn is_quiet_for(&self, wait: Duration) -> bool {
        let _ = self.stream.set_read_timeout(Some(wait));
        let quiet = [ErrorKind::WouldBlock, ErrorKind::TimedOut, ErrorKind::Interrupted];
        self.unread.is_empty() && self.stream.peek(&mut [0]).is_err_and(|error| quiet.contains(&error.kind()))
    }

    /// What has come, and has not been looked at.
    pub fn unread(&self) -> &[u8] {
        &self.unread
    }

    /// Reads and throws away this many bytes of a body.
    pub fn skip(&mut self, mut bytes: usize) -> Result<(), Stop> {
        while bytes > 0 {
            if self.unread.is_empty() && !self.read_more()? {
                return Err(self.hung_up("in the middle of the body"));
            }
            let taken = bytes.min(self.unread.len());
            self.unread.drain(..taken);
            bytes -= taken;
        }
        Ok(())
    }

    /// The next bytes of a body, just so many.
    pub fn take(&mut self, bytes: usize) -> Result<Vec<u8>, Stop> {
        while self.unread.len() < bytes {
            if !self.read_more()? {
                return Err(self.hung_up("in the middle of the body"));
            }
        }
        Ok(self.unread.drain(..bytes).collect())
    }

    /// Ends the connection by a reset instead of a close: what a crashed program or a pulled cable looks like.
    pub fn reset(self) {
        let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
    }

    /// One read. `false` at the end; a failure when nothing comes.
    fn read_more(&mut self) -> Result<bool, Stop> {
        if self.ended.is_some() {
            return Ok(false);
        }
        let mut piece = vec![0; 64 * 1024];
        let deadline = Instant::now() + self.timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            let _ = self.stream.set_read_timeout(Some(left));
            match self.stream.read(&mut piece) {
                Ok(0) if !self.reset => {
                    self.ended = Some(Ended::Closed);
                    self.note(Event::Closed);
                    return Ok(false);
                }
                Ok(length @ 1..) => {
                    self.note(Event::Came(piece[..length.min(4096)].to_vec()));
                    self.unread.extend_from_slice(&piece[..length]);
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    self.note(Event::GaveUp);
                    let wait = self.timeout.as_secs_f32();
                    return Err(Stop::with(Symptom::Waits, format!("waited {wait} s, and nothing came")));
                }
                Ok(_) | Err(_) => {
                    self.ended = Some(Ended::Reset);
                    self.note(Event::Reset);
                    return Ok(false);
                }
            }
        }
    }

    fn hung_up(&self, when: &str) -> Stop {
        match self.ended {
            Some(Ended::Reset) => Stop::with(Symptom::Reset, format!("the server reset the connection {when}")),
            _ => Stop::with(Symptom::Closes, format!("the server closed {when}")),
        }
    }
}

fn open(address: SocketAddr, receive_buffer: Option<usize>, source: Option<IpAddr>) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    if let Some(source) = source {
        socket.bind(&SocketAddr::new(source, 0).into())?;
    }
    // A piece that is sent is a segment that leaves.
    socket.set_tcp_nodelay(true)?;
    socket.connect_timeout(&address.into(), PATIENT)?;
    Ok(socket.into())
}
