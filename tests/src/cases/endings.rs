//! Connections that end badly: by a reset, in the middle, or before they began.

use crate::trial::get;
use crate::{Case, Group, Outcome, Trial};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Endings, "resets-in-mid-answer-hurt-no-one", resets_in_mid_answer_hurt_no_one)
        .why(
            "Writing to a connection that the client has reset is an error, and in many systems a signal that ends the \
             whole process unless the program says otherwise (SIGPIPE). Who presses Stop in a browser does just that.",
        )
        .zh(
            "响应途中的重置不影响别人",
            "向客户端已经重置的连接写数据会出错；在许多系统上还会来一个信号（SIGPIPE），程序要是没有另作安排，\
             整个进程就会终止。在浏览器里点一下“停止”，就是这样。",
        )
        .lesson("lesson 02: one client's failure is one line in the log"),
    Case::new(Group::Endings, "clients-that-leave-at-once-hurt-no-one", clients_that_leave_at_once_hurt_no_one)
        .why("Port scanners, health checks and impatient people connect and leave. Some are gone before they are accepted.")
        .zh(
            "一连上就走的客户端不影响别人",
            "端口扫描、健康检查和没有耐心的人，都是连上就走。有的还没有被接受就已经走了。",
        )
        .lesson("lesson 01: a client that says nothing"),
    Case::new(Group::Endings, "a-reset-in-mid-request-hurts-no-one", a_reset_in_mid_request_hurts_no_one)
        .why("Half a request and then an error: nothing is to be answered, and nothing of it may be left to the next client.")
        .zh(
            "请求途中的重置不影响别人",
            "只来了半个请求，然后就是错误：没有什么要回答，这半个请求也一点都不能留给下一个客户端。",
        )
        .lesson("lesson 01: one client's failure is one line in the log"),
    Case::new(
        Group::Endings,
        "clients-that-leave-before-the-answer-hurt-no-one",
        clients_that_leave_before_the_answer_hurt_no_one,
    )
    .why(
        "Their request is there, and they are not: it is the answer that fails. In C, the write raises SIGPIPE, which ends \
         the process unless the program says otherwise; in other languages, it is an error at a place where only reading \
         was thought of.",
    )
    .zh(
        "得到响应之前就离开的客户端不影响别人",
        "请求已经到了，客户端却走了：失败的是发送响应。在 C 里，这次 write 会引发 SIGPIPE，除非程序另作处理，否则进程就\
         结束了；在其他语言里，错误会出现在只考虑过读取的地方。",
    )
    .lesson("lesson 01: one client's failure is one line in the log"),
    Case::new(Group::Endings, "a-half-closed-client-is-answered", a_half_closed_client_is_answered)
        .section("RFC 9112, section 9.6")
        .why(
            "A client may say that it will send no more and still want its answer, as `nc -N` does. The end of what it \
             sends is not the end of the connection.",
        )
        .zh(
            "半关闭的客户端照样得到回答",
            "客户端可以声明不再发送，同时仍然等着响应，`nc -N` 就是这样。它要发的结束了，不等于连接结束了。",
        )
        .lesson("lesson 01: what an empty read means"),
    Case::new(
        Group::Endings,
        "a-download-that-is-broken-off-hurts-no-one",
        a_download_that_is_broken_off_hurts_no_one,
    )
    .why(
        "A client that closes while a large answer is on its way makes the next write fail. The failure is this client's, \
         not the server's.",
    )
    .zh(
        "中断的下载不影响别人",
        "大的响应还在途中，客户端就关闭了连接，下一次写就会失败。失败的是这个客户端，不是服务器。",
    )
    .lesson("lesson 02: one client's failure is one line in the log"),
    Case::new(
        Group::Endings,
        "an-error-answer-reaches-who-still-sends",
        an_error_answer_reaches_who_still_sends,
    )
    .section("RFC 9112, section 9.6")
    .why(
        "A close with unread bytes is a reset, and a reset can take back an answer that is on its way: the client sees \
         a broken connection instead of what it did wrong. So: say that no more will come, read on, and only then close.",
    )
    .zh(
        "还在发送的客户端也收得到错误响应",
        "还有没读的字节就关闭，会变成重置，而重置可能毁掉途中的响应：客户端看到的是连接断了，而不是自己错在哪里。\
         所以要先声明不再发送，再读一阵，最后才关闭（延迟关闭）。",
    )
    .lesson("lesson 01: how to hang up"),
];

fn resets_in_mid_answer_hurt_no_one(trial: &mut Trial) -> Outcome {
    for _ in 0..30 {
        let mut client = trial.connect_narrow()?;
        client.send(get("/big.bin"))?.answer_to_head()?.expect(&[200])?;
        client.reset();
    }
    trial.alive()
}

fn clients_that_leave_at_once_hurt_no_one(trial: &mut Trial) -> Outcome {
    for _ in 0..30 {
        drop(trial.connect()?);
        trial.connect()?.reset();
    }
    trial.alive()
}

fn a_reset_in_mid_request_hurts_no_one(trial: &mut Trial) -> Outcome {
    let request = get("/");
    for sent in 1..request.len() {
        let mut client = trial.connect()?;
        client.send(&request[..sent])?;
        client.reset();
    }
    trial.alive()
}

fn clients_that_leave_before_the_answer_hurt_no_one(trial: &mut Trial) -> Outcome {
    for _ in 0..5 {
        // A server that serves one client at a time waits for this one, and the others have left when it is their turn.
        let silent = trial.connect()?;
        for half_closed in [true, false] {
            let mut client = trial.connect()?;
            client.send(get("/"))?;
            if half_closed {
                client.finish();
            }
            client.reset();
        }
        drop(silent);
        trial.get("/")?.expect(&[200])?;
    }
    Ok(())
}

fn a_half_closed_client_is_answered(trial: &mut Trial) -> Outcome {
    let mut client = trial.connect()?;
    client.send(get("/"))?.finish().answer()?.expect(&[200])?;
    client.closes()?;
    // The server sees both at once.
    let mut client = trial.connect()?;
    client.send_and_finish(get("/"))?.answer()?.expect(&[200])?;
    client.closes()
}

fn a_download_that_is_broken_off_hurts_no_one(trial: &mut Trial) -> Outcome {
    for pieces in [0, 1, 4, 9] {
        let mut client = trial.connect()?;
        client.send(get("/huge.bin"))?.answer_to_head()?.expect(&[200])?;
        client.skip(pieces * 64 * 1024)?;
    }
    trial.alive()
}

fn an_error_answer_reaches_who_still_sends(trial: &mut Trial) -> Outcome {
    let mut client = trial.connect()?;
    client.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")?;
    for _ in 0..64 {
        client.send([b'z'; 16 * 1024])?;
    }
    client.finish().answer()?.expect(&[400])?;
    client.closes_cleanly()
}
