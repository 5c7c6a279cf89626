//! Who is to be looked at when, though nothing comes from there: found without walking everyone.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// An alarm clock for each key, the first one in front.
#[derive(Default)]
pub struct Deadlines {
    queue: BTreeSet<(Instant, usize)>,
    times: HashMap<usize, Instant>,
}

impl Deadlines {
    /// Has `key` looked at when this time comes. An earlier alarm stays as it is: whoever is looked at too early can set the
    /// next one, and so the clock need not be reset at each request.
    pub fn look_at(&mut self, key: usize, time: Instant) {
        if self.times.get(&key).is_none_or(|set| *set > time) {
            self.forget(key);
            self.queue.insert((time, key));
            self.times.insert(key, time);
        }
    }

    /// No alarm for `key` any more.
    pub fn forget(&mut self, key: usize) {
        if let Some(time) = self.times.remove(&key) {
            self.queue.remove(&(time, key));
        }
    }

    /// How long it is until the first alarm. `None` if there is none.
    pub fn until_first(&self) -> Option<Duration> {
        self.queue.first().map(|(time, _)| time.saturating_duration_since(Instant::now()))
    }

    /// Takes out one key whose time has come.
    pub fn next_due(&mut self) -> Option<usize> {
        let (time, key) = *self.queue.first()?;
        (time <= Instant::now()).then(|| {
            self.forget(key);
            key
        })
    }
}
