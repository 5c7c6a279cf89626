//! What `cargo run --example watch-epoll` shows.

use std::net::TcpStream;

use http_suite::IMPATIENT;
use http_suite::example::{Example, ends, send};

/// A demonstration, and a client that it has.
fn with_client(words: &[&str]) -> (Example, TcpStream, String) {
    let example = Example::start("watch-epoll", words);
    let (client, name) = example.client();
    assert_eq!(line(&example), format!("{name} is a new client"));
    (example, client, name)
}

/// The next line without its time.
fn line(example: &Example) -> String {
    let line = example.line();
    let (time, what) = line.split_once(" s  ").unwrap_or_else(|| panic!("{line} has no time"));
    assert!(time.trim().parse::<f64>().is_ok(), "{line}");
    what.to_owned()
}

#[test]
fn a_level_is_told_of_until_nothing_is_left() {
    // It is the default.
    for words in [&["--level"][..], &[]] {
        let (example, mut client, name) = with_client(words);
        send(&mut client, "abcdefghi\n");
        for data in ["abcd", "efgh", "i\\n"] {
            assert_eq!(line(&example), format!("{name} told of: \"{data}\""));
        }
        assert!(example.is_quiet_for(IMPATIENT), "told of nothing");
        drop(client);
        assert_eq!(line(&example), format!("{name} told of: offline"));
        assert!(example.is_quiet_for(IMPATIENT), "told of one who has gone");
    }
}

#[test]
fn an_edge_is_told_of_once() {
    let (example, mut client, name) = with_client(&["--edge"]);
    send(&mut client, "abcdefgh");
    assert_eq!(line(&example), format!("{name} told of: \"abcd\""));
    assert!(example.is_quiet_for(IMPATIENT), "told again, though nothing has come");
    send(&mut client, "i");
    assert_eq!(line(&example), format!("{name} told of: \"efgh\""));
    // The end is an edge too, and it is spent on what was left.
    drop(client);
    assert_eq!(line(&example), format!("{name} told of: \"i\""));
    assert!(example.is_quiet_for(IMPATIENT), "told of an end that was not read");
}

#[test]
fn an_edge_that_is_drained_tells_of_the_end() {
    let (example, mut client, name) = with_client(&["--edge", "--read", "100"]);
    send(&mut client, "abcdefgh");
    assert_eq!(line(&example), format!("{name} told of: \"abcdefgh\""));
    drop(client);
    assert_eq!(line(&example), format!("{name} told of: offline"));
}

#[test]
fn one_shot_is_told_of_once_until_armed_again() {
    let (example, mut client, name) = with_client(&["--oneshot", "--rearm", "1000"]);
    send(&mut client, "abcdef");
    assert_eq!(line(&example), format!("{name} told of: \"abcd\""));
    // Neither what was left nor what comes is told of.
    send(&mut client, "g");
    assert_eq!(line(&example), format!("{name} armed again"));
    assert_eq!(line(&example), format!("{name} told of: \"efg\""));
    drop(client);
    assert_eq!(line(&example), format!("{name} armed again"));
    assert_eq!(line(&example), format!("{name} told of: offline"));
    assert!(example.is_quiet_for(IMPATIENT), "told of one who has gone");
}

#[test]
fn one_shot_that_is_never_armed_again_stays_silent() {
    let (example, mut client, name) = with_client(&["--oneshot", "--rearm", "60000"]);
    send(&mut client, "abcdef");
    assert_eq!(line(&example), format!("{name} told of: \"abcd\""));
    send(&mut client, "g");
    assert!(example.is_quiet_for(IMPATIENT), "told twice");
    // Others are told of all the same.
    let (mut other, other_name) = example.client();
    assert_eq!(line(&example), format!("{other_name} is a new client"));
    send(&mut other, "x");
    assert_eq!(line(&example), format!("{other_name} told of: \"x\""));
}

#[test]
fn a_wrong_command_line_is_refused() {
    for (words, named) in [
        (&["--port", "eighty"][..], "--port takes a number from 0 to 65535, not 'eighty'"),
        (&["--read", "0"], "'0'"),
        (&["--rearm", "soon"], "'soon'"),
        (&["--edge=yes"], "yes"),
        (&["--falling"], "--falling"),
        (&["stray"], "stray"),
    ] {
        let (status, said) = ends("watch-epoll", words);
        assert_eq!((status, said.lines().count()), (Some(2), 1), "{words:?}: {said}");
        assert!(said.contains(named), "{words:?}: {said}");
    }
    assert_eq!(ends("watch-epoll", &["--help"]), (Some(0), String::new()));
}

#[test]
fn it_ends_quietly_when_nobody_watches() {
    // Nobody reads the first line, and it need not wait for a client to notice.
    assert_eq!(ends("watch-epoll", &[]), (Some(1), String::new()));
}
