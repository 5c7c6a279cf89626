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
    .zh("拒绝冒号前的空格", "一个服务器把它读成 Content-Length，另一个读成不认识的字段：一个看到正文，另一个看到请求。")
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
    .zh("以空格开头的行不是字段", "它看上去像是上一行的延续，而上一行是请求行。要么拒绝，要么当作没有这一行。")
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
    .zh(
        "字段值不能折到下一行",
        "邮件就是这样折行的。不知道这一点的程序会读出两个字段，其中之一可能就是第二个 `Content-Length`。",
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
    .zh("没有冒号的行不是字段", "发来它的客户端，不是出了毛病，就是在试探服务器的反应。")
    .lesson("lesson 01: name, colon, value"),
    Case::sends(Group::HeaderFields, "a-field-has-a-name", &[b"GET / HTTP/1.1\r\nHost: localhost\r\n: value\r\n\r\n"])
        .mark(b": value")
        .answered(&[400])
        .then(Then::CloseEvenUnanswered)
        .section("RFC 9110, section 5.1")
        .strict()
        .why("Servers have fallen over this: some wrote past a buffer, some dropped all fields behind it.")
        .zh("字段必须有名字", "有些服务器栽在这上面：有的写出了缓冲区的边界，有的把后面的字段全丢了。")
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
    .zh(
        "字段名必须是 token",
        "途中的服务器，有的丢掉这样的字段，有的改正它的名字，有的原样放行：它说的是什么，要看由谁来读。",
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
    .zh(
        "单独的 CR 后面不是新字段",
        "否则，谁能往字段里放一个值，谁就能放进整个字段，比如一个长度，再在后面放一个请求。",
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
    .zh("NUL 不会截断字段值", "在 C 里，字符串到 NUL 为止：同一个服务器的这一部分和那一部分，看到的主机就不一样了。")
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
    .zh(
        "拒绝字段值里的控制字符",
        "正常的客户端不会发送控制字符。RFC 允许服务器把它当作空格，或者保留 NUL、CR、LF 以外的那些。",
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
    .zh("字段值两边的空白不算", "没有、一个或许多个，空格或制表符：老的客户端什么样的都发，而这些都不属于字段值。")
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
    .zh("字段值可以为空", "浏览器对 `Accept-Language` 没有什么可说，就可能真的什么也不写。")
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
    .zh(
        "字段值里可以有 ASCII 以外的字节",
        "Cookie 和用户名里就有。这些字节代表什么，没有规定：把一切都当作 UTF-8 的服务器，遇到 é 就会出错。",
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
    .zh("字段名不分大小写", "程序写 `host`，浏览器写 `Host`，意思都一样。")
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
    .zh(
        "close 写在哪里都认得出",
        "`Connection` 是一个列表。服务器要是拿整个值去比较，就不会关闭，客户端便等待永远不来的关闭。",
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
    .zh("忽略不认识的字段", "HTTP 靠新的字段来发展。拒绝不认识的字段，明天的浏览器就用不了这个服务器。")
    .lesson("lesson 01: name, colon, value"),
];
