//! A client is served by one worker all the time, however often its coroutine gives way: see `src/worker.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;

const CLIENTS: usize = 16;
/// Many more than a client may have answered in one turn.
const REQUESTS: usize = 100;

#[test]
fn one_worker_a_client() -> Result<(), Box<dyn Error>> {
    let mut server = Command::new(env!("CARGO_BIN_EXE_lesson-08"))
        .args(["--port", "0", "--workers", "2", "--root", env!("CARGO_MANIFEST_DIR")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut first = String::new();
    BufReader::new(server.stdout.take().ok_or("no standard output")?).read_line(&mut first)?;
    let address = first.trim().strip_prefix("listening on http://").ok_or("the first line says where it listens")?;

    let log = BufReader::new(server.stderr.take().ok_or("no standard error")?);
    let log = thread::spawn(move || log.lines().collect::<Result<Vec<_>, _>>());

    // All are there at once, so that there is work for both.
    let mut clients = (0..CLIENTS).map(|_| TcpStream::connect(address)).collect::<Result<Vec<_>, _>>()?;
    let request = "GET /Cargo.toml HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = "GET /Cargo.toml HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for client in &mut clients {
        client.write_all((request.repeat(REQUESTS - 1) + last).as_bytes())?;
    }
    for client in &mut clients {
        let mut answers = String::new();
        client.read_to_string(&mut answers)?;
        assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), REQUESTS);
    }
    server.kill()?;
    server.wait()?;

    // [process 4891, thread ThreadId(4)] 127.0.0.1:47134 GET / -> 200 OK, 15625 bytes
    let mut workers_of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in log.join().map_err(|_| "the thread that reads the log panicked")?? {
        let (worker, event) = line.split_once("] ").ok_or("a line of the log begins with process and thread")?;
        let client = event.split(' ').next().ok_or("a line of the log names the client")?;
        workers_of.entry(client.to_owned()).or_default().insert(worker.to_owned());
    }
    assert_eq!(workers_of.len(), CLIENTS);
    for (client, workers) in &workers_of {
        assert_eq!(workers.len(), 1, "{client} was served by {workers:?}");
    }
    assert_eq!(workers_of.values().flatten().collect::<BTreeSet<_>>().len(), 2, "both workers have served");
    Ok(())
}
