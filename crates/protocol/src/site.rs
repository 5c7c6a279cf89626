//! The document root, and the answers that come from it.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::kept_files::KeptFiles;
use crate::modified::Modified;
use crate::outbox::CHUNK;
use crate::root::Root;
use crate::small_file::{SmallFile, read_all};
use crate::{Received, Request, Response, Status, content_type, path_in_root, request};

/// A folder of files, and nothing outside it. Cloning shares it, and what is kept of it.
#[derive(Clone, Debug)]
pub struct Site {
    server: &'static str,
    root: Arc<Root>,
    kept: Arc<KeptFiles>,
}

impl Site {
    /// The folder `root`, served under the name `server`. No file of it is kept.
    ///
    /// # Errors
    ///
    /// If it is not there, is no folder, or may not be read.
    pub fn open(server: &'static str, root: &Path) -> io::Result<Site> {
        request::prepare();
        Ok(Site { server, root: Arc::new(Root::open(root)?), kept: Arc::new(KeptFiles::new(Duration::ZERO)) })
    }

    /// The same, but small files stay in memory for this time before they are looked at again. What changes meanwhile
    /// is seen then. Processes share nothing of that.
    pub fn keeping_files_for(self, time: Duration) -> Site {
        Site { kept: Arc::new(KeptFiles::new(time)), ..self }
    }

    /// The answer to whatever was received.
    pub fn answer(&self, received: &Received) -> Response {
        Response::to(received, self.server, |request| self.file(request).unwrap_or_else(Response::error))
    }

    /// For a client that has as many connections as it may: says so, with what can be sent and received at once. The
    /// caller closes, and does not wait until the client hangs up too: that would be to hold the connection after all.
    pub fn turn_away(&self, client: &mut (impl Read + Write + AsFd)) {
        // A close with unread bytes would be a reset.
        let mut request = [0; 4 * 1024];
        let length = client.read(&mut request).unwrap_or(0);
        let head = request::asks_for_head(&request[..length]);
        let response = Response::error(Status::ServiceUnavailable).from(self.server).without_body(head);
        let _ = response.encode().send(client);
    }

    fn file(&self, request: &Request) -> Result<Response, Status> {
        let path = path_in_root(&request.target)?;
        if let Some(file) = self.kept.get(&path) {
            return Ok(with_small_file(file, request));
        }
        let (opened, now) = (Instant::now(), SystemTime::now());
        let (mut file, metadata) = self.root.file(Path::new(&*path)).map_err(|error| status_of(&error))?;
        if metadata.is_dir() {
            return with_slash(&request.target).map(Response::moved_to).ok_or(Status::NotFound);
        }
        if !metadata.is_file() {
            return Err(Status::Forbidden);
        }
        let modified = Modified::of(&metadata, now);
        let media_type = content_type::of(&path);
        if let Some(size) = usize::try_from(metadata.len()).ok().filter(|size| *size <= CHUNK) {
            let body = read_all(&mut file, size).map_err(|error| status_of(&error))?;
            let small = Arc::new(SmallFile::new(media_type, body, modified));
            if self.kept.keeps() && modified.settled && is_still(&metadata, &file) {
                self.kept.keep(&path, &small, opened);
            }
            return Ok(with_small_file(small, request));
        }
        Ok(match request.preconditions.check(&modified) {
            Ok(()) => Response::with_file(media_type, file, metadata.len()).modified(&modified),
            Err(status) => Response::error(status).modified(&modified),
        })
    }
}

fn with_small_file(file: Arc<SmallFile>, request: &Request) -> Response {
    match request.preconditions.check(&file.modified) {
        Ok(()) => Response::with_small_file(file),
        Err(status) => Response::error(status).modified(&file.modified),
    }
}

/// Whether a file is what it was before it was read. If not, half of what was read may be of the one text, and half of
/// the other.
fn is_still(before: &Metadata, file: &File) -> bool {
    file.metadata().is_ok_and(|now| now.len() == before.len() && now.modified().ok() == before.modified().ok())
}

/// `/a/folder?query` is to become `/a/folder/?query`, and is told so by `folder/?query`: a reference that is resolved
/// against the address that the client knows, be there a proxy between that has put something before it. It leads to
/// no other host, since its first segment is not empty ([`path_in_root`] saw to that), and is no scheme (RFC 3986,
/// section 4.2). `None` if the slash is there already: then its `index.html` is the folder.
fn with_slash(target: &str) -> Option<String> {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    let here = if name.contains(':') { "./" } else { "" };
    Some([here, &as_in_uri(name), "/", &as_in_uri(query)].concat())
}

/// With an escape for each character that no URI has, though some browsers send it (RFC 3986, appendix A).
fn as_in_uri(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for (at, byte) in text.bytes().enumerate() {
        let escape = text.as_bytes().get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        match byte {
            b'%' if escape => result.push('%'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => result.push(char::from(byte)),
            _ if b"-._~!$&'()*+,;=:@/?".contains(&byte) => result.push(char::from(byte)),
            _ => result += &format!("%{byte:02X}"),
        }
    }
    result
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
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::time::UNIX_EPOCH;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use proptest::test_runner::TestRunner;
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use tempfile::TempDir;

    use super::*;
    use crate::{Framing, Method, Preconditions};

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
            // Of this second, no date would be said.
            date(&root.join(name), UNIX_EPOCH + Duration::from_secs(1_000_000_000));
        }
        fs::create_dir_all(root.join("a:b")).unwrap();
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

    fn date(file: &Path, time: SystemTime) {
        File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
    }

    fn open(root: &Path) -> io::Result<Site> {
        Site::open("lesson-00", root)
    }

    fn request(target: &str, if_modified_since: Option<SystemTime>) -> Received {
        let mut preconditions = Preconditions::default();
        if let Some(time) = if_modified_since {
            preconditions.note("If-Modified-Since", httpdate::fmt_http_date(time).as_bytes());
        }
        Received::Request(Request {
            method: Method::Get,
            target: target.into(),
            preconditions,
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
            ("/%00", 404),
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
            ("/folder", "folder/"),
            ("/folder?query", "folder/?query"),
            ("/folder??/..//x", "folder/??/..//x"),
            ("/folder/inner", "inner/"),
            ("/f%6Flder", "f%6Flder/"),
            ("/folder-inside", "folder-inside/"),
            ("/odd/index.html", "index.html/"),
            ("/a:b", "./a:b/"),
            ("/a%3Ab?a:b", "a%3Ab/?a:b"),
            ("/folder?\"<>`{}|^[]", "folder/?%22%3C%3E%60%7B%7D%7C%5E%5B%5D"),
            ("/folder?%zz%4%20%", "folder/?%25zz%254%20%25"),
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
        date(&root.join("page.txt"), at(1_000_000_000) + Duration::from_millis(500));
        for (copy, code) in [
            (None, 200),
            (Some(at(0)), 200),
            (Some(at(999_999_999)), 200),
            (Some(at(1_000_000_000)), 304),
            (Some(at(1_000_000_001)), 304),
            (Some(at(253_402_300_799)), 304),
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
        date(&folder.path().join("root/page.txt"), UNIX_EPOCH - Duration::from_secs(1));
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
            prop_assert!(
                location.is_none_or(
                    |to| !to.starts_with(['/', '?']) && to.split_once(':').is_none_or(|(to, _)| to.contains('/'))
                ),
                "{answer}"
            );
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{failure}"));
    }

    #[test]
    fn a_text_that_may_be_another_within_the_second_has_no_date() {
        let folder = folder();
        fs::write(folder.path().join("root/page.txt"), "new").unwrap();
        let site = open(&folder.path().join("root")).unwrap();
        let answer = sent(site.answer(&request("/page.txt", Some(SystemTime::now() + Duration::from_secs(1)))));
        assert!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("Last-Modified"), "{answer}");
    }

    #[test]
    fn a_kept_file_is_the_same_until_its_time_is_over() {
        let folder = folder();
        let page = folder.path().join("root/page.txt");
        let site = open(&folder.path().join("root")).unwrap().keeping_files_for(Duration::from_secs(3600));
        let old = sent(site.answer(&request("/page.txt", None)));
        fs::remove_file(&page).unwrap();
        assert_eq!(sent(site.clone().answer(&request("/p%61ge.txt?a", None))), old);
        let site = site.keeping_files_for(Duration::from_millis(1));
        assert!(sent(site.answer(&request("/page.txt", None))).starts_with("HTTP/1.1 404 "));
        fs::write(&page, "made anew").unwrap();
        date(&page, UNIX_EPOCH);
        for text in ["made anew", "and anew"] {
            fs::write(&page, text).unwrap();
            date(&page, UNIX_EPOCH);
            std::thread::sleep(Duration::from_millis(2));
            assert!(sent(site.answer(&request("/page.txt", None))).ends_with(text));
        }
    }

    #[test]
    fn a_file_that_has_just_changed_is_not_kept() {
        let folder = folder();
        let page = folder.path().join("root/page.txt");
        let site = open(&folder.path().join("root")).unwrap().keeping_files_for(Duration::from_secs(3600));
        for text in ["half", "half and half"] {
            fs::write(&page, text).unwrap();
            assert!(sent(site.answer(&request("/page.txt", None))).ends_with(text));
        }
    }
}
