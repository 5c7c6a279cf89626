//! Small files that stay in memory for a while (`--keep-files`), as with `open_file_cache` of nginx.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::small_file::SmallFile;

/// How many files are kept at most.
const FILES_MAX: usize = 4096;
/// How many bytes they may take in all, with all that belongs to them.
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// What a kept file takes besides its text, its fields and twice its path, in bytes, roughly.
const OVERHEAD: usize = 256;

/// Files as they were when they were last looked at. When their time is over they are forgotten, and whoever asks next
/// has them read anew. What is not there, or is large, or has just changed and may not be finished, is not kept.
#[derive(Debug)]
pub(crate) struct KeptFiles {
    /// How long a file is kept. Zero: none is.
    time: Duration,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    files: HashMap<Arc<str>, (Arc<SmallFile>, Instant)>,
    /// In the order in which they came, which is that in which they go.
    order: VecDeque<(Arc<str>, Instant)>,
    bytes: usize,
}

impl KeptFiles {
    pub(crate) fn new(time: Duration) -> KeptFiles {
        KeptFiles { time, kept: Mutex::default() }
    }

    pub(crate) fn keeps(&self) -> bool {
        !self.time.is_zero()
    }

    /// The file of this path, if it is kept, and its time is not over.
    pub(crate) fn get(&self, path: &str) -> Option<Arc<SmallFile>> {
        if !self.keeps() {
            return None;
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, until) = kept.files.get(path)?;
        (Instant::now() < *until).then(|| Arc::clone(file))
    }

    /// Keeps a file that was not looked at before `opened`.
    pub(crate) fn keep(&self, path: &str, file: &Arc<SmallFile>, opened: Instant) {
        let until = opened + self.time;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have looked later, and yet been faster.
        if self.keeps() && kept.files.get(path).is_none_or(|(_, other)| *other < until) {
            kept.insert(path.into(), Arc::clone(file), until);
            kept.make_room(Instant::now());
        }
    }
}

impl Kept {
    fn insert(&mut self, path: Arc<str>, file: Arc<SmallFile>, until: Instant) {
        self.bytes += cost(&path, &file);
        self.order.push_back((Arc::clone(&path), until));
        if let Some((old, _)) = self.files.insert(Arc::clone(&path), (file, until)) {
            self.bytes -= cost(&path, &old);
        }
    }

    /// Forgets whose time is over, and the oldest of the others while there are too many.
    fn make_room(&mut self, now: Instant) {
        while let Some((path, until)) = self.order.front() {
            if *until > now && self.order.len() <= FILES_MAX && self.bytes <= BYTES_MAX {
                return;
            }
            // It may have been replaced: then its place in the order is all that is left of it.
            if self.files.get(path).is_some_and(|(_, current)| current == until)
                && let Some((file, _)) = self.files.remove(path)
            {
                self.bytes -= cost(path, &file);
            }
            self.order.pop_front();
        }
    }
}

fn cost(path: &str, file: &SmallFile) -> usize {
    OVERHEAD + 2 * path.len() + file.fields.capacity() + file.body.capacity()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::modified::Modified;

    const LONG: Duration = Duration::from_secs(3600);

    fn file(body: &[u8]) -> Arc<SmallFile> {
        let modified = Modified::at(None, SystemTime::UNIX_EPOCH);
        Arc::new(SmallFile::new("text/plain", body.to_vec(), modified))
    }

    fn body(kept: &KeptFiles, path: &str) -> Option<Vec<u8>> {
        kept.get(path).map(|file| file.body.clone())
    }

    #[test]
    fn a_file_is_kept_until_its_time_is_over() {
        let kept = KeptFiles::new(LONG);
        let now = Instant::now();
        assert_eq!(body(&kept, "a"), None);
        kept.keep("a", &file(b"one"), now - LONG / 2);
        assert_eq!(body(&kept, "a"), Some(b"one".to_vec()));
        assert_eq!(body(&kept, "b"), None);
        kept.keep("b", &file(b"old"), now - LONG);
        assert_eq!(body(&kept, "b"), None);
    }

    #[test]
    fn what_was_looked_at_later_stays() {
        let kept = KeptFiles::new(LONG);
        let now = Instant::now();
        kept.keep("a", &file(b"one"), now - LONG / 2);
        kept.keep("a", &file(b"two"), now);
        kept.keep("a", &file(b"late"), now - LONG / 4);
        assert_eq!(body(&kept, "a"), Some(b"two".to_vec()));
    }

    #[test]
    fn without_a_time_nothing_is_kept() {
        let kept = KeptFiles::new(Duration::ZERO);
        kept.keep("a", &file(b"one"), Instant::now());
        assert!(kept.get("a").is_none() && kept.kept.lock().unwrap().files.is_empty());
    }

    #[test]
    fn the_memory_is_bounded() {
        let kept = KeptFiles::new(LONG);
        let large = file(&[0; 16 * 1024]);
        for number in 0..3 * FILES_MAX {
            let file = if number % 2 == 0 { &large } else { &file(b"") };
            kept.keep(&number.to_string(), file, Instant::now());
            let kept = kept.kept.lock().unwrap();
            assert!(kept.files.len() <= FILES_MAX && kept.order.len() <= FILES_MAX && kept.bytes <= BYTES_MAX);
        }
        assert!(kept.get(&(3 * FILES_MAX - 1).to_string()).is_some(), "the last to come stays");
        assert!(kept.get("0").is_none(), "the first to come goes");
    }

    #[test]
    fn replacing_and_forgetting_give_all_memory_back() {
        let kept = KeptFiles::new(LONG);
        let begin = Instant::now() - LONG;
        for number in 0..10_000_u64 {
            kept.keep(&(number % 7).to_string(), &file(b"text"), begin + Duration::from_millis(number));
            let kept = kept.kept.lock().unwrap();
            assert!(kept.files.len() <= 7 && kept.order.len() <= FILES_MAX);
        }
        let mut kept = kept.kept.lock().unwrap();
        kept.make_room(Instant::now() + 2 * LONG);
        assert_eq!((kept.files.len(), kept.order.len(), kept.bytes), (0, 0, 0));
    }
}
