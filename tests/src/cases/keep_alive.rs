//! Several requests on one connection (RFC 9112, section 9.3): where each ends, and when the connection does.

use std::time::{Duration, Instant};

use crate::language::Both;
use crate::server::Setup;
use crate::site::{BIG, FILES, HELLO, INDEX};
use crate::stages::Symptom;
use crate::trial::get;
use crate::{Answer, Case, Group, Outcome, PATIENT, Stop, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::KeepAlive, "one-request-after-another", one_request_after_another)
        .section("RFC 9112, section 9.3")
        .why("A page brings a dozen files with it. Each on a connection of its own costs a handshake, and a slow start.")
        .zh(
            "一条连接上接连处理多个请求",
            "一个网页会带来十几个文件。每个文件各用一条连接，就各要一次握手，再加一次慢启动。",
        )
        .lesson("lesson 06: the second request"),
    Case::new(
        Group::KeepAlive,
        "a-hundred-pipelined-are-answered-in-order",
        a_hundred_pipelined_are_answered_in_order,
    )
    .section("RFC 9112, section 9.3.2")
    .why(
        "A client need not wait for one answer before it asks for the next. What has been read behind a request is the \
         beginning of the next one, and no event will tell of it again.",
    )
    .zh(
        "一百个流水线请求按次序回答",
        "客户端不必等到响应才发下一个请求。读到的内容超出一个请求，多出来的就是下一个的开头，不会再有事件来通知它。",
    )
    .lesson("lesson 06: what is already in the inbox"),
    Case::new(
        Group::KeepAlive,
        "two-requests-may-be-cut-anywhere",
        two_requests_may_be_cut_anywhere,
    )
    .section("RFC 9112, section 9.3.2")
    .why("A read has no idea of requests: it may end in the middle of the second, or at the last byte of the first.")
    .zh(
        "两个请求可以在任何地方切开",
        "读操作不认识请求：一次读可能停在第二个请求的中间，也可能停在第一个的最后一个字节。",
    )
    .lesson("lesson 06: what is already in the inbox"),
    Case::new(Group::KeepAlive, "what-follows-a-large-answer-is-answered", what_follows_a_large_answer_is_answered)
        .section("RFC 9112, section 9.3.2")
        .why("A request that came while a large answer was going out waits in the inbox. It must not be forgotten there.")
        .zh(
            "大的响应后面的请求也有回答",
            "大的响应正在发送，又来了一个请求，它就留在输入缓冲区里等着。不能把它忘在那里。",
        )
        .lesson("lesson 06: what is already in the inbox"),
    Case::new(Group::KeepAlive, "an-answer-to-head-stays-aligned", an_answer_to_head_stays_aligned)
        .section("RFC 9112, section 6.3")
        .why(
            "An answer to HEAD announces a length and has no body. One byte too many, and the client reads the next answer \
             from the wrong place.",
        )
        .zh(
            "对 HEAD 的响应之后不会错位",
            "对 HEAD 的响应写明了长度，却没有正文。多出一个字节，客户端就会从错误的位置读下一个响应。",
        )
        .lesson("lesson 06: where an answer ends"),
    Case::new(Group::KeepAlive, "answers-without-a-body-stay-aligned", answers_without_a_body_stay_aligned)
        .section("RFC 9112, section 6.3")
        .why("304 and 204 end with their head, whatever else it says. A body behind it would be taken for the next answer.")
        .zh(
            "没有正文的响应之后不会错位",
            "304 和 204 到头部为止，不管头部里还写着什么。后面要是跟着正文，就会被当成下一个响应。",
        )
        .lesson("lesson 06: where an answer ends"),
    Case::new(Group::KeepAlive, "a-refusal-keeps-the-connection", a_refusal_keeps_the_connection)
        .section("RFC 9112, section 9.3")
        .why(
            "A file that is not there, or a method that is not served, says nothing against the connection: where the \
             request ended is known.",
        )
        .zh("拒绝请求，但保持连接", "文件不存在，或者方法不支持，都不是连接的问题：请求在哪里结束是清楚的。")
        .lesson("lesson 06: which errors close"),
    Case::new(Group::KeepAlive, "an-error-in-framing-closes", an_error_in_framing_closes)
        .section("RFC 9112, section 9.3")
        .why(
            "If it is not known where a request ends, nothing behind it can be taken for a request. To go on would be to \
             guess, and that is what request smuggling lives on.",
        )
        .zh(
            "消息边界出错就关闭连接",
            "不知道请求在哪里结束，后面的就都不能当作请求。继续下去就是猜，而请求走私靠的正是这个。",
        )
        .lesson("lesson 06: which errors close"),
    Case::new(
        Group::KeepAlive,
        "a-refused-body-is-not-the-next-request",
        a_refused_body_is_not_the_next_request,
    )
    .section("RFC 9112, section 9.3")
    .why(
        "A body that nobody wanted still stands before the next request. Either it is read and dropped, or the connection \
         is closed; it is never an order from the client.",
    )
    .zh(
        "被拒绝的正文不是下一个请求",
        "没有人要的正文，仍然排在下一个请求前面。要么读完丢弃，要么关闭连接；它绝不是客户端的又一个请求。",
    )
    .lesson("lesson 06: where a request ends"),
    Case::new(Group::KeepAlive, "who-asks-for-a-close-gets-it", who_asks_for_a_close_gets_it)
        .section("RFC 9112, section 9.6")
        .why(
            "A client that has said close may wait for the end of the connection, and one that is told close knows that \
             it must not send more. The option may stand in a list, in any case, or in a field of its own.",
        )
        .zh(
            "要求关闭，就会关闭",
            "说了 close 的客户端可能在等连接结束；得到 close 的客户端知道不能再发了。这个选项可以写在列表里，\
             不分大小写，也可以另起一个字段。",
        )
        .lesson("lesson 06: who ends a connection"),
    Case::new(Group::KeepAlive, "http-1-0-closes-by-default", http_1_0_closes_by_default)
        .section("RFC 9112, section 9.3")
        .why("A client of HTTP/1.0 may know of no other end of a body than the close. It would wait for ever.")
        .zh("HTTP/1.0 默认关闭连接", "HTTP/1.0 的客户端可能只知道用关闭来表示正文结束，不关闭，它就会永远等下去。")
        .lesson("lesson 06: who ends a connection"),
    Case::new(Group::KeepAlive, "http-1-0-is-kept-if-asked-and-told", http_1_0_is_kept_if_asked_and_told)
        .section("RFC 9112, section 9.3")
        .why("A client of HTTP/1.0 that asks for a long connection has one only if the answer says so.")
        .zh("HTTP/1.0 要求保持连接，响应要写明", "HTTP/1.0 的客户端要求长连接，只有响应里也这样写，才算得到了长连接。")
        .lesson("lesson 06: who ends a connection"),
    Case::new(Group::KeepAlive, "an-idle-connection-is-closed-in-time", an_idle_connection_is_closed_in_time)
        .section("RFC 9112, section 9.5")
        .why(
            "A connection that is kept for a next request costs a descriptor until somebody closes it, and most clients \
             never do. Closed too early, it is of no use.",
        )
        .zh(
            "空闲连接到时就关闭",
            "为下一个请求留着的连接，一直占着一个描述符，直到有人关闭它，而大多数客户端从不关闭。可是关得太早，\
             留着也就没有用了。",
        )
        .lesson("lesson 06: how long to keep a connection"),
];

fn one_request_after_another(trial: &mut Trial) -> Outcome {
    let mut client = trial.connect()?;
    for _ in 0..2 {
        client.send(get("/"))?.answer()?.expect(&[200])?;
    }
    client.send(get("/hello.txt"))?.answer()?.expect_body(HELLO.as_bytes())?;
    Ok(())
}

fn a_hundred_pipelined_are_answered_in_order(trial: &mut Trial) -> Outcome {
    // Names that need no escape, and contents that tell one from another.
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./-".contains(&byte));
    let files: Vec<_> = FILES.iter().filter(|(name, _)| plain(name) && *name != "...").cycle().take(100).collect();
    let requests: String = files.iter().map(|(name, _)| get(&format!("/{name}"))).collect();
    let mut client = trial.connect()?;
    client.send(requests)?;
    for (number, (name, content)) in files.into_iter().enumerate() {
        let answer = client.answer()?;
        if number == 0 && trial.stage().number() == 1 {
            continue;
        }
        let place = both!("answer {number}, to /{name}", "第 {number} 个响应（/{name}）");
        answer.expect_body(content.as_bytes()).map_err(|stop| within(stop, &place))?;
    }
    Ok(())
}

/// The same, and where it happened.
fn within(stop: Stop, place: &Both) -> Stop {
    stop.told(|text| both!("{place}: {text}", "{place}：{text}" in place, text))
}

fn two_requests_may_be_cut_anywhere(trial: &mut Trial) -> Outcome {
    let first = get("/hello.txt");
    let both = format!("{first}{}", get("/"));
    for cut in 1..both.len() {
        let mut client = trial.connect()?;
        client.send(&both[..cut])?;
        let mut answers = Vec::new();
        if cut >= first.len() {
            answers.push(client.answer()?);
        } else if client.hears_within(Duration::from_millis(1)) {
            return Err(Stop::other(both!(
                "an answer came after {cut} bytes of a request of {}",
                "请求共 {0} 字节，只发了 {cut} 字节就有了响应"; first.len()
            )));
        }
        client.send(&both[cut..])?;
        while answers.len() < 2 {
            let place = both!("cut after {cut} bytes", "在第 {cut} 字节之后切开");
            answers.push(client.answer().map_err(|stop| within(stop, &place))?);
        }
        answers[0].expect_body(HELLO.as_bytes())?;
        answers[1].expect_body(INDEX.as_bytes())?;
    }
    Ok(())
}

fn what_follows_a_large_answer_is_answered(trial: &mut Trial) -> Outcome {
    let mut client = trial.connect_narrow()?;
    client.send([get("/big.bin"), get("/hello.txt")].concat())?;
    client.answer_to_head()?.expect(&[200])?;
    client.skip(BIG)?;
    client.answer()?.expect_body(HELLO.as_bytes())?;
    Ok(())
}

/// Sends these at once, each on a line of its own method and fields, and takes an answer to each. Only then are they
/// looked at: what stands in an answer is of no interest before all have come.
fn pipelined(trial: &mut Trial, requests: &[(&str, &str)]) -> Result<Vec<Answer>, Stop> {
    let mut client = trial.connect()?;
    let text: String =
        requests.iter().map(|(line, fields)| format!("{line} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")).collect();
    client.send(text)?;
    let answer = |(line, _): &(&str, &str)| match line.starts_with("HEAD ") {
        true => client.answer_to_head(),
        false => client.answer(),
    };
    requests.iter().map(answer).collect()
}

fn an_answer_to_head_stays_aligned(trial: &mut Trial) -> Outcome {
    let (head, get) = (("HEAD /hello.txt", ""), ("GET /hello.txt", ""));
    let missing = ("HEAD /not-there", "");
    let answers = pipelined(trial, &[head, get, missing, get])?;
    answers[0].expect(&[200])?;
    answers[1].expect_body(HELLO.as_bytes())?;
    answers[2].expect(&[404])?;
    answers[3].expect_body(HELLO.as_bytes())?;
    Ok(())
}

fn answers_without_a_body_stay_aligned(trial: &mut Trial) -> Outcome {
    let fresh = ("GET /old.txt", "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT\r\n");
    let (options, get) = (("OPTIONS /", ""), ("GET /hello.txt", ""));
    let answers = pipelined(trial, &[fresh, get, options, get])?;
    answers[0].expect(&[304])?;
    answers[1].expect_body(HELLO.as_bytes())?;
    answers[3].expect_body(HELLO.as_bytes())?;
    Ok(())
}

fn a_refusal_keeps_the_connection(trial: &mut Trial) -> Outcome {
    let get = ("GET /hello.txt", "");
    let refused = [("GET /not-there", [404, 404]), ("GET /sub", [301, 302]), ("DELETE /hello.txt", [405, 501])];
    for (line, statuses) in refused {
        let answers = pipelined(trial, &[(line, ""), get])?;
        answers[0].expect(&statuses)?;
        answers[1].expect_body(HELLO.as_bytes())?;
    }
    Ok(())
}

fn an_error_in_framing_closes(trial: &mut Trial) -> Outcome {
    for wrong in ["Content-Length: five", "Content-Length: 1\r\nContent-Length: 2", "No colon here"] {
        let wrong = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{wrong}\r\n\r\n");
        let mut client = trial.connect()?;
        client.send([get("/"), wrong, get("/")].concat())?;
        client.answer()?.expect(&[200])?;
        client.answer()?.expect(&[400])?;
        client.closes()?;
    }
    Ok(())
}

fn a_refused_body_is_not_the_next_request(trial: &mut Trial) -> Outcome {
    let inner = get("/hello.txt");
    let length = inner.len();
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{inner}\r\n0\r\n\r\n");
    for body in [format!("Content-Length: {length}\r\n\r\n{inner}"), chunked] {
        let mut client = trial.connect()?;
        client.send(format!("POST / HTTP/1.1\r\nHost: localhost\r\n{body}{}", get("/style.css")))?;
        client.answer()?.expect(trial.right(&[405, 200, 403, 404, 411, 501]))?;
        match client.answer_or_close()? {
            Some(answer) if answer.body == HELLO.as_bytes() => {
                return Err(Stop::other(both!(
                    "the body was taken for a request, and answered",
                    "正文被当成请求，并且得到了响应"
                )));
            }
            Some(answer) => drop(answer.expect(&[200])?),
            None => {}
        }
    }
    Ok(())
}

fn who_asks_for_a_close_gets_it(trial: &mut Trial) -> Outcome {
    let asked = [
        "Connection: close",
        "Connection: Close",
        "connection:CLOSE",
        "Connection: foo, close",
        "Connection: foo ,\tclose, bar",
        "Connection: keep-alive, close",
        "Connection: foo\r\nConnection: close",
    ];
    for asked in asked {
        let mut client = trial.connect()?;
        client.send(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{asked}\r\n\r\n"))?;
        let answer = client.answer()?;
        answer.expect(&[200])?;
        client.closes()?;
        if !answer.is_last() {
            return Err(Stop::other(both!(
                "to {asked:?}, it closes and has not said so (Connection: close)",
                "对 {asked:?}，它关闭了连接，却没有事先说明（Connection: close）"
            )));
        }
    }
    Ok(())
}

fn http_1_0_closes_by_default(trial: &mut Trial) -> Outcome {
    let mut client = trial.connect()?;
    let answer = client.send("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")?.answer()?;
    answer.expect(&[200])?;
    client.closes()?;
    match answer.field("Connection") {
        Some(value) if !answer.says_close() => {
            Err(Stop::other(both!("it closes, and has said {value}", "它关闭了连接，事先说的却是 {value}")))
        }
        _ => Ok(()),
    }
}

fn http_1_0_is_kept_if_asked_and_told(trial: &mut Trial) -> Outcome {
    let mut client = trial.connect()?;
    let request = "GET / HTTP/1.0\r\nHost: localhost\r\nConnection: Keep-Alive\r\n\r\n";
    let first = client.send(request)?.answer()?;
    client.send(request)?.answer()?.expect(&[200])?;
    let said = first.must_have("Connection")?;
    if said.eq_ignore_ascii_case("keep-alive") {
        return Ok(());
    }
    Err(Stop::other(both!(
        "the connection is kept, but the answer says Connection: {said}",
        "连接保持着，响应却说 Connection: {said}"
    )))
}

fn an_idle_connection_is_closed_in_time(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { timeout: Some(1), ..Setup::default() })?;
    let timeout = trial.server()?.timeout();
    let mut client = trial.connect()?;
    client.send(get("/"))?.answer()?.expect(&[200])?;
    let start = Instant::now();
    client.send(get("/"))?.answer()?.expect(&[200])?;
    client.set_timeout(timeout + PATIENT);
    client.closes()?;
    let idle = start.elapsed();
    // Half of it will do, since some clocks are coarse.
    if idle >= timeout / 2 {
        return Ok(());
    }
    let text = both!(
        "closed after {idle:.1?}, though a client may be silent for {timeout:?}",
        "客户端可以沉默 {timeout:?}，连接却在 {idle:.1?} 后就关闭了"
    );
    Err(Stop::with(Symptom::Closes, text))
}
