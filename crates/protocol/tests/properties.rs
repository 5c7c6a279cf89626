//! What holds for all bytes that a client may send, tried with bytes that nobody would think of.

use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use protocol::{BODY_MAX, Framing, HEADER_SECTION_MAX, Inbox, Method, Received, Request, TARGET_MAX, path_in_root};

/// No file remembers a failure: it prints what it failed with, and that belongs into a test of its own.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() }
}

/// What hostile clients send: pieces of requests, right and wrong ones, in any order, and anything between.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces: &[&[u8]] = &[
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"\t",
        b":",
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"HEAD /a%20b?c HTTP/1.1\r\nHost: a\r\n",
        b"OPTIONS * HTTP/1.1\r\n",
        b"GET http://a:b@[::1]:80?x HTTP/1.1\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /",
        b" HTTP/1.1\r\n",
        b"Host: a\r\n",
        b"Host: [::1]:99999\r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: 18446744073709551616\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Connection: close, keep-alive\r\n",
        b"Expect: 100-continue\r\n",
        b"If-Modified-Since: Fri, 31 Dec 9999 23:59:60 GMT\r\n",
        b"If-Modified-Since: Friday, 31-Feb-00 99:59:60 GMT\r\n",
        b"X: \xff\r\n",
        b"X: ",
        b"0\r\n\r\n",
        b"3\r\nabc\r\n",
        b"1;a=\"\\\"\"\r\nx\r\n",
        b"fffffffffffffff\r\n",
        b"ffffffffffffffff\r\n",
    ];
    let piece = prop_oneof![
        20 => select(pieces).prop_map(<[u8]>::to_vec),
        2 => vec(any::<u8>(), 0..20),
        1 => nearly_too_much(),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// The same byte, again and again, about as often as some limit permits.
fn nearly_too_much() -> impl Strategy<Value = Vec<u8>> {
    let limits = select(&[TARGET_MAX, HEADER_SECTION_MAX, 4096][..]);
    (select(&b"Aa/ 0;\0"[..]), limits, 0..40_usize).prop_map(|(byte, limit, less)| vec![byte; limit + 20 - less])
}

/// Gives bytes in pieces of these lengths, over and over, with a wait before each; and then hangs up.
struct Pieces<'a> {
    bytes: &'a [u8],
    lengths: &'a [usize],
    reads: usize,
}

impl<'a> Pieces<'a> {
    fn of(bytes: &'a [u8], lengths: &'a [usize]) -> Pieces<'a> {
        Pieces { bytes, lengths, reads: 0 }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        if self.reads % 2 == 1 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let length = self.lengths[self.reads / 2 % self.lengths.len()];
        Read::take(&mut self.bytes, length as u64).read(buffer)
    }
}

/// What comes out of an inbox, up to the hang-up or the first thing that is bad.
fn all_from(mut source: impl Read) -> Vec<Received> {
    let mut inbox = Inbox::default();
    let mut all = Vec::new();
    while !matches!(all.last(), Some(Received::Bad(_))) {
        match inbox.next() {
            Some(received) => all.push(received),
            None => match inbox.read_from(&mut source) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            },
        }
    }
    all
}

/// Targets that try to get out: dots, slashes, escapes.
fn target() -> impl Strategy<Value = String> {
    let pieces = [
        "/", "/", "/", ".", "..", "%2e", "%2E%2e", "%2f", "%5c", "\\", "%", "%25", "%252e", "%00", "%0a", "%c0%ae",
        "%zz", "%4", "?", "#", "a", "é", "%c3%a9", ";", "~", ":", "\0", "*",
    ];
    let piece = prop_oneof![30 => select(pieces.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    (any::<bool>(), vec(piece, 0..10))
        .prop_map(|(slash, pieces)| if slash { "/" } else { "" }.to_owned() + &pieces.concat())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_said_of_a_beginning_is_said_of_the_whole(bytes in bytes(), cut in any::<prop::sample::Index>()) {
        let beginning = &bytes[..cut.index(bytes.len() + 1)];
        match Request::parse(beginning) {
            Ok(None) => {}
            known => prop_assert_eq!(known, Request::parse(&bytes)),
        }
    }

    #[test]
    fn what_is_received_does_not_depend_on_the_pieces(bytes in bytes(), lengths in vec(1..5000_usize, 1..5)) {
        let whole = all_from(&bytes[..]);
        prop_assert_eq!(&all_from(Pieces::of(&bytes, &lengths)), &whole);
        let small = if bytes.len() < 1000 { 1 } else { 97 };
        prop_assert_eq!(&all_from(Pieces::of(&bytes, &[small])), &whole);
    }

    #[test]
    fn a_request_that_is_taken_is_what_it_says(bytes in bytes()) {
        if let Ok(Some((request, length))) = Request::parse(&bytes) {
            prop_assert!(bytes[..length].ends_with(b"\r\n\r\n"));
            prop_assert!(request.target.len() <= TARGET_MAX);
            prop_assert!(request.target.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\\".contains(&byte)));
            prop_assert!(request.method == Method::Connect || request.target == "*" || request.target.starts_with('/'));
            prop_assert!(!matches!(request.body, Framing::Length(length) if length > BODY_MAX));
            prop_assert_eq!(Request::parse(&bytes[..length]), Ok(Some((request, length))));
        }
    }

    #[test]
    fn no_bytes_at_all_break_anything(bytes in vec(any::<u8>(), 0..300)) {
        let _ = Request::parse(&bytes);
        all_from(&bytes[..]);
        let _ = path_in_root(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_path_in_the_root_leads_downwards(target in target()) {
        if let Ok(path) = path_in_root(&target) {
            // `components` passes over what the kernel would not: `a/./b`, `a//b`.
            let control = path.contains(|character: char| character.is_ascii_control());
            prop_assert!(!control && path.split('/').all(|part| !matches!(part, "" | "." | "..")), "{:?}", path);
            let path = Path::new(&*path);
            prop_assert!(path.is_relative());
            prop_assert!(path.components().next().is_some());
            prop_assert!(path.components().all(|part| matches!(part, Component::Normal(_))), "{:?}", path);
        }
    }
}
