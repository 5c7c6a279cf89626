//! `cargo run --example with-smol` serves as the lesson does.

use std::error::Error;
use std::io::{Read, Write};

use http_suite::example::Example;

#[test]
fn it_answers_one_request_after_another() -> Result<(), Box<dyn Error>> {
    let example = Example::start("with-smol", &["--quiet", "--root", env!("CARGO_MANIFEST_DIR")]);
    let (mut client, _) = example.client();
    let request = "GET /Cargo.toml HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = "GET /Cargo.toml HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    client.write_all((request.repeat(9) + last).as_bytes())?;
    let mut answers = String::new();
    client.read_to_string(&mut answers)?;
    assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 10);
    assert_eq!(answers.matches("name = \"lesson-10-async\"").count(), 10);
    Ok(())
}
