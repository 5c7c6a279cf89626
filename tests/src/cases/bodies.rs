//! Where a body ends (RFC 9112, sections 6 and 7). No lesson has a use for bodies, but a server that is wrong about
//! where they end takes what a client sent as data for what a client asked.

use crate::server::Setup;
use crate::trial::get;
use crate::{Answer, Case, Client, Group, IMPATIENT, Outcome, Stop, Then, Trial, both};

/// What a server of files says to a POST whose body is in order. 400 is not among them.
const NOT_ALLOWED: &[u16] = &[405, 200, 403, 404, 411, 501];

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Bodies, "a-body-is-never-taken-for-a-request", a_body_is_never_taken_for_a_request)
        .section("RFC 9112, section 9.3")
        .why(
            "A proxy passes on one request and gets two answers: the second goes to whoever asks next. So a client \
             that may only send data asks for what it likes, in the name of somebody else.",
        )
        .zh(
            "正文绝不会被当成请求",
            "代理转发一个请求，却收到两个响应，第二个就会送给下一个来请求的客户端。于是，\
             一个本来只能提交数据的客户端，可以冒用别人的身份，想请求什么就请求什么。",
        )
        .lesson("lesson 06: where the next request begins"),
    Case::new(Group::Bodies, "a-request-behind-a-body-is-found", a_request_behind_a_body_is_found)
        .section("RFC 9112, section 9.3")
        .why(
            "A server that stays has to read over the body of what it refused, to the last byte and no further. Or it \
             closes.",
        )
        .zh(
            "正文后面的请求找得到",
            "服务器拒绝了请求，又想保持连接，就必须把那个请求的正文恰好读完，一个字节不多，一个字节不少。\
             否则就关闭连接。",
        )
        .lesson("lesson 06: where the next request begins"),
    Case::sends(
        Group::Bodies,
        "a-length-is-digits",
        &[
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -0\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x5\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5 5\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5_0\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5.0\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: five\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \xef\xbc\x95\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length:\r\n\r\nhello",
        ],
    )
    .mark(b"Content-Length:")
    .answered(&[400, 405, 411, 501])
    .then(Then::Close)
    .section("RFC 9112, section 6.3")
    .why(
        "The functions that make numbers of texts take signs, blanks and letters, each its own. Two of them, two \
         bodies.",
    )
    .zh(
        "Content-Length 只能是数字",
        "把文本转换成数的函数各有各的规矩，有的接受正负号，有的接受空白，有的接受字母。用两个函数去读，\
         就读出两个不同的正文。",
    )
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "two-lengths-are-refused",
        &[
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\ncontent-length: 5\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5, 6\r\n\r\nhello!",
        ],
    )
    .mark(b"Content-Length: ")
    .answered(&[400, 405, 411, 501])
    .then(Then::Close)
    .section("RFC 9112, section 6.3")
    .why(
        "The first is right for one reader, the last for another, and what stands between is a request for one of \
         them.",
    )
    .zh("拒绝两个不同的 Content-Length", "有的程序取第一个，有的取最后一个。两者相差的那一段，就会有一方当成请求。")
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "the-same-length-twice-is-one-length",
        &[b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"],
    )
    .mark(b"Content-Length: 5\r\nContent-Length: 5")
    .answered(&[200, 400])
    .then(Then::CloseIfRefused)
    .section("RFC 9110, section 8.6")
    .strict()
    .why(
        "Two programs on the way may each have said it. There is nothing to choose between, so it may be taken or \
         refused.",
    )
    .zh(
        "重复而相同的 Content-Length 算一个",
        "途中可能有两个程序各写了一遍。两个值一样，没有什么可选的，所以接受或拒绝都可以。",
    )
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "a-length-has-no-zeros-before-it",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 05\r\n\r\nhello",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0000000005\r\n\r\nhello",
        ],
    )
    .mark(b"Content-Length: 0")
    .answered(&[400, 200])
    .then(Then::CloseIfRefused)
    .section("RFC 9110, section 8.6")
    .strict()
    .why(
        "To some readers 010 is eight. The RFC lets a server take it for ten; ours refuse what others may read \
         differently.",
    )
    .zh(
        "Content-Length 不带前导零",
        "有的程序把 010 读成八。RFC 允许服务器读成十；凡是别的程序可能读出不同结果的，我们的服务器一律拒绝。",
    )
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "a-length-does-not-wrap-round",
        &[
            // 2⁶⁴ + 5, as many digits of nine, 2¹²⁸ + 5.
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18446744073709551621\r\n\r\nhello",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 340282366920938463463374607431768211461\r\n\r\n\
              hello",
        ],
    )
    .mark(b"Content-Length: ")
    .answered(&[400, 413, 200])
    .then(Then::Close)
    .section("RFC 9110, section 8.6")
    .why("A number that is too great for 64 bits becomes a small one, and the rest of the body a request.")
    .zh("Content-Length 不会溢出回绕", "64 位放不下的数，溢出之后变成一个很小的数，正文剩下的部分就成了一个请求。")
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "a-length-beside-chunked-is-refused",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n\
              0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n\
              5\r\nhello\r\n0\r\n\r\n",
        ],
    )
    .mark(b"Transfer-Encoding: chunked")
    .answered(&[400, 200])
    .then(Then::Close)
    .section("RFC 9112, section 6.1")
    .why(
        "The best known smuggling of all: a proxy goes by one of them, the server by the other. Answered or not, it \
         must close.",
    )
    .zh(
        "拒绝长度与分块并存",
        "这是最有名的请求走私手法：代理以其中一个为准，服务器以另一个为准。不论回答与否，都必须关闭连接。",
    )
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "chunked-comes-last",
        &[
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
        ],
    )
    .mark(b"Transfer-Encoding: ")
    .answered(&[400, 501])
    .then(Then::Close)
    .section("RFC 9112, section 6.3")
    .why("Only chunks say where they end. A body in any other coding ends with the connection, and a request cannot.")
    .zh(
        "chunked 必须是最后一种传输编码",
        "只有分块能说明自己在哪里结束。用别的编码传输的正文，要靠关闭连接来表示结束，而请求不能这样结束。",
    )
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "a-coding-is-written-in-one-way",
        &[
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\x0c\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chun\x00ked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chun\rked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\xff\r\n\r\n0\r\n\r\n",
        ],
    )
    .mark(b"Transfer-Encoding: ")
    .answered(&[400, 501])
    .then(Then::Close)
    .section("RFC 9112, section 6.3")
    .strict()
    .why("One server trims what it takes for a blank and finds chunks, the next does not and finds none.")
    .zh("传输编码的写法只有一种", "一个服务器把它眼里的空白去掉，认出了分块；另一个不去掉，就认不出来。")
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "two-transfer-encodings-are-refused",
        &[
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n\
              0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n\
              0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        ],
    )
    .mark(b"Transfer-Encoding: ")
    .answered(&[400, 501, 200])
    .then(Then::Close)
    .section("RFC 9112, section 6.1")
    .strict()
    .why("No client may send it, and each reader chooses: the first, the last, both, or neither.")
    .zh("拒绝重复的传输编码", "客户端不许这样发，各个程序的处理也不一样：看第一个，看最后一个，都看，或者都不看。")
    .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "an-unknown-coding-is-not-implemented", an_unknown_coding_is_not_implemented)
        .section("RFC 9112, section 6.1")
        .why("Whoever cannot read a body says so. To take it for plain bytes would be to take it for something else.")
        .zh("不认识的传输编码回答 501", "读不懂正文，就要明说。把它当作普通的字节，就是把它当成了别的内容。")
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "codings-are-read-in-any-case", codings_are_read_in_any_case)
        .section("RFC 9112, section 7")
        .why(
            "A server that knows `chunked` and not `Chunked` believes that there is no body, and reads it as a \
             request.",
        )
        .zh(
            "传输编码的名称不分大小写",
            "服务器要是认得 `chunked` 却不认得 `Chunked`，就会以为没有正文，把正文当成请求来读。",
        )
        .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "http-1-0-has-no-codings",
        &[
            b"GET / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"GET / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n\
              0\r\n\r\n",
        ],
    )
    .mark(b"Transfer-Encoding: chunked")
    .answered(&[400, 200])
    .then(Then::Close)
    .section("RFC 9112, section 6.1")
    .why(
        "An old proxy passes the field on without knowing what it means. Refused or answered, the connection ends \
         there.",
    )
    .zh("HTTP/1.0 没有传输编码", "老的代理不懂这个字段的意思，照样转发。不论拒绝还是回答，连接都到此为止。")
    .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "chunks-are-read-and-dropped", chunks_are_read_and_dropped)
        .section("RFC 9112, section 7.1")
        .why(
            "Sizes in either case, extensions that nobody knows, and fields behind the last chunk: all of it is in \
             order.",
        )
        .zh(
            "每一块都读完并丢弃",
            "块大小里的字母大写小写都行，块扩展可以没有人认识，最后一块后面还可以有字段：这些全都合乎规范。",
        )
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "a-body-may-come-in-pieces", a_body_may_come_in_pieces)
        .section("RFC 9112, section 7.1")
        .why("The network cuts where it likes: in the size of a chunk, between CR and LF, in a trailer.")
        .zh("正文可以分成许多段到达", "网络想在哪里切开就在哪里切开：块大小的中间，CR 与 LF 之间，尾部里面。")
        .lesson("lesson 05: a place kept in a field"),
    Case::sends(
        Group::Bodies,
        "a-chunk-size-is-hexadecimal",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\ng\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5_\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n0\r\n\r\n",
        ],
    )
    .mark(b"\r\n\r\n")
    .answered(&[400, 200])
    .then(Then::Close)
    .section("RFC 9112, section 7.1")
    .why(
        "As with lengths: `0x5` is five for one reader and nothing for another. Who answers without having read it \
         must close.",
    )
    .zh(
        "块大小是十六进制数",
        "和长度一样：`0x5` 在一个程序看来是五，在另一个看来什么也不是。没有读懂就回答的服务器，必须关闭连接。",
    )
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "a-chunk-size-does-not-wrap-round",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
              10000000000000005\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
              fffffffffffffffffffff5\r\nhello\r\n0\r\n\r\n",
        ],
    )
    .mark(b"10000000000000005")
    .answered(&[400, 413, 200])
    .then(Then::Close)
    .section("RFC 9112, section 7.1")
    .why("Seventeen digits do not fit 64 bits. What is cut off is 2⁶⁴, and what is left is five.")
    .zh("块大小不会溢出回绕", "十七位十六进制数超出了 64 位。截掉的是 2⁶⁴，剩下的是五。")
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "a-chunk-ends-where-it-said",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!!0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r0\r\n\r\n",
        ],
    )
    .mark(b"hello")
    .answered(&[400, 200])
    .then(Then::Close)
    .section("RFC 9112, section 7.1")
    .why(
        "The line end behind the data is the only proof that both sides counted alike. Two bytes skipped unseen prove \
         nothing.",
    )
    .zh(
        "每一块都在声明的地方结束",
        "双方数得一致，数据后面的行尾是唯一的证明。看也不看就跳过两个字节，什么也证明不了。",
    )
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "a-bare-lf-ends-no-chunk-size",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;ext\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\n\r\n",
        ],
    )
    .mark(b"\n")
    .answered(&[400, 200])
    .then(Then::Close)
    .section("RFC 9112, section 7.1")
    .strict()
    .why(
        "What the RFC allows for the lines of a head it does not for these. One reader sees data here, and the next a \
         size.",
    )
    .zh(
        "块大小一行不能只用 LF 结尾",
        "RFC 允许头部各行只用 LF 结尾，这里的行却不允许。同样的字节，一个程序看到的是数据，另一个看到的是块大小。",
    )
    .lesson("lesson 01: where a line ends"),
    Case::sends(
        Group::Bodies,
        "a-trailer-is-read-as-strictly-as-a-head",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: 1\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nnonsense\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer : 1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: \x00\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
              0\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    .mark(b"0\r\n")
    .answered(&[400, 200])
    .then(Then::CloseIfRefused)
    .section("RFC 9112, section 7.1.2")
    .strict()
    .why("The fields behind the last chunk are fields. Where they end is where the next request begins.")
    .zh("尾部和头部一样严格检查", "最后一块后面的字段也是字段。它们在哪里结束，下一个请求就从哪里开始。")
    .lesson("lesson 01: where a request ends"),
    Case::sends(
        Group::Bodies,
        "a-bad-chunk-extension-is-refused",
        &[
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;=value\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
              5;ext=\"value\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;one two\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;e\x00t\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;ext\rx\r\nhello\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;\r\nhello\r\n0\r\n\r\n",
        ],
    )
    .mark(b"5;")
    .answered(&[400, 200])
    .then(Then::CloseIfRefused)
    .section("RFC 9112, section 7.1.1")
    .strict()
    .why("What is not known is ignored; what is not well-formed hides a line end that somebody else sees.")
    .zh("拒绝格式错误的块扩展", "不认识的扩展可以忽略；格式错误的扩展里，却可能藏着一个别的程序看得见的行尾。")
    .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "a-body-over-the-cap-is-refused-unread", a_body_over_the_cap_is_refused_unread)
        .section("RFC 9110, section 15.5.14")
        .strict()
        .why("The length says it before a byte has come. To read ten gigabytes in order to say no is work for nothing.")
        .zh(
            "正文超过上限，不读就拒绝",
            "一个字节还没有到，长度就已经写明了。为了说一声“不行”先读完 10 GB，是白费力气。",
        )
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "an-expectation-is-answered-at-once", an_expectation_is_answered_at_once)
        .section("RFC 9110, section 10.1.1")
        .why(
            "The client holds its body back until it is told to send it, or told no. A server that waits for it waits \
             for ever.",
        )
        .zh(
            "Expect: 100-continue 立即得到回答",
            "客户端要等服务器说可以或者不行，才决定发不发正文。服务器要是反过来等正文，就会永远等下去。",
        )
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "an-expectation-without-a-body-is-met", an_expectation_without_a_body_is_met)
        .section("RFC 9110, section 10.1.1")
        .why("There is nothing to send, so there is nothing to wait for.")
        .zh("没有正文的 Expect 照常回答", "没有什么要发送，也就没有什么要等。")
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "an-expectation-may-stand-in-a-list", an_expectation_may_stand_in_a_list)
        .section("RFC 9110, sections 5.3 and 10.1.1")
        .why(
            "A list may come on one line or on several, and means the same. Compared as a whole, `100-continue, x` is not \
             found, and both sides wait for each other.",
        )
        .zh(
            "Expect 的值可以是列表",
            "列表写在一行或者分成几行，意思都一样。把 `100-continue, x` 当作一个整体去比较，就认不出来，\
             双方便互相等待。",
        )
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "http-1-0-is-not-told-to-continue", http_1_0_is_not_told_to_continue)
        .section("RFC 9110, section 15.2")
        .why(
            "HTTP/1.0 has no 1xx: the client takes 100 for the answer, and the answer for nothing or for the next one.",
        )
        .zh(
            "不对 HTTP/1.0 的客户端回答 100",
            "HTTP/1.0 没有 1xx：客户端会把 100 当成最终的响应，真正的响应则无人理会，或者被当成下一个响应。",
        )
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "a-body-is-not-waited-for-for-ever", a_body_is_not_waited_for_for_ever)
        .section("RFC 9112, section 9.5")
        .why(
            "A client promises bytes and sends nothing more. It must not hold a process, a thread or a place for good.",
        )
        .zh(
            "不会永远等待正文",
            "客户端说好要发正文，却不再发来任何内容。不能让它从此占着一个进程、一个线程或一个名额。",
        )
        .lesson("lesson 02: timeout"),
    Case::new(Group::Bodies, "a-body-cut-short-ends-the-connection", a_body_cut_short_ends_the_connection)
        .section("RFC 9112, section 8")
        .why(
            "The rest cannot come any more. A server that does not notice the end of input waits for it, or reads \
             zeros for ever.",
        )
        .zh(
            "正文中途断了，连接随之结束",
            "剩下的不可能再来了。服务器要是没有察觉输入已经结束，不是一直等下去，就是没完没了地读到 0 字节。",
        )
        .lesson("lesson 01: where a request ends"),
];

/// After an answer, the connection is closed and nothing comes before that, or the next request gets the next answer.
fn stays_in_step(client: &mut Client, before: &Answer) -> Outcome {
    if before.is_last() {
        return client.closes();
    }
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    match client.answer_or_close()? {
        Some(answer) => answer.expect(&[200]).and_then(|_| client.closes()),
        // A server may close after any answer.
        None => Ok(()),
    }
}

fn first_answer(client: &mut Client, method: &str) -> Result<Answer, Stop> {
    if method == "HEAD" { client.answer_to_head() } else { client.answer() }
}

/// With a length, and in one chunk.
fn with_body(method: &str, body: &str) -> [String; 2] {
    let head = format!("{method} / HTTP/1.1\r\nHost: localhost\r\n");
    let length = body.len();
    [
        format!("{head}Content-Length: {length}\r\n\r\n{body}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"),
    ]
}

fn chunked(body: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{body}")
}

fn a_body_is_never_taken_for_a_request(trial: &mut Trial) -> Outcome {
    for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "BREW"] {
        for request in with_body(method, &get("/hidden")) {
            let mut client = trial.connect()?;
            client.send(request)?;
            let answer = first_answer(&mut client, method)?;
            stays_in_step(&mut client, &answer)?;
        }
    }
    Ok(())
}

fn a_request_behind_a_body_is_found(trial: &mut Trial) -> Outcome {
    for method in ["GET", "HEAD", "OPTIONS", "POST"] {
        for request in with_body(method, &get("/hidden")) {
            let mut client = trial.connect()?;
            client.send(request + &get("/"))?;
            first_answer(&mut client, method)?;
            let Some(second) = client.answer_or_close()? else { continue };
            second.expect(&[200])?;
            stays_in_step(&mut client, &second)?;
        }
    }
    Ok(())
}

/// Sends a POST whose body is in order: it is refused for what it is, not for its body, and the next request is found.
fn is_well_framed(trial: &mut Trial, request: &str) -> Outcome {
    let mut client = trial.connect()?;
    let answer = client.send(request)?.answer()?;
    answer.expect(trial.right(NOT_ALLOWED))?;
    stays_in_step(&mut client, &answer)
}

fn an_unknown_coding_is_not_implemented(trial: &mut Trial) -> Outcome {
    let in_two_lines = "gzip\r\nTransfer-Encoding: chunked";
    for coding in ["gzip, chunked", "cow, chunked", in_two_lines] {
        let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: {coding}\r\n\r\n");
        let mut client = trial.connect()?;
        let answer = client.send(head + "5\r\nhello\r\n0\r\n\r\n")?.answer()?;
        answer.expect(trial.right(&[501, 400, 403, 404, 405, 411, 415]))?;
        stays_in_step(&mut client, &answer)?;
    }
    Ok(())
}

fn codings_are_read_in_any_case(trial: &mut Trial) -> Outcome {
    for coding in ["Chunked", "CHUNKED", "\tchunked "] {
        let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding:{coding}\r\n\r\n");
        is_well_framed(trial, &(head + "5\r\nhello\r\n0\r\n\r\n"))?;
    }
    Ok(())
}

fn chunks_are_read_and_dropped(trial: &mut Trial) -> Outcome {
    for body in [
        "0\r\n\r\n",
        "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
        "A\r\nhelloworld\r\n0\r\n\r\n",
        "a\r\nhelloworld\r\n0\r\n\r\n",
        "0005\r\nhello\r\n000\r\n\r\n",
        "5\r\n0\r\n\r\n\r\n0\r\n\r\n",
        "5;ext=value\r\nhello\r\n0\r\n\r\n",
        "5;one;two=2;three=\"; \\\" 3\"\r\nhello\r\n0;last\r\n\r\n",
        "5 ; ext = value\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nX-Trailer: 1\r\nX-Another:\r\n\r\n",
    ] {
        is_well_framed(trial, &chunked(body))?;
    }
    Ok(())
}

fn a_body_may_come_in_pieces(trial: &mut Trial) -> Outcome {
    for request in [
        chunked("5;ext=value\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n"),
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello".to_owned(),
    ] {
        let mut client = trial.connect()?;
        for byte in request.bytes() {
            client.send([byte])?;
        }
        let answer = client.answer()?;
        answer.expect(trial.right(NOT_ALLOWED))?;
        stays_in_step(&mut client, &answer)?;
    }
    Ok(())
}

fn a_body_over_the_cap_is_refused_unread(trial: &mut Trial) -> Outcome {
    const LENGTH: usize = 17 * 1024 * 1024;
    let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {LENGTH}\r\n\r\n");
    for (head, end) in [(head, ""), (chunked(&format!("{LENGTH:x}\r\n")), "\r\n0\r\n\r\n")] {
        let mut client = trial.connect()?;
        client.send(head)?;
        // No RFC asks for a cap: a server without one waits for the body.
        if !client.hears_within(IMPATIENT) {
            client.send(vec![b'x'; LENGTH])?.send(end)?;
        }
        let answer = client.answer()?;
        answer.expect(trial.right(&[413, 200, 400, 403, 404, 405, 411, 501]))?;
        if answer.says_close() {
            client.closes()?;
        }
    }
    Ok(())
}

fn an_expectation_is_answered_at_once(trial: &mut Trial) -> Outcome {
    let body = get("/hidden");
    for [head, body] in [
        [format!("Content-Length: {}\r\n\r\n", body.len()), body.clone()],
        ["Transfer-Encoding: chunked\r\n\r\n".to_owned(), format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())],
    ] {
        let mut client = trial.connect()?;
        client.send(format!("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n{head}"))?;
        let mut answer = client.read_any_answer(true)?;
        // Told no, the client may have sent the body all the same: it must not be taken for a request then.
        client.send(body)?;
        if answer.status < 200 {
            answer.expect(&[100])?;
            answer = client.answer()?;
        }
        answer.expect(trial.right(&[405, 200, 403, 404, 411, 413, 417, 501]))?;
        stays_in_step(&mut client, &answer)?;
    }
    Ok(())
}

fn an_expectation_may_stand_in_a_list(trial: &mut Trial) -> Outcome {
    for fields in [
        "Expect: 100-continue, x\r\n",
        "Expect: x,100-Continue\r\n",
        "Expect: x\r\nExpect: 100-continue\r\n",
        "Expect: 100-continue\r\nExpect: x\r\n",
    ] {
        let mut client = trial.connect()?;
        client.send(format!("POST / HTTP/1.1\r\nHost: localhost\r\n{fields}Content-Length: 5\r\n\r\n"))?;
        let mut answer = client.read_any_answer(true)?;
        if answer.status < 200 {
            answer = client.send("hello")?.answer()?;
        }
        answer.expect(trial.right(&[405, 200, 403, 404, 411, 413, 417, 501]))?;
    }
    Ok(())
}

fn an_expectation_without_a_body_is_met(trial: &mut Trial) -> Outcome {
    for (fields, right) in [
        ("Expect: 100-continue\r\n", [200].as_slice()),
        ("Expect: 100-Continue\r\nContent-Length: 0\r\n", &[200]),
        ("Expect: wonders\r\n", &[200, 417]),
    ] {
        let mut client = trial.connect()?;
        let answer = client.send(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"))?.answer()?;
        answer.expect(trial.right(right))?;
        stays_in_step(&mut client, &answer)?;
    }
    Ok(())
}

fn http_1_0_is_not_told_to_continue(trial: &mut Trial) -> Outcome {
    let mut client = trial.connect()?;
    client.send("POST / HTTP/1.0\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")?;
    // A server that has something to say before the body says it now.
    client.hears_within(IMPATIENT);
    client.send("hello")?;
    let answer = client.read_any_answer(true)?;
    answer.expect(trial.right(NOT_ALLOWED))?;
    client.closes()
}

/// Bodies that begin, and do not end.
const UNFINISHED: [&str; 3] = [
    "Content-Length: 10\r\n\r\nhello",
    "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Trai",
];

fn a_body_is_not_waited_for_for_ever(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { timeout: Some(1), ..Setup::default() })?;
    let timeout = trial.server()?.timeout();
    for body in UNFINISHED {
        let mut client = trial.connect()?;
        client.send(format!("POST / HTTP/1.1\r\nHost: localhost\r\n{body}"))?;
        if !client.hears_within(trial.beyond(timeout)) {
            let waited = trial.beyond(timeout).as_secs();
            return Err(Stop::other(both!(
                "expected an answer or an end, but the server waits for more than {waited} s",
                "应当响应或关闭，服务器却等了超过 {waited} 秒"
            )));
        }
    }
    Ok(())
}

fn a_body_cut_short_ends_the_connection(trial: &mut Trial) -> Outcome {
    for body in UNFINISHED {
        let mut client = trial.connect()?;
        client.send(format!("POST / HTTP/1.1\r\nHost: localhost\r\n{body}"))?.finish().ends()?;
    }
    Ok(())
}
