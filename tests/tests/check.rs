//! `check` on servers that are made for it here, good and bad: what it says, and its exit status.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;

use http_suite::site::{INDEX, Site, WHERE};
use serde_json::Value;
use tempfile::TempDir;

const LINE_ENDS: &str = "a-bare-cr-ends-no-line";
const SILENT: &str = "a-silent-client-holds-up-no-one";

fn check(arguments: &[&str]) -> Output {
    check_in("en", arguments)
}

/// In this language, whatever that of the environment is.
fn check_in(language: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_check"));
    command.args(["--lang", language]).args(arguments).output().expect("check does not start")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(out(output), "");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A server with a thread for each client, that answers what it is told to, once, and closes.
fn server(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let answer = Arc::clone(&answer);
            thread::spawn(move || {
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap_or(0);
                let _ = stream.write_all(answer(&String::from_utf8_lossy(&request[..length])).as_bytes());
                lingering_close(&mut stream);
            });
        }
    });
    address
}

fn lingering_close(stream: &mut TcpStream) {
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read_to_end(&mut Vec::new());
}

fn answer(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} -\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// A server that is right as far as these tests look, but for requests that `wrong` knows better.
fn server_of(folder: &TempDir, wrong: fn(&str) -> Option<String>) -> String {
    let site = Site::make_in(folder.path()).unwrap();
    let root = site.root().to_str().unwrap().to_owned();
    let right = move |request: &str| match request {
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" => answer(200, &INDEX),
        _ if request.starts_with(&format!("GET /{WHERE} ")) => answer(200, &root),
        _ => answer(400, ""),
    };
    server(move |request| wrong(request).unwrap_or_else(|| right(request))).to_string()
}

#[test]
fn a_server_that_never_works_fails_at_once_with_one_message() {
    let refuses = server(|_| answer(400, ""));
    let text = complaint(&check(&[&refuses.to_string()]));
    assert!(text.contains("this is no working server: expected status 200, got 400"), "{text}");

    let closes = server(|_| String::new());
    let text = complaint(&check(&[&closes.to_string()]));
    assert!(text.contains("this is no working server: the server closed before"), "{text}");

    let text = complaint(&check(&["--", "sh", "-c", "echo too bad >&2; exit 3"]));
    assert!(text.contains("exit status: 3") && text.contains("too bad"), "{text}");
    assert!(text.contains("The command has no {port}"), "{text}");
}

#[test]
fn a_server_that_answers_nonsense_is_a_server_that_fails_a_case() {
    let agrees = server(|_| answer(200, &INDEX));
    let output = check(&[&agrees.to_string(), "--stage", "01", "--only", "garbage-is-refused", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["cases"][0]["cause"], "served");
    assert_eq!(report["cases"][0]["expected"], "status 400");
    assert_eq!(report["cases"][0]["got"], "status 200");
}

#[test]
fn programs_get_an_object_also_where_there_is_no_server() {
    let output = check(&["--format", "json", "--", "sh", "-c", "exit 3"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdict"], "no-server");
    assert!(report["why"].as_str().unwrap().contains("exit status: 3"), "{report:#}");
}

#[test]
fn a_server_of_other_files_is_told_which_it_should_serve() {
    let other = server(|request| if request.starts_with("GET") { answer(200, "hello") } else { answer(400, "") });
    let text = complaint(&check(&[&other.to_string()]));
    assert!(text.contains("just site /tmp/suite"), "{text}");
}

#[test]
fn a_site_that_is_not_whole_is_no_ground_for_a_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let address = server_of(&folder, |_| None);
    std::fs::write(folder.path().join("root/hello.txt"), "changed").unwrap();
    let text = complaint(&check(&[&address]));
    assert!(text.contains("hello.txt in"), "{text}");
}

#[test]
fn only_servers_of_this_machine_are_tested() {
    let text = complaint(&check(&["192.0.2.1:80"]));
    assert!(text.contains("192.0.2.1 is not this machine") && text.contains("--i-own-this-host"), "{text}");
    complaint(&check(&["a.example:80"]));
    complaint(&check(&["[2001:db8::1]:80"]));
    complaint(&check(&["0.0.0.0:80"]));
}

#[test]
fn a_good_server_passes() {
    let folder = tempfile::tempdir().unwrap();
    let address = server_of(&folder, |_| None);
    let output = check(&[&address, "--stage", "04", "--only", LINE_ENDS, "--full"]);
    assert!(output.status.success(), "{output:?}");
    assert!(out(&output).ends_with("\n1 passed, 0 failed, 0 skipped\n"), "{output:?}");
    assert!(out(&output).contains(&format!("  + {LINE_ENDS}\n")), "{output:?}");
    assert!(!out(&output).contains('\x1b'), "colours are for terminals: {output:?}");
}

#[test]
fn a_failure_is_told_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let address = server_of(&folder, |request| request.contains("HTTP/1.1\rHost").then(|| answer(200, "")));
    let output = check(&[&address, "--only", LINE_ENDS, "--full"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    for part in ["expected status 400, got 200", "^^", "RFC 9112", &format!("nc {}", address.replace(':', " "))] {
        assert!(out(&output).contains(part), "no {part} in {}", out(&output));
    }
    assert!(out(&output).ends_with("\n0 passed, 1 failed, 0 skipped\n"), "{output:?}");
}

#[test]
fn strictness_alone_fails_only_where_that_is_asked_for() {
    const STRICT: &str = "many-long-fields-are-refused";
    let folder = tempfile::tempdir().unwrap();
    let address = server_of(&folder, |request| request.contains("X-0: ").then(|| answer(200, "")));
    let arguments = [&address, "--only", STRICT, "--only", LINE_ENDS, "--format", "json", "--strict"];
    let verdict = |output: &Output| {
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["score"]["strictness"]["passed"], 0, "{report:#}");
        assert_eq!(report["totals"]["failed"], 1, "{report:#}");
        report["verdict"].clone()
    };
    let output = check(&arguments[..7]);
    assert_eq!((output.status.code(), verdict(&output)), (Some(0), "passed".into()), "{output:?}");
    let output = check(&arguments);
    assert_eq!((output.status.code(), verdict(&output)), (Some(1), "failed".into()), "{output:?}");
    let output = check(&arguments[..5]);
    assert!(out(&output).contains("strictness, which is not required (--strict)"), "{output:?}");
}

#[test]
fn to_go_beyond_the_stage_fails_only_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let address = server_of(&folder, |_| None);
    let arguments = [&address, "--stage", "02", "--only", SILENT, "--strict"];
    assert!(check(&arguments[..5]).status.success());
    let output = check(&arguments);
    // Where the machine is too busy for an answer in time, the limit seems proved.
    assert!(output.status.code() == Some(1) || out(&output).contains("(a limit of this stage"), "{output:?}");
}

#[test]
fn programs_get_one_object() {
    let folder = tempfile::tempdir().unwrap();
    let address = server_of(&folder, |_| None);
    let output = check(&[&address, "--only", SILENT, "--only", LINE_ENDS, "--stage", "2", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["server"], address);
    assert_eq!(report["stage"], "02");
    assert_eq!(report["totals"]["passed"], 2);
    assert_eq!(report["cases"][0]["name"], LINE_ENDS);
    assert_eq!(report["cases"][0]["verdict"], "passes");
    assert_eq!(report["cases"][1]["name"], SILENT);
}

#[test]
fn a_filter_that_fits_nothing_is_an_error() {
    complaint(&check(&["--list", "--only", "no such case"]));
    complaint(&check(&["--list", "--group", "no-such-group"]));
    assert!(out(&check(&["--list", "--group", "request-line"])).contains(LINE_ENDS));
}
