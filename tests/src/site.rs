//! The document root that the cases are asked for: ordinary files, and traps.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};
use std::time::{Duration, SystemTime};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

use crate::both;
use crate::language::{Both, reason};

/// The page at `/`.
pub static INDEX: LazyLock<String> = LazyLock::new(|| content("index.html"));
/// What stands in `hello.txt`.
pub static HELLO: LazyLock<String> = LazyLock::new(|| content("hello.txt"));
/// What stands outside the root, and must never be seen.
pub const SECRET: &str = "this stands outside the document root\n";
/// How long `big.bin` is: more than every buffer between two programs on one machine.
pub const BIG: usize = 8 * 1024 * 1024;
/// How long `small.bin` is: the beginning of `big.bin`.
pub const SMALL: usize = 4 * 1024;
/// How long `huge.bin` is: more than a client can swallow that does not read.
pub const HUGE: u64 = 256 * 1024 * 1024;
/// The date of `old.txt`, in seconds since 1970: Sun, 09 Sep 2001 01:46:40 GMT.
pub const OLD: u64 = 1_000_000_000;

/// A file that says where the root is. So a server that serves it says so too, to who can only ask it.
pub const WHERE: &str = "where.txt";

/// A file that has the number of the site.
const NUMBER_FILE: &str = "number.txt";

/// The number that stands in the files of this run. A server that has their content from somewhere else than from the
/// disk does not know it.
static NUMBER: OnceLock<String> = OnceLock::new();

fn number() -> &'static str {
    NUMBER.get_or_init(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mixed = (u64::from(std::process::id()) << 32 ^ since.as_nanos() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("{:08}", mixed >> 32 & 0xffff_ffff)
    })
}

/// Ordinary files: name in the root, content. `#` stands for the number of the run.
const TEMPLATES: &[(&str, &str)] = &[
    ("index.html", "<!DOCTYPE html>\n<title>The site of the suite</title>\n<p>Here it is: #. 就在这里。</p>\n"),
    ("hello.txt", "# hello\n"),
    ("empty.txt", ""),
    ("style.css", "p { color: teal }\n"),
    ("script.js", "'use strict';\n"),
    ("picture.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"),
    ("UPPER.HTML", "# <p>upper</p>\n"),
    ("no-ending", "# what am I?\n"),
    ("你好.html", "# <p>你好，世界</p>\n"),
    ("with space.txt", "# a space\n"),
    ("100%.txt", "# a percent sign\n"),
    ("why?.txt", "# a question mark\n"),
    ("%2e%2e", "# a name that looks escaped\n"),
    ("a..b.txt", "# two dots in a name\n"),
    ("...", "# three dots\n"),
    ("sub/index.html", "# <p>sub</p>\n"),
    ("sub/inner.txt", "# inner\n"),
    ("sub/deep/er/index.html", "# <p>deeper</p>\n"),
    ("no-index/only.txt", "# only\n"),
    // Where nothing stands before it, this name begins a URI of a scheme `co`.
    ("co:lon/index.html", "# <p>a colon</p>\n"),
    ("odd folder?/index.html", "# <p>an odd name</p>\n"),
    // Behind `//`, this name is a host.
    ("evil.example/index.html", "<p>not evil</p>\n"),
    // A redirect that holds the name as it is holds a field of the name's own.
    ("line\r\nX-Injected: yes/index.html", "<p>two lines</p>\n"),
];

/// Ordinary files: name in the root, content.
pub static FILES: LazyLock<Vec<(&'static str, String)>> =
    LazyLock::new(|| TEMPLATES.iter().map(|(name, content)| (*name, content.replace('#', number()))).collect());

fn content(name: &str) -> String {
    FILES.iter().find(|(other, _)| *other == name).map(|(_, content)| content.clone()).unwrap_or_default()
}
/// Files in `kinds`, with the types that each may have.
pub const TYPED: &[(&str, &[&str])] = &[
    ("page.xhtml", &["application/xhtml+xml"]),
    ("data.json", &["application/json"]),
    ("data.yaml", &["application/yaml", "text/yaml", "text/x-yaml", "application/x-yaml"]),
    ("table.csv", &["text/csv"]),
    ("lines.log", &["text/plain"]),
    ("module.mjs", &["text/javascript", "application/javascript"]),
    ("module.cjs", &["text/javascript", "application/javascript", "application/node"]),
    ("font.woff", &["font/woff", "application/font-woff"]),
    ("font.woff2", &["font/woff2"]),
    ("font.ttf", &["font/ttf", "font/sfnt"]),
    ("picture.jpg", &["image/jpeg"]),
    ("picture.webp", &["image/webp"]),
    ("picture.avif", &["image/avif"]),
    ("sound.ogg", &["audio/ogg", "application/ogg"]),
    ("sound.wav", &["audio/wav", "audio/x-wav", "audio/vnd.wave"]),
    ("sound.m4a", &["audio/mp4", "audio/x-m4a", "audio/m4a"]),
    ("film.mov", &["video/quicktime"]),
    ("film.webm", &["video/webm"]),
    ("archive.zip", &["application/zip"]),
    ("archive.tar.gz", &["application/gzip", "application/x-gzip", "application/x-tar"]),
    ("program.wasm", &["application/wasm"]),
    ("paper.pdf", &["application/pdf"]),
];

/// A document root, removed when it is dropped unless it was made in a folder that somebody named.
#[derive(Debug)]
pub struct Site {
    root: PathBuf,
    temporary: Option<TempDir>,
}

impl Site {
    /// In a temporary folder.
    pub fn temporary() -> io::Result<Site> {
        Site::temporary_told(|_| Ok(())).map(|(site, ())| site)
    }

    /// In a temporary folder, of which somebody is told before anything is in it.
    pub fn temporary_told<T>(tell: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<(Site, T)> {
        let folder = tempfile::Builder::new().prefix("http-suite-").tempdir()?;
        let told = tell(folder.path())?;
        // A server may run as somebody else.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let root = fill(folder.path())?;
        let scratch = folder.path().join("tmp");
        fs::create_dir(&scratch)?;
        fs::set_permissions(&scratch, Permissions::from_mode(0o1777))?;
        Ok((Site { root, temporary: Some(folder) }, told))
    }

    /// The folder that is removed with it, if it is temporary.
    pub fn folder(&self) -> Option<&Path> {
        self.temporary.as_ref().map(TempDir::path)
    }

    /// A folder outside of the root for what a server has to write, if there is one.
    pub fn scratch(&self) -> Option<PathBuf> {
        Some(self.folder()?.join("tmp"))
    }

    /// A temporary folder for a case. It goes with the site at the latest.
    pub fn folder_for_a_case(&self) -> io::Result<TempDir> {
        let within = self.scratch().unwrap_or_else(std::env::temp_dir);
        tempfile::Builder::new().prefix("http-suite-").tempdir_in(within)
    }

    /// In this folder, which must be empty or not be there yet: the root is `root` in it, and outside stands a secret.
    pub fn make_in(folder: &Path) -> io::Result<Site> {
        fs::create_dir_all(folder)?;
        if fs::read_dir(folder)?.next().is_some() {
            return Err(io::Error::new(io::ErrorKind::DirectoryNotEmpty, "the folder is not empty"));
        }
        Ok(Site { root: fill(folder)?, temporary: None })
    }

    /// One that is there already: what [`Site::make_in`] made.
    pub fn at(root: &Path) -> Site {
        Site { root: root.to_owned(), temporary: None }.numbered()
    }

    /// The one whose [`WHERE`] has this content.
    pub fn said_to_be_at(content: Vec<u8>) -> Site {
        Site { root: OsString::from_vec(content).into(), temporary: None }.numbered()
    }

    /// From now on this run asks for the files that this site has, with the number that stands in them.
    fn numbered(self) -> Site {
        if let Ok(found) = fs::read_to_string(self.root.join(NUMBER_FILE)) {
            // Too late for a run that has made a site of its own; `lacks` says so.
            let _ = NUMBER.set(found);
        }
        self
    }

    /// Whether it has the files that this version of the suite asks for: the name of the first that it has not.
    pub fn lacks(&self) -> Option<&'static str> {
        let same = |name: &str, content: &[u8]| fs::read(self.root.join(name)).is_ok_and(|found| found == content);
        FILES.iter().find(|(name, content)| !same(name, content.as_bytes())).map(|(name, _)| *name)
    }

    /// The document root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What stands in `big.bin`: no two pieces of it are alike, so that a lost or doubled one is noticed.
    pub fn big() -> Vec<u8> {
        // Without iterators over bytes: not optimised, they take as long as all else that is made here.
        let mut bytes = Vec::with_capacity(BIG);
        for number in 0..BIG as u32 / 4 {
            bytes.extend_from_slice(&number.wrapping_mul(2_654_435_761).to_le_bytes());
        }
        bytes
    }

    /// What stands in `page.html`: 1,024 bytes.
    pub fn page() -> String {
        format!("<!DOCTYPE html>\n<title>1 KiB</title>\n<p>{}</p>\n", "x".repeat(1024 - 47))
    }
}

/// That the files of a site cannot be made.
pub fn not_made(error: &io::Error) -> Both {
    let why = reason(error);
    both!("cannot make the files to be served: {why}", "无法生成要提供的文件：{why}" in why)
}

/// That this file cannot be written.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Both {
    let (path, why) = (path.display(), reason(error));
    both!("cannot write {path}: {why}", "无法写入 {path}：{why}" in why)
}

fn fill(folder: &Path) -> io::Result<PathBuf> {
    let root = folder.join("root");
    fs::create_dir(&root)?;
    fs::write(folder.join("secret.txt"), SECRET)?;
    // The path of this folder begins with that of the root, and it is not in the root.
    fs::create_dir(folder.join("root-beside"))?;
    fs::write(folder.join("root-beside/secret.txt"), SECRET)?;
    for (name, content) in FILES.iter() {
        let path = root.join(name);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        put(&path, content.as_bytes())?;
    }
    put(&root.join(NUMBER_FILE), number().as_bytes())?;
    fs::create_dir(root.join("kinds"))?;
    for (name, _) in TYPED {
        put(&root.join("kinds").join(name), b"of a kind\n")?;
    }
    put(&root.join(WHERE), root.canonicalize()?.as_os_str().as_bytes())?;
    put(&root.join("page.html"), Site::page().as_bytes())?;
    let big = Site::big();
    put(&root.join("small.bin"), &big[..SMALL])?;
    put(&root.join("mebibyte.bin"), &big[..1024 * 1024])?;
    put(&root.join("big.bin"), &big)?;
    File::create(root.join("huge.bin"))?.set_len(HUGE)?;

    dated(&root.join("old.txt"), SystemTime::UNIX_EPOCH + Duration::from_secs(OLD))?;
    dated(&root.join("before-1970.txt"), SystemTime::UNIX_EPOCH - Duration::from_secs(86_400))?;
    dated(&root.join("future.txt"), SystemTime::now() + Duration::from_secs(10 * 365 * 86_400))?;

    fs::write(root.join("unreadable.txt"), "nobody may read this\n")?;
    fs::set_permissions(root.join("unreadable.txt"), Permissions::from_mode(0o000))?;
    symlink("hello.txt", root.join("link-inside"))?;
    symlink("../secret.txt", root.join("link-outside"))?;
    symlink("../root-beside/secret.txt", root.join("link-beside"))?;
    symlink("/etc/passwd", root.join("link-absolute"))?;
    symlink("..", root.join("link-to-parent"))?;
    symlink("link-loop", root.join("link-loop"))?;
    mknodat(CWD, root.join("fifo"), FileType::Fifo, Mode::from(0o644), 0)?;
    drop(UnixListener::bind(root.join("socket"))?);
    Ok(root)
}

/// A file that is an hour old: of one that has only just been written, no date may be said (RFC 9110, section 8.8.2.2).
fn put(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.set_modified(SystemTime::now() - Duration::from_secs(3600))
}

fn dated(path: &Path, time: SystemTime) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(b"dated\n")?;
    file.set_modified(time)
}
