//! What `cargo run --example watch-the-pool` shows.

use std::fs;
use std::io::Read;
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};

use http_suite::example::{Example, ends, send};
use http_suite::{IMPATIENT, PATIENT};
use rustix::fs::{CWD, Mode, mkfifoat};

/// A folder with a file that is read at once, and `slow…`, which are read until somebody has written to them.
fn folder(test: &str, slow: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("quick"), "quick\n").unwrap();
    for name in slow {
        mkfifoat(CWD, folder.join(name), Mode::from_raw_mode(0o600)).unwrap();
    }
    folder
}

fn start(pool: &str, folder: &Path) -> Example {
    Example::start("watch-the-pool", &["--pool", pool, "--folder", &folder.display().to_string()])
}

/// A client that asks for this.
fn ask(example: &Example, name: &str) -> (TcpStream, String) {
    let (mut stream, client) = patient(example);
    send(&mut stream, &format!("{name}\n"));
    (stream, client)
}

/// A client that does not wait for ever.
fn patient(example: &Example) -> (TcpStream, String) {
    let (stream, client) = example.client();
    stream.set_read_timeout(Some(PATIENT)).unwrap();
    (stream, client)
}

fn answer(mut stream: &TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn expect<const N: usize>(example: &Example, lines: [String; N]) {
    assert_eq!(lines.clone().map(|_| example.line()), lines);
}

#[test]
fn without_a_pool_whoever_comes_waits_for_the_slow_file() {
    let folder = folder("no-pool", &["slow"]);
    let example = start("0", &folder);
    let (first, one) = ask(&example, "slow");
    expect(&example, [format!("{one} is a new client"), format!("{one} asks for slow"), "the loop reads slow".into()]);
    let (second, two) = ask(&example, "quick");
    assert!(example.is_quiet_for(IMPATIENT), "the loop went on");

    fs::write(folder.join("slow"), "at last\n").unwrap();
    expect(
        &example,
        [
            "the loop has read slow".into(),
            format!("{one} is told: 8 bytes"),
            format!("{two} is a new client"),
            format!("{two} asks for quick"),
            "the loop reads quick".into(),
            "the loop has read quick".into(),
            format!("{two} is told: 6 bytes"),
        ],
    );
    assert_eq!([answer(&first), answer(&second)], ["8 bytes\n", "6 bytes\n"]);
}

#[test]
fn with_a_pool_nobody_waits_for_the_slow_file() {
    let folder = folder("a-pool", &["slow"]);
    let example = start("2", &folder);
    let (first, one) = ask(&example, "slow");
    expect(&example, [format!("{one} is a new client"), format!("{one} asks for slow"), "the pool reads slow".into()]);
    // Twice, so that it cannot be a matter of which thread of the pool is free.
    for _ in 0..2 {
        let (second, two) = ask(&example, "quick");
        expect(
            &example,
            [
                format!("{two} is a new client"),
                format!("{two} asks for quick"),
                "the pool reads quick".into(),
                "the pool has read quick".into(),
                format!("{two} is told: 6 bytes"),
            ],
        );
        assert_eq!(answer(&second), "6 bytes\n");
    }
    fs::write(folder.join("slow"), "at last\n").unwrap();
    expect(&example, ["the pool has read slow".into(), format!("{one} is told: 8 bytes")]);
    assert_eq!(answer(&first), "8 bytes\n");
}

#[test]
fn when_all_of_the_pool_are_held_up_the_loop_is_not() {
    let folder = folder("a-full-pool", &["slow-1", "slow-2"]);
    let example = start("2", &folder);
    let mut slow = Vec::new();
    for name in ["slow-1", "slow-2"] {
        let (stream, client) = ask(&example, name);
        expect(
            &example,
            [
                format!("{client} is a new client"),
                format!("{client} asks for {name}"),
                format!("the pool reads {name}"),
            ],
        );
        slow.push((name, stream, client));
    }
    // The loop takes what comes, and there is nobody to do it.
    let (third, three) = ask(&example, "quick");
    expect(&example, [format!("{three} is a new client"), format!("{three} asks for quick")]);
    assert!(example.is_quiet_for(IMPATIENT), "a third thread has read it");
    fs::write(folder.join("slow-2"), "").unwrap();
    let (_, stream, client) = slow.pop().unwrap();
    let mut lines: Vec<String> = (0..5).map(|_| example.line()).collect();
    lines.sort();
    let mut wanted = vec![
        "the pool has read slow-2".to_owned(),
        format!("{client} is told: 0 bytes"),
        "the pool reads quick".to_owned(),
        "the pool has read quick".to_owned(),
        format!("{three} is told: 6 bytes"),
    ];
    wanted.sort();
    assert_eq!(lines, wanted);
    assert_eq!([answer(&stream), answer(&third)], ["0 bytes\n", "6 bytes\n"]);
}

#[test]
fn who_has_gone_is_not_looked_for() {
    for pool in ["0", "1"] {
        let folder = folder(&format!("gone-{pool}"), &["slow"]);
        let example = start(pool, &folder);
        let (first, _) = ask(&example, "slow");
        for _ in 0..3 {
            example.line();
        }
        drop(first);
        fs::write(folder.join("slow"), "").unwrap();
        assert!(example.line().ends_with(" has read slow"));
        // A first byte to somebody who has gone is sent all the same.
        example.line();
        let (second, two) = ask(&example, "quick");
        while example.line() != format!("{two} is told: 6 bytes") {}
        assert_eq!(answer(&second), "6 bytes\n");
    }
}

#[test]
fn a_line_may_come_in_pieces_and_has_to_come_whole() {
    let folder = folder("lines", &[]);
    fs::write(folder.parent().unwrap().join("outside"), "").unwrap();
    let example = start("1", &folder);
    let (mut stream, client) = patient(&example);
    assert_eq!(example.line(), format!("{client} is a new client"));
    send(&mut stream, "qui");
    assert!(example.is_quiet_for(IMPATIENT), "half a name was taken for one");
    send(&mut stream, "ck\n");
    assert_eq!(answer(&stream), "6 bytes\n");
    for (text, wanted) in [
        ("quick", "unexpected end of file"),
        ("", "unexpected end of file"),
        (&"x".repeat(300), "unexpected end of file"),
        ("nothing\n", "No such file or directory (os error 2)"),
        ("../outside\n", "permission denied"),
    ] {
        let (mut stream, _) = patient(&example);
        send(&mut stream, text);
        stream.shutdown(Shutdown::Write).unwrap();
        let mut bytes = Vec::new();
        // What is left of a line that is too long makes the close a reset; the answer comes before it.
        let _ = stream.read_to_end(&mut bytes);
        assert_eq!(String::from_utf8_lossy(&bytes), format!("{wanted}\n"), "{text:?}");
    }
}

#[test]
fn a_wrong_command_line_is_refused() {
    for (words, named) in [
        (&["--port", "eighty"][..], "--port takes a number from 0 to 65535, not 'eighty'"),
        (&["--pool", "many"], "--pool takes a number of threads from 0 to 255, not 'many'"),
        (&["--pool", "256"], "'256'"),
        (&["--folder"], "--folder"),
        (&["stray"], "stray"),
    ] {
        let (status, said) = ends("watch-the-pool", words);
        assert_eq!((status, said.lines().count()), (Some(2), 1), "{words:?}: {said}");
        assert!(said.contains(named), "{words:?}: {said}");
    }
    assert_eq!(ends("watch-the-pool", &["--help"]), (Some(0), String::new()));
}
