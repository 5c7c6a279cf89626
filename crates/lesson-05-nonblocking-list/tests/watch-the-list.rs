//! What `cargo run --example watch-the-list` shows.

use http_suite::example::{Example, ends, send};

/// Waits for this line.
fn await_line(example: &Example, wanted: &str) {
    while example.line() != wanted {}
}

#[test]
fn each_round_asks_everybody() {
    let example = Example::start("watch-the-list", &["--every", "20"]);
    assert_eq!([example.line(), example.line()], ["round 1", "  no new client"]);
    let (mut first, first_name) = example.client();
    await_line(&example, &format!("  a new client: {first_name}"));
    assert_eq!(example.line(), format!("  no data from {first_name}"));
    let (second, second_name) = example.client();
    await_line(&example, &format!("  a new client: {second_name}"));
    assert_eq!(example.line(), format!("  no data from {first_name}"));
    assert_eq!(example.line(), format!("  no data from {second_name}"));

    send(&mut first, "hello\n\x1b");
    await_line(&example, &format!("  data from {first_name}: \"hello\\n\\x1b\""));
    assert_eq!(example.line(), format!("  no data from {second_name}"));

    drop(first);
    await_line(&example, &format!("  {first_name} closed"));
    assert_eq!(example.line(), format!("  no data from {second_name}"));
    assert!(example.line().starts_with("round "));
    assert_eq!(example.line(), "  no new client");
    assert_eq!(example.line(), format!("  no data from {second_name}"));
    drop(second);
    await_line(&example, &format!("  {second_name} closed"));
}

#[test]
fn what_does_not_fit_in_a_read_comes_in_the_next_round() {
    let example = Example::start("watch-the-list", &["--every", "20"]);
    let (mut client, name) = example.client();
    send(&mut client, &"x".repeat(65));
    await_line(&example, &format!("  data from {name}: \"{}\"", "x".repeat(64)));
    assert!(example.line().starts_with("round "));
    assert_eq!(example.line(), "  no new client");
    assert_eq!(example.line(), format!("  data from {name}: \"x\""));
}

#[test]
fn a_wrong_command_line_is_refused() {
    for (words, named) in [
        (&["--port", "eighty"][..], "--port takes a number from 0 to 65535, not 'eighty'"),
        (&["--every", "0"], "'0'"),
        (&["--every"], "--every"),
        (&["--slowly"], "--slowly"),
        (&["stray"], "stray"),
    ] {
        let (status, said) = ends("watch-the-list", words);
        assert_eq!((status, said.lines().count()), (Some(2), 1), "{words:?}: {said}");
        assert!(said.contains(named), "{words:?}: {said}");
    }
    assert_eq!(ends("watch-the-list", &["--help"]), (Some(0), String::new()));
}

#[test]
fn it_ends_quietly_when_nobody_watches() {
    assert_eq!(ends("watch-the-list", &["--every", "1"]), (Some(1), String::new()));
}
