//! Whether there is memory for one more client.

use std::io;

use memmap2::MmapMut;

/// How much address space must be left, in bytes: for the stack of one more client, and for what all the others need
/// meanwhile. A program that gets no memory where it needs some is ended at once.
const TO_SPARE: usize = 8 * 1024 * 1024;

/// Asks the system for memory and gives it back unused (about 2 µs): before a client is served, so that one client too
/// many is refused, and does not end the server for all of them.
///
/// # Errors
///
/// What the system says, if 8 MiB cannot be had (`ulimit -v`, RLIMIT_AS in getrlimit(2)).
pub fn memory_to_spare() -> io::Result<()> {
    MmapMut::map_anon(TO_SPARE).map(drop)
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_is_memory_here() {
        super::memory_to_spare().expect("8 MiB");
    }
}
