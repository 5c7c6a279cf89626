//! When a file has last changed, as far as HTTP can say it.

use std::fs::Metadata;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How much later than its clock a disk may date a change: the kernel notes the time of its last tick.
const TICK: Duration = Duration::from_millis(20);

/// When a file has last changed, seen at some time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Modified {
    /// In whole seconds. `None`: that cannot be known.
    pub(crate) second: Option<SystemTime>,
    /// Whether that second is over. If not, the file may change once more, and its date in HTTP stays the same.
    pub(crate) settled: bool,
    seen: SystemTime,
}

impl Modified {
    /// Of a file looked at now.
    pub(crate) fn of(file: &Metadata, now: SystemTime) -> Modified {
        Modified::at(file.modified().ok(), now)
    }

    pub(crate) fn at(time: Option<SystemTime>, now: SystemTime) -> Modified {
        let second = time.map(in_whole_seconds);
        let over = |second: SystemTime| now >= second + Duration::from_secs(1) + TICK;
        Modified { second, settled: second.is_none_or(over), seen: now }
    }

    /// What `Last-Modified` says. Nothing of the second that is not over (RFC 9110, section 8.8.2.2); of a date that is
    /// still to come, that it is now (section 8.8.2.1); and nothing of the time before 1970, which httpdate cannot
    /// write.
    pub(crate) fn said(&self) -> Option<SystemTime> {
        let second = self.second.filter(|second| *second >= UNIX_EPOCH)?;
        if second > self.seen { Some(self.seen) } else { self.settled.then_some(second) }
    }
}

/// HTTP counts in whole seconds, a disk in nanoseconds.
fn in_whole_seconds(time: SystemTime) -> SystemTime {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => UNIX_EPOCH + Duration::from_secs(since.as_secs()),
        // No date of HTTP is as early, so which second it is makes no difference.
        Err(_) => time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_second_that_is_not_over_is_not_said() {
        for (time, now, said) in [
            (5_000, 5_000, None),
            (5_999, 5_999, None),
            (5_000, 5_999, None),
            (5_999, 6_001, None),
            (5_999, 6_020, Some(at(5_000))),
            (5_000, 6_020, Some(at(5_000))),
            (5_500, 1_000_000, Some(at(5_000))),
            (0, 1_000_000, Some(at(0))),
            (9_000, 5_000, Some(at(5_000))),
            (u64::from(u32::MAX) * 1000, 5_000, Some(at(5_000))),
        ] {
            assert_eq!(Modified::at(Some(at(time)), at(now)).said(), said, "{time} at {now}");
        }
    }

    #[test]
    fn what_cannot_be_said_is_not() {
        for time in [None, Some(UNIX_EPOCH - Duration::from_nanos(1)), Some(UNIX_EPOCH - Duration::from_secs(1 << 33))]
        {
            assert_eq!(Modified::at(time, at(5_000)).said(), None, "{time:?}");
        }
    }

    #[test]
    fn only_a_file_of_an_earlier_second_is_settled() {
        for (time, now, settled) in
            [(5_000, 5_999, false), (5_000, 6_020, true), (9_000, 5_000, false), (4_999, 5_000, false)]
        {
            assert_eq!(Modified::at(Some(at(time)), at(now)).settled, settled, "{time} at {now}");
        }
    }
}
