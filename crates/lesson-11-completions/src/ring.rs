//! The two queues between this program and the kernel: what is to be done, and what has been done.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, ErrorKind};
use std::mem;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd};
use std::ptr;
use std::time::{Duration, Instant};

use io_uring::types::{Fd, SubmitArgs, Timespec};
use io_uring::{IoUring, opcode, squeue};
use rustix::io::Errno;

use crate::connection::Connection;

/// How many operations are handed over in one system call at most.
const ENTRIES: u32 = 256;
/// What is no reason to stop: the time is over, a signal has come, or something has to be taken back before more can be
/// handed over.
const PASSING: [Errno; 4] = [Errno::TIME, Errno::INTR, Errno::BUSY, Errno::AGAIN];
/// How the completions of accepting and of cancelling are known. Connections have the numbers between, none twice.
const LISTENER: u64 = 0;
const CANCELLATION: u64 = u64::MAX;

pub struct Ring<'a> {
    listener: &'a TcpListener,
    queues: IoUring,
    /// What the kernel works for: out of everybody's reach, until it is given back.
    in_flight: HashMap<u64, Box<Connection>>,
    /// Of all of them, the earliest first: found without walking them all.
    deadlines: BTreeSet<(Instant, u64)>,
    last_key: u64,
}

/// What has been done.
pub enum Completion {
    Accepted(io::Result<TcpStream>),
    /// For this connection, and how many bytes were received or sent. `TimedOut`: none were, until its deadline.
    Done(Box<Connection>, io::Result<usize>),
}

impl<'a> Ring<'a> {
    pub fn new(listener: &'a TcpListener) -> io::Result<Ring<'a>> {
        // Only this thread asks, so the kernel need not interrupt it: it completes what it can when it is asked.
        let queues = IoUring::builder().setup_single_issuer().setup_defer_taskrun().build(ENTRIES)?;
        Ok(Ring { listener, queues, in_flight: HashMap::new(), deadlines: BTreeSet::new(), last_key: LISTENER })
    }

    /// Asks for the next client, after this time.
    pub fn accept_after(&mut self, pause: Duration) -> io::Result<()> {
        if !pause.is_zero() {
            self.deadlines.insert((Instant::now() + pause, LISTENER));
            return Ok(());
        }
        let operation = opcode::Accept::new(Fd(self.listener.as_raw_fd()), ptr::null_mut(), ptr::null_mut());
        self.push(&operation.build().user_data(LISTENER))
    }

    /// Asks for what this connection needs next. From now on it is the kernel's.
    pub fn start(&mut self, mut connection: Box<Connection>) -> io::Result<()> {
        self.last_key += 1;
        let operation = connection.operation()?.user_data(self.last_key);
        self.push(&operation)?;
        self.deadlines.insert((connection.deadline, self.last_key));
        self.in_flight.insert(self.last_key, connection);
        Ok(())
    }

    /// How many connections are the kernel's.
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Hands over all that has been asked for, and waits until something is done or somebody is late: one system call.
    pub fn wait(&mut self) -> io::Result<()> {
        let first = self.deadlines.first().map(|(time, _)| time.saturating_duration_since(Instant::now()));
        let time = first.map(Timespec::from);
        let until = time.as_ref().map_or(SubmitArgs::new(), |time| SubmitArgs::new().timespec(time));
        match self.queues.submitter().submit_with_args(1, &until) {
            Err(error) if PASSING.map(Some).contains(&Errno::from_io_error(&error)) => {}
            result => drop(result?),
        }
        while let Some((_, key)) = self.deadlines.first().copied().filter(|(time, _)| *time <= Instant::now())
            && !self.queues.submission().is_full()
        {
            self.deadlines.pop_first();
            match key {
                LISTENER => self.accept_after(Duration::ZERO)?,
                // Its buffer stays the kernel's, until the completion says that it was cancelled, or done after all.
                _ => self.push(&opcode::AsyncCancel::new(key).build().user_data(CANCELLATION))?,
            }
        }
        Ok(())
    }

    /// The next of those that have been done. `None`: there are no more for now, or they have filled the queue, and
    /// that is enough for one turn.
    pub fn next(&mut self) -> Option<Completion> {
        while !self.queues.submission().is_full() {
            let completion = self.queues.completion().next()?;
            let result = match completion.result() {
                error @ ..0 if error == -Errno::CANCELED.raw_os_error() => Err(ErrorKind::TimedOut.into()),
                error @ ..0 => Err(io::Error::from_raw_os_error(-error)),
                result => Ok(result),
            };
            if completion.user_data() == LISTENER {
                // SAFETY: the kernel has just opened it for us, and nobody else knows its number.
                #[allow(unsafe_code)]
                return Some(Completion::Accepted(result.map(|number| unsafe { TcpStream::from_raw_fd(number) })));
            }
            if let Some(connection) = self.in_flight.remove(&completion.user_data()) {
                self.deadlines.remove(&(connection.deadline, completion.user_data()));
                return Some(Completion::Done(connection, result.map(|length| length as usize)));
            }
        }
        None
    }

    fn push(&mut self, operation: &squeue::Entry) -> io::Result<()> {
        // What has been done may ask for several operations, and the queue may have room for fewer.
        if self.queues.submission().is_full() {
            self.queues.submit()?;
        }
        // SAFETY: when the kernel gets to see it, its connection is in `in_flight`, and stays there until it is done.
        // There nobody can reach socket and buffer, and what is on the heap stays where it is. The listener outlives
        // the queues.
        #[allow(unsafe_code)]
        let pushed = unsafe { self.queues.submission().push(operation) };
        pushed.map_err(|_| ErrorKind::ResourceBusy.into())
    }
}

impl Drop for Ring<'_> {
    /// The kernel may still be at work. Memory that is lost is better than memory that somebody else has meanwhile.
    fn drop(&mut self) {
        mem::forget(mem::take(&mut self.in_flight));
    }
}
