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
        .lesson("lesson 06: where the next request begins"),
    Case::new(Group::Bodies, "a-request-behind-a-body-is-found", a_request_behind_a_body_is_found)
        .section("RFC 9112, section 9.3")
        .why(
            "A server that stays has to read over the body of what it refused, to the last byte and no further. Or it \
             closes.",
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
    .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "an-unknown-coding-is-not-implemented", an_unknown_coding_is_not_implemented)
        .section("RFC 9112, section 6.1")
        .why("Whoever cannot read a body says so. To take it for plain bytes would be to take it for something else.")
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "codings-are-read-in-any-case", codings_are_read_in_any_case)
        .section("RFC 9112, section 7")
        .why(
            "A server that knows `chunked` and not `Chunked` believes that there is no body, and reads it as a \
             request.",
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
    .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "chunks-are-read-and-dropped", chunks_are_read_and_dropped)
        .section("RFC 9112, section 7.1")
        .why(
            "Sizes in either case, extensions that nobody knows, and fields behind the last chunk: all of it is in \
             order.",
        )
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "a-body-may-come-in-pieces", a_body_may_come_in_pieces)
        .section("RFC 9112, section 7.1")
        .why("The network cuts where it likes: in the size of a chunk, between CR and LF, in a trailer.")
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
    .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "a-body-over-the-cap-is-refused-unread", a_body_over_the_cap_is_refused_unread)
        .section("RFC 9110, section 15.5.14")
        .strict()
        .why("The length says it before a byte has come. To read ten gigabytes in order to say no is work for nothing.")
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "an-expectation-is-answered-at-once", an_expectation_is_answered_at_once)
        .section("RFC 9110, section 10.1.1")
        .why(
            "The client holds its body back until it is told to send it, or told no. A server that waits for it waits \
             for ever.",
        )
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "an-expectation-without-a-body-is-met", an_expectation_without_a_body_is_met)
        .section("RFC 9110, section 10.1.1")
        .why("There is nothing to send, so there is nothing to wait for.")
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "an-expectation-may-stand-in-a-list", an_expectation_may_stand_in_a_list)
        .section("RFC 9110, sections 5.3 and 10.1.1")
        .why(
            "A list may come on one line or on several, and means the same. Compared as a whole, `100-continue, x` is not \
             found, and both sides wait for each other.",
        )
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "http-1-0-is-not-told-to-continue", http_1_0_is_not_told_to_continue)
        .section("RFC 9110, section 15.2")
        .why(
            "HTTP/1.0 has no 1xx: the client takes 100 for the answer, and the answer for nothing or for the next one.",
        )
        .lesson("lesson 01: where a request ends"),
    Case::new(Group::Bodies, "a-body-is-not-waited-for-for-ever", a_body_is_not_waited_for_for_ever)
        .section("RFC 9112, section 9.5")
        .why(
            "A client promises bytes and sends nothing more. It must not hold a process, a thread or a place for good.",
        )
        .lesson("lesson 02: timeout"),
    Case::new(Group::Bodies, "a-body-cut-short-ends-the-connection", a_body_cut_short_ends_the_connection)
        .section("RFC 9112, section 8")
        .why(
            "The rest cannot come any more. A server that does not notice the end of input waits for it, or reads \
             zeros for ever.",
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
