//! How many lines of the log found no room.

use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};

/// A counter in memory that forked children share with their parent: a child that drops a line may have ended before
/// there is room again, and then any other can tell.
#[derive(Debug)]
pub(crate) struct Lost(&'static AtomicU64);

impl Lost {
    /// The memory, one page, is never given back. If there is none, each process counts its own.
    pub(crate) fn new() -> Lost {
        let size = size_of::<AtomicU64>();
        // SAFETY: the system chooses where it is, so nothing else is there.
        #[allow(unsafe_code)]
        let page =
            unsafe { mmap_anonymous(ptr::null_mut(), size, ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED) };
        // SAFETY: a page is aligned, begins as zeros, is never unmapped, and nobody else has a pointer into it.
        #[allow(unsafe_code)]
        let shared = page.map(|page| unsafe { AtomicU64::from_ptr(page.cast()) });
        Lost(shared.unwrap_or_else(|_| Box::leak(Box::default())))
    }

    /// Counts so many more.
    pub(crate) fn add(&self, lines: u64) {
        self.0.fetch_add(lines, Ordering::Relaxed);
    }

    /// How many there are. Nobody else is told of these.
    pub(crate) fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}
