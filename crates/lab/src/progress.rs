//! How far a run has come, and how long it will still take.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error, which is not there if nobody would see it.
pub struct Progress {
    bar: ProgressBar,
    begin: Instant,
    planned: Duration,
    done: Duration,
}

impl Progress {
    /// Of a run that should take so long.
    pub fn new(planned: Duration) -> Progress {
        let bar = ProgressBar::new(planned.as_millis() as u64);
        // The template is right, so this cannot fail; and without it there is still a bar.
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {prefix}  {wide_msg}") {
            bar.set_style(style.progress_chars("━╸ "));
        }
        Progress { bar, begin: Instant::now(), planned, done: Duration::ZERO }
    }

    /// What is done now, and how long that should take.
    pub fn step(&mut self, what: &str, planned: Duration) {
        self.bar.set_prefix(left(self.planned, self.done, self.begin.elapsed()));
        self.bar.set_message(what.to_owned());
        self.bar.set_position(self.done.as_millis() as u64);
        self.bar.tick();
        self.done += planned;
    }

    /// A line above the bar.
    pub fn say(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// If all is as much slower than planned as it was up to now.
fn left(planned: Duration, done: Duration, elapsed: Duration) -> String {
    let pace = if done.is_zero() { 1.0 } else { elapsed.as_secs_f64() / done.as_secs_f64() };
    let seconds = planned.saturating_sub(done).as_secs_f64() * pace.max(1.0);
    match seconds {
        ..90.0 => format!("{seconds:3.0} s left"),
        _ => format!("{:3.0} min left", seconds / 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_grows_with_what_has_been_slow() {
        let seconds = Duration::from_secs;
        assert_eq!(left(seconds(60), seconds(0), seconds(0)), " 60 s left");
        assert_eq!(left(seconds(60), seconds(20), seconds(40)), " 80 s left");
        assert_eq!(left(seconds(300), seconds(0), seconds(1)), "  5 min left");
    }
}
