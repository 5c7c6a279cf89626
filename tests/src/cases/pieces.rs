//! A request that comes in pieces: TCP hands over a stream of bytes, and where one send ended cannot be seen at the
//! other end.

use crate::stages::Symptom;
use crate::trial::get;
use crate::{Case, Group, Outcome, Stop, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Pieces, "no-answer-before-the-request-is-whole", no_answer_before_the_request_is_whole)
        .section("RFC 9112, sections 2.1 and 8")
        .why(
            "A request ends with its empty line. A server that answers earlier guesses at the rest, and takes what then \
             comes for another request.",
        )
        .zh("请求收全之前不回答", "请求到空行结束。提前回答的服务器，其余的全靠猜，之后到来的又会被它当成另一个请求。")
        .lesson("lesson 01: read until the empty line"),
    Case::new(Group::Pieces, "a-request-may-come-in-two-pieces", a_request_may_come_in_two_pieces)
        .section("RFC 9112, section 2.2")
        .why("A network may cut a request anywhere, in the middle of CR LF too. One read is not one request.")
        .zh("请求可以分两段到达", "网络可以在任何地方切开请求，CR 与 LF 之间也可以。一次读不等于一个请求。")
        .lesson("lesson 01: read until the empty line"),
    Case::new(Group::Pieces, "a-request-may-come-byte-by-byte", a_request_may_come_byte_by_byte)
        .section("RFC 9112, section 2.2")
        .why("Somebody who types a request into a terminal is a client too, and a server must keep what it has so far.")
        .zh("请求可以一个字节一个字节地到达", "在终端里手工输入请求的人也是客户端，服务器必须留着已经收到的部分。")
        .lesson("lesson 01: read until the empty line"),
    Case::new(Group::Pieces, "what-follows-the-head-is-not-waited-for", what_follows_the_head_is_not_waited_for)
        .section("RFC 9112, sections 2.1 and 9.3.2")
        .why(
            "One read may bring more than one head: the beginning of the next request, or of a body. A server that looks \
             for the empty line only at the end of what it has waits for a client that waits for it.",
        )
        .zh(
            "不等待头部之后的内容",
            "一次读取带来的可能不止一个头部，后面还跟着下一个请求或正文的开头。\
             只在已收到内容的末尾找空行的服务器，会等一个正在等它的客户端。",
        )
        .lesson("lesson 01: read until the empty line"),
    Case::new(Group::Pieces, "a-head-of-any-length-is-read", a_head_of_any_length_is_read)
        .section("RFC 9112, section 2.2")
        .why(
            "A buffer has some size, and where a head just fills it, or is a byte longer, a server that reads once, or \
             counts wrong, waits for what it has already or forgets what it had.",
        )
        .zh(
            "各种长度的头部都能读完",
            "缓冲区总有一定的大小。头部恰好把它填满，或者多出一个字节，只读一次的或者数错了的服务器，\
             不是等待早已到手的内容，就是忘掉已经收到的内容。",
        )
        .lesson("lesson 01: read until the empty line"),
    Case::new(Group::Pieces, "a-client-that-has-said-all-is-still-answered", a_client_that_has_said_all_is_still_answered)
        .section("RFC 9112, section 9.6")
        .strict()
        .why(
            "A client may close its half of the connection behind the request, and a pipe into `nc` does. That it will \
             send no more does not mean that it has left.",
        )
        .zh(
            "发完就半关闭的客户端照样得到回答",
            "客户端可以在请求后面关闭自己那个方向，用管道把请求交给 `nc` 就是这样。不再发送，不等于已经离开。",
        )
        .lesson("lesson 01: two ways, closed one by one"),
    Case::new(Group::Pieces, "a-refused-body-does-not-cost-the-answer", a_refused_body_does_not_cost_the_answer)
        .section("RFC 9112, section 9.6")
        .why(
            "Who closes while bytes still come makes the kernel reset the connection, and a reset can take the answer \
             back before the client has read it: the client learns that it failed, and not why.",
        )
        .zh(
            "拒绝正文，响应也不会丢",
            "字节还在到来就关闭，内核会重置连接，而重置可能在客户端读到响应之前就把它毁掉：客户端知道失败了，\
             却不知道为什么。",
        )
        .lesson("lesson 01: a close that loses nothing"),
];

const REQUEST: &[u8] = b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";

fn no_answer_before_the_request_is_whole(trial: &mut Trial) -> Outcome {
    for cut in 0..REQUEST.len() {
        match trial.connect()?.send(&REQUEST[..cut])?.finish().answer_or_close() {
            Ok(Some(answer)) if (200..300).contains(&answer.status) => {
                let (of, status) = (REQUEST.len(), answer.status);
                return Err(Stop::other(both!(
                    "{cut} of {of} bytes of a request were answered {status}",
                    "请求共 {of} 字节，只收到 {cut} 字节就响应了 {status}"
                )));
            }
            // A refusal, a close and a reset are all fit for a client that breaks off.
            Ok(_) | Err(Stop::Failed { symptom: Symptom::Reset, .. }) => {}
            Err(stop) => return Err(stop),
        }
    }
    Ok(())
}

fn a_request_may_come_in_two_pieces(trial: &mut Trial) -> Outcome {
    let whole = trial.request(REQUEST)?;
    for cut in 1..REQUEST.len() {
        let (first, second) = REQUEST.split_at(cut);
        trial.connect()?.send_in_pieces([first, second])?.answer()?.expect_body(&whole.body)?;
    }
    Ok(())
}

fn a_request_may_come_byte_by_byte(trial: &mut Trial) -> Outcome {
    let whole = trial.request(REQUEST)?;
    trial.connect()?.send_in_pieces(REQUEST.chunks(1))?.answer()?.expect_body(&whole.body)?;
    Ok(())
}

fn what_follows_the_head_is_not_waited_for(trial: &mut Trial) -> Outcome {
    let whole = trial.request(REQUEST)?;
    for next in ["G", "GET /hello.txt HTTP/1.1\r\nHost:"] {
        let both = [REQUEST, next.as_bytes()].concat();
        trial.connect()?.send(both)?.answer()?.expect_body(&whole.body)?;
    }
    Ok(())
}

fn a_head_of_any_length_is_read(trial: &mut Trial) -> Outcome {
    let whole = trial.request(REQUEST)?;
    for size in [512, 1024, 2048, 4096, 8192] {
        for length in size - 1..=size + 1 {
            let answer = trial.request(padded_to(length))?;
            // Some servers read no more than this, and say so.
            if trial.is_lesson() || size < 8192 || answer.status != 431 {
                answer.expect_body(&whole.body)?;
            }
        }
    }
    Ok(())
}

/// A request of so many bytes, in fields that none but the strictest server finds long.
fn padded_to(length: usize) -> Vec<u8> {
    const FIELD: usize = 400;
    let mut request = REQUEST[..REQUEST.len() - 2].to_vec();
    let mut left = length - REQUEST.len();
    while left > 0 {
        let field = if left < 2 * FIELD { left } else { FIELD };
        let padding = "x".repeat(field - "X-Pad: \r\n".len());
        request.extend(format!("X-Pad: {padding}\r\n").bytes());
        left -= field;
    }
    request.extend(b"\r\n");
    request
}

fn a_client_that_has_said_all_is_still_answered(trial: &mut Trial) -> Outcome {
    for target in ["/hello.txt", "/big.bin"] {
        let usual = trial.get(target)?;
        trial.connect()?.send(get(target))?.finish().answer()?.expect_body(&usual.body)?;
    }
    Ok(())
}

fn a_refused_body_does_not_cost_the_answer(trial: &mut Trial) -> Outcome {
    const LENGTH: usize = 8 * 1024 * 1024;
    let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {LENGTH}\r\n\r\n");
    let mut client = trial.connect()?;
    client.send(head)?.send(vec![b'x'; LENGTH])?;
    // Some servers of files take a POST for a GET.
    client.answer()?.expect(trial.right(&[413, 405, 200, 400, 403, 404, 411, 501]))?;
    client.closes_cleanly()
}
