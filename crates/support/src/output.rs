//! Standard output and standard error, written to without ever waiting for whoever reads them.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use rustix::io::{Errno, fcntl_dupfd_cloexec, retry_on_intr, write};
use rustix::net::{SendFlags, send};

/// Our own descriptors are numbered from here on, so that the listener and the clients have the same low numbers
/// whether there is a log or not.
const APART: i32 = 10;

/// A stream that never makes its writer wait: what there is no room for is not written.
///
/// `O_NONBLOCK` is not set on the stream itself: it belongs to the open file description, which this process shares
/// with the program that started it, and perhaps with others.
#[derive(Debug)]
pub(crate) struct Output<F> {
    inherited: F,
    kind: Kind,
    /// A pipe or a terminal, opened once more: a file description of our own, that does not block.
    own: OnceLock<OwnedFd>,
    /// Whoever asks `poll` for room has to be the one who uses it.
    turn: Mutex<()>,
    /// The last piece was written in part only, as terminals and stream sockets do.
    torn: AtomicBool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A pipe, a FIFO, a terminal or another device: a write may wait for a reader.
    Waits,
    /// A write may wait too, but for each `send` it can be said that it must not.
    Socket,
    /// A regular file has no reader to wait for.
    File,
}

impl<F: AsFd> Output<F> {
    pub(crate) fn new(inherited: F) -> Output<F> {
        let kind = match fstat(&inherited).map(|stat| FileType::from_raw_mode(stat.st_mode)) {
            Ok(FileType::Fifo | FileType::CharacterDevice) => Kind::Waits,
            Ok(FileType::Socket) => Kind::Socket,
            _ => Kind::File,
        };
        let output =
            Output { inherited, kind, own: OnceLock::new(), turn: Mutex::default(), torn: AtomicBool::new(false) };
        if kind == Kind::Waits {
            output.own();
        }
        output
    }

    /// Writes this if there is room for all of it, and says whether there was. An error, such as that nobody reads any
    /// more, is the same as no room. Up to `PIPE_BUF` bytes are written in one piece: all or nothing, and not mixed
    /// with what other threads and processes write (pipe(7)).
    pub(crate) fn put(&self, piece: &str) -> bool {
        // What is left of a piece stays in a line of its own.
        let torn = self.torn.swap(false, Ordering::Relaxed);
        let piece = if torn { format!("\n{piece}") } else { piece.to_owned() };
        let written = retry_on_intr(|| self.write_some(piece.as_bytes())).unwrap_or(0);
        let whole = written == piece.len();
        if !whole && (torn || written > 0) {
            self.torn.store(true, Ordering::Relaxed);
        }
        whole
    }

    fn write_some(&self, piece: &[u8]) -> Result<usize, Errno> {
        match self.kind {
            Kind::File => write(&self.inherited, piece),
            Kind::Socket => send(&self.inherited, piece, SendFlags::DONTWAIT),
            Kind::Waits => match self.own() {
                Some(own) => write(own, piece),
                None => self.write_if_ready(piece),
            },
        }
    }

    /// Tried again each time it fails: that a FIFO has no reader may change.
    fn own(&self) -> Option<&OwnedFd> {
        if self.own.get().is_none()
            && let Ok(own) = open_again(&self.inherited)
        {
            // Another thread may have been faster.
            let _ = self.own.set(own);
        }
        self.own.get()
    }

    /// For what cannot be opened again, such as the pipe of another user, or where there is no `/proc`.
    fn write_if_ready(&self, piece: &[u8]) -> Result<usize, Errno> {
        #[cfg(target_os = "linux")]
        match write_without_waiting(&self.inherited, piece) {
            Err(Errno::NOTSUP | Errno::NOSYS | Errno::INVAL) => {}
            written => return written,
        }
        // A pipe that is ready has room for PIPE_BUF bytes. Only another process can still be faster.
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked = [PollFd::new(&self.inherited, PollFlags::OUT)];
        if poll(&mut asked, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))? == 0 {
            return Err(Errno::AGAIN);
        }
        write(&self.inherited, piece)
    }
}

/// Gives a file description of its own (proc_pid_fd(5)), with an `O_NONBLOCK` that is nobody else's.
#[cfg(target_os = "linux")]
fn open_again(stream: impl AsFd) -> Result<OwnedFd, Errno> {
    let path = format!("/proc/self/fd/{}", stream.as_fd().as_raw_fd());
    let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let own = open(path, flags, Mode::empty())?;
    // Where there may be no such number, any other is as good.
    Ok(fcntl_dupfd_cloexec(&own, APART).unwrap_or(own))
}

/// Elsewhere, to open such a path is a `dup`.
#[cfg(not(target_os = "linux"))]
fn open_again(_stream: impl AsFd) -> Result<OwnedFd, Errno> {
    Err(Errno::NOTSUP)
}

/// Of a pipe, newer kernels take it for each write (`RWF_NOWAIT`, readv(2)).
#[cfg(target_os = "linux")]
fn write_without_waiting(stream: impl AsFd, piece: &[u8]) -> Result<usize, Errno> {
    /// Not at a place: behind what is there.
    const NO_OFFSET: u64 = u64::MAX;
    rustix::io::pwritev2(stream, &[std::io::IoSlice::new(piece)], NO_OFFSET, rustix::io::ReadWriteFlags::NOWAIT)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, OpenOptions};
    use std::io::{self, Read, Seek, SeekFrom, Write};
    use std::os::unix::net::{UnixDatagram, UnixStream};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use rustix::fs::{CWD, fcntl_getfl, mkfifoat};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Action, tcflow};

    use super::*;

    const LINE: &str = "one line of a log, as long as such lines are\n";

    /// What this gives, and a failure if it waits.
    fn without_waiting<T: Send>(work: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let (tell, told) = mpsc::channel();
            scope.spawn(move || tell.send(work()));
            told.recv_timeout(Duration::from_secs(10)).unwrap_or_else(|_| {
                eprintln!("a write waits for a reader");
                std::process::abort()
            })
        })
    }

    /// Writes lines until there is no room, and says how many there was room for.
    fn fill(output: &Output<impl AsFd + Sync>) -> usize {
        without_waiting(|| (0..1_000_000).take_while(|_| output.put(LINE)).count())
    }

    #[test]
    fn what_a_full_pipe_has_no_room_for_is_not_written_and_nobody_waits() {
        let (mut reader, writer) = io::pipe().expect("a pipe");
        let flags = fcntl_getfl(&writer).expect("flags");
        let output = Output::new(writer);
        let fitted = fill(&output);
        assert!(fitted > 50, "{fitted} lines fit");
        assert_eq!(fcntl_getfl(&output.inherited).expect("flags"), flags, "others share this file description");
        // There is room again once somebody has read.
        reader.read_exact(&mut vec![0; PIPE_ROOM]).expect("what was written");
        assert!(output.put("later\n"));
        drop(output);
        let mut rest = String::new();
        reader.read_to_string(&mut rest).expect("text");
        assert!(rest.ends_with("later\n"));
        let whole = |line: &str| LINE.trim_end().ends_with(line) || line == "later";
        assert!(rest.lines().all(whole), "a line is there as a whole or not at all");
    }

    /// Some pages, so that one of them is free for certain.
    const PIPE_ROOM: usize = 16 * 1024;

    #[test]
    fn a_pipe_that_cannot_be_opened_again_makes_nobody_wait_either() {
        let (mut reader, writer) = io::pipe().expect("a pipe");
        let output = Output::new(writer);
        let write =
            || without_waiting(|| (0..100_000).take_while(|_| output.write_if_ready(LINE.as_bytes()).is_ok()).count());
        assert!(write() > 50);
        assert_eq!(write(), 0);
        reader.read_exact(&mut vec![0; PIPE_ROOM]).expect("what was written");
        assert!(write() > 0);
    }

    #[test]
    fn where_only_poll_can_tell_it_does() {
        // The system knows of no other way to write to a terminal without waiting.
        let (master, slave) = terminal();
        let output = Output::new(slave);
        assert!(output.write_if_ready(b"hello\n").is_ok());
        tcflow(&output.inherited, Action::OOff).expect("stopped");
        let stopped = without_waiting(|| output.write_if_ready(LINE.as_bytes()));
        assert_eq!(stopped, Err(Errno::AGAIN));
        drop(master);
    }

    fn terminal() -> (OwnedFd, File) {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("to use it");
        let name = ptsname(&master, Vec::new()).expect("a name");
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        (master, open(name.as_c_str(), flags, Mode::empty()).expect("the other end").into())
    }

    #[test]
    fn a_terminal_that_is_stopped_or_not_read_holds_up_nobody() {
        let (master, slave) = terminal();
        let output = Output::new(slave);
        assert!(output.own.get().is_some(), "it can be opened again");
        assert!(fill(&output) > 10, "nobody reads, and some lines find room");
        // A piece may have been torn, and what comes later begins a line of its own.
        let mut master = File::from(master);
        let mut buffer = [0; 64 * 1024];
        let mut seen = Vec::new();
        while !output.put("later\n") {
            let length = without_waiting(|| master.read(&mut buffer)).expect("what was written");
            seen.extend_from_slice(&buffer[..length]);
        }
        while !seen.ends_with(b"later\r\n") {
            let length = without_waiting(|| master.read(&mut buffer)).expect("what was written");
            seen.extend_from_slice(&buffer[..length]);
        }
        assert!(seen.ends_with(b"\nlater\r\n"));

        // Ctrl-S.
        master.write_all(&[0x13]).expect("a key");
        without_waiting(|| while output.put(LINE) {});
    }

    #[test]
    fn a_socket_that_nobody_reads_holds_up_nobody() {
        let (_stays, stream) = UnixStream::pair().expect("sockets");
        let output = Output::new(stream);
        assert!(fill(&output) > 50);
        let (_stays, datagrams) = UnixDatagram::pair().expect("sockets");
        assert!(fill(&Output::new(datagrams)) > 5);
    }

    #[test]
    fn a_reader_that_has_gone_is_no_room() {
        let (reader, writer) = io::pipe().expect("a pipe");
        let output = Output::new(writer);
        drop(reader);
        assert!(!output.put(LINE));
        let (other, stream) = UnixStream::pair().expect("sockets");
        let output = Output::new(stream);
        drop(other);
        assert!(!output.put(LINE));
        // Nor are a full disk and a descriptor that cannot be written to.
        assert!(!Output::new(OpenOptions::new().write(true).open("/dev/full").expect("a device")).put(LINE));
        assert!(!Output::new(File::open("/proc/self/status").expect("a file")).put(LINE));
    }

    #[test]
    fn a_fifo_whose_reader_comes_later_is_written_to_then() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("fifo");
        mkfifoat(CWD, &path, Mode::from(0o600)).expect("a FIFO");
        let first = open(&path, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty()).expect("a reader");
        let writer = OpenOptions::new().write(true).open(&path).expect("a writer");
        drop(first);
        let output = Output::new(writer);
        assert!(output.own.get().is_none() && !output.put(LINE), "there is no reader");
        let mut second = File::open(&path).expect("a reader");
        assert!(fill(&output) > 50);
        assert!(output.own.get().is_some());
        let mut first_line = [0; LINE.len()];
        second.read_exact(&mut first_line).expect("a line");
        assert_eq!(first_line, LINE.as_bytes());
    }

    #[test]
    fn in_a_file_the_place_is_shared_with_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let mut file = File::create(&path).expect("a file");
        let output = Output::new(file.try_clone().expect("the same file description"));
        file.write_all(b"before\n").expect("written");
        assert!(output.put("ours\n"));
        file.write_all(b"after\n").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("text"), "before\nours\nafter\n");
        file.seek(SeekFrom::Start(0)).expect("a place");
        assert!(output.put("BEFORE\n"));
        assert_eq!(fs::read_to_string(&path).expect("text"), "BEFORE\nours\nafter\n");
    }
}
