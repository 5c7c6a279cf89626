//! The document root, and the answers that come from it.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cap_std::fs::{Dir, Metadata, OpenOptions, OpenOptionsExt};

use crate::{Received, Request, Response, Status, content_type, path_in_root, request};

/// A folder of files, and nothing outside it. Cloning shares it.
///
/// It is held as an open directory, and every path is resolved below it by the kernel in one step (`openat2` on Linux):
/// no `..` and no symbolic link leads out, and no one can swap a folder for a link between a check and its use.
#[derive(Clone, Debug)]
pub struct Site {
    server: &'static str,
    root: Arc<Dir>,
}

/// Opening a FIFO would wait for somebody to write to it; with this, no open waits. It changes nothing for regular
/// files.
const O_NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

impl Site {
    /// The folder `root`, served under the name `server`.
    ///
    /// # Errors
    ///
    /// If it is not there, is no folder, or may not be read.
    pub fn open(server: &'static str, root: &Path) -> io::Result<Site> {
        request::prepare();
        let root = Dir::open_ambient_dir(root, cap_std::ambient_authority())?;
        Ok(Site { server, root: Arc::new(root) })
    }

    /// The answer to whatever was received.
    pub fn answer(&self, received: &Received) -> Response {
        Response::to(received, self.server, |request| self.file(request).unwrap_or_else(Response::error))
    }

    /// For a client that has as many connections as it may: says so, with what can be sent and received at once. The
    /// caller closes, and does not wait until the client hangs up too: that would be to hold the connection after all.
    pub fn turn_away(&self, client: &mut (impl Read + Write + AsFd)) {
        // A close with unread bytes would be a reset.
        let _ = client.read(&mut [0; 4 * 1024]);
        let _ = Response::error(Status::ServiceUnavailable).from(self.server).encode().send(client);
    }

    fn file(&self, request: &Request) -> Result<Response, Status> {
        let path = path_in_root(&request.target)?;
        let mut read = OpenOptions::new();
        read.read(true).custom_flags(O_NONBLOCK);
        let file = self.root.open_with(&path, &read).map_err(|error| status_of(&error))?;
        let metadata = file.metadata().map_err(|error| status_of(&error))?;

        if metadata.is_dir() {
            return with_slash(&request.target).map(Response::moved_to).ok_or(Status::NotFound);
        }
        if !metadata.is_file() {
            return Err(Status::Forbidden);
        }
        let modified = modified(&metadata);
        let response = if is_fresh(modified, request.if_modified_since) {
            Response::not_modified()
        } else {
            Response::with_file(content_type::of(Path::new(&path)), file.into_std(), metadata.len())
        };
        Ok(match modified {
            Some(time) => response.modified(time),
            None => response,
        })
    }
}

fn modified(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok().map(|time| time.into_std())
}

/// Whether the client's copy is as new as the file (RFC 9110, section 13.1.3). HTTP counts in whole seconds.
fn is_fresh(modified: Option<SystemTime>, copy: Option<SystemTime>) -> bool {
    match (modified, copy) {
        (Some(modified), Some(copy)) => {
            modified.duration_since(copy).map_or(true, |newer| newer < Duration::from_secs(1))
        }
        _ => false,
    }
}

/// `/folder?query` becomes `/folder/?query`. No segment of it is empty ([`path_in_root`] saw to that), so it cannot
/// begin with `//` and lead to another host. `None` if the slash is there already: then its `index.html` is the folder.
fn with_slash(target: &str) -> Option<String> {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    (!path.ends_with('/')).then(|| format!("{path}/{query}"))
}

fn status_of(error: &io::Error) -> Status {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => Status::NotFound,
        // What may not be read, and what leads out of the root.
        ErrorKind::PermissionDenied => Status::Forbidden,
        _ => match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
            Some(rustix::io::Errno::LOOP) => Status::NotFound,
            // A socket, or a device without a driver: there, but not to be read.
            Some(rustix::io::Errno::NXIO | rustix::io::Errno::NODEV) => Status::Forbidden,
            Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE) => Status::ServiceUnavailable,
            _ => Status::InternalServerError,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use proptest::test_runner::TestRunner;
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use tempfile::TempDir;

    use super::*;
    use crate::{Framing, Method};

    const SECRET: &str = "outside the root";

    /// A folder with the root in it, and a secret beside.
    fn folder() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("folder/inner")).unwrap();
        fs::create_dir_all(root.join("no-index")).unwrap();
        fs::create_dir_all(root.join("odd/index.html")).unwrap();
        fs::write(folder.path().join("secret"), SECRET).unwrap();
        for name in ["index.html", "page.txt", "folder/index.html", "100%", "why?", "%2e%2e"] {
            fs::write(root.join(name), name).unwrap();
        }
        for (link, to) in [
            ("inside", "page.txt"),
            ("folder-inside", "folder"),
            ("outside", "../secret"),
            ("above", ".."),
            ("absolute", "/etc/passwd"),
            ("there-and-back", "../root/page.txt"),
            ("loop", "loop"),
            ("nowhere", "no-such-file"),
        ] {
            symlink(to, root.join(link)).unwrap();
        }
        mknodat(CWD, root.join("fifo"), FileType::Fifo, Mode::from(0o644), 0).unwrap();
        drop(UnixListener::bind(root.join("socket")).unwrap());
        folder
    }

    fn open(root: &Path) -> io::Result<Site> {
        Site::open("lesson-00", root)
    }

    fn request(target: &str, if_modified_since: Option<SystemTime>) -> Received {
        Received::Request(Request {
            method: Method::Get,
            target: target.into(),
            if_modified_since,
            keep_alive: true,
            body: Framing::NoBody,
        })
    }

    /// The whole answer.
    fn sent(response: Response) -> String {
        let bytes = crate::outbox::bytes_of(response.encode());
        String::from_utf8(bytes).unwrap()
    }

    fn answer(folder: &TempDir, target: &str) -> String {
        let site = open(&folder.path().join("root")).unwrap();
        sent(site.answer(&request(target, None)))
    }

    #[test]
    fn a_target_gets_its_file() {
        let folder = folder();
        for (target, content) in [
            ("/", "index.html"),
            ("/index.html", "index.html"),
            ("/page.txt", "page.txt"),
            ("/page.txt?query", "page.txt"),
            ("/p%61ge.txt", "page.txt"),
            ("/folder/", "folder/index.html"),
            ("/folder/index.html", "folder/index.html"),
            ("/100%25", "100%"),
            ("/why%3F", "why?"),
            ("/%252e%252e", "%2e%2e"),
            ("/inside", "page.txt"),
            ("/folder-inside/index.html", "folder/index.html"),
        ] {
            let answer = answer(&folder, target);
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\nServer: lesson-00\r\n"), "{target}: {answer}");
            assert!(answer.ends_with(&format!("\r\n\r\n{content}")), "{target}: {answer}");
            assert!(answer.contains("\r\nLast-Modified: "), "{target}: {answer}");
        }
    }

    #[test]
    fn what_is_no_file_below_the_root_gets_a_status() {
        let folder = folder();
        for (target, code) in [
            ("/nothing", 404),
            ("/nothing/", 404),
            ("/no-index/", 404),
            ("/odd/", 404),
            ("/odd/?query", 404),
            ("/page.txt/", 404),
            ("/page.txt/x", 404),
            ("/fifo/x", 404),
            (&format!("/{}", "a".repeat(256)), 404),
            (&format!("/{}a", "a/".repeat(4000)), 404),
            ("/loop", 404),
            ("/nowhere", 404),
            ("/../secret", 404),
            ("/%2e%2e/secret", 404),
            ("/..%2fsecret", 404),
            ("/folder/../page.txt", 404),
            ("//etc/passwd", 404),
            ("/fifo", 403),
            ("/socket", 403),
            ("/outside", 403),
            ("/above/secret", 403),
            ("/above", 403),
            ("/absolute", 403),
            ("/there-and-back", 403),
            ("/%zz", 400),
            ("/%00", 400),
            ("*", 400),
        ] {
            let answer = answer(&folder, target);
            assert!(answer.starts_with(&format!("HTTP/1.1 {code} ")), "{target}: {answer}");
            assert!(!answer.contains(SECRET), "{target}: {answer}");
        }
    }

    #[test]
    fn a_folder_without_its_slash_is_moved() {
        let folder = folder();
        for (target, location) in [
            ("/folder", "/folder/"),
            ("/folder?query", "/folder/?query"),
            ("/folder??/..//x", "/folder/??/..//x"),
            ("/folder/inner", "/folder/inner/"),
            ("/f%6Flder", "/f%6Flder/"),
            ("/folder-inside", "/folder-inside/"),
            ("/odd/index.html", "/odd/index.html/"),
        ] {
            let answer = answer(&folder, target);
            assert!(answer.starts_with("HTTP/1.1 301 "), "{target}: {answer}");
            assert!(answer.contains(&format!("\r\nLocation: {location}\r\n")), "{target}: {answer}");
        }
    }

    #[test]
    fn a_page_of_the_root_that_is_a_folder_leads_to_no_other_host() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("root/index.html")).unwrap();
        for target in ["/", "/?a"] {
            let answer = answer(&folder, target);
            assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        }
    }

    #[test]
    fn what_may_not_be_read_is_forbidden() {
        let folder = folder();
        let root = folder.path().join("root");
        for name in ["page.txt", "folder"] {
            fs::set_permissions(root.join(name), Permissions::from_mode(0o000)).unwrap();
        }
        if File::open(root.join("page.txt")).is_ok() {
            eprintln!("not looked at: whoever runs this may read everything");
            return;
        }
        let answers = ["/page.txt", "/folder/", "/folder"].map(|target| answer(&folder, target));
        fs::set_permissions(root.join("folder"), Permissions::from_mode(0o755)).unwrap();
        assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 403 ")), "{answers:?}");
    }

    #[test]
    fn a_copy_that_is_as_new_gets_no_body() {
        let folder = folder();
        let root = folder.path().join("root");
        let site = open(&root).unwrap();
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        // HTTP says whole seconds: the copy of a file of half past is dated earlier than it.
        let file = File::options().write(true).open(root.join("page.txt")).unwrap();
        file.set_modified(at(1_000_000_000) + Duration::from_millis(500)).unwrap();
        for (copy, code) in [
            (None, 200),
            (Some(at(0)), 200),
            (Some(at(999_999_999)), 200),
            (Some(at(1_000_000_000)), 304),
            (Some(at(1_000_000_001)), 304),
            (Some(at(i64::MAX as u64)), 304),
        ] {
            let answer = sent(site.answer(&request("/page.txt", copy)));
            assert!(answer.starts_with(&format!("HTTP/1.1 {code} ")), "{copy:?}: {answer}");
            assert!(answer.contains("\r\nLast-Modified: Sun, 09 Sep 2001 01:46:40 GMT\r\n"), "{answer}");
            assert_eq!(answer.ends_with("page.txt"), code == 200, "{answer}");
        }
    }

    #[test]
    fn a_file_from_before_1970_is_served_without_its_date() {
        let folder = folder();
        let file = File::options().write(true).open(folder.path().join("root/page.txt")).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH - Duration::from_secs(1)).unwrap();
        let answer = answer(&folder, "/page.txt");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(!answer.contains("Last-Modified"), "{answer}");
    }

    #[test]
    fn what_can_be_wrong_with_a_file_has_a_status() {
        use rustix::io::Errno;
        for (errno, status) in [
            (Errno::NOENT, Status::NotFound),
            (Errno::NOTDIR, Status::NotFound),
            (Errno::NAMETOOLONG, Status::NotFound),
            (Errno::LOOP, Status::NotFound),
            (Errno::ACCESS, Status::Forbidden),
            (Errno::PERM, Status::Forbidden),
            (Errno::NXIO, Status::Forbidden),
            (Errno::NODEV, Status::Forbidden),
            (Errno::MFILE, Status::ServiceUnavailable),
            (Errno::NFILE, Status::ServiceUnavailable),
            (Errno::IO, Status::InternalServerError),
            (Errno::NOMEM, Status::InternalServerError),
        ] {
            assert_eq!(status_of(&errno.into()), status, "{errno:?}");
        }
        assert_eq!(status_of(&ErrorKind::PermissionDenied.into()), Status::Forbidden);
    }

    #[test]
    fn what_is_no_folder_is_no_root() {
        let folder = folder();
        for name in ["nothing", "secret", "root/fifo"] {
            assert!(open(&folder.path().join(name)).is_err(), "{name}");
        }
    }

    /// Targets that try to get out: dots, slashes, escapes, and the names of links.
    fn target() -> impl Strategy<Value = String> {
        let pieces = [
            "/",
            "/",
            "/",
            "/",
            ".",
            "..",
            "%2e",
            "%2E%2e",
            "%2f",
            "%5c",
            "%25",
            "?",
            "secret",
            "root",
            "etc/passwd",
            "page.txt",
            "index.html",
            "folder",
            "folder-inside",
            "inside",
            "outside",
            "above",
            "absolute",
            "there-and-back",
            "loop",
            "fifo",
        ];
        vec(select(pieces.to_vec()), 0..8).prop_map(|pieces| "/".to_owned() + &pieces.concat())
    }

    #[test]
    fn nothing_outside_the_root_is_ever_sent() {
        let folder = folder();
        // Whatever a name may mean beside the root and below its links, it is no file of the site.
        for name in ["page.txt", "index.html", "inside"] {
            fs::write(folder.path().join(name), SECRET).unwrap();
        }
        let site = open(&folder.path().join("root")).unwrap();
        let config = ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() };
        let outcome = TestRunner::new(config).run(&target(), |target| {
            let answer = sent(site.answer(&request(&target, None)));
            prop_assert!(!answer.contains(SECRET) && !answer.contains("root:"), "{answer}");
            prop_assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
            let location = answer.lines().find_map(|line| line.strip_prefix("Location: "));
            prop_assert!(location.is_none_or(|to| to.starts_with('/') && !to.starts_with("//")), "{answer}");
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{failure}"));
    }
}
