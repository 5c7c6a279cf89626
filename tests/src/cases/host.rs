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
    .zh("请求必须写明 Host", "许多网站共用一个地址。不写明是哪一个，第一个网站就会替另一个回答。")
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
    .zh("拒绝两个 Host", "缓存取第一个，它后面的服务器取最后一个：于是一个网站的网页，被当作另一个网站的存了下来。")
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
    .zh("Host 是主机名，可以带端口", "程序用它来拼链接和重定向。在这里放过去的，以后就会出现在网页里，指向别处。")
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
    .zh(
        "Host 必须符合格式",
        "百分号后面是两位十六进制数，方括号里是 IPv6 地址。只看字符是否允许的模式，会放过不符合格式的，\
         下一个程序又会读出别的意思。",
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
    .zh(
        "拒绝不可能存在的主机",
        "按 URI 的语法，主机名里可以有逗号，端口可以是任意多位。DNS 和 TCP 里却没有这样的：它要找的不是我们。",
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
    .zh(
        "Host 可以是 IP 地址，也可以带端口",
        "冒号不一定是主机名和端口的分界。遇到第一个冒号就切开，就接待不了用 IPv6 的访客。",
    )
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
    .zh("HTTP/1.0 不需要 Host", "这个字段比 HTTP/1.0 出现得晚，而各种健康检查至今还在说 HTTP/1.0。")
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
    .zh("拒绝空的 Host", "没有哪个 http:// 地址的主机是空的。字段的语法倒是允许，所以有些服务器接受它。")
    .lesson("lesson 01: the one field that must be there"),
];
