//! `Name: value`, a line each (RFC 9112, section 5; RFC 9110, section 5).

use crate::{Case, Group, Then};

pub(super) const CASES: &[Case] = &[
    Case::sends(
        Group::HeaderFields,
        "a-space-before-the-colon-is-refused",
        &[
            b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown : value\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown\t: value\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length : 5\r\n\r\nhello",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        ],
    )
    .mark(b" :")
    .answered(&[400])
    .section("RFC 9112, section 5.1")
    .why(
        "One server reads a Content-Length there, the next a field that it does not know: a body for one, a request \
         for the other.",
    )
    .lesson("lesson 01: name, colon, value"),
    Case::sends(
        Group::HeaderFields,
        "a-line-that-begins-with-a-space-is-no-field",
        &[b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", b"GET / HTTP/1.1\r\n\tHost: localhost\r\n\r\n"],
    )
    .mark(b" Host")
    .answered(&[400])
    .section("RFC 9112, section 2.2")
    .why(
        "It looks like the rest of the line before, and that is the request line. It is refused, or read as if it were \
         not there.",
    )
    .lesson("lesson 01: name, colon, value"),
    Case::sends(
        Group::HeaderFields,
        "a-value-does-not-go-on-in-the-next-line",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Folded: one\r\n two\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Folded: one\r\n\ttwo\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Folded:\r\n one\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Folded: one\r\n \r\n\r\n",
        ],
    )
    .mark(b"X-Folded")
    .answered(&[400, 200])
    .then(Then::CloseIfRefused)
    .section("RFC 9112, section 5.2")
    .why(
        "Mail folds long lines so. Whoever does not know that reads two fields, and a second `Content-Length` can be \
         one of them.",
    )
    .lesson("lesson 01: name, colon, value"),
    Case::sends(
        Group::HeaderFields,
        "a-line-without-a-colon-is-no-field",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown=value\r\n\r\n",
        ],
    )
    .mark(b"nonsense")
    .answered(&[400])
    .then(Then::CloseEvenUnanswered)
    .section("RFC 9112, section 2.2")
    .strict()
    .why("A client that sends it is broken, or tries out what the server makes of it.")
    .lesson("lesson 01: name, colon, value"),
    Case::sends(Group::HeaderFields, "a-field-has-a-name", &[b"GET / HTTP/1.1\r\nHost: localhost\r\n: value\r\n\r\n"])
        .mark(b": value")
        .answered(&[400])
        .then(Then::CloseEvenUnanswered)
        .section("RFC 9110, section 5.1")
        .strict()
        .why("Servers have fallen over this: some wrote past a buffer, some dropped all fields behind it.")
        .lesson("lesson 01: name, colon, value"),
    Case::sends(
        Group::HeaderFields,
        "a-name-is-a-token",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX@Y: value\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX Y: value\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX(Y): value\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX\"Y: value\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX\x00Y: value\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX\x01Y: value\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX\xc3\xa9Y: value\r\n\r\n",
        ],
    )
    .mark(b"X")
    .answered(&[400])
    .then(Then::CloseEvenUnanswered)
    .section("RFC 9110, section 5.1")
    .strict()
    .why(
        "Servers on the way drop such a field, or mend its name, or let it pass: what it says then depends on who \
         reads.",
    )
    .lesson("lesson 01: name, colon, value"),
    Case::sends(
        Group::HeaderFields,
        "a-bare-cr-begins-no-field",
        &[b"GET / HTTP/1.1\r\nX-Unknown: value\rHost: localhost\r\n\r\n"],
    )
    .mark(b"\rHost")
    .answered(&[400])
    .section("RFC 9110, section 5.5")
    .why(
        "Whoever can put a value into a field could otherwise put a whole field there, such as a length, and after it \
         a request.",
    )
    .lesson("lesson 01: where a line ends"),
    Case::sends(
        Group::HeaderFields,
        "a-nul-ends-no-value",
        &[b"GET / HTTP/1.1\r\nHost: localhost\x00.example\r\n\r\n"],
    )
    .mark(b"\x00")
    .answered(&[400])
    .section("RFC 9110, section 5.5")
    .why("In C a text ends there: one part of a server sees another host than the rest.")
    .lesson("lesson 01: name, colon, value"),
    Case::sends(
        Group::HeaderFields,
        "a-control-byte-in-a-value-is-refused",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown: a\x00b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown: a\x01b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown: a\x0bb\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown: a\rb\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown: a\x1b[2Jb\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown: a\x7fb\r\n\r\n",
        ],
    )
    .mark(b"a")
    .answered(&[400, 200])
    .then(Then::CloseIfRefused)
    .section("RFC 9110, section 5.5")
    .strict()
    .why(
        "No honest client sends one. The RFC lets a server read a space there instead, or keep what is not NUL, CR or \
         LF.",
    )
    .lesson("lesson 01: name, colon, value"),
    Case::sends(
        Group::HeaderFields,
        "blanks-around-a-value-do-not-count",
        &[
            b"GET / HTTP/1.1\r\nHost:localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost:    localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost:\tlocalhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: \t localhost \t \r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length:\t0 \r\n\r\n",
        ],
    )
    .mark(b"localhost")
    .answered(&[200])
    .section("RFC 9112, section 5.1")
    .why("None, one or many, spaces or tabs: old clients send all of it, and it is no part of the value.")
    .lesson("lesson 01: name, colon, value"),
    Case::sends(
        Group::HeaderFields,
        "a-value-may-be-empty",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Empty:\r\n\r\n",
            b"GET / HTTP/1.1\r\nX-Empty: \t \r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"X-Empty:")
    .answered(&[200])
    .section("RFC 9110, section 5.5")
    .why("A browser that has nothing to say about `Accept-Language` may say just that.")
    .lesson("lesson 01: name, colon, value"),
    Case::sends(
        Group::HeaderFields,
        "a-value-may-hold-bytes-beyond-ascii",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown: \xe4\xbd\xa0\xe5\xa5\xbd\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown: caf\xe9 \x80\xff\r\n\r\n",
        ],
    )
    .mark(b"X-Unknown: ")
    .answered(&[200])
    .section("RFC 9110, section 5.5")
    .why(
        "Cookies and names of users have them. What the bytes mean is not said: a server that takes all for UTF-8 \
         falls over é.",
    )
    .lesson("lesson 01: name, colon, value"),
    Case::sends(
        Group::HeaderFields,
        "names-are-read-in-any-case",
        &[
            b"GET / HTTP/1.1\r\nHOST: localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nhOsT: localhost\r\n\r\n",
        ],
    )
    .mark(b"hOsT")
    .answered(&[200])
    .section("RFC 9110, section 5.1")
    .why("Programs write `host`, browsers `Host`, and all of them mean the same.")
    .lesson("lesson 01: name, colon, value"),
    Case::sends(
        Group::HeaderFields,
        "close-is-found-wherever-it-stands",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nconnection: CLOSE\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: foo, close\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close ,foo\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: foo\r\nConnection: close\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, close\r\n\r\n",
        ],
    )
    .mark(b"close")
    .answered(&[200])
    .then(Then::Close)
    .section("RFC 9110, section 7.6.1")
    .why(
        "`Connection` is a list. A server that compares the whole of it stays, and the client waits for a close that \
         never comes.",
    )
    .lesson("lesson 06: who closes"),
    Case::sends(
        Group::HeaderFields,
        "a-field-that-is-not-known-is-ignored",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Unknown: value\r\nX-Unknown: another\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\n!#$%&'*+-.^_`|~0: value\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: nonsense/1\r\n\r\n",
        ],
    )
    .answered(&[200])
    .section("RFC 9110, section 5.1")
    .why(
        "New fields are how HTTP grows. A server that refuses those that it does not know is broken by tomorrow's \
         browser.",
    )
    .lesson("lesson 01: name, colon, value"),
];
