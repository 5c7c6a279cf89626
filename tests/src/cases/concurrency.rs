//! Several clients at a time, in ways that a listen backlog cannot fool: that a connection can be *made* proves
//! nothing, only an answer does. And how long one client may
//! take.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::net::{RecvFlags, recv};

use crate::case::Cause;
use crate::process::{clients_held_at, until};
use crate::server::Setup;
use crate::site::{BIG, HUGE, Site};
use crate::stages::Symptom;
use crate::trial::get;
use crate::{Case, Client, Group, Outcome, PATIENT, Stop, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Concurrency, "a-silent-client-holds-up-no-one", a_silent_client_holds_up_no_one)
        .why("A browser opens connections that it does not use yet. Where each of them stops the server, nobody is served.")
        .zh(
            "沉默的客户端拖不住别人",
            "浏览器会预先打开一些暂时用不到的连接。每条这样的连接都能让服务器停下来的话，谁也得不到服务。",
        )
        .lesson("lesson 03: a process for each client"),
    Case::new(
        Group::Concurrency,
        "a-hundred-silent-clients-hold-up-no-one",
        a_hundred_silent_clients_hold_up_no_one,
    )
    .why(
        "A handful of workers hides the trouble with silent clients for as long as there are fewer of those than workers. \
         A hundred cost an attacker nothing.",
    )
    .zh(
        "一百个沉默的客户端也拖不住别人",
        "只要沉默的客户端还没有工作线程多，问题就被掩盖着。而攻击者凑够一百个，毫不费力。",
    )
    .lesson("lesson 03: a process for each client"),
    Case::new(Group::Concurrency, "the-last-to-come-may-be-the-first-to-go", the_last_to_come_may_be_the_first_to_go)
        .why(
            "Clients are not ready in the order in which they connect. A server that insists on that order makes all wait \
             for the slowest.",
        )
        .zh(
            "最后来的客户端可以最先走",
            "客户端不是按连接的次序就绪的。服务器要是非按这个次序来，所有人都得等最慢的那一个。",
        )
        .lesson("lesson 03: a process for each client"),
    Case::new(Group::Concurrency, "a-trickling-client-holds-up-no-one", a_trickling_client_holds_up_no_one)
        .why(
            "A client that sends a byte now and then is never silent for long, and never ready. While the server waits for \
             the rest of its head, others want to be served.",
        )
        .zh(
            "慢速发送的客户端拖不住别人",
            "隔一阵发一个字节的客户端，从不沉默太久，却也从不就绪。服务器等它把头部发完的时候，别人也要得到服务。",
        )
        .lesson("lesson 03: a process for each client"),
    Case::new(
        Group::Concurrency,
        "a-client-that-never-reads-holds-up-no-one",
        a_client_that_never_reads_holds_up_no_one,
    )
    .why(
        "Sending waits too: once the buffers on the way are full, the server can go on only when the client reads. Small \
         answers never show it, because they fit in the buffers.",
    )
    .zh(
        "从不读响应的客户端拖不住别人",
        "发送也会等待：途中的缓冲区一满，就要等客户端读走一些才能继续。响应小的时候看不出来，因为缓冲区放得下。",
    )
    .lesson("lesson 05: a write that takes only part"),
    Case::new(Group::Concurrency, "a-slow-reader-gets-every-byte", a_slow_reader_gets_every_byte)
        .why(
            "A socket may take fewer bytes than it is given, and says how many. A server that does not go on from there \
             loses or doubles a piece of each large file, for clients with a slow line only.",
        )
        .zh(
            "读得慢的客户端一个字节也不少",
            "套接字收下的可能比交给它的少，并且会说明收下了多少。服务器要是不从那里接着发，\
             每个大文件都会丢失或重复一段，而且只有线路慢的客户端才会碰上。",
        )
        .lesson("lesson 05: a write that takes only part"),
    Case::new(Group::Concurrency, "a-silent-client-is-dropped-in-time", a_silent_client_is_dropped_in_time)
        .why(
            "Whoever has gone without a word (a phone out of reach, a machine without power) stays connected for ever, as \
             far as the server can see. Only a clock ends it.",
        )
        .zh(
            "沉默的客户端到时就断开",
            "不辞而别的客户端（手机没了信号，机器断了电），在服务器看来会永远连着。只有计时才能了结它。",
        )
        .lesson("lesson 01: how long to wait for a client"),
    Case::new(Group::Concurrency, "a-trickling-client-is-dropped-in-time", a_trickling_client_is_dropped_in_time)
        .why(
            "A clock that starts anew with each byte can be kept from ever running out: a byte a second holds a connection \
             for hours (Slowloris). The deadline has to be that of the whole head.",
        )
        .zh(
            "慢速发送的客户端到时就断开",
            "每来一个字节就重新计时，时间就可以永远不到：一秒一个字节，能占住一条连接几个小时（Slowloris）。\
             截止时间必须针对整个头部。",
        )
        .lesson("lesson 01: how long to wait for a client"),
    Case::new(Group::Concurrency, "a-client-that-stops-reading-is-dropped", a_client_that_stops_reading_is_dropped)
        .why(
            "A client that asks for a large file and takes none of it holds a connection, an open file and memory. When \
             nothing has moved for as long as a client may be silent, it is not slow: it is gone.",
        )
        .zh(
            "不再读取的客户端会被断开",
            "客户端请求一个大文件，却一点也不取，就占着一条连接、一个打开的文件和一些内存。\
             过了允许沉默的时间仍然毫无进展，那就不是慢，而是已经走了。",
        )
        .lesson("lesson 02: how long to wait for a client that does not read"),
    Case::new(
        Group::Concurrency,
        "who-reads-little-by-little-is-not-dropped",
        who_reads_little_by_little_is_not_dropped,
    )
    .why(
        "A large answer over a slow line takes longer than a client may be silent. As long as something of it goes out \
         now and then, nobody is silent: a deadline for the whole answer would end every long download.",
    )
    .zh(
        "一点一点读的客户端不会被断开",
        "线路慢，响应大，发送的时间就会超过客户端可以沉默的时间。只要隔一阵还能发出去一些，就不算沉默。\
         要是给整个响应定一个截止时间，每次漫长的下载都会被掐断。",
    )
    .lesson("lesson 02: how long to wait for a client that does not read"),
    Case::new(Group::Concurrency, "large-downloads-hold-up-no-one", large_downloads_hold_up_no_one)
        .why(
            "A client with a fast line takes whatever it is given, and a write to it never has to wait. A server that goes \
             on for as long as that is so sends one client its whole file while all others stand by.",
        )
        .zh(
            "下载大文件的客户端拖不住别人",
            "线路快的客户端给多少取多少，向它写数据从来不用等。服务器要是只要不用等就一直写，\
             就会把整个文件发给一个客户端，别的都在旁边等着。",
        )
        .lesson("lesson 05: a step at a time"),
    Case::new(Group::Concurrency, "a-fast-download-gives-way", a_fast_download_gives_way)
        .why(
            "A client that reads as fast as it is sent to always has room for more. To write until the socket is full, as one \
             often reads about epoll, is then to send to it alone; a piece at a time, and the others in between, costs it \
             nothing.",
        )
        .zh(
            "下载再快，也要给别人让路",
            "服务器发多快，客户端就读多快，套接字里便总有空位。讲 epoll 的文章常说“一直写到套接字满为止”，\
             照做就成了只为它一个服务。一次发一段，中间轮到别人，它一点也不吃亏。",
        )
        .strict()
        .lesson("lesson 07: a turn that is bounded"),
    Case::new(
        Group::Concurrency,
        "a-pipelining-client-starves-no-one",
        a_pipelining_client_starves_no_one,
    )
    .why(
        "A client that sends one request behind the other has always something in the inbox. A server that first answers \
         all of that never comes to anybody else.",
    )
    .zh(
        "流水线请求不会让别人饥饿",
        "请求一个接一个地发来，输入缓冲区里就总有内容。服务器要是先把它们全部回答完，就永远轮不到别人。",
    )
    .lesson("lesson 06: who is next"),
];

/// How long to wait beside silent clients: not until the server has had enough of them, for then it is free for
/// anybody.
fn wait_for_others(trial: &mut Trial) -> Result<Duration, Stop> {
    Ok(trial.wait().min(trial.server()?.timeout() / 2))
}

/// Somebody else's request for this target is answered while `these` are as they are. Where it is not, it is as soon as
/// they have gone: only then were they the reason.
fn served_beside<T>(trial: &mut Trial, these: T, target: &str) -> Result<T, Stop> {
    let mut live = trial.connect()?;
    live.set_timeout(wait_for_others(trial)?);
    match live.send(get(target))?.answer() {
        Ok(answer) => answer.expect(&[200]).map(|_| these),
        Err(stop) => {
            drop(these);
            live.set_timeout(PATIENT);
            live.answer()?.expect(&[200])?;
            Err(stop)
        }
    }
}

fn a_silent_client_holds_up_no_one(trial: &mut Trial) -> Outcome {
    let silent = trial.connect()?;
    served_beside(trial, silent, "/").map(drop)
}

fn a_hundred_silent_clients_hold_up_no_one(trial: &mut Trial) -> Outcome {
    let silent: Vec<Client> = (0..100).map(|_| trial.connect()).collect::<Result<_, _>>()?;
    served_beside(trial, silent, "/").map(drop)
}

fn the_last_to_come_may_be_the_first_to_go(trial: &mut Trial) -> Outcome {
    let mut clients: Vec<Client> = (0..5).map(|_| trial.connect()).collect::<Result<_, _>>()?;
    while let Some(mut last) = clients.pop() {
        last.set_timeout(wait_for_others(trial)?);
        if let Err(stop) = last.send(get("/"))?.answer() {
            drop(clients);
            last.set_timeout(PATIENT);
            last.answer()?.expect(&[200])?;
            return Err(stop);
        }
    }
    Ok(())
}

fn a_trickling_client_holds_up_no_one(trial: &mut Trial) -> Outcome {
    let mut trickling = trial.connect()?;
    for byte in get("/").bytes() {
        trickling = served_beside(trial, trickling, "/")?;
        trickling.send([byte])?;
    }
    trickling.answer()?.expect(&[200]).map(|_| ())
}

fn a_client_that_never_reads_holds_up_no_one(trial: &mut Trial) -> Outcome {
    let mut stuck = trial.connect_narrow()?;
    stuck.send(get("/huge.bin"))?.answer_to_head()?.expect(&[200])?;
    // More than fits on the way to the one that never reads: once this has come, that way is full.
    let stuck = served_beside(trial, stuck, "/big.bin")?;
    served_beside(trial, stuck, "/").map(drop)
}

fn a_slow_reader_gets_every_byte(trial: &mut Trial) -> Outcome {
    const PIECE: usize = 64 * 1024;
    let whole = Site::big();
    let mut slow = trial.connect_narrow()?;
    slow.send(get("/big.bin"))?.answer_to_head()?.expect(&[200])?;
    for (number, piece) in whole.chunks(PIECE).enumerate() {
        let came = slow.take(piece.len())?;
        if let Some(wrong) = came.iter().zip(piece).position(|(came, due)| came != due) {
            let at = number * PIECE + wrong;
            return Err(Stop::other(both!(
                "byte {at} of {BIG} of the body is not that of the file",
                "正文共 {BIG} 字节，第 {at} 字节与文件不同"
            )));
        }
        // Who serves several at a time comes back to this one again and again.
        if trial.stage().number() > 2 {
            slow = served_beside(trial, slow, "/")?;
        }
    }
    Ok(())
}

fn a_silent_client_is_dropped_in_time(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { timeout: Some(1), ..Setup::default() })?;
    let timeout = trial.server()?.timeout();
    for sent in ["", "GET / HTTP/1.1\r\nHost: loc"] {
        let start = Instant::now();
        let mut silent = trial.connect()?;
        silent.send(sent)?.set_timeout(trial.beyond(timeout));
        silent.ends().map_err(|stop| stop.because(Cause::NoDeadline))?;
        not_too_early(start, timeout)?;
    }
    trial.alive()
}

fn a_trickling_client_is_dropped_in_time(trial: &mut Trial) -> Outcome {
    with_time_enough(trial, is_a_trickling_client_dropped)
}

/// A case that has to do something now and then within the time that a client may be silent. A machine may be too busy
/// for that: then once more where that time is long.
pub(super) fn with_time_enough(trial: &mut Trial, look: fn(&mut Trial) -> Outcome) -> Outcome {
    const SHORT: u16 = 1;
    const LONG: u16 = 8;
    trial.restart(&Setup { timeout: Some(SHORT), ..Setup::default() })?;
    match look(trial) {
        Err(Stop::NotLookedAt(_)) => {
            trial.restart(&Setup { timeout: Some(LONG), ..Setup::default() })?;
            look(trial)
        }
        outcome => outcome,
    }
}

fn is_a_trickling_client_dropped(trial: &mut Trial) -> Outcome {
    let timeout = trial.server()?.timeout();
    let enough = Instant::now() + trial.beyond(2 * timeout);
    let mut trickling = trial.connect()?;
    trickling.send("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")?;
    let start = Instant::now();
    while Instant::now() < enough {
        let sent = Instant::now();
        trickling.send("z")?;
        if trickling.hears_within(timeout / 5) {
            trickling.ends()?;
            return not_too_early(start, timeout);
        }
        if sent.elapsed() > timeout * 4 / 5 {
            return Err(Stop::NotLookedAt(both!(
                "this machine is too busy to send a byte now and then",
                "本机太忙，无法做到不时发送一个字节"
            )));
        }
    }
    let seconds = start.elapsed().as_secs_f32();
    Err(Stop::with(
        Symptom::StaysOpen,
        both!(
            "the head was not whole after {seconds:.1} s, and the client still connected",
            "过了 {seconds:.1} 秒头部还不完整，客户端却仍然连着"
        ),
    ))
}

fn a_client_that_stops_reading_is_dropped(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { timeout: Some(1), ..Setup::default() })?;
    let timeout = trial.server()?.timeout();
    let port = trial.server()?.address().port();
    let start = Instant::now();
    let mut stuck = trial.connect_narrow()?;
    stuck.set_timeout(trial.beyond(timeout));
    stuck.send(get("/huge.bin"))?.answer_to_head()?.expect(&[200])?;
    let held = || clients_held_at(port).contains(&stuck.port());
    if !held() {
        return Err(Stop::NotLookedAt(both!(
            "this machine does not show who holds a connection",
            "本机看不出连接由谁持有"
        )));
    }
    // A client that does not read is not told of a close either.
    if !until(trial.beyond(timeout), || !held()) {
        return Err(Stop::with(
            Symptom::StaysOpen,
            both!("nothing moves, and the server keeps the connection", "数据毫无进展，服务器却一直保留连接"),
        ));
    }
    not_too_early(start, timeout)
}

fn who_reads_little_by_little_is_not_dropped(trial: &mut Trial) -> Outcome {
    with_time_enough(trial, may_who_reads_little_by_little_stay)
}

fn may_who_reads_little_by_little_stay(trial: &mut Trial) -> Outcome {
    const PIECE: usize = 64 * 1024;
    /// Whoever takes so many pieces in the time that a client may be silent, takes enough for the server to go on: more
    /// than the third of its buffer that has to be free before the kernel tells of it.
    const ENOUGH: usize = 32;
    let (timeout, port) = (trial.server()?.timeout(), trial.server()?.address().port());
    // Less than some segments of this machine to itself, and TCP would wait for its own timers.
    let mut slow = trial.connect_taking(4 * PIECE)?;
    // To open a large file may take a while, of a server that reads all of it first.
    slow.set_timeout(trial.beyond(timeout));
    slow.send(get("/huge.bin"))?.answer_to_head()?.expect(&[200])?;
    let mut taken = vec![Instant::now()];
    // Longer than anyone may be silent, and not much longer.
    let enough = timeout + (timeout / 2).max(Duration::from_secs(2));
    while taken[0].elapsed() < enough && slow.skip(PIECE).is_ok() {
        taken.push(Instant::now());
        thread::sleep(Duration::from_millis(10));
    }
    // What is on its way still comes from a server that has given up.
    if taken[0].elapsed() >= enough && clients_held_at(port).contains(&slow.port()) {
        return Ok(());
    }
    let slowest = taken.windows(ENOUGH + 1).map(|times| times[ENOUGH] - times[0]).max().unwrap_or(Duration::MAX);
    if slowest > timeout / 2 {
        return Err(Stop::NotLookedAt(both!(
            "this machine is too busy to read a little again and again",
            "本机太忙，无法做到每隔一会儿就读一点"
        )));
    }
    let text = both!(
        "it gives up a client that never takes longer than {slowest:.1?} for {ENOUGH} pieces of {PIECE} bytes",
        "客户端读 {ENOUGH} 段、每段 {PIECE} 字节，从未超过 {slowest:.1?}，服务器却断开了它"
    );
    Err(Stop::with(Symptom::Closes, text))
}

/// So many answers are waited for beside noise. Seldom is one of them late by chance, and hardly ever most of them.
const BESIDE_NOISE: usize = 9;

/// How much of `noise` goes by while a small answer is waited for, in bytes, and how long that takes: of several, the
/// one in the middle. Counted in bytes, it does not matter how fast or how busy the machine is.
fn waits_beside(trial: &mut Trial, noise: &Noise) -> Result<(u64, Duration), Stop> {
    if !until(PATIENT, || noise.got() > 0) {
        return Err(Stop::other(both!(
            "several clients who ask for much do not get on",
            "几个请求大量数据的客户端没有进展"
        )));
    }
    Ok(each_wait_beside(trial, noise, BESIDE_NOISE)?[BESIDE_NOISE / 2])
}

/// The same for each of so many answers, the one with the least first.
fn each_wait_beside(trial: &mut Trial, noise: &Noise, answers: usize) -> Result<Vec<(u64, Duration)>, Stop> {
    let mut waits = Vec::new();
    for _ in 0..answers {
        let (start, before) = (Instant::now(), noise.got());
        trial.get("/")?.expect(&[200])?;
        waits.push((noise.got() - before, start.elapsed()));
    }
    waits.sort();
    Ok(waits)
}

fn large_downloads_hold_up_no_one(trial: &mut Trial) -> Outcome {
    /// A server that sends one file whole before it looks at others is over it each time.
    const MOST: u64 = HUGE / 2;
    let download = "GET /huge.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let downloads = Noise::of(trial.server()?.address(), 4, download, "");
    let (bytes, time) = waits_beside(trial, &downloads)?;
    if bytes <= MOST {
        return Ok(());
    }
    let text = both!(
        "while a small answer was waited for, {} MiB of large ones were sent in {time:.1?}",
        "等一个小响应的 {time:.1?} 里，服务器发送了 {} MiB 的大响应"; bytes >> 20
    );
    Err(Stop::with(Symptom::Waits, text))
}

fn a_fast_download_gives_way(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 8;
    const ANSWERS: usize = 30;
    /// In bytes, for each of them a few pieces while a small request is accepted, read and answered: nginx, told to
    /// send files in pieces of 2 MiB, sends two. A server that writes until the socket is full sends many times as much
    /// now and then, and nothing where just then nobody has room for more: the mean tells.
    const MOST: u64 = CLIENTS as u64 * (5 << 20);
    // On a busy machine, it may be the client that is late, for a while. What fails on others is repeated as a whole.
    let looks = if trial.is_lesson() { 2 } else { 1 };
    with_one_worker(trial)?;
    let download = "GET /huge.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let downloads = Noise::discarding(trial.server()?.address(), CLIENTS, download);
    if !until(PATIENT, || downloads.got() > MOST) {
        return Err(Stop::other(both!(
            "several clients who ask for a large file do not get on",
            "几个请求大文件的客户端没有进展"
        )));
    }
    let mut bytes = u64::MAX;
    for _ in 0..looks {
        let waits = each_wait_beside(trial, &downloads, ANSWERS)?;
        bytes = bytes.min(waits.iter().map(|(bytes, _)| bytes).sum::<u64>() / ANSWERS as u64);
        if bytes <= MOST {
            return Ok(());
        }
    }
    let text = both!(
        "while a small answer was waited for, {} MiB on average were sent to {CLIENTS} clients that read fast",
        "等一个小响应期间，平均有 {} MiB 发给了 {CLIENTS} 个读得快的客户端"; bytes >> 20
    );
    Err(Stop::with(Symptom::Waits, text))
}

/// With one worker, nobody else can serve those who are held up.
pub(super) fn with_one_worker(trial: &mut Trial) -> Outcome {
    let arguments = if trial.stage().has_workers() { vec!["--workers".to_owned(), "1".to_owned()] } else { Vec::new() };
    trial.restart(&Setup { arguments, ..Setup::default() })
}

fn a_pipelining_client_starves_no_one(trial: &mut Trial) -> Outcome {
    // Others, nginx and lighttpd among them, answer a thousand requests of a connection in a row and then close it:
    // that is late, and bounded.
    let most = if trial.is_lesson() { 1000 } else { 5000 };
    with_one_worker(trial)?;
    let answer = trial.get("/hello.txt")?;
    // Behind an odd number of bytes, requests of an even length do not end where a read of a round number of bytes
    // does: there is always the beginning of another in the inbox.
    let (odd, even) = (get("/"), get("/hello.txt").repeat(1000));
    let pipelining = Noise::of(trial.server()?.address(), 2, &odd, &even);
    let (bytes, time) = waits_beside(trial, &pipelining)?;
    let answers = bytes / (answer.head.len() + answer.body.len()) as u64;
    if answers <= most {
        return Ok(());
    }
    let text = both!(
        "while one answer was waited for, {answers} were given to clients who pipeline, in {time:.1?}",
        "等一个响应的 {time:.1?} 里，服务器给以流水线方式发请求的客户端响应了 {answers} 次"
    );
    Err(Stop::with(Symptom::Waits, text))
}

/// Clients that send something, and then more and more without a pause, and read as fast as they can.
pub(super) struct Noise {
    got: Arc<AtomicU64>,
    enough: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// How a client takes what has come: how many bytes.
type Take = fn(&TcpStream, &mut [u8]) -> io::Result<usize>;

impl Noise {
    pub(super) fn of(address: SocketAddr, clients: usize, first: &str, more: &str) -> Noise {
        Noise::taken_by(|mut stream, room| stream.read(room), address, clients, first, more)
    }

    /// Clients that ask for one thing on a connection, and are faster than any server: they have the kernel throw away
    /// what comes.
    fn discarding(address: SocketAddr, clients: usize, request: &str) -> Noise {
        Noise::taken_by(discard, address, clients, request, "")
    }

    fn taken_by(take: Take, address: SocketAddr, clients: usize, first: &str, more: &str) -> Noise {
        let (got, enough) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let make = || {
            let (got, enough) = (Arc::clone(&got), Arc::clone(&enough));
            let (first, more) = (first.to_owned(), more.to_owned());
            thread::spawn(move || {
                while !enough.load(Ordering::Relaxed) {
                    let _ = make_noise(take, address, &first, &more, &got, &enough);
                }
            })
        };
        let threads = (0..clients).map(|_| make()).collect();
        Noise { got, enough, threads }
    }

    /// How many bytes have come to them.
    pub(super) fn got(&self) -> u64 {
        self.got.load(Ordering::Relaxed)
    }
}

impl Drop for Noise {
    fn drop(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// With `MSG_TRUNC` a TCP socket of Linux copies nothing, see tcp(7).
fn discard(stream: &TcpStream, room: &mut [u8]) -> io::Result<usize> {
    let flags = if cfg!(target_os = "linux") { RecvFlags::TRUNC } else { RecvFlags::empty() };
    let (_, length) = recv(stream, room, flags)?;
    Ok(length)
}

/// One connection, until the server closes it (then there is another) or it is enough.
fn make_noise(
    take: Take,
    address: SocketAddr,
    first: &str,
    more: &str,
    got: &AtomicU64,
    enough: &AtomicBool,
) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_millis(100)))?;
    stream.set_write_timeout(Some(PATIENT))?;
    // In one piece, so that a read that takes the first takes of the others too.
    stream.write_all(format!("{first}{more}").as_bytes())?;
    let (mut writer, more) = (stream.try_clone()?, more.to_owned());
    let writing = thread::spawn(move || while !more.is_empty() && writer.write_all(more.as_bytes()).is_ok() {});
    let mut piece = vec![0; 256 * 1024];
    while !enough.load(Ordering::Relaxed) {
        match take(&stream, &mut piece) {
            Ok(length @ 1..) => drop(got.fetch_add(length as u64, Ordering::Relaxed)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            _ => break,
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
    let _ = writing.join();
    Ok(())
}

/// A client may be silent for as long as is stated; half of it will do, since some clocks are coarse.
fn not_too_early(start: Instant, timeout: Duration) -> Outcome {
    let waited = start.elapsed();
    if waited >= timeout / 2 {
        return Ok(());
    }
    let (waited, timeout) = (waited.as_secs_f32(), timeout.as_secs_f32());
    Err(Stop::with(
        Symptom::Closes,
        both!(
            "dropped after {waited:.1} s, though a client may be silent for {timeout} s",
            "客户端可以沉默 {timeout} 秒，却在 {waited:.1} 秒后就被断开了"
        ),
    ))
}
