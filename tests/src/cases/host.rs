//! Which of the hosts behind one address is meant (RFC 9112, section 3.2; RFC 9110, section 7.2).

use crate::{Case, Group};

pub(super) const CASES: &[Case] = &[
    Case::sends(
        Group::Host,
        "a-request-names-its-host",
        &[
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nX-Host: localhost\r\n\r\n",
            b"GET http://localhost/ HTTP/1.1\r\n\r\n",
        ],
    )
    .mark(b"HTTP/1.1")
    .answered(&[400])
    .section("RFC 9112, section 3.2")
    .why("Many sites share one address. Where no name is said, the first one answers for a page of another.")
    .lesson("lesson 01: the one field that must be there"),
    Case::sends(
        Group::Host,
        "two-hosts-are-refused",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere.example\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nhost: localhost\r\nX-Between: 1\r\nHOST: localhost\r\n\r\n",
            b"GET / HTTP/1.0\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"Host: ")
    .answered(&[400])
    .section("RFC 9112, section 3.2")
    .why(
        "A cache takes the first, the server behind it the last: then the page of one site is kept as a page of the \
         other.",
    )
    .lesson("lesson 01: the one field that must be there"),
    Case::sends(
        Group::Host,
        "a-host-is-a-name-and-perhaps-a-port",
        &[
            b"GET / HTTP/1.1\r\nHost: user@localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost/path\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: http://localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost?query\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost, elsewhere.example\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: local host\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost:http\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost:-1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost:80:80\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: ::1]\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n",
        ],
    )
    .mark(b"Host: ")
    .answered(&[400])
    .section("RFC 9112, section 3.2")
    .why(
        "Programs build links and redirects from it. Whatever passes here stands in a page later, and leads elsewhere.",
    )
    .lesson("lesson 01: the one field that must be there"),
    Case::sends(
        Group::Host,
        "a-host-has-the-form-of-one",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost%\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: local%zzhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost%4\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: [:1]\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: [.]\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: [ab..cd::1]\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: [1:2:3:4:5:6:7:8:9]:80\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: [192.0.2.1]\r\n\r\n",
        ],
    )
    .mark(b"Host: ")
    .answered(&[400])
    .section("RFC 9112, section 3.2; RFC 3986, section 3.2.2")
    .why(
        "An escape has two digits, and what stands in brackets is an address of IPv6. A pattern that counts characters \
         alone lets others pass, and the next program reads something else into them.",
    )
    .lesson("lesson 01: the one field that must be there"),
    Case::sends(
        Group::Host,
        "a-host-that-nobody-can-have-is-refused",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost,elsewhere.example\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost:65536\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost:18446744073709551696\r\n\r\n",
        ],
    )
    .mark(b"Host: ")
    .answered(&[400, 200, 421])
    .section("RFC 3986, section 3.2")
    .strict()
    .why(
        "The grammar of a URI has commas in names and ports of any length. DNS and TCP have not: this was not meant \
         for us.",
    )
    .lesson("lesson 01: the one field that must be there"),
    Case::sends(
        Group::Host,
        "a-host-may-be-a-literal-and-have-a-port",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost:7890\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost:\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: LOCALHOST\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a-b.localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1:7890\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: [2001:db8::192.0.2.1]:7890\r\n\r\n",
        ],
    )
    .mark(b"Host: ")
    .answered(&[200, 421])
    .section("RFC 9110, section 7.2")
    .why("A colon does not always part a port from a name. Whoever cuts at the first one has no visitors over IPv6.")
    .lesson("lesson 01: the one field that must be there"),
    Case::sends(
        Group::Host,
        "http-1-0-needs-no-host",
        &[b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"],
    )
    .mark(b"HTTP/1.0")
    .answered(&[200])
    .section("RFC 9112, section 3.2")
    .why("The field is younger than HTTP/1.0, and health checks of many kinds still speak that.")
    .lesson("lesson 01: the one field that must be there"),
    Case::sends(
        Group::Host,
        "an-empty-host-is-refused",
        &[b"GET / HTTP/1.1\r\nHost:\r\n\r\n", b"GET / HTTP/1.1\r\nHost: \t\r\n\r\n"],
    )
    .mark(b"Host:")
    .answered(&[400, 200])
    .section("RFC 9110, section 4.2.1")
    .strict()
    .why("No http:// address has an empty host. The grammar of the field does have it, so some servers take it.")
    .lesson("lesson 01: the one field that must be there"),
];
