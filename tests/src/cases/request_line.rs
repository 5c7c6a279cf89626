//! The first line: method, target, version (RFC 9112, section 3), and what else may come first.

use crate::{Case, Group, Then};

pub(super) const CASES: &[Case] = &[Case::sends(
    Group::RequestLine,
    "a-bare-lf-ends-no-line",
    &[b"GET / HTTP/1.1\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\n\r\n"],
)
.mark(b"\n")
.answered(&[400])
.then(Then::CloseEvenUnanswered)
.section("RFC 9112, section 2.2")
.why(
    "A proxy that takes LF alone for a line end and a server that does not (or the other way round) disagree about where \
     a field ends, and an attacker can hide a request between them.",
)
.lesson("lesson 01: where a line ends")];
