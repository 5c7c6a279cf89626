//! What clients do, and how often.

use std::thread;
use std::time::{Duration, Instant};

use http_suite::{Both, Client, Outcome, Stop, Symptom, both, visible};

use crate::asked::Asked;
use crate::client::Visitor;
use crate::dice::Dice;

/// How many answers were looked at.
type Seen = Result<usize, Stop>;

/// Something that a client does on a connection of its own.
pub struct Action {
    /// In English, and in Chinese.
    name: [&'static str; 2],
    weight: usize,
    /// Whether it needs a connection that serves many requests.
    long: bool,
    /// How much the client can take in before it reads, if that matters.
    pub takes_in: Option<usize>,
    /// One of so many ends by a reset instead of a close; 0: none.
    pub resets: usize,
    pub run: Run,
}

/// What a server refuses because it cannot tell where it ends. Others than lessons may say so in other ways.
const BAD: &[(&[u8], &[u16])] = &[
    (b"GET /hello.txt or so HTTP/1.1\r\nHost: localhost\r\n\r\n", &[400]),
    (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", TO_BAD_BODY),
    (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n", TO_BAD_BODY),
];
const TO_BAD_BODY: &[u16] = &[400, 405, 411, 501];

/// How many requests come in one go.
const PIPELINE: std::ops::RangeInclusive<usize> = 2..=40;

/// All of them; the answers of the first eight are looked at. Large files take the most time, so they are few.
#[rustfmt::skip]
const ALL: &[Action] = &[
    action("a request", "一个请求",                          300, one_request),
    action("one request after another", "一个接一个的请求",          150, one_after_another).long(),
    action("a pipeline", "流水线",                          90, a_pipeline).long(),
    action("a pipeline in pieces", "分段发送的流水线",                90, a_pipeline_in_pieces).long(),
    action("a request, and then a half-close", "请求之后半关闭",    60, a_half_close),
    action("a bad request", "错误的请求",                       80, a_bad_request),
    action("a large file", "大文件",                        12, a_large_file),
    action("a large file, read slowly", "慢慢读大文件",            4, a_large_file_slowly).taking_in(32 * 1024),
    action("a large file, broken off", "中途放弃大文件",            20, a_large_file_broken_off).reset_once_in(2),
    action("a part of a head", "头部的一部分",                    80, a_part_of_a_head).reset_once_in(2),
    action("nothing", "什么也不做",                             50, nothing).reset_once_in(2),
    action("silence", "沉默",                             24, silence),
    action("a flood of requests, nothing read", "大量请求，什么也不读",   16, a_flood).taking_in(4 * 1024).reset_once_in(1),
];

type Run = fn(&mut Visitor, &mut Client) -> Seen;

const fn action(en: &'static str, zh: &'static str, weight: usize, run: Run) -> Action {
    Action { name: [en, zh], weight, long: false, takes_in: None, resets: 0, run }
}

impl Action {
    const fn long(self) -> Action {
        Action { long: true, ..self }
    }

    const fn taking_in(self, bytes: usize) -> Action {
        Action { takes_in: Some(bytes), ..self }
    }

    const fn reset_once_in(self, times: usize) -> Action {
        Action { resets: times, ..self }
    }

    /// What it is called.
    pub fn name(&self) -> Both {
        let [en, zh] = self.name.map(str::to_owned);
        Both { en, zh }
    }

    /// By chance, as often as its weight says. Where a connection serves one request, what needs more is that one.
    pub fn any(dice: &mut Dice, keeps_alive: bool) -> &'static Action {
        let mut left = dice.below(ALL.iter().map(|action| action.weight).sum());
        let chosen = ALL.iter().find(|action| {
            let found = left < action.weight;
            left = left.saturating_sub(action.weight);
            found
        });
        chosen.filter(|action| keeps_alive || !action.long).unwrap_or(&ALL[0])
    }
}

fn one_request(visitor: &mut Visitor, client: &mut Client) -> Seen {
    let asked = [visitor.asks().and_close()];
    client.send(&asked[0].bytes)?;
    all_answered(visitor, client, &asked)
}

fn one_after_another(visitor: &mut Visitor, client: &mut Client) -> Seen {
    let asked = several(visitor, 2..=10);
    for (number, request) in asked.iter().enumerate() {
        client.send(&request.bytes)?;
        answered(visitor, client, request, number, asked.len())?;
    }
    client.closes()?;
    Ok(asked.len())
}

fn a_pipeline(visitor: &mut Visitor, client: &mut Client) -> Seen {
    let asked = several(visitor, PIPELINE);
    client.send(bytes_of(&asked))?;
    all_answered(visitor, client, &asked)
}

fn a_pipeline_in_pieces(visitor: &mut Visitor, client: &mut Client) -> Seen {
    let asked = several(visitor, PIPELINE);
    let bytes = bytes_of(&asked);
    let mut rest = bytes.as_slice();
    for _ in 0..visitor.dice.within(1..=3) {
        let (piece, behind) = rest.split_at(visitor.dice.below(rest.len()));
        client.send(piece)?;
        rest = behind;
        moment(&mut visitor.dice, 2);
    }
    client.send(rest)?;
    all_answered(visitor, client, &asked)
}

fn a_half_close(visitor: &mut Visitor, client: &mut Client) -> Seen {
    let asked = [visitor.asks()];
    client.send(&asked[0].bytes)?.finish();
    all_answered(visitor, client, &asked)
}

/// Behind good requests and before one more, which must not be answered.
fn a_bad_request(visitor: &mut Visitor, client: &mut Client) -> Seen {
    let is_lesson = visitor.shelf.is_of_lesson();
    let good = if visitor.keeps_alive && is_lesson { visitor.dice.below(4) } else { 0 };
    let asked: Vec<Asked> = (0..good).map(|_| visitor.asks()).collect();
    let (bad, statuses) = *visitor.dice.one_of(BAD);
    let mut bytes = [&bytes_of(&asked), bad].concat();
    if visitor.dice.once_in(2) {
        bytes.extend(visitor.asks().bytes);
    }
    client.send(bytes)?;
    for (number, request) in asked.iter().enumerate() {
        answered(visitor, client, request, number, asked.len())?;
    }
    let wrong = |stop: Stop| {
        let sent = visible(bad);
        stop.told(|text| both!("{sent}: {text}", "{sent}：{text}" in text))
    };
    if is_lesson {
        let since = Instant::now();
        let answer = client.answer()?;
        visitor.shelf.is_page(&answer, statuses).map_err(wrong)?;
        visitor.took(since.elapsed(), || Both::same(visible(bad)))?;
        client.closes()?;
    } else {
        // The one place where a reset may come: to close with unread bytes is one, and takes back even an answer.
        match client.answer_or_close() {
            Ok(Some(answer)) => visitor.shelf.is_page(&answer, statuses).map_err(wrong)?,
            Ok(None) | Err(Stop::Failed { symptom: Symptom::Reset, .. }) => {}
            Err(stop) => return Err(stop),
        }
        client.ends()?;
    }
    Ok(asked.len() + 1)
}

fn a_large_file(visitor: &mut Visitor, client: &mut Client) -> Seen {
    let asked = [Asked::large(&mut visitor.dice, visitor.shelf).and_close()];
    client.send(&asked[0].bytes)?;
    all_answered(visitor, client, &asked)
}

fn a_large_file_slowly(visitor: &mut Visitor, client: &mut Client) -> Seen {
    let asked = Asked::large(&mut visitor.dice, visitor.shelf).and_close();
    let since = Instant::now();
    client.send(&asked.bytes)?.answer_to_head()?.expect(&[200])?;
    // The rest comes as slowly as it is read.
    visitor.took(since.elapsed(), || Both::same(asked.name()))?;
    let mut due = asked.file.body.as_slice();
    let length = due.len();
    while !due.is_empty() {
        let (now, later) = due.split_at(visitor.dice.within(1..=32 * 1024).min(due.len()));
        if client.take(now.len())? != now {
            let (name, from) = (asked.name(), length - due.len());
            let to = from + now.len();
            return Err(Stop::other(both!(
                "{name}: not the file from byte {from} to {to}",
                "{name}：第 {from} 到 {to} 字节与文件不同"
            )));
        }
        due = later;
        if visitor.dice.once_in(4) {
            moment(&mut visitor.dice, 2);
        }
    }
    client.closes()?;
    Ok(1)
}

fn a_large_file_broken_off(visitor: &mut Visitor, client: &mut Client) -> Seen {
    let asked = Asked::large(&mut visitor.dice, visitor.shelf);
    client.send(&asked.bytes)?.answer_to_head()?.expect(&[200])?;
    client.skip(visitor.dice.below(asked.file.body.len() / 4))?;
    Ok(0)
}

fn a_part_of_a_head(visitor: &mut Visitor, client: &mut Client) -> Seen {
    let head = b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nUser-Agent: who is gone soon\r\n\r\n";
    client.send(&head[..visitor.dice.within(1..=head.len() - 1)])?;
    moment(&mut visitor.dice, 2);
    Ok(0)
}

fn nothing(_: &mut Visitor, _: &mut Client) -> Seen {
    Ok(0)
}

fn silence(visitor: &mut Visitor, _: &mut Client) -> Seen {
    moment(&mut visitor.dice, 5);
    Ok(0)
}

fn a_flood(visitor: &mut Visitor, client: &mut Client) -> Seen {
    // It may be more than server and system take. That does not matter here, and is not waited for.
    client.set_timeout(Duration::from_millis(5));
    let asked = Asked::large(&mut visitor.dice, visitor.shelf);
    let first = if visitor.dice.once_in(2) { asked } else { visitor.asks() };
    let many = visitor.asks().bytes.repeat(visitor.dice.within(10..=1000));
    let _ = client.send([first.bytes, many].concat());
    moment(&mut visitor.dice, 5);
    Ok(0)
}

/// So many requests, and the connection ends with the last.
fn several<'s>(visitor: &mut Visitor<'s>, range: std::ops::RangeInclusive<usize>) -> Vec<Asked<'s>> {
    let number = visitor.dice.within(range);
    let mut asked: Vec<Asked> = (1..number).map(|_| visitor.asks()).collect();
    asked.push(visitor.asks().and_close());
    asked
}

fn bytes_of(asked: &[Asked]) -> Vec<u8> {
    asked.iter().flat_map(|request| &request.bytes).copied().collect()
}

/// Each in its turn, and nothing behind the last.
fn all_answered(visitor: &mut Visitor, client: &mut Client, asked: &[Asked]) -> Seen {
    for (number, request) in asked.iter().enumerate() {
        answered(visitor, client, request, number, asked.len())?;
    }
    client.closes()?;
    Ok(asked.len())
}

fn answered(visitor: &mut Visitor, client: &mut Client, asked: &Asked, number: usize, all: usize) -> Outcome {
    // Of several that were sent at once, each is waited for when the one before it is there.
    let since = Instant::now();
    let seen = asked.answered(client, visitor.shelf, &mut visitor.copies);
    let took = since.elapsed();
    let name = asked.name();
    let which = match all {
        1 => Both::same(name),
        _ => both!("request {0} of {all}, {name}", "{all} 个请求中的第 {0} 个，{name}"; number + 1),
    };
    seen.map_err(|stop| stop.told(|text| both!("{which}: {text}", "{which}：{text}" in which, text)))?;
    visitor.took(took, || which.clone())
}

/// So long, in milliseconds, or shorter: for the server to see that nothing comes.
fn moment(dice: &mut Dice, most: usize) {
    match dice.below(most + 1) {
        0 => thread::yield_now(),
        milliseconds => thread::sleep(Duration::from_millis(milliseconds as u64)),
    }
}
