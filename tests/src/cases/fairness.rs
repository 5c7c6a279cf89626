//! What one client may cost the others: however much it sends, another one is answered as if nothing were.
//!
//! Time would say more of the machine than of the server. So what is measured is the processor time that the server
//! uses while somebody waits for a small answer: on a machine with nothing else to do, that client waits as long.

use std::time::Duration;

use super::concurrency::{Noise, with_one_worker};
use crate::process::{Process, until};
use crate::stages::Symptom;
use crate::{Case, Group, Outcome, PATIENT, Stop, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Fairness, "long-bodies-hold-up-no-one", long_bodies_hold_up_no_one)
        .why(
            "A server that goes on reading for as long as there is something belongs to the client that sends the most. One \
             upload over a fast line, and everyone else waits for it.",
        )
        .zh(
            "很长的正文拖不住别人",
            "服务器要是只要有内容就一直读，就只归发得最多的客户端所有。有一个人在快的线路上上传，其他人就都得等着。",
        )
        .lesson("lesson 06: one step for each"),
    Case::new(Group::Fairness, "tiny-chunks-hold-up-no-one", tiny_chunks_hold_up_no_one)
        .why(
            "A chunk of one byte is six bytes on the wire and a whole turn of the parser. What a client costs has to be \
             bounded by what it sends, not by what it says that this is.",
        )
        .zh(
            "极小的块拖不住别人",
            "一个字节的块，在线路上是六个字节，还要解析器完整地走一轮。一个客户端的花费，\
             应当以它实际发来的字节为限，而不是以它自称的数目为限。",
        )
        .lesson("lesson 06: one step for each"),
    Case::new(Group::Fairness, "chunk-extensions-hold-up-no-one", chunk_extensions_hold_up_no_one)
        .why(
            "Chunk extensions mean nothing to almost every server, and every server has to read them. Where they are looked \
             at again with each byte that comes, a few kilobytes are minutes of work.",
        )
        .zh(
            "块扩展拖不住别人",
            "块扩展对几乎所有服务器都没有意义，可是每个服务器都得读。要是每来一个字节就从头再看一遍，\
             几 KB 就要花上几分钟。",
        )
        .section("RFC 9112, section 7.1.1")
        .lesson("lesson 06: one step for each"),
    Case::new(Group::Fairness, "trailers-hold-up-no-one", trailers_hold_up_no_one)
        .why("The trailer section is a second header section, and one that limits are easily forgotten for.")
        .zh("尾部拖不住别人", "尾部是第二个头部，而给它加上限制，很容易忘记。")
        .section("RFC 9112, section 7.1.2")
        .lesson("lesson 06: one step for each"),
    Case::new(Group::Fairness, "long-heads-hold-up-no-one", long_heads_hold_up_no_one)
        .why(
            "A head of sixteen kilobytes is permitted, and a parser that begins anew with each piece of it does sixteen \
             times the work.",
        )
        .zh("很长的头部拖不住别人", "16 KB 的头部是允许的。解析器要是每来一段就从头开始，就要做十六倍的工作。")
        .lesson("lesson 06: one step for each"),
    Case::new(Group::Fairness, "endless-pipelines-hold-up-no-one", endless_pipelines_hold_up_no_one)
        .why(
            "A client that pipelines has always something in the inbox. Where that is answered first, whatever else there \
             is, it has the server to itself.",
        )
        .zh(
            "源源不断的流水线请求拖不住别人",
            "用流水线的客户端，总有内容在输入缓冲区里。要是不管还有什么，总是先回答它，整个服务器就归它一个了。",
        )
        .section("RFC 9112, section 9.3.2")
        .lesson("lesson 06: who is next"),
];

/// How many clients flood the server at a time.
const CLIENTS: usize = 3;
/// How many answers are waited for beside them. Four of five must be quick: on a busy machine it may be the client that
/// is late, and the server has worked meanwhile.
const ANSWERS: usize = 25;
/// How much processor time the server may use while a small answer is waited for; for that answer itself it needs less
/// than a hundredth of it.
const MOST: Duration = Duration::from_millis(100);

const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";

fn long_bodies_hold_up_no_one(trial: &mut Trial) -> Outcome {
    let body = |length: usize| {
        let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
        head + &"x".repeat(length)
    };
    beside_floods(trial, [body(64 * 1024).repeat(4), body(8 << 20)])
}

fn tiny_chunks_hold_up_no_one(trial: &mut Trial) -> Outcome {
    beside_floods(trial, bodies_of("1\r\nx\r\n"))
}

fn chunk_extensions_hold_up_no_one(trial: &mut Trial) -> Outcome {
    let long = format!("1;name={}\r\nx\r\n", "v".repeat(4000));
    let quoted = format!("1;name=\"{}\"\r\nx\r\n", "\\\"".repeat(2000));
    beside_floods(trial, [bodies_of(&long), bodies_of(&quoted)].concat())
}

fn trailers_hold_up_no_one(trial: &mut Trial) -> Outcome {
    let field = format!("Trailer: {}\r\n", "x".repeat(200));
    let permitted = format!("{CHUNKED}0\r\n{}\r\n", field.repeat(60));
    let endless = format!("{CHUNKED}0\r\nTrailer: {}", "x".repeat(1 << 20));
    beside_floods(trial, [permitted.repeat(8), endless])
}

fn long_heads_hold_up_no_one(trial: &mut Trial) -> Outcome {
    let field = format!("X: {}\r\n", "x".repeat(200));
    let permitted = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", field.repeat(60));
    let endless = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}", "x".repeat(1 << 20));
    beside_floods(trial, [permitted.repeat(8), endless])
}

fn endless_pipelines_hold_up_no_one(trial: &mut Trial) -> Outcome {
    let requests = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").repeat(1000);
    beside_floods(trial, [requests("/hello.txt"), requests("/no-such-file"), requests("/big.bin")])
}

/// Chunked bodies of this chunk: of a permitted length, one behind the other; and one that has no end.
fn bodies_of(chunk: &str) -> [String; 2] {
    let permitted = format!("{CHUNKED}{}0\r\n\r\n", chunk.repeat(60_000 / chunk.len()));
    let endless = format!("{CHUNKED}{}", chunk.repeat((1 << 20) / chunk.len()));
    [permitted.repeat(4), endless]
}

/// While clients send each of these again and again, another one gets small answers without much ado.
fn beside_floods(trial: &mut Trial, floods: impl IntoIterator<Item = String>) -> Outcome {
    with_one_worker(trial)?;
    let process = trial.process()?;
    for flood in floods {
        let noise = Noise::of(trial.server()?.address(), CLIENTS, "", &flood);
        if !until(PATIENT, || noise.got() > 0) {
            let text = both!("clients that send much get no answer at all", "大量发送的客户端一个响应也得不到");
            return Err(Stop::with(Symptom::Waits, text));
        }
        let mut costs = Vec::with_capacity(ANSWERS);
        for _ in 0..ANSWERS {
            let before = processor_time(process)?;
            trial.get("/")?.expect(&[200])?;
            costs.push(processor_time(process)?.saturating_sub(before));
        }
        costs.sort();
        let used = costs[ANSWERS * 4 / 5];
        if used > MOST {
            let shown = flood.escape_default().take(60).collect::<String>();
            let text = both!(
                "while a small answer was waited for, the server worked for {} ms, where {} ms are the most; {CLIENTS} other \
                 clients were sending {shown}… without a pause",
                "等一个小响应期间，服务器工作了 {} ms，最多应为 {} ms；同时另有 {CLIENTS} 个客户端不停地发送 {shown}…";
                used.as_millis(),
                MOST.as_millis()
            );
            return Err(Stop::with(Symptom::Waits, text));
        }
    }
    Ok(())
}

fn processor_time(process: Process) -> Result<Duration, Stop> {
    let hidden = || {
        both!(
            "this system does not say how much processor time each thread has used",
            "本系统不提供每个线程用了多少处理器时间"
        )
    };
    process.exact_processor_time().ok_or_else(|| Stop::NotLookedAt(hidden()))
}
