//! What must hold on any machine, tried on lessons as `cargo build` makes them.

use std::env;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use http_suite::Stage;
use http_suite::site::Site;
use load::{Interrupt, Load, Pace, floor};

use crate::contender::Contender;
use crate::experiment::lanes;
use crate::idlers::Idlers;
use crate::record::Lane;
use crate::usage::processor_time;

const PATIENCE: u16 = 2;

/// A lesson, built if it is not yet.
pub fn lesson(name: &str, timeout: u16) -> Contender {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--bin", "lesson-02", "--bin", "lesson-04", "--bin", "lesson-07"]);
        let status = cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).status();
        assert!(status.expect("cargo starts").success(), "the lessons are not built");
    });
    let program = env::current_exe().expect("this program has a path");
    let programs = program.parent().and_then(Path::parent).expect("it is in deps, below where the lessons are");
    Contender::plain_lesson(Stage::from_name(name).expect("a lesson"), programs, timeout)
}

/// The silent client, and the quick ones that came when it was there.
fn silent_and_quick(name: &str) -> (Lane, Vec<Lane>) {
    let site = Site::temporary().expect("a site");
    let server = lesson(name, PATIENCE).start(&site).expect("a server");
    let lanes = lanes(server.address());
    let silent = lanes.iter().find(|lane| lane.client == "silent").expect("a silent client").clone();
    let connected = silent.connected.expect("it is connected");
    let quick: Vec<Lane> = lanes.into_iter().filter(|lane| lane.client == "quick" && lane.came > connected).collect();
    assert!(!quick.is_empty(), "no quick client came after the silent one");
    (silent, quick)
}

#[test]
fn in_lesson_02_nobody_is_served_while_one_is_silent() {
    let (silent, quick) = silent_and_quick("02");
    let dropped = silent.came + f64::from(PATIENCE) * 1000.0;
    assert!(quick.iter().all(|lane| lane.first_byte.is_some_and(|first| first >= dropped)), "{silent:?} {quick:?}");
}

#[test]
fn in_lesson_04_others_are_served_while_one_is_silent() {
    let (silent, quick) = silent_and_quick("04");
    let dropped = silent.came + f64::from(PATIENCE) * 1000.0;
    assert!(quick.iter().any(|lane| lane.last_byte.is_some_and(|last| last < dropped)), "{silent:?} {quick:?}");
}

#[test]
fn in_lesson_07_idle_clients_cost_no_processor_time() {
    let site = Site::temporary().expect("a site");
    let server = lesson("07", 60).start(&site).expect("a server");
    let mut idlers = Idlers::default();
    idlers.more(100, server.address(), true, &Interrupt::default()).expect("idle clients");
    thread::sleep(Duration::from_millis(200));
    let Some(before) = server.pid().and_then(processor_time) else { return };
    let begin = Instant::now();
    thread::sleep(Duration::from_millis(500));
    let spent = server.pid().and_then(processor_time).expect("it lives") - before;
    assert!(spent < begin.elapsed() / 20, "{spent:?}");
}

#[test]
fn the_generator_counts_what_it_gets() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || floor::serve(&listener));
    for (keep_alive, connection) in [(true, "keep-alive"), (false, "close")] {
        let load = Load {
            address,
            target: "/page.html",
            keep_alive,
            connections: 4,
            pace: Pace::Closed,
            time: Duration::from_secs(20),
            most: 500,
        };
        let harvest = load.run(&Interrupt::default()).expect("answers");
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: 1024\r\nConnection: {connection}\r\n\r\n").len() as u64;
        assert!(harvest.answers >= 500 && harvest.failures == 0, "{harvest:?}");
        // What came of answers that are not whole, at the end, is less than one for each connection.
        let whole = harvest.answers * (head + 1024);
        assert!((whole..whole + 4 * (head + 1024)).contains(&harvest.bytes), "{} of {whole}", harvest.bytes);
        assert_eq!(harvest.latencies.len(), harvest.answers);
    }
}

/// Half of what is due can be done: the last have waited for all those before them, though each took only 20 ms.
#[test]
fn who_has_to_wait_for_a_turn_has_waited() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::sleep(Duration::from_millis(20));
            let _ = std::io::Read::read(&mut &stream, &mut [0; 1024]);
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = std::io::Write::write_all(&mut &stream, answer);
        }
    });
    let (pace, time) = (Pace::Open(100.0), Duration::from_secs(1));
    let load = Load { address, target: "/", keep_alive: false, connections: 64, pace, time, most: u64::MAX };
    let harvest = load.run(&Interrupt::default()).expect("answers");
    assert!(harvest.answers <= 50 && harvest.unanswered >= 40, "{harvest:?}");
    assert!(harvest.milliseconds(0.9) > 300.0, "p90 is {} ms", harvest.milliseconds(0.9));
}
