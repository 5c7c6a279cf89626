//! What a student has handed in: how it is copied, built and started.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::grade::say;

/// How long a build may take at most if nothing is said, in seconds.
const BUILD_TIMEOUT: u64 = 300;
/// How large `server.toml` may be, in bytes.
const LONGEST: u64 = 64 * 1024;

/// `server.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    build: Option<Words>,
    command: Option<Words>,
    build_timeout: Option<u64>,
    start_timeout: Option<u64>,
    server_timeout: Option<u64>,
}

/// A command: a line for the shell, or the words themselves.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    Line(String),
    Words(Vec<String>),
}

/// How a submission is built and started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// How it is built; empty if there is nothing to build.
    pub build: Vec<String>,
    /// How it is started, with `{port}` and `{root}`; [`Submission::command`] says so for Rust, after the build.
    command: Vec<String>,
    /// How long the build may take, in seconds.
    pub build_timeout: u64,
    /// How long it may take until it listens, in seconds.
    pub start_timeout: u64,
    /// How long it lets a client be silent, in seconds.
    pub server_timeout: u64,
}

/// Why a submission cannot be run: English and Chinese.
pub type Why = [String; 2];

impl Words {
    fn words(self) -> Vec<String> {
        match self {
            Words::Words(words) => words,
            // What needs no shell has none: it would be one more process beside the server.
            Words::Line(line)
                if !line.contains(['\'', '"', '\\', '$', '&', '|', ';', '<', '>', '*', '(', '`', '=']) =>
            {
                line.split_whitespace().map(str::to_owned).collect()
            }
            Words::Line(line) => ["sh", "-c", &line].map(str::to_owned).to_vec(),
        }
    }
}

impl Submission {
    /// What `server.toml` in this folder says, and what is usual where it says nothing.
    ///
    /// # Errors
    ///
    /// If there is neither that file nor one that shows how the server is started, or it is not as it should be.
    pub fn read(folder: &Path) -> Result<Submission, Why> {
        let file = file(folder)?;
        let has = |name: &str| is_file(&folder.join(name));
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let (build, command): (Vec<String>, Vec<String>) = match () {
            () if has("server.py") => (vec![], words(&["python3", "server.py", "{port}", "{root}"])),
            () if has("server.js") => (vec![], words(&["node", "server.js", "{port}", "{root}"])),
            () if has("Makefile") || has("makefile") => (words(&["make"]), words(&["./server", "{port}", "{root}"])),
            () if has("Cargo.toml") => (words(&["cargo", "build", "--release"]), vec![]),
            () if file.command.is_some() => (vec![], vec![]),
            () => {
                return Err(say(
                    "there is no server.toml, and no server.py, server.js, Makefile or Cargo.toml",
                    "没有 server.toml，也没有 server.py、server.js、Makefile 或 Cargo.toml",
                ));
            }
        };
        // A command of its own comes with a build of its own, or with none.
        let build = if file.command.is_some() { vec![] } else { build };
        let command = file.command.map_or(command, Words::words);
        Ok(Submission {
            build: file.build.map_or(build, Words::words),
            command,
            build_timeout: file.build_timeout.unwrap_or(BUILD_TIMEOUT).clamp(1, BUILD_TIMEOUT),
            start_timeout: file.start_timeout.unwrap_or(10).clamp(1, 60),
            server_timeout: file.server_timeout.unwrap_or(10).clamp(1, 60),
        })
    }

    /// The command, once it is built.
    ///
    /// # Errors
    ///
    /// If it is the binary of a Rust package, and that has not just one.
    pub fn command(&self, folder: &Path) -> Result<Vec<String>, Why> {
        if !self.command.is_empty() {
            return Ok(self.command.clone());
        }
        let built = fs::read_dir(folder.join("target/release")).into_iter().flatten().flatten();
        let is_program = |path: &PathBuf| {
            let mode = path.symlink_metadata().map(|data| data.permissions().mode()).unwrap_or_default();
            is_file(path) && mode & 0o111 != 0 && path.extension().is_none()
        };
        let mut programs: Vec<PathBuf> = built.map(|entry| entry.path()).filter(is_program).collect();
        match (programs.pop(), programs.is_empty()) {
            (Some(program), true) => Ok(vec![program.to_string_lossy().into_owned(), "{port}".into(), "{root}".into()]),
            (None, _) => Err(say("cargo build makes no program", "cargo build 没有生成可执行文件")),
            (Some(_), false) => Err(say(
                "cargo build makes several programs; say in server.toml which is the server",
                "cargo build 生成了多个可执行文件；请在 server.toml 里写明哪个是服务器",
            )),
        }
    }
}

fn is_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|data| data.is_file())
}

/// Reads `server.toml`. A symbolic link is not followed: this program may read what the student may not.
fn file(folder: &Path) -> Result<File, Why> {
    let path = folder.join("server.toml");
    let Ok(data) = path.symlink_metadata() else { return Ok(File::default()) };
    if !data.is_file() || data.len() > LONGEST {
        return Err(say("server.toml is no small file", "server.toml 不是一个小文件"));
    }
    let text = fs::read_to_string(&path)
        .map_err(|error| say(format!("cannot read server.toml: {error}"), format!("无法读取 server.toml：{error}")))?;
    let file: File = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let why = error.message().to_owned();
        say(format!("server.toml, line {line}: {why}"), format!("server.toml 第 {line} 行：{why}"))
    })?;
    let is_empty = |words: &Option<Words>| match words {
        Some(Words::Line(line)) => line.trim().is_empty(),
        Some(Words::Words(words)) => words.is_empty(),
        None => false,
    };
    if is_empty(&file.command) {
        return Err(say("server.toml: the command is empty", "server.toml：command 为空"));
    }
    Ok(File { build: if is_empty(&file.build) { None } else { file.build }, ..file })
}

/// Copies a submission to where it may be changed, owned by this user; no more than so many bytes. Symbolic links stay
/// links, what is no file is left out, and so are `.git` and what Cargo has built. A number that is the same as long as
/// the files are.
///
/// # Errors
///
/// If a file cannot be read or written, or they are too large.
pub fn copy(from: &Path, to: &Path, user: Option<u32>, most: u64) -> io::Result<u64> {
    let mut copying = Copying { user, left: most, digest: Digest::default() };
    copying.folder(from, to)?;
    Ok(copying.digest.0)
}

/// The number that [`copy`] returns, without a copy.
///
/// # Errors
///
/// As there.
pub fn digest(from: &Path, most: u64) -> io::Result<u64> {
    let mut copying = Copying { user: None, left: most, digest: Digest::default() };
    copying.entries(from)?.into_iter().try_for_each(|path| copying.only_look(&path))?;
    Ok(copying.digest.0)
}

struct Copying {
    user: Option<u32>,
    left: u64,
    digest: Digest,
}

/// FNV-1a, which stays the same whatever compiles it.
struct Digest(u64);

impl Default for Digest {
    fn default() -> Digest {
        Digest(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().copied().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Copying {
    /// What is in a folder and is to be copied, by name.
    fn entries(&self, from: &Path) -> io::Result<Vec<PathBuf>> {
        let has_cargo = is_file(&from.join("Cargo.toml"));
        let entries: io::Result<Vec<PathBuf>> = fs::read_dir(from)?.map(|entry| Ok(entry?.path())).collect();
        let mut entries = entries?;
        let is_made = |path: &Path| path.ends_with(".git") || has_cargo && path.ends_with("target");
        entries.retain(|path| !is_made(path));
        entries.sort();
        Ok(entries)
    }

    fn folder(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::create_dir(to)?;
        for path in self.entries(from)? {
            let Some(name) = path.file_name() else { continue };
            let to = to.join(name);
            let data = path.symlink_metadata()?;
            if data.is_symlink() || data.is_file() {
                let bytes = self.look(&path)?;
                if data.is_symlink() {
                    symlink(fs::read_link(&path)?, &to)?;
                } else {
                    fs::write(&to, bytes)?;
                    let mode = data.permissions().mode() & 0o777 | 0o600;
                    fs::set_permissions(&to, fs::Permissions::from_mode(mode))?;
                }
                self.own(&to)?;
            } else if data.is_dir() {
                self.digest.add(name.as_encoded_bytes());
                self.folder(&path, &to)?;
            }
        }
        fs::set_permissions(to, fs::Permissions::from_mode(0o755))?;
        self.own(to)
    }

    fn only_look(&mut self, path: &Path) -> io::Result<()> {
        let data = path.symlink_metadata()?;
        if data.is_symlink() || data.is_file() {
            self.look(path)?;
        } else if data.is_dir() {
            self.digest.add(path.file_name().unwrap_or_default().as_encoded_bytes());
            self.entries(path)?.into_iter().try_for_each(|path| self.only_look(&path))?;
        }
        Ok(())
    }

    /// The content of a file, or where a link leads.
    fn look(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        let data = path.symlink_metadata()?;
        let bytes = if data.is_symlink() {
            fs::read_link(path)?.into_os_string().into_encoded_bytes()
        } else if data.file_type().is_fifo() {
            Vec::new()
        } else {
            let mut bytes = Vec::new();
            fs::File::open(path)?.take(self.left.saturating_add(1)).read_to_end(&mut bytes)?;
            bytes
        };
        let length = bytes.len() as u64;
        self.left = self.left.checked_sub(length).ok_or_else(|| io::Error::other("it is too large"))?;
        self.digest.add(path.file_name().unwrap_or_default().as_encoded_bytes());
        self.digest.add(&bytes);
        Ok(bytes)
    }

    fn own(&self, path: &Path) -> io::Result<()> {
        self.user.map_or(Ok(()), |user| lchown(path, Some(user), Some(user)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    fn read(files: &[(&str, &str)]) -> Result<Submission, Why> {
        Submission::read(folder(files).path())
    }

    #[test]
    fn without_a_file_it_is_as_usual() {
        assert_eq!(read(&[("server.py", "")]).unwrap().command, ["python3", "server.py", "{port}", "{root}"]);
        assert_eq!(read(&[("server.js", "")]).unwrap().command, ["node", "server.js", "{port}", "{root}"]);
        let c = read(&[("Makefile", ""), ("server.c", "")]).unwrap();
        assert_eq!((c.build.join(" ").as_str(), c.command.join(" ").as_str()), ("make", "./server {port} {root}"));
        assert_eq!(read(&[("Cargo.toml", "")]).unwrap().build, ["cargo", "build", "--release"]);
        assert!(read(&[("main.go", "")]).unwrap_err()[0].contains("no server.toml"));
    }

    #[test]
    fn what_the_file_says_goes_first() {
        let text = "build = \"cc -o s s.c && true\"\ncommand = [\"./s\", \"-p\", \"{port}\"]\nserver-timeout = 3\n\
                    build-timeout = 100000\n";
        let own = read(&[("Makefile", ""), ("server.toml", text)]).unwrap();
        assert_eq!(own.build, ["sh", "-c", "cc -o s s.c && true"]);
        assert_eq!(own.command, ["./s", "-p", "{port}"]);
        assert_eq!((own.server_timeout, own.start_timeout, own.build_timeout), (3, 10, BUILD_TIMEOUT));
        let line = read(&[("Makefile", ""), ("server.toml", "command = \"./s {port}\"")]).unwrap();
        assert_eq!((line.build, line.command), (vec![], vec!["./s".to_owned(), "{port}".to_owned()]));
    }

    #[test]
    fn a_wrong_file_says_where() {
        let why = |text: &str| read(&[("server.toml", text)]).unwrap_err()[0].clone();
        assert!(why("command = \"x\"\ncolour = 1\n").starts_with("server.toml, line 2: unknown field"));
        assert!(why("command = []").contains("command is empty"));
        let folder = folder(&[]);
        symlink("/etc/hostname", folder.path().join("server.toml")).unwrap();
        assert!(Submission::read(folder.path()).unwrap_err()[0].contains("no small file"));
    }

    #[test]
    fn a_rust_package_has_one_program() {
        let folder = folder(&[("Cargo.toml", "")]);
        let submission = Submission::read(folder.path()).unwrap();
        assert!(submission.command(folder.path()).unwrap_err()[0].contains("no program"));
        let release = folder.path().join("target/release");
        fs::create_dir_all(&release).unwrap();
        for (name, mode) in [("server", 0o755), ("server.d", 0o644), ("libx.so", 0o755)] {
            fs::write(release.join(name), "").unwrap();
            fs::set_permissions(release.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        assert!(submission.command(folder.path()).unwrap()[0].ends_with("target/release/server"));
        fs::copy(release.join("server"), release.join("other")).unwrap();
        assert!(submission.command(folder.path()).unwrap_err()[0].contains("several programs"));
    }

    #[test]
    fn a_copy_is_the_same_and_no_more() {
        let original = folder(&[("server.py", "one")]);
        fs::create_dir_all(original.path().join("sub/.git")).unwrap();
        symlink("/etc", original.path().join("sub/link")).unwrap();
        let to = tempfile::tempdir().unwrap();
        let number = copy(original.path(), &to.path().join("a"), None, 1000).unwrap();
        assert_eq!(digest(original.path(), 1000).unwrap(), number);
        assert_eq!(fs::read_to_string(to.path().join("a/server.py")).unwrap(), "one");
        assert!(to.path().join("a/sub/link").is_symlink() && !to.path().join("a/sub/.git").exists());
        fs::write(original.path().join("server.py"), "two").unwrap();
        assert_ne!(digest(original.path(), 1000).unwrap(), number);
        assert!(copy(original.path(), &to.path().join("b"), None, 5).is_err());
    }
}
