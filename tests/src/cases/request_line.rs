//! The first line: method, target, version (RFC 9112, section 3), and what else may come first.
//!
//! Of a line that is none, the RFC says only what a server *should* do: answer 400 and close.

use crate::{Case, Group, Outcome, Stop, Then, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::sends(
        Group::RequestLine,
        "a-bare-lf-ends-no-line",
        &[b"GET / HTTP/1.1\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\n\r\n"],
    )
    .mark(b"\n")
    .answered(&[400, 200])
    .then(Then::CloseIfRefused)
    .section("RFC 9112, section 2.2")
    .strict()
    .why(
        "A proxy that takes LF alone for a line end and a server that does not (or the other way round) disagree about \
         where a field ends, and an attacker can hide a request between them. The RFC lets a server take it.",
    )
    .zh(
        "单独的 LF 不是行尾",
        "代理把单独的 LF 当作行尾，服务器却不当（或者反过来），双方对字段在哪里结束就有了分歧，\
         攻击者可以在中间藏一个请求。RFC 允许服务器接受它。",
    )
    .lesson("lesson 01: where a line ends"),
    Case::sends(
        Group::RequestLine,
        "a-bare-cr-ends-no-line",
        &[b"GET / HTTP/1.1\rHost: localhost\r\n\r\n", b"GET / HTTP/1.1\rHost: localhost\r\r\n\r\n"],
    )
    .mark(b"\r")
    .answered(&[400])
    .then(Then::CloseEvenUnanswered)
    .section("RFC 9112, section 2.2")
    .why("As with LF alone, but here nobody may take it: CR without LF is an error, or as good as a space.")
    .zh("单独的 CR 不是行尾", "和单独的 LF 一样，只是这里谁也不许接受：没有 LF 的 CR 是错误，或者只相当于一个空格。")
    .lesson("lesson 01: where a line ends"),
    Case::sends(
        Group::RequestLine,
        "an-empty-line-before-the-request-is-ignored",
        &[b"\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    )
    .mark(b"\r\n")
    .answered(&[200])
    .section("RFC 9112, section 2.2")
    .strict()
    .why("Old browsers sent one line end too many behind the body of a POST; it comes before the next request.")
    .zh("忽略请求前的空行", "老的浏览器会在 POST 的正文后面多发一个行尾，它就落在下一个请求前面。")
    .lesson("lesson 01: where a line ends"),
    Case::sends(
        Group::RequestLine,
        "a-request-line-names-a-target",
        &[
            b"GET HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET  HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"GET")
    .answered(&[400])
    .then(Then::CloseEvenUnanswered)
    .section("RFC 9112, section 3")
    .why("A server that guesses what was meant takes the version for a path, or falls over an index out of range.")
    .zh("请求行必须有请求目标", "去猜本意的服务器，会把版本当成路径，或者因为下标越界而崩溃。")
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::RequestLine,
        "a-target-has-no-space-in-it",
        &[
            b"GET /with space.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/1.1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b" ")
    .answered(&[400, 301])
    .then(Then::CloseIfRefused)
    .section("RFC 9112, section 3.2")
    .strict()
    .why(
        "Where the target ends is a matter of taste then: at the first space or at the last. Who put the space there, \
         and for whom, is better not found out by serving it.",
    )
    .zh(
        "请求目标里没有空格",
        "有了空格，请求目标在哪里结束就众说纷纭：在第一个空格，还是最后一个？空格是谁放的，冲着谁来的，\
         最好不要靠处理这个请求去弄清楚。",
    )
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::RequestLine,
        "one-space-parts-the-words",
        &[
            b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /  HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET\t/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /\x0cHTTP/1.1\r\nHost: localhost\r\n\r\n",
            b" GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n",
        ],
    )
    .answered(&[400, 200])
    .then(Then::CloseIfRefused)
    .section("RFC 9112, section 3")
    .strict()
    .why("The RFC lets a server split at any blanks. Each server that does so reads some lines as no other does.")
    .zh(
        "请求行的各部分之间是一个空格",
        "RFC 允许服务器在任意空白处切开。可是每个这样做的服务器，都会把某些行读得和别人不一样。",
    )
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::RequestLine,
        "a-method-is-a-token",
        &[
            b"G@T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET( / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"\"GET\" / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"G\xc3\x8bT / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .answered(&[400, 405, 501])
    .section("RFC 9110, section 9.1")
    .why("What has other characters in it is no method that is not known yet, but something else than HTTP.")
    .zh("方法必须是 token", "里面有别的字符，就不是暂时不认识的方法，而根本不是 HTTP。")
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::RequestLine,
        "a-version-is-written-in-one-way",
        &[
            b"GET / HTTP/1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/1.\r\nHost: localhost\r\n\r\n",
            b"GET / http/1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/01.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/ 1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/+1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP-1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTPS/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"HTTP/")
    .answered(&[400, 505])
    .then(Then::CloseEvenUnanswered)
    .section("RFC 9112, section 2.3")
    .why(
        "The version decides how the rest is to be read. It is eight bytes and case-sensitive, so that nobody can be \
         wrong.",
    )
    .zh("版本的写法只有一种", "其余的该怎么读，由版本决定。它是八个字节，区分大小写，为的就是谁也不会弄错。")
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::RequestLine,
        "a-minor-version-has-one-digit",
        &[b"GET / HTTP/1.11\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.01\r\nHost: localhost\r\n\r\n"],
    )
    .mark(b"1.11")
    .answered(&[400, 505])
    .then(Then::CloseEvenUnanswered)
    .section("RFC 9112, section 2.3")
    .strict()
    .why("As a number, 1.11 is eleven, or a little more than 1.1. The RFC has one digit there, and no such question.")
    .zh(
        "次版本号只有一位数字",
        "作为数来读，1.11 是十一，或者只比 1.1 大一点。RFC 规定只有一位数字，也就没有这个疑问。",
    )
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::RequestLine,
        "a-higher-minor-version-is-served",
        &[b"GET / HTTP/1.2\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.9\r\nHost: localhost\r\n\r\n"],
    )
    .mark(b"HTTP/1.2")
    .answered(&[200])
    .section("RFC 9110, section 2.5")
    .strict()
    .why(
        "Whoever raises the minor version promises that 1.1 can still read it. A server that refuses 1.2 forbids it to \
         exist.",
    )
    .zh("更高的次版本照常回答", "提高次版本号，就是保证 1.1 仍然读得懂。拒绝 1.2 的服务器，等于不许它出现。")
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::RequestLine,
        "another-major-version-is-refused",
        &[b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"],
    )
    .mark(b"HTTP/2.0")
    .answered(&[505, 400])
    .then(Then::CloseEvenUnanswered)
    .section("RFC 9110, section 15.6.6")
    .why(
        "Another major version means other rules for the bytes that follow. To go on reading by ours would be to \
         guess.",
    )
    .zh("拒绝别的主版本", "主版本不同，后面的字节就是另一套规则。仍然按我们的规则去读，就是猜。")
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::RequestLine,
        "a-request-names-its-version",
        &[b"GET /\r\n\r\n", b"GET /\r\nHost: localhost\r\n\r\n", b"GET / \r\nHost: localhost\r\n\r\n"],
    )
    .mark(b"GET /")
    .answered(&[400])
    .then(Then::CloseEvenUnanswered)
    .section("RFC 9112, section 3")
    .strict()
    .why(
        "That was HTTP/0.9: the answer is a bare file, without a status, so that an error looks like a page. No RFC \
         asks for it any more, and what is left of it is of use only for attacks on other protocols.",
    )
    .zh(
        "请求必须写明版本",
        "没有版本的是 HTTP/0.9：响应只有文件，没有状态码，错误看上去也像网页。已经没有 RFC 要求支持它，\
         它剩下的用处只是攻击别的协议。",
    )
    .lesson("lesson 01: three words"),
    Case::sends(
        Group::RequestLine,
        "a-control-byte-in-the-target-is-refused",
        &[
            b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /hello.txt\x00.html HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /\x1b[2J HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /\x7f HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"/")
    .answered(&[400])
    .then(Then::CloseEvenUnanswered)
    .section("RFC 9112, section 3.2")
    .strict()
    .why(
        "A C library ends a file name at NUL and opens another file than was checked; ESC in a log rules the terminal \
         of the person who reads it.",
    )
    .zh(
        "拒绝请求目标里的控制字符",
        "C 库认为文件名到 NUL 为止，打开的就不是检查过的那个文件；日志里的 ESC，会操纵看日志的人的终端。",
    )
    .lesson("lesson 02: what a target may hold"),
    Case::sends(
        Group::RequestLine,
        "a-target-is-ascii",
        &[b"GET /\xe4\xbd\xa0 HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    )
    .mark(b"/\xe4\xbd\xa0")
    .answered(&[400, 301, 404])
    .section("RFC 9112, section 3.2")
    .strict()
    .why("Which characters the bytes are is not said anywhere. Browsers escape them (%E4%BD%A0), and then it is UTF-8.")
    .zh(
        "请求目标只有 ASCII",
        "这些字节是什么字符，哪里都没有说明。浏览器会把它们编码（%E4%BD%A0），那样才确定是 UTF-8。",
    )
    .lesson("lesson 02: what a target may hold"),
    Case::sends(
        Group::RequestLine,
        "a-backslash-in-a-target-is-no-slash",
        &[
            b"GET /sub\\inner.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET \\hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"\\")
    .answered(&[400, 301, 404])
    .section("RFC 9112, section 3.2")
    .strict()
    .why(
        "Windows parts folders by it, and no URI has it. What was checked as one name is opened as two, perhaps `..` \
         first.",
    )
    .zh(
        "请求目标里的反斜杠不是斜杠",
        "Windows 用它分隔目录，URI 里却没有它。检查的时候是一个名字，打开的时候成了两个，前一个也许就是 `..`。",
    )
    .lesson("lesson 02: what a target may hold"),
    Case::sends(
        Group::RequestLine,
        "a-fragment-is-not-sent",
        &[b"GET /#top HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /hello.txt#top HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    )
    .mark(b"#top")
    .answered(&[400, 301, 404])
    .section("RFC 9112, section 3.2")
    .strict()
    .why(
        "A fragment is for the browser. One that arrives was sent by something else, and every server cuts it \
         elsewhere.",
    )
    .zh("片段不会发给服务器", "片段是给浏览器用的。收到了片段，发送者就不是浏览器，而各个服务器切掉它的地方都不一样。")
    .lesson("lesson 02: what a target may hold"),
    Case::sends(
        Group::RequestLine,
        "a-path-begins-with-a-slash",
        &[
            b"GET hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET ?query HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"GET")
    .answered(&[400, 404])
    .section("RFC 9112, section 3.2")
    .strict()
    .why("A server that glues root and target together serves `/srv/wwwold/secret` to whoever asks for `old/secret`.")
    .zh(
        "路径以斜杠开头",
        "把根目录和请求目标直接拼在一起的服务器，有人请求 `old/secret`，就会送出 `/srv/wwwold/secret`。",
    )
    .lesson("lesson 02: what a target may hold"),
    Case::sends(
        Group::RequestLine,
        "an-asterisk-is-for-options-alone",
        &[b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", b"POST * HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    )
    .mark(b"*")
    .answered(&[400, 404, 405, 501])
    .section("RFC 9112, section 3.2.4")
    .strict()
    .why("It means the server as a whole, and there is nothing to get of that.")
    .zh("星号只能用于 OPTIONS", "它指的是整个服务器，没有什么可以取的。")
    .lesson("lesson 02: what a target may hold"),
    Case::sends(
        Group::RequestLine,
        "an-absolute-target-is-served",
        &[
            b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http://localhost:7890/?query HTTP/1.1\r\nHost: localhost:7890\r\n\r\n",
            b"GET HTTP://LOCALHOST/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"http://")
    .answered(&[200])
    .section("RFC 9112, section 3.2.2")
    .why("So a client asks a proxy. A server has to take it too, so that one day all clients can send it.")
    .zh("绝对形式的请求目标照常回答", "客户端就是这样向代理请求的。服务器也必须接受，将来所有客户端才都可以这样发。")
    .lesson("lesson 02: what a target may hold"),
    Case::sends(
        Group::RequestLine,
        "an-absolute-target-may-lack-a-path",
        &[
            b"GET http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http://localhost?query HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"http://localhost")
    .answered(&[200, 301, 400, 404])
    .section("RFC 9110, section 4.2.3")
    .strict()
    .why(
        "A URI may end with its host, and then the path is `/`. A server that looks for a slash finds one of the two \
         before.",
    )
    .zh(
        "绝对形式的请求目标可以没有路径",
        "URI 可以到主机为止，这时路径就是 `/`。去找斜杠的服务器，找到的是主机前面那两个之一。",
    )
    .lesson("lesson 02: what a target may hold"),
    Case::sends(
        Group::RequestLine,
        "the-host-in-the-target-counts",
        &[b"GET http://localhost/ HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n"],
    )
    .mark(b"http://localhost/")
    .answered(&[200, 400, 421])
    .section("RFC 9112, section 3.3")
    .why(
        "An absolute target is the whole URI. What the field says beside it changes nothing, though a server may \
         refuse it.",
    )
    .zh(
        "以请求目标里的主机为准",
        "绝对形式的请求目标就是完整的 URI。`Host` 字段另外写了什么，改变不了它，不过服务器可以拒绝。",
    )
    .lesson("lesson 02: what a target may hold"),
    Case::sends(
        Group::RequestLine,
        "an-authority-is-checked-as-a-host-is",
        &[
            b"GET http://:80/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http://@/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http:///hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http://user:word@localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http://local\"host<>/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http://localhost:99999999/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http://localhost:http/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http://localhost%zz/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http://[:1]/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET http://[::1/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"http://")
    .answered(&[400, 421])
    .section("RFC 9112, section 3.2.2; RFC 9110, section 4.2")
    .why(
        "The host in the target outweighs the field. A server that checks the field alone has checked the one that does \
         not count.",
    )
    .zh(
        "请求目标里的主机和 Host 一样检查",
        "请求目标里的主机优先于 `Host` 字段。只检查字段的服务器，检查的是不算数的那一个。",
    )
    .lesson("lesson 02: what a target may hold"),
    Case::sends(
        Group::RequestLine,
        "an-https-target-needs-tls",
        &[
            b"GET https://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET HTTPS://localhost:7890/hello.txt HTTP/1.1\r\nHost: localhost:7890\r\n\r\n",
        ],
    )
    .mark(b"https://")
    .answered(&[421, 400])
    .section("RFC 9110, section 7.4")
    .why(
        "Whoever asks so was told that nobody on the way can read or change the answer. Here everybody can, so this is \
         not the server that was meant.",
    )
    .zh(
        "https 的请求目标必须走 TLS",
        "这样请求的客户端得到过保证：途中没有人能读到或改动响应。这里却谁都可以，所以它要找的不是这个服务器。",
    )
    .lesson("lesson 02: what a target may hold"),
    Case::sends(
        Group::RequestLine,
        "garbage-is-refused",
        &[
            b"%%%%\r\n\r\n",
            b"\x00\x01\x02\xff\r\n\r\n",
            b"hello, server\r\n\r\n",
            b"EHLO client.example\r\n\r\n",
            b"SSH-2.0-client\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        ],
    )
    .answered(&[400])
    .then(Then::CloseEvenUnanswered)
    .section("RFC 9112, section 2.2")
    .why("On an open port anything arrives. A server says no and hangs up, and does not fall over.")
    .zh("拒绝无法识别的内容", "开放的端口上什么都会来。服务器拒绝它，关闭连接，自己不崩溃。")
    .lesson("lesson 01: three words"),
    Case::sends(Group::RequestLine, "a-tls-hello-is-refused", &[TLS_HELLO])
        .mark(b"\x16\x03\x01")
        .answered(&[400])
        .then(Then::CloseEvenUnanswered)
        .section("RFC 9112, section 2.2")
        .strict()
        .why("Somebody typed https:// for http://. Where the server waits for the line to end, the browser waits too.")
        .zh("拒绝 TLS 的 ClientHello", "有人把 http:// 写成了 https://。服务器要是一直等待行尾，浏览器也就一直等着。")
        .lesson("lesson 01: three words"),
    Case::new(Group::RequestLine, "the-preface-of-http-2-is-refused", the_preface_of_http_2_is_refused)
        .section("RFC 9113, section 3.4")
        .strict()
        .why("The preface looks like a request on purpose, so that a server of HTTP/1.1 says no before frames come.")
        .zh("拒绝 HTTP/2 的连接前言", "连接前言故意写得像一个请求，好让 HTTP/1.1 的服务器在帧到来之前就拒绝。")
        .lesson("lesson 01: three words"),
];

/// What a TLS client says first (RFC 8446, section 4.1.2), with a line end among its random bytes, so that a server
/// that looks at lines has one.
const TLS_HELLO: &[u8] = b"\x16\x03\x01\x00\x37\x01\x00\x00\x33\x03\x03\
    \x1f\x8a\x0d\x0a\x55\x2e\xc4\x90\x07\xb1\xd3\x66\x0d\x0a\xf2\x48\
    \x9c\x3b\x71\xea\x00\x5d\xa7\x14\xc8\x62\xfe\x39\x83\x27\xbb\x40\
    \x00\x00\x04\x13\x01\x13\x02\x01\x00\x00\x06\x00\x2b\x00\x02\x03\x04";

fn the_preface_of_http_2_is_refused(trial: &mut Trial) -> Outcome {
    let mut client = trial.connect()?;
    client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")?;
    client.hears_within(trial.patience());
    // A SETTINGS frame (RFC 9113, section 6.5).
    if matches!(client.unread(), [_, _, _, 4, ..]) {
        return Err(Stop::NotLookedAt(both!("this server speaks HTTP/2", "这个服务器支持 HTTP/2")));
    }
    match client.answer_or_close()? {
        Some(answer) => answer.expect(trial.right(&[505, 400])).and_then(|_| client.closes()),
        None => Ok(()),
    }
}
