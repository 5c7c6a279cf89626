//! The demonstrations (`examples/` of a lesson), watched as a person watches them.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::PATIENT;

/// A demonstration that runs. Dropping it stops it.
///
/// It is for tests: whatever goes wrong is a panic.
pub struct Example {
    child: Child,
    lines: Receiver<String>,
    address: SocketAddr,
}

/// One whose standard output nobody reads, and that has to end: its exit status, and what it says on standard error.
pub fn ends(name: &str, words: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = io::pipe().unwrap_or_else(|error| panic!("no pipe: {error}"));
    drop(reader);
    let output = command(name).args(["--port", "0"]).args(words).stdin(Stdio::null()).stdout(writer).output();
    let output = output.unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn command(name: &str) -> Command {
    static BUILT: Once = Once::new();
    let test = env::current_exe().unwrap_or_else(|error| panic!("where is this test? {error}"));
    let folder = test.parent().and_then(|deps| deps.parent()).unwrap_or(&test);
    BUILT.call_once(|| build(name, folder.ends_with("release")));
    Command::new(folder.join("examples").join(name))
}

/// Cargo builds the examples of a package together with its tests, but not if it is told which tests.
fn build(name: &str, release: bool) {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--example", name]).args(release.then_some("--release"));
    let status = cargo.status().unwrap_or_else(|error| panic!("cannot start cargo: {error}"));
    assert!(status.success(), "cargo cannot build {name}: {status}");
}

impl Example {
    /// Starts it on a free port.
    pub fn start(name: &str, words: &[&str]) -> Example {
        let mut command = command(name);
        command.args(["--port", "0"]).args(words).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        let stdout = child.stdout.take().unwrap_or_else(|| panic!("{name} has no standard output"));
        let (tell, lines) = mpsc::channel();
        thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| tell.send(line))
        });
        let mut example = Example { child, lines, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let first = example.line();
        example.address = first
            .strip_prefix("listening on ")
            .and_then(|address| address.trim_start_matches("http://").parse().ok())
            .unwrap_or_else(|| panic!("the first line says where it listens, not {first}"));
        example
    }

    /// A new client, and what the demonstration calls it.
    pub fn client(&self) -> (TcpStream, String) {
        let stream = TcpStream::connect(self.address).unwrap_or_else(|error| panic!("cannot connect: {error}"));
        let name = stream.local_addr().map_or_else(|error| panic!("{error}"), |address| address.to_string());
        (stream, name)
    }

    /// The next line, which has to come.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(PATIENT).unwrap_or_else(|_| panic!("no line comes"))
    }

    /// Whether no line comes within this time.
    pub fn is_quiet_for(&self, wait: Duration) -> bool {
        self.lines.recv_timeout(wait).is_err()
    }
}

/// Sends this as a segment of its own.
pub fn send(stream: &mut TcpStream, text: &str) {
    let sent = stream.set_nodelay(true).and_then(|()| stream.write_all(text.as_bytes()));
    sent.unwrap_or_else(|error| panic!("cannot send {text:?}: {error}"));
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
