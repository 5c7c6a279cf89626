//! What is said of the beginning of some bytes is said of all of them; and a request takes no more bytes than there
//! are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{Request, TARGET_MAX};

fuzz_target!(|bytes: &[u8]| {
    let whole = Request::parse(bytes);
    for cut in [bytes.len() / 3, bytes.len() / 2, bytes.len().saturating_sub(1)] {
        match Request::parse(&bytes[..cut]) {
            Ok(None) => {}
            known => assert_eq!(known, whole, "cut at {cut}"),
        }
    }
    if let Ok(Some((request, length))) = whole {
        assert!(bytes[..length].ends_with(b"\r\n\r\n"));
        assert!(request.target.len() <= TARGET_MAX);
        assert!(request.target.bytes().all(|byte| byte.is_ascii_graphic()));
    }
});
