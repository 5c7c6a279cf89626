//! A stream with a deadline.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use crate::worker::Stream;

/// Reads until a time that is set for the whole request, not for each read of it: who trickles is as late as who is
/// silent.
pub struct Deadline<'a> {
    pub stream: &'a mut Stream,
    pub until: Instant,
}

impl Read for Deadline<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Whole seconds, because the scheduler keeps a list for each length of time.
        let left = self.until.saturating_duration_since(Instant::now()).as_secs_f32().ceil();
        if left == 0.0 {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(Duration::from_secs_f32(left)))?;
        self.stream.read(buffer)
    }
}

impl Write for Deadline<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl AsFd for Deadline<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.inner().as_fd()
    }
}
