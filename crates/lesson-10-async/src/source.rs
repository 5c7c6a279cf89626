//! Sockets that a task can wait for, and the kernel's word on which of them are ready.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::mem;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use polling::{AsRawSource, AsSource, Event, Events, PollMode, Poller};

/// Who is to be woken by which event.
pub struct Reactor {
    poller: Poller,
    events: RefCell<Events>,
    /// Who waits for which source, by its key.
    wakers: RefCell<HashMap<usize, Waker>>,
    /// Which source is to be looked at when, whatever happens: found without walking them all.
    alarms: RefCell<BTreeSet<(Instant, usize)>>,
    last_key: Cell<usize>,
}

impl Reactor {
    pub fn new() -> io::Result<Reactor> {
        let (poller, events) = (Poller::new()?, RefCell::new(Events::new()));
        Ok(Reactor { poller, events, wakers: RefCell::default(), alarms: RefCell::default(), last_key: Cell::new(0) })
    }

    /// Wakes those whose socket is ready or whose time has come. If there is no one, waits for it, unless told not to.
    pub fn wait(&self, may_wait: bool) -> io::Result<()> {
        let first = self.alarms.borrow().first().map(|(time, _)| time.saturating_duration_since(Instant::now()));
        let mut events = self.events.borrow_mut();
        events.clear();
        self.poller.wait(&mut events, if may_wait { first } else { Some(Duration::ZERO) })?;
        events.iter().for_each(|event| self.wake(event.key));
        let mut alarms = self.alarms.borrow_mut();
        while let Some((_, key)) = alarms.first().copied().filter(|(time, _)| *time <= Instant::now()) {
            alarms.pop_first();
            self.wake(key);
        }
        Ok(())
    }

    fn wake(&self, key: usize) {
        if let Some(waker) = self.wakers.borrow_mut().remove(&key) {
            waker.wake();
        }
    }
}

/// A socket that a task can wait for, until a time that is set.
pub struct Source<'a, T: AsSource> {
    socket: T,
    key: usize,
    reactor: &'a Reactor,
    deadline: Option<Instant>,
    /// When the task is woken, whatever happens. No later than its deadline.
    alarm: Option<Instant>,
}

impl<'a, T: AsSource> Source<'a, T> {
    /// Edge-triggered: the kernel tells once of what has come or become free. Whoever goes on until `WouldBlock` before
    /// it waits misses nothing, and need never say what it waits for.
    pub fn new(socket: T, reactor: &'a Reactor) -> io::Result<Source<'a, T>>
    where
        for<'s> &'s T: AsRawSource,
    {
        let key = reactor.last_key.get() + 1;
        reactor.last_key.set(key);
        // SAFETY: `drop` deletes it from the poller, and nobody else can take the socket out.
        #[allow(unsafe_code)]
        unsafe {
            reactor.poller.add_with_mode(&socket, Event::all(key), PollMode::Edge)?;
        }
        Ok(Source { socket, key, reactor, deadline: None, alarm: None })
    }

    /// Waits for the client no longer than this, from now on.
    pub fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = Some(deadline);
    }

    pub fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Makes a step as soon as that is possible without waiting. Until then the task is put aside.
    pub async fn when_ready<R>(&mut self, mut step: impl FnMut(&mut T) -> io::Result<R>) -> io::Result<R> {
        loop {
            match step(&mut self.socket) {
                Err(error) if error.kind() == ErrorKind::WouldBlock && self.is_late() => {
                    return Err(ErrorKind::TimedOut.into());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.event().await,
                result => return result,
            }
        }
    }

    /// Lets this time pass.
    pub async fn sleep_until(&mut self, time: Instant) {
        let before = self.deadline.replace(time);
        while !self.is_late() {
            self.event().await;
        }
        self.deadline = before;
    }

    /// Something has happened to the socket, or it is time to look at it.
    async fn event(&mut self) {
        self.set_alarm();
        let mut woken = false;
        poll_fn(|context| {
            if mem::replace(&mut woken, true) {
                return Poll::Ready(());
            }
            // A task that leaves this out is never polled again.
            self.reactor.wakers.borrow_mut().insert(self.key, context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// An earlier alarm may stay: at that time there is another look. So a request costs no change here.
    fn set_alarm(&mut self) {
        let Some(deadline) = self.deadline else { return };
        if self.alarm.is_none_or(|alarm| deadline < alarm || alarm <= Instant::now()) {
            let mut alarms = self.reactor.alarms.borrow_mut();
            self.alarm.replace(deadline).map(|alarm| alarms.remove(&(alarm, self.key)));
            alarms.insert((deadline, self.key));
        }
    }

    /// The socket itself, for what does not wait.
    pub fn socket(&self) -> &T {
        &self.socket
    }
}

impl<T: AsSource> Drop for Source<'_, T> {
    fn drop(&mut self) {
        let _ = self.reactor.poller.delete(&self.socket);
        self.reactor.wakers.borrow_mut().remove(&self.key);
        if let Some(alarm) = self.alarm {
            self.reactor.alarms.borrow_mut().remove(&(alarm, self.key));
        }
    }
}
