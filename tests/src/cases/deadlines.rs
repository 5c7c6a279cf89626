//! How long a client may stay that makes no progress, whatever else it does meanwhile: for as long as a client may be
//! silent, and two seconds to tell it so and to end the connection. One that makes progress may stay.
//!
//! What of this is strictness: nginx and lighttpd have time-outs that begin anew with each read of a body, by design.

use std::thread;
use std::time::{Duration, Instant};

use super::concurrency::with_time_enough;
use crate::process::clients_held_at;
use crate::server::Setup;
use crate::stages::Symptom;
use crate::trial::get;
use crate::{Case, Client, Group, Outcome, Stop, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Deadlines, "urgent-bytes-put-off-no-deadline", urgent_bytes_put_off_no_deadline)
        .why(
            "An urgent byte (MSG_OOB) wakes whoever waits for the socket and brings nothing to read. Where the clock starts \
             anew with each wake-up, such a client is never late.",
        )
        .zh(
            "紧急数据推迟不了截止时间",
            "紧急字节（MSG_OOB）会唤醒等待套接字的一方，却没有带来可读的内容。每次唤醒都重新计时的话，\
             这样的客户端就永远不会超时。",
        )
        .strict()
        .lesson("lesson 01: how long to wait for a client"),
    Case::new(Group::Deadlines, "a-body-that-trickles-puts-off-no-deadline", a_body_that_trickles_puts_off_no_deadline)
        .why(
            "A deadline for the head alone moves the trouble to the body: a byte a second of a body holds a connection as \
             long as a byte a second of a head (R-U-Dead-Yet).",
        )
        .zh(
            "慢速发送正文推迟不了截止时间",
            "只给头部定截止时间，麻烦就转到了正文上：正文一秒一个字节，和头部一秒一个字节一样，\
             能长久占住一条连接（R-U-Dead-Yet）。",
        )
        .strict()
        .lesson("lesson 01: how long to wait for a client"),
    Case::new(Group::Deadlines, "chunks-that-trickle-put-off-no-deadline", chunks_that_trickle_put_off_no_deadline)
        .why(
            "Each tiny chunk is complete, and the body is not. Where every whole chunk counts as progress, sixty thousand of \
             them hold a connection for a day.",
        )
        .zh(
            "慢速发送小块推迟不了截止时间",
            "每个小块都是完整的，正文却不完整。要是每个完整的块都算进展，六万个块能占住一条连接一整天。",
        )
        .strict()
        .lesson("lesson 01: how long to wait for a client"),
    Case::new(
        Group::Deadlines,
        "who-reads-nothing-cannot-stay-by-sending",
        who_reads_nothing_cannot_stay_by_sending,
    )
    .why(
        "A client that takes nothing of its answer holds an open file and a full buffer. Bytes that it sends meanwhile wake \
         its server, and change nothing.",
    )
    .zh(
        "不读响应的客户端，不能靠发送赖着不走",
        "一点也不取走响应的客户端，占着一个打开的文件和一个满的缓冲区。它这时发来的字节会唤醒服务器，\
         却什么也改变不了。",
    )
    .strict()
    .lesson("lesson 01: how long to wait for a client"),
    Case::new(
        Group::Deadlines,
        "who-was-refused-cannot-stay-by-sending",
        who_was_refused_cannot_stay_by_sending,
    )
    .why(
        "After an error a server reads on for a moment, so that its answer is not lost. A client that never stops sending \
         makes that moment as long as it likes, unless there is an end to it.",
    )
    .zh(
        "被拒绝的客户端，不能靠发送赖着不走",
        "回答错误之后，服务器会再读一小会儿，免得响应丢失。要是没有上限，\
         从不停止发送的客户端想让这一会儿有多长就有多长。",
    )
    .section("RFC 9112, section 9.6")
    .lesson("lesson 01: a close that loses nothing"),
    Case::new(
        Group::Deadlines,
        "an-upload-that-makes-progress-is-not-dropped",
        an_upload_that_makes_progress_is_not_dropped,
    )
    .why(
        "A slow line is no attack. A body that keeps coming is read to its end, however long that takes: a deadline for the \
         whole of it would end every upload from a train.",
    )
    .zh(
        "有进展的上传不会被断开",
        "线路慢不是攻击。只要正文还在不断到来，就一直读到底，不管要多久：给整个正文定一个截止时间，\
         在火车上就什么也上传不了。",
    )
    .lesson("lesson 01: how long to wait for a client"),
    Case::new(Group::Deadlines, "who-comes-too-late-is-told-so", who_comes_too_late_is_told_so)
        .why(
            "A client whose request was cut off in the middle can try again if it knows why. 408 says so; a close alone could \
             be anything.",
        )
        .zh(
            "超时的客户端得到 408",
            "请求发到一半被断开的客户端，知道原因就可以重试。408 说明了原因；只关闭连接，什么原因都有可能。",
        )
        .section("RFC 9110, section 15.5.9")
        .lesson("lesson 01: how long to wait for a client"),
];

/// How long a connection may last beyond the stated time.
const GRACE: Duration = Duration::from_secs(2);
/// How long it is from one sign of life to the next.
const TICK: Duration = Duration::from_millis(100);

fn urgent_bytes_put_off_no_deadline(trial: &mut Trial) -> Outcome {
    for sent in ["GE", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab"] {
        let mut client = impatient(trial)?;
        client.send(sent)?;
        is_dropped(trial, &mut client, Reads::All, Client::send_urgent)?;
    }
    Ok(())
}

fn a_body_that_trickles_puts_off_no_deadline(trial: &mut Trial) -> Outcome {
    let mut client = impatient(trial)?;
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n")?;
    is_dropped(trial, &mut client, Reads::All, |client| drop(client.send("x")))
}

fn chunks_that_trickle_put_off_no_deadline(trial: &mut Trial) -> Outcome {
    let mut client = impatient(trial)?;
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")?;
    is_dropped(trial, &mut client, Reads::All, |client| drop(client.send("1\r\nx\r\n")))
}

fn who_reads_nothing_cannot_stay_by_sending(trial: &mut Trial) -> Outcome {
    for urgent in [false, true] {
        trial.restart(&Setup { timeout: Some(1), ..Setup::default() })?;
        let mut client = trial.connect_narrow()?;
        let timeout = trial.server()?.timeout();
        client.set_timeout(trial.beyond(timeout));
        client.send(get("/huge.bin"))?.answer_to_head()?.expect(&[200])?;
        let sign = |client: &mut Client| if urgent { client.send_urgent() } else { drop(client.send("x")) };
        is_dropped(trial, &mut client, Reads::Nothing, sign)?;
    }
    Ok(())
}

fn who_was_refused_cannot_stay_by_sending(trial: &mut Trial) -> Outcome {
    let mut client = impatient(trial)?;
    client.send("NONSENSE\r\n\r\n")?;
    is_dropped(trial, &mut client, Reads::All, |client| drop(client.send("x")))
}

fn an_upload_that_makes_progress_is_not_dropped(trial: &mut Trial) -> Outcome {
    with_time_enough(trial, may_who_makes_progress_stay)
}

fn may_who_makes_progress_stay(trial: &mut Trial) -> Outcome {
    const PIECE: usize = 2 * 1024;
    /// With a pause behind each, they take twice the time that a client may be silent.
    const PIECES: usize = 20;
    let mut client = trial.connect()?;
    let timeout = trial.server()?.timeout();
    // Of a server with a long time-out, longer than is waited for here, it only shows that it takes them.
    let pause = if timeout > Duration::from_secs(8) { TICK } else { timeout / 10 };
    let chunk = format!("{PIECE:x}\r\n{}\r\n", "x".repeat(PIECE));
    let plain = format!("Content-Length: {}", PIECE * PIECES);
    for (field, piece, end) in [(&plain[..], "x".repeat(PIECE), ""), ("Transfer-Encoding: chunked", chunk, "0\r\n\r\n")]
    {
        client.send(format!("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{field}\r\n\r\n"))?;
        for _ in 0..PIECES {
            let before = Instant::now();
            thread::sleep(pause);
            client.send(&piece)?;
            if before.elapsed() > timeout / 2 {
                return Err(Stop::NotLookedAt(both!(
                    "this machine is too busy to send a piece now and then",
                    "本机太忙，无法做到不时发送一段数据"
                )));
            }
        }
        let answer = client.send(end)?.answer()?;
        // Some take a body with any method, some refuse it with its method.
        answer.expect(&[405, 200, 201, 204, 301, 400, 403, 404, 411, 413, 501])?;
        client = trial.connect()?;
    }
    Ok(())
}

fn who_comes_too_late_is_told_so(trial: &mut Trial) -> Outcome {
    for sent in
        ["G", "GET / HTTP/1.1\r\nHost: loc", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab"]
    {
        let mut client = impatient(trial)?;
        let timeout = trial.server()?.timeout();
        client.send(sent)?.set_timeout(trial.beyond(timeout));
        match client.answer_or_close()? {
            // Others need not wait for a body to say what they think of the request.
            Some(_) if !trial.is_lesson() && sent.starts_with("POST") => continue,
            Some(answer) => answer.expect(&[408, 400])?,
            None if trial.is_lesson() => {
                let text = both!("expected status 408, got a close", "应为状态码 408，连接却直接关闭了");
                return Err(Stop::with(Symptom::Closes, text));
            }
            None => continue,
        };
        client.closes()?;
    }
    Ok(())
}

/// A client of a server that does not wait for long.
fn impatient(trial: &mut Trial) -> Result<Client, Stop> {
    trial.restart(&Setup { timeout: Some(1), ..Setup::default() })?;
    trial.connect()
}

/// What a client does meanwhile with what comes to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    All,
    /// It has had the head of an answer, so somebody holds its connection. Whether that has ended, it cannot know.
    Nothing,
}

/// The connection of this client ends in time, though it gives a sign of life again and again.
fn is_dropped(
    trial: &mut Trial,
    client: &mut Client,
    reads: Reads,
    mut sign_of_life: impl FnMut(&mut Client),
) -> Outcome {
    let (timeout, port) = (trial.server()?.timeout(), trial.server()?.address().port());
    let held = |client: &Client| clients_held_at(port).contains(&client.port());
    if reads == Reads::Nothing && !held(client) {
        return Err(Stop::NotLookedAt(both!(
            "this machine does not show who holds a connection",
            "本机看不出连接由谁持有"
        )));
    }
    // It may take a moment until the server has accepted it. And it may have ended before anybody looks: then the
    // client knows.
    let mut seen = reads == Reads::Nothing;
    // Counted, not measured: on a busy machine all take longer, and the server may too.
    let ticks = (timeout + GRACE).as_millis().div_ceil(TICK.as_millis());
    for _ in 0..ticks {
        sign_of_life(client);
        thread::sleep(TICK);
        let now = held(client);
        // To the client a half-close is an end, too; the server may still hold it.
        if !now && (seen || (reads == Reads::All && client.has_ended())) {
            return Ok(());
        }
        seen |= now;
    }
    let (timeout, grace) = (timeout.as_secs(), GRACE.as_secs());
    let still = match seen {
        true => both!("the server still holds the connection", "服务器仍然持有这条连接"),
        false => both!("the client is still connected", "客户端仍然连着"),
    };
    let text = both!(
        "{timeout} s are stated, and after {timeout} s and {grace} s {still}",
        "规定的时间是 {timeout} 秒，过了 {timeout} 秒再加 {grace} 秒，{still}" in still
    );
    Err(Stop::with(Symptom::StaysOpen, text))
}
