//! The document root: a folder that files are opened below.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};

/// Opening a FIFO would wait for somebody to write to it; with this, no open waits. It changes nothing for regular
/// files.
const O_NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
/// How often it is looked whether the folder is still what its path names: often enough that nobody notices, and so
/// seldom that a busy server does not either.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The folder that a path names.
///
/// It is held as an open directory, and every path is resolved below it by the kernel in one step (`openat2` on Linux):
/// no `..` and no symbolic link leads out, and no one can swap a folder for a link between a check and its use. A site
/// may be built anew, though, or its link be switched to the next release: then the path names another directory, and
/// that one is opened.
#[derive(Debug)]
pub(crate) struct Root {
    path: PathBuf,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    folder: Arc<Dir>,
    identity: (u64, u64),
    looked: Instant,
}

impl Root {
    /// # Errors
    ///
    /// If it is not there, is no folder, or may not be read.
    pub(crate) fn open(path: &Path) -> io::Result<Root> {
        let path = std::path::absolute(path)?;
        let open = Mutex::new(Open::at(&path)?);
        Ok(Root { path, open })
    }

    /// Opens what a relative path names, to read it; with what is known of it.
    pub(crate) fn file(&self, path: &Path) -> io::Result<(File, Metadata)> {
        let file = match open_in(&self.folder(), path) {
            // Perhaps the whole folder is gone, and there is another.
            Err(error) if error.kind() == ErrorKind::NotFound => match self.found_again() {
                Some(folder) => open_in(&folder, path)?,
                None => return Err(error),
            },
            result => result?,
        };
        let metadata = uninterrupted(|| file.metadata())?;
        Ok((file, metadata))
    }

    fn folder(&self) -> Arc<Dir> {
        let mut open = self.lock();
        let now = Instant::now();
        if now.duration_since(open.looked) >= LOOK_EVERY {
            open.looked = now;
            drop(open);
            self.found_again().unwrap_or_else(|| Arc::clone(&self.lock().folder))
        } else {
            Arc::clone(&open.folder)
        }
    }

    /// The folder that the path names now, if it is another than before.
    fn found_again(&self) -> Option<Arc<Dir>> {
        let metadata = uninterrupted(|| fs::metadata(&self.path)).ok()?;
        if self.lock().identity == identity(&metadata) {
            return None;
        }
        let open = Open::at(&self.path).ok()?;
        let folder = Arc::clone(&open.folder);
        *self.lock() = open;
        Some(folder)
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn at(path: &Path) -> io::Result<Open> {
        let folder = uninterrupted(|| Dir::open_ambient_dir(path, cap_std::ambient_authority()))?.into_std_file();
        let identity = identity(&uninterrupted(|| folder.metadata())?);
        Ok(Open { folder: Arc::new(Dir::from_std_file(folder)), identity, looked: Instant::now() })
    }
}

/// While a directory is held open, no other one gets its number.
fn identity(folder: &Metadata) -> (u64, u64) {
    (folder.dev(), folder.ino())
}

fn open_in(folder: &Dir, path: &Path) -> io::Result<File> {
    let mut read = OpenOptions::new();
    read.read(true).custom_flags(O_NONBLOCK);
    uninterrupted(|| folder.open_with(path, &read)).map(cap_std::fs::File::into_std)
}

/// A signal may come while a disk, or one behind a network, is waited for. The call is made again, as for reads and
/// writes.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::symlink;
    use std::thread;

    use super::*;

    fn content(root: &Root) -> io::Result<String> {
        let (mut file, _) = root.file(Path::new("page"))?;
        let mut content = String::new();
        file.read_to_string(&mut content)?;
        Ok(content)
    }

    fn make(folder: &Path, content: &str) {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("page"), content).unwrap();
    }

    #[test]
    fn a_folder_that_is_built_anew_is_found_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root");
        make(&path, "old");
        let root = Root::open(&path).unwrap();
        assert_eq!(content(&root).unwrap(), "old");
        fs::remove_dir_all(&path).unwrap();
        assert_eq!(content(&root).unwrap_err().kind(), ErrorKind::NotFound);
        make(&path, "new");
        assert_eq!(content(&root).unwrap(), "new");
        fs::remove_dir_all(&path).unwrap();
        fs::write(&path, "no folder any more").unwrap();
        assert_eq!(content(&root).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_link_that_is_switched_and_a_folder_that_is_moved_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        make(&at("first"), "first");
        make(&at("second"), "second");
        symlink("first", at("root")).unwrap();
        let root = Root::open(&at("root")).unwrap();
        assert_eq!(content(&root).unwrap(), "first");
        symlink("second", at("next")).unwrap();
        fs::rename(at("next"), at("root")).unwrap();
        thread::sleep(LOOK_EVERY);
        assert_eq!(content(&root).unwrap(), "second");
        fs::rename(at("second"), at("away")).unwrap();
        fs::rename(at("first"), at("second")).unwrap();
        thread::sleep(LOOK_EVERY);
        assert_eq!(content(&root).unwrap(), "first");
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        let mut calls = 0;
        let result = uninterrupted(|| {
            calls += 1;
            if calls < 3 { Err(ErrorKind::Interrupted.into()) } else { Ok(calls) }
        });
        assert_eq!(result.unwrap(), 3);
        assert!(uninterrupted(|| Err::<(), _>(ErrorKind::NotFound.into())).is_err());
    }
}
