//! One connection, driven byte by byte.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::rc::Rc;
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use crate::answer::{Answer, Head};
use crate::both;
use crate::case::Cause;
use crate::language::{Both, Language, reason};
use crate::stages::Symptom;
use crate::transcript::{Event, Transcript};
use crate::trial::get;
use crate::{Outcome, PATIENT, Stop, visible};

/// A connection to the server under test. Everything that it sends and receives goes into the transcript of its case.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    number: usize,
    transcript: Rc<RefCell<Transcript>>,
    /// What came and has not been looked at.
    unread: Vec<u8>,
    timeout: Duration,
    manner: Manner,
    /// The status of the last answer that came whole.
    answered: Option<u16>,
    /// The length of its body, as its head announces it, if it has one.
    announced: Option<usize>,
    /// A write met a reset: the kernel says so once, and the next read sees only an end.
    reset: bool,
    ended: Option<Ended>,
}

/// How a client behaves towards a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// How long it waits for anything, unless it is told otherwise.
    pub(crate) patience: Duration,
    /// When the case has taken long enough.
    pub(crate) deadline: Option<Instant>,
    /// Whether a reset is as good as a close: which of them a server makes depends on how fast the rest of a request
    /// comes, if it does not read all of it.
    pub(crate) takes_resets: bool,
}

impl Default for Manner {
    fn default() -> Manner {
        Manner { patience: PATIENT, deadline: None, takes_resets: false }
    }
}

impl Manner {
    /// Fails when the case has taken long enough.
    pub(crate) fn in_time(&self) -> Result<(), Stop> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => {
                let text =
                    both!("the case has taken as long as a case may (--timeout)", "用例已用完允许的时间（--timeout）");
                Err(Stop::with(Symptom::Waits, text).because(Cause::TakesTooLong))
            }
            _ => Ok(()),
        }
    }

    /// This long from now at most, and not beyond the end of the case.
    fn until(&self, wait: Duration) -> Instant {
        let then = Instant::now() + wait;
        self.deadline.map_or(then, |deadline| deadline.min(then))
    }
}

/// The longest head that is read, in bytes.
const LONGEST_HEAD: usize = 256 * 1024;
/// The longest body that is kept, in bytes: more than any file that a case reads whole.
const LONGEST_BODY: usize = 40 * 1024 * 1024;

/// How the server ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It closed.
    Closed,
    /// It reset.
    Reset,
}

impl Client {
    /// With a small receive buffer, so that little can be on its way while we do not read; from this address.
    pub(crate) fn connect_with(
        address: SocketAddr,
        transcript: &Rc<RefCell<Transcript>>,
        receive_buffer: Option<usize>,
        source: Option<IpAddr>,
        manner: Manner,
    ) -> Result<Client, Stop> {
        manner.in_time()?;
        let number = transcript.borrow_mut().connection();
        let wait =
            manner.until(manner.patience).saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let stream = open(address, receive_buffer, source, wait).map_err(|error| Stop::unconnected(&error))?;
        Ok(Client {
            stream,
            number,
            transcript: Rc::clone(transcript),
            unread: Vec::new(),
            timeout: manner.patience,
            manner,
            answered: None,
            announced: None,
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
        Client::connect_with(address, &Rc::default(), receive_buffer, source, Manner::default())
    }

    /// What went over the wire, for a person to read.
    pub fn wire(&self, language: Language) -> String {
        self.transcript.borrow().show(b"", language)
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
        let mut bytes = bytes.as_ref();
        self.note(Event::Sent(bytes.to_vec()));
        // Whoever takes a byte now and then does read.
        while !bytes.is_empty() {
            self.manner.in_time()?;
            let left = self.manner.until(self.timeout).saturating_duration_since(Instant::now());
            let _ = self.stream.set_write_timeout(Some(left.max(Duration::from_millis(1))));
            match self.stream.write(bytes) {
                Ok(length @ 1..) => bytes = &bytes[length..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    self.manner.in_time()?;
                    let text = both!(
                        "the server neither reads what is sent nor closes",
                        "服务器既不读取发来的数据，也不关闭连接"
                    );
                    return Err(Stop::with(Symptom::Waits, text));
                }
                Ok(_) | Err(_) => {
                    self.reset = true;
                    break;
                }
            }
        }
        Ok(self)
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
        let (mut pieces, mut sent) = (pieces.into_iter(), 0);
        while let Some(piece) = pieces.next() {
            if sent > 0 && !self.is_quiet_for(Duration::from_millis(1)) {
                // For whoever does the same by hand.
                self.note(Event::Paused);
                self.note(Event::Unsent([piece].into_iter().chain(pieces).collect::<Vec<_>>().concat()));
                return match self.read_more()? {
                    true => {
                        let stop = both!("an answer came before the request was whole", "请求还不完整，响应就来了");
                        let expected = both!("no answer before the request is whole", "请求完整之前不响应");
                        let got = both!("an answer to {sent} bytes of it", "只收到其中 {sent} 字节就响应了");
                        Err(Stop::other(stop).facts(expected, got))
                    }
                    false => Err(self.hung_up(both!("before the request was whole", "请求还不完整时"))),
                };
            }
            if sent > 0 {
                self.note(Event::Paused);
            }
            self.send(piece)?;
            sent += piece.len();
        }
        Ok(self)
    }

    /// Says that no more will be sent (a half-close: FIN), and goes on listening.
    pub fn finish(&mut self) -> &mut Client {
        self.note(Event::HalfClosed);
        let _ = self.stream.shutdown(Shutdown::Write);
        self
    }

    /// The same together with the last of the request, in one segment: it is held back until then (TCP_CORK, tcp(7)).
    pub fn send_and_finish(&mut self, request: impl AsRef<[u8]>) -> Result<&mut Client, Stop> {
        #[cfg(target_os = "linux")]
        let _ = SockRef::from(&self.stream).set_tcp_cork(true);
        self.send(request)?;
        Ok(self.finish())
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
                Some(Ended::Reset) if self.manner.takes_resets => Ok(None),
                _ => Err(self.hung_up(both!("before any answer", "给出任何响应之前"))),
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
            if let Some(head) = Head::parse(&self.unread)? {
                break head;
            }
            if self.unread.len() > LONGEST_HEAD {
                let came = self.unread.len();
                let text = both!(
                    "the head of the answer has no end: {came} bytes came",
                    "响应头部没有尽头：已收到 {came} 字节"
                );
                return Err(Stop::other(text).because(Cause::NoEnd));
            }
            if !self.read_more().map_err(|stop| self.while_in_head(stop))? {
                return Err(self.hung_up(both!("before the head of an answer was whole", "响应头部还不完整时")));
            }
        };
        let raw: Vec<u8> = self.unread.drain(..head.length).collect();
        let bodiless = !body || matches!(head.status, 100..=199 | 204 | 304);
        let length = self.content_length(&head)?;
        let body = if bodiless {
            Vec::new()
        } else if head.is_chunked() {
            self.chunks()?
        } else if let Some(length) = length {
            self.bytes_of_body(length)?
        } else {
            self.rest()?
        };
        self.answered = (head.status >= 200).then_some(head.status);
        self.announced = length.filter(|_| !bodiless);
        Ok(Answer { status: head.status, fields: head.fields, body, head: raw })
    }

    /// Nothing comes any more: some of a head has come, or nothing at all.
    fn while_in_head(&self, stop: Stop) -> Stop {
        match stop {
            Stop::Failed { symptom: Symptom::Waits, cause: None, .. } if self.unread.is_empty() => {
                stop.because(Cause::NoAnswer)
            }
            Stop::Failed { symptom, cause: None, .. } => {
                let (came, wait) = (self.unread.len(), self.timeout.as_secs_f32());
                let text = both!(
                    "{came} bytes came, which is no whole head, and then nothing for {wait} s",
                    "收到 {came} 字节，不是完整的头部，之后 {wait} 秒没有任何数据"
                );
                Stop::with(symptom, text).because(Cause::NoAnswer)
            }
            stop => stop,
        }
    }

    fn bytes_of_body(&mut self, length: usize) -> Result<Vec<u8>, Stop> {
        while self.unread.len() < length {
            self.body_may_grow()?;
            let came = self.unread.len();
            let more = self.read_more().map_err(|stop| match stop {
                Stop::Failed { symptom, cause: None, .. } => {
                    let wait = self.timeout.as_secs_f32();
                    let text = both!(
                        "{came} of {length} bytes of the body came, and then nothing for {wait} s",
                        "正文的 {length} 字节收到了 {came} 字节，之后 {wait} 秒没有任何数据"
                    );
                    Stop::with(symptom, text)
                }
                stop => stop,
            })?;
            if !more {
                return Err(self.hung_up(both!(
                    "after {came} of {length} bytes of the body",
                    "正文的 {length} 字节只发了 {came} 字节时"
                )));
            }
        }
        Ok(self.unread.drain(..length).collect())
    }

    /// No length: the close ends the body (RFC 9112, section 6.3).
    fn rest(&mut self) -> Result<Vec<u8>, Stop> {
        loop {
            self.body_may_grow()?;
            let came = self.unread.len();
            match self.read_more() {
                Ok(true) => {}
                Ok(false) => break,
                Err(Stop::Failed { symptom, cause: None, .. }) => {
                    let wait = self.timeout.as_secs_f32();
                    let text = both!(
                        "{came} bytes of a body came, and nothing ends it: the head has no Content-Length, and the \
                         connection was not closed in {wait} s",
                        "收到 {came} 字节正文，但没有结束的标志：头部没有 Content-Length，连接在 {wait} 秒内也没有关闭"
                    );
                    return Err(Stop::with(symptom, text).because(Cause::NoLength));
                }
                Err(stop) => return Err(stop),
            }
        }
        if self.ended == Some(Ended::Reset) && !self.manner.takes_resets {
            return Err(self.hung_up(in_the_body()));
        }
        Ok(std::mem::take(&mut self.unread))
    }

    /// A body in chunks (RFC 9112, section 7.1), of which no lesson makes use.
    fn chunks(&mut self) -> Result<Vec<u8>, Stop> {
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let digits = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(digits, 16).map_err(|_| {
                let line = visible(line.as_bytes());
                Stop::other(both!("this is not the size of a chunk: {line}", "这不是块的大小：{line}"))
            })?;
            if size == 0 {
                while !self.line()?.is_empty() {}
                return Ok(body);
            }
            if body.len() + size.min(LONGEST_BODY) > LONGEST_BODY {
                return Err(no_end(body.len()));
            }
            body.extend(self.bytes_of_body(size)?);
            if !self.line()?.is_empty() {
                return Err(Stop::other(both!("a chunk is longer than it says", "块的长度超过它自己声明的大小")));
            }
        }
    }

    /// A line of a chunked body, without its end.
    fn line(&mut self) -> Result<String, Stop> {
        loop {
            if let Some(at) = self.unread.windows(2).position(|window| window == b"\r\n") {
                let line = String::from_utf8_lossy(&self.unread[..at]).into_owned();
                self.unread.drain(..at + 2);
                return Ok(line);
            }
            if self.unread.len() > LONGEST_HEAD {
                return Err(no_end(self.unread.len()));
            }
            if !self.read_more()? {
                return Err(self.hung_up(both!("in the middle of the chunks of a body", "分块正文发到一半时")));
            }
        }
    }

    fn body_may_grow(&self) -> Result<(), Stop> {
        if self.unread.len() > LONGEST_BODY { Err(no_end(self.unread.len())) } else { Ok(()) }
    }

    fn content_length(&self, head: &Head) -> Result<Option<usize>, Stop> {
        let number = |value: &str| {
            let text = || both!("Content-Length: {value} is not a number", "Content-Length: {value} 不是数字");
            value.parse().map_err(|_| Stop::other(text()))
        };
        head.field("Content-Length").map(number).transpose()
    }

    /// Waits until the server has closed. A byte that comes before is a failure. So is a reset, unless this client
    /// takes it for a close.
    pub fn closes(&mut self) -> Result<(), Stop> {
        self.closes_by(if self.manner.takes_resets { &[Ended::Closed, Ended::Reset] } else { &[Ended::Closed] })
    }

    /// As [`Client::closes`], and a reset is a failure for every server.
    pub fn closes_cleanly(&mut self) -> Result<(), Stop> {
        self.closes_by(&[Ended::Closed])
    }

    fn closes_by(&mut self, right: &[Ended]) -> Result<(), Stop> {
        if self.unread.is_empty() {
            match self.read_more() {
                Ok(false) if self.ended.is_some_and(|ended| right.contains(&ended)) => return Ok(()),
                Ok(false) => return Err(self.hung_up(both!("where a clean close was due", "应当正常关闭时"))),
                Ok(true) => {}
                Err(stop) => return Err(self.only_the_close(stop.seen_as(Symptom::StaysOpen))),
            }
        }
        let more = visible(&self.unread);
        Err(Stop::other(match self.announced {
            Some(length) => both!(
                "Content-Length says {length} bytes, and behind them more came: {more}",
                "Content-Length 说是 {length} 字节，在这之后又发来数据：{more}"
            ),
            None => both!("expected a close, but more came: {more}", "应当关闭连接，却又发来数据：{more}"),
        }))
    }

    /// The close did not come. That is another thing than no answer.
    fn only_the_close(&self, stop: Stop) -> Stop {
        match (&stop, self.answered) {
            (Stop::Failed { symptom, cause: None, .. }, Some(status)) => {
                let wait = self.timeout.as_secs_f32();
                let text = both!(
                    "the answer ({status}) came whole; only the close did not, in {wait} s",
                    "响应（{status}）完整收到了，只是 {wait} 秒内没有关闭连接"
                );
                let expected = both!("an answer, and then a close", "先响应，然后关闭连接");
                let got =
                    both!("the answer {status}, and no close in {wait} s", "响应 {status}，但 {wait} 秒内没有关闭");
                Stop::with(*symptom, text).because(Cause::NoClose).facts(expected, got)
            }
            _ => stop,
        }
    }

    /// Waits until the server has closed or reset, whatever it sends before.
    pub fn ends(&mut self) -> Result<Ended, Stop> {
        while self.read_more().map_err(|stop| stop.seen_as(Symptom::StaysOpen))? {
            self.unread.clear();
        }
        let open = || Stop::with(Symptom::StaysOpen, both!("the connection stays open", "连接一直开着"));
        self.ended.ok_or_else(open)
    }

    /// Whether something has come, or does within this time. For what should *not* come: nothing tells of that but
    /// time.
    pub fn hears_within(&mut self, wait: Duration) -> bool {
        let timeout = std::mem::replace(&mut self.timeout, wait);
        let heard = !self.unread.is_empty() || self.read_more().is_ok();
        self.timeout = timeout;
        heard
    }

    /// Whether the server has hung up, as far as that has come here. What has come before is kept.
    pub fn has_ended(&mut self) -> bool {
        while self.ended.is_none() {
            let _ = self.stream.set_read_timeout(Some(Duration::from_millis(1)));
            let nothing = |error: std::io::Error| {
                matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
            };
            if self.stream.peek(&mut [0]).is_err_and(nothing) || self.read_more().is_err() {
                return false;
            }
        }
        true
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
                return Err(self.hung_up(in_the_body()));
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
                return Err(self.hung_up(in_the_body()));
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
        self.manner.in_time()?;
        let deadline = self.manner.until(self.timeout);
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
                    self.manner.in_time()?;
                    let wait = self.timeout.as_secs_f32();
                    let text = both!("waited {wait} s, and nothing came", "等了 {wait} 秒，什么也没有收到");
                    return Err(Stop::with(Symptom::Waits, text));
                }
                Ok(_) | Err(_) => {
                    self.ended = Some(Ended::Reset);
                    self.note(Event::Reset);
                    return Ok(false);
                }
            }
        }
    }

    fn hung_up(&self, when: Both) -> Stop {
        match self.ended {
            Some(Ended::Reset) => {
                let text = both!("the server reset the connection {when}", "{when}，服务器重置了连接" in when);
                Stop::with(Symptom::Reset, text)
            }
            _ => Stop::with(Symptom::Closes, both!("the server closed {when}", "{when}，服务器关闭了连接" in when)),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.note(Event::Left);
    }
}

fn no_end(came: usize) -> Stop {
    let text = both!("the body of the answer has no end: {came} bytes came", "响应正文没有尽头：已收到 {came} 字节");
    Stop::other(text).because(Cause::NoEnd)
}

fn in_the_body() -> Both {
    both!("in the middle of the body", "正文发到一半时")
}

fn open(
    address: SocketAddr,
    receive_buffer: Option<usize>,
    source: Option<IpAddr>,
    wait: Duration,
) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    if let Some(source) = source {
        socket.bind(&SocketAddr::new(source, 0).into())?;
    }
    // A piece that is sent is a segment that leaves.
    socket.set_tcp_nodelay(true)?;
    socket.connect_timeout(&address.into(), wait)?;
    Ok(socket.into())
}

/// Has each of these answered once, many at a time, so that it is between two requests: one that has never said
/// anything costs less. An answer has to come in one piece.
///
/// # Errors
///
/// If one of them is not answered, or hung up on.
pub fn all_answered(clients: &mut [TcpStream]) -> Outcome {
    let failed = |error: io::Error| {
        let why = reason(&error);
        let text = both!("one of many clients is not answered: {why}", "许多客户端中有一个没有得到响应：{why}" in why);
        Stop::other(text)
    };
    let request = get("/");
    for some in clients.chunks_mut(500) {
        for client in &mut *some {
            client.write_all(request.as_bytes()).map_err(failed)?;
        }
        for client in some {
            client.set_read_timeout(Some(PATIENT)).map_err(failed)?;
            let came = loop {
                match client.read(&mut [0; 4096]) {
                    // With a time-out, the system says so whenever this process is stopped and goes on: signal(7).
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    came => break came.map_err(failed)?,
                }
            };
            if came == 0 {
                let text = both!("one of many clients is hung up on", "许多客户端中有一个被断开了连接");
                return Err(Stop::with(Symptom::Closes, text));
            }
        }
    }
    Ok(())
}
