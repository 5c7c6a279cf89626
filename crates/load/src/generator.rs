//! The load generator: one thread, many connections, as fast as the server goes or at a fixed rate.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hdrhistogram::{CreationError, Histogram};
use rustix::event::{self, PollFd, PollFlags, Timespec, epoll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use crate::clock::own_processor_time;
use crate::stop::{Interrupt, Stop};
use crate::wire::{Progress, Wire, request};

/// The longest latency that is told from longer ones.
const LONGEST: Duration = Duration::from_secs(60);
/// How often somebody's wish to end is looked for.
const LOOK_UP: Duration = Duration::from_millis(50);
/// As busy as this, and the generator may be what is slow.
const BUSY: f64 = 0.9;
/// So many failures without one success, and there is no point in going on.
const HOPELESS: u64 = 200;

/// What is asked of a server.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// The server.
    pub address: SocketAddr,
    /// The file that is asked for.
    pub target: &'a str,
    /// Whether a connection serves for many requests.
    pub keep_alive: bool,
    /// The most connections at a time.
    pub connections: usize,
    /// How soon one request follows another.
    pub pace: Pace,
    /// How long it goes on.
    pub time: Duration,
    /// The most answers, after which it ends too: each short connection takes a port for a minute.
    pub most: u64,
}

/// When the next request is due.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// As soon as the last one is answered: a closed loop. What is slow is asked less.
    Closed,
    /// So many a second, answered or not: an open loop. Clients of a real server do not wait for each other.
    Open(f64),
}

/// What came of it.
#[derive(Debug)]
pub struct Harvest {
    /// Whole answers.
    pub answers: u64,
    /// Bytes that came, heads included.
    pub bytes: u64,
    /// Requests that got no whole answer, or a wrong one.
    pub failures: u64,
    /// What went wrong last, if anything did.
    pub trouble: Option<String>,
    /// Due, and not answered when the time was over.
    pub unanswered: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// The processor time of the generator itself.
    pub busy: Duration,
    /// In microseconds, from when a request was due: one that had to wait for its turn has waited (the correction for
    /// coordinated omission). An unanswered one counts as far as it came.
    pub latencies: Histogram<u64>,
}

/// A place for a connection.
#[derive(Default)]
struct Slot {
    wire: Option<Wire>,
    /// When the request was due that it is busy with.
    due: Option<Instant>,
    /// The request waits until the connection is made.
    unsent: bool,
    /// From a request to its answer, or to the close where one follows.
    busy: bool,
}

struct Generator<'a> {
    load: &'a Load<'a>,
    request: Vec<u8>,
    epoll: OwnedFd,
    slots: Vec<Slot>,
    /// Slots with nothing to do.
    free: VecDeque<usize>,
    /// Requests that are due and have no slot yet.
    queue: VecDeque<Instant>,
    begin: Instant,
    /// How many requests have become due, in an open loop.
    arrivals: u64,
    scratch: Vec<u8>,
    harvest: Harvest,
}

impl Load<'_> {
    /// Puts the load on the server for as long as was said.
    pub fn run(&self, interrupt: &Interrupt) -> Result<Harvest, Stop> {
        let mut generator = Generator::new(self).map_err(Stop::to("prepare the load"))?;
        let before = own_processor_time();
        generator.run(interrupt)?;
        let mut harvest = generator.finish();
        harvest.busy = own_processor_time() - before;
        match &harvest.trouble {
            Some(trouble) if harvest.answers == 0 => Err(Stop::Failed(format!("no request is answered: {trouble}"))),
            // On a machine with too much else to do, and then there is nothing that could be divided by.
            None if harvest.bytes == 0 => {
                Err(Stop::Failed(format!("nothing came within {} ms", harvest.elapsed.as_millis())))
            }
            _ => Ok(harvest),
        }
    }
}

impl Harvest {
    fn new() -> Result<Harvest, CreationError> {
        Ok(Harvest {
            answers: 0,
            bytes: 0,
            failures: 0,
            trouble: None,
            unanswered: 0,
            elapsed: Duration::ZERO,
            busy: Duration::ZERO,
            latencies: Histogram::new_with_bounds(1, LONGEST.as_micros() as u64, 3)?,
        })
    }

    fn record(&mut self, latency: Duration) {
        self.latencies.saturating_record(latency.as_micros().max(1) as u64);
    }

    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.answers as f64 / self.elapsed.as_secs_f64()
    }

    /// How much of a core the generator took.
    pub fn generator_share(&self) -> f64 {
        self.busy.as_secs_f64() / self.elapsed.as_secs_f64()
    }

    /// Whether the generator had no time left, and the server, which took this long, had.
    pub fn is_limited_by_generator(&self, server: Duration) -> bool {
        let server = server.as_secs_f64() / self.elapsed.as_secs_f64();
        self.generator_share() > BUSY && server < BUSY
    }

    /// Below which this part of the latencies lies, in milliseconds.
    pub fn milliseconds(&self, part: f64) -> f64 {
        self.latencies.value_at_quantile(part) as f64 / 1000.0
    }
}

impl<'a> Generator<'a> {
    fn new(load: &'a Load<'a>) -> io::Result<Generator<'a>> {
        let begin = Instant::now();
        let mut queue = VecDeque::new();
        if let Pace::Closed = load.pace {
            queue.extend((0..load.connections).map(|_| begin));
        }
        Ok(Generator {
            load,
            request: request(load.target, load.keep_alive),
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            slots: (0..load.connections).map(|_| Slot::default()).collect(),
            free: (0..load.connections).collect(),
            queue,
            begin,
            arrivals: 0,
            scratch: vec![0; 256 * 1024],
            harvest: Harvest::new().map_err(io::Error::other)?,
        })
    }

    fn run(&mut self, interrupt: &Interrupt) -> Result<(), Stop> {
        let end = self.begin + self.load.time;
        let mut events = Vec::with_capacity(256);
        loop {
            let now = Instant::now();
            if now >= end
                || self.harvest.answers >= self.load.most
                || (self.harvest.answers == 0 && self.harvest.failures > HOPELESS)
            {
                return Ok(());
            }
            interrupt.check()?;
            self.arrive(now);
            self.send_what_is_due();
            let wait = self.until_next_arrival().min(end - now).min(LOOK_UP);
            events.clear();
            self.wait(&mut events, wait).map_err(Stop::to("wait for sockets"))?;
            for event in &events {
                self.advance(event.data.u64() as usize);
            }
        }
    }

    fn wait(&self, events: &mut Vec<epoll::Event>, time: Duration) -> io::Result<()> {
        let mut time = Timespec { tv_sec: time.as_secs() as i64, tv_nsec: time.subsec_nanos().into() };
        // Epoll waits for whole milliseconds, and at a fixed rate a millisecond is long.
        if let Pace::Open(_) = self.load.pace {
            uninterrupted(event::poll(&mut [PollFd::new(&self.epoll, PollFlags::IN)], Some(&time)))?;
            time = Timespec::default();
        }
        uninterrupted(epoll::wait(&self.epoll, rustix::buffer::spare_capacity(events), Some(&time)))
    }

    /// What has become due since the last time, each with the moment at which it did.
    fn arrive(&mut self, now: Instant) {
        let Pace::Open(rate) = self.load.pace else { return };
        loop {
            let due = self.begin + Duration::from_secs_f64(self.arrivals as f64 / rate);
            if due > now {
                return;
            }
            self.queue.push_back(due);
            self.arrivals += 1;
        }
    }

    fn until_next_arrival(&self) -> Duration {
        match self.load.pace {
            Pace::Closed => LOOK_UP,
            Pace::Open(rate) => {
                let due = self.begin + Duration::from_secs_f64(self.arrivals as f64 / rate);
                due.saturating_duration_since(Instant::now())
            }
        }
    }

    fn send_what_is_due(&mut self) {
        // No more than there are slots: what fails at once must not be tried for ever in one turn.
        for _ in 0..self.slots.len() {
            let (Some(due), Some(number)) = (self.queue.front().copied(), self.free.front().copied()) else { return };
            self.queue.pop_front();
            self.free.pop_front();
            self.slots[number].due = Some(due);
            self.slots[number].busy = true;
            if let Err(error) = self.send(number) {
                self.fail(number, &error);
            }
        }
    }

    fn send(&mut self, number: usize) -> io::Result<()> {
        let slot = &mut self.slots[number];
        let is_new = slot.wire.is_none();
        let wire = match &mut slot.wire {
            Some(wire) => wire,
            empty => empty.insert(Wire::connect(self.load.address)?),
        };
        slot.unsent = match wire.ask(&self.request) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => true,
            sent => sent.map(|()| false)?,
        };
        let data = epoll::EventData::new_u64(number as u64);
        let flags = if slot.unsent { epoll::EventFlags::OUT } else { epoll::EventFlags::IN };
        if is_new {
            epoll::add(&self.epoll, wire.stream(), data, flags)?;
        } else if slot.unsent {
            epoll::modify(&self.epoll, wire.stream(), data, flags)?;
        }
        Ok(())
    }

    fn advance(&mut self, number: usize) {
        let slot = &mut self.slots[number];
        let Some(wire) = &mut slot.wire else { return };
        if slot.unsent {
            let data = epoll::EventData::new_u64(number as u64);
            let watched = epoll::modify(&self.epoll, wire.stream(), data, epoll::EventFlags::IN);
            match watched.map_err(io::Error::from).and_then(|()| wire.ask(&self.request)) {
                Ok(()) => slot.unsent = false,
                Err(error) => self.fail(number, &error),
            }
            return;
        }
        let bytes = &mut self.harvest.bytes;
        match wire.advance(&mut self.scratch, |length| *bytes += length as u64) {
            Ok(Progress::Waits) => {}
            Ok(Progress::Kept) => {
                self.answered(number);
                self.again(number);
            }
            Ok(Progress::Ends) => self.answered(number),
            Ok(Progress::Ended) => self.ended(number),
            Err(error) => self.fail(number, &error),
        }
    }

    fn answered(&mut self, number: usize) {
        if let Some(due) = self.slots[number].due.take() {
            self.harvest.answers += 1;
            self.harvest.record(due.elapsed());
        }
    }

    /// The slot is free for the next request.
    fn again(&mut self, number: usize) {
        self.slots[number].busy = false;
        self.free.push_back(number);
        if let Pace::Closed = self.load.pace {
            self.queue.push_back(Instant::now());
        }
    }

    /// Closed, as was due: after an answer, or while nothing was asked, and then the slot was free already.
    fn ended(&mut self, number: usize) {
        self.slots[number].wire = None;
        if self.slots[number].busy {
            self.again(number);
        }
    }

    fn fail(&mut self, number: usize, error: &io::Error) {
        self.harvest.failures += 1;
        self.harvest.trouble = Some(error.to_string());
        self.slots[number] = Slot::default();
        self.again(number);
    }

    /// What is due and has no answer has waited this long at least.
    fn finish(mut self) -> Harvest {
        self.harvest.elapsed = self.begin.elapsed();
        if let Pace::Open(_) = self.load.pace {
            let waiting: Vec<Instant> = self.slots.iter().filter_map(|slot| slot.due).chain(self.queue).collect();
            self.harvest.unanswered = waiting.len() as u64;
            for due in waiting {
                self.harvest.record(due.elapsed());
            }
        }
        self.harvest
    }
}

/// A signal is no error; what it wants is looked up in each turn.
fn uninterrupted(waited: Result<usize, Errno>) -> io::Result<()> {
    match waited {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_what_was_recorded() {
        let mut harvest = Harvest::new().expect("a histogram");
        (1..=1000).for_each(|latency| harvest.record(Duration::from_millis(latency)));
        for (part, due) in [(0.5, 500.0), (0.9, 900.0), (0.99, 990.0), (0.999, 999.0)] {
            let found = harvest.milliseconds(part);
            assert!((found - due).abs() <= due * 0.002, "{part}: {found} instead of {due}");
        }
    }

    #[test]
    fn the_generator_is_the_limit_only_if_it_has_no_time_left_and_the_server_has() {
        let mut harvest = Harvest::new().expect("a histogram");
        (harvest.elapsed, harvest.busy) = (Duration::from_secs(1), Duration::from_millis(950));
        assert!(harvest.is_limited_by_generator(Duration::from_millis(500)));
        assert!(!harvest.is_limited_by_generator(Duration::from_millis(990)));
        harvest.busy = Duration::from_millis(500);
        assert!(!harvest.is_limited_by_generator(Duration::from_millis(500)));
    }
}
