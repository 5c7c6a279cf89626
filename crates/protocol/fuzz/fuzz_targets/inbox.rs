//! What an inbox gives out does not depend on the pieces in which it comes. The first byte says how long they are.

#![no_main]

use std::io::{self, Read};

use libfuzzer_sys::fuzz_target;
use protocol::{Inbox, Received};

/// At most `length` bytes a read.
struct Pieces<'a> {
    bytes: &'a [u8],
    length: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Read::take(&mut self.bytes, self.length as u64).read(buffer)
    }
}

fn all_from(mut source: Pieces) -> Vec<Received> {
    let mut inbox = Inbox::default();
    let mut all = Vec::new();
    while !matches!(all.last(), Some(Received::Bad(_))) {
        match inbox.next() {
            Some(received) => all.push(received),
            None => match inbox.read_from(&mut source) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => panic!("reading from memory does not fail: {error}"),
            },
        }
    }
    all
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&length, bytes)) = bytes.split_first() else { return };
    let pieces = Pieces { bytes, length: usize::from(length) + 1 };
    assert_eq!(all_from(pieces), all_from(Pieces { bytes, length: usize::MAX }));
});
