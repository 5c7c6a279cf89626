//! The clock that stands still while its thread does not run.

use std::time::Duration;

use nix::time::ClockId;

/// The processor time of this thread.
pub fn own_processor_time() -> Duration {
    ClockId::CLOCK_THREAD_CPUTIME_ID.now().map_or(Duration::ZERO, Duration::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_of_this_thread_is_counted_and_sleep_is_not() {
        let own = own_processor_time();
        while own_processor_time() - own < Duration::from_millis(5) {}
        let own = own_processor_time();
        std::thread::sleep(Duration::from_millis(50));
        assert!(own_processor_time() - own < Duration::from_millis(40));
    }
}
