//! A client's socket, on which only its coroutine waits, and only until a time that is set.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use may::io::{CoIo, WaitIo};

/// How often the watchdog looks, and so how late a deadline may be noticed.
const LOOK: Duration = Duration::from_millis(250);

pub struct Stream {
    socket: CoIo<TcpStream>,
    deadline: Mutex<Instant>,
}

impl Stream {
    pub fn new(socket: TcpStream, deadline: Instant, watchdog: &Watchdog) -> io::Result<Arc<Stream>> {
        let stream = Arc::new(Stream { socket: CoIo::new(socket)?, deadline: Mutex::new(deadline) });
        lock(&watchdog.0).push(Arc::downgrade(&stream));
        Ok(stream)
    }

    /// Waits for the client no longer than this, from now on.
    pub fn set_deadline(&self, deadline: Instant) {
        *lock(&self.deadline) = deadline;
    }

    pub fn is_late(&self) -> bool {
        Instant::now() >= *lock(&self.deadline)
    }

    /// Makes a step as soon as that is possible without waiting. Until then this coroutine is put aside, and its thread
    /// goes on with another.
    pub fn when_ready<T>(&self, mut step: impl FnMut(&TcpStream) -> io::Result<T>) -> io::Result<T> {
        loop {
            match step(self.socket.inner()) {
                Err(error) if error.kind() == ErrorKind::WouldBlock && self.is_late() => {
                    return Err(ErrorKind::TimedOut.into());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.socket.wait_io(),
                result => return result,
            };
        }
    }

    /// The socket itself, for what does not wait.
    pub fn socket(&self) -> &TcpStream {
        self.socket.inner()
    }
}

/// A coroutine that has been put aside cannot look at the clock. A thread does that for all of them: it wakes those
/// that are late. (The library has time-outs, but they begin anew with every event, whatever that has brought.)
#[derive(Clone, Default)]
pub struct Watchdog(Arc<Mutex<Vec<Weak<Stream>>>>);

impl Watchdog {
    pub fn start() -> io::Result<Watchdog> {
        let watchdog = Watchdog::default();
        let streams = Arc::clone(&watchdog.0);
        thread::Builder::new().name("watchdog".into()).spawn(move || {
            loop {
                thread::sleep(LOOK);
                lock(&streams).retain(|stream| stream.upgrade().inspect(wake_if_late).is_some());
            }
        })?;
        Ok(watchdog)
    }
}

fn wake_if_late(stream: &Arc<Stream>) {
    if stream.is_late() {
        // For the coroutine this is an event like another. It finds that it is late, and ends.
        let _ = stream.socket().shutdown(Shutdown::Read);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
