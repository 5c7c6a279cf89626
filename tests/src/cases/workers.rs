//! What several workers are for, and what the kernel can do at once.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;
use std::net::TcpStream;
use std::time::Duration;

use crate::held::Held;
use crate::language::{Both, reason};
use crate::process::{Process, until};
use crate::server::Setup;
use crate::stages::Symptom;
use crate::tracer::Tracer;
use crate::trial::get;
use crate::{Case, Client, Group, Outcome, PATIENT, Stop, Trial, all_answered, both};

pub(super) const CASES: &[Case] = &[
    Case::new(
        Group::Model,
        "a-busy-worker-holds-up-only-its-own-clients",
        a_busy_worker_holds_up_only_its_own_clients,
    )
    .why(
        "One loop serves thousands of clients, and one request that costs it much holds up all of them: a large page to be \
         compressed, a disk that does not answer. With a loop on each core the other loops go on, if the clients are \
         shared out among them.",
    )
    .zh(
        "忙碌的工作线程只拖住自己的客户端",
        "一个循环服务几千个客户端，一个费时的请求就会拖住他们全部：要压缩的大网页，没有反应的磁盘。每个核一个循环，\
         只要客户端分摊得开，别的循环就照常运行。",
    )
    .lesson("lesson 09: a loop on every core"),
    Case::new(
        Group::Model,
        "clients-are-shared-among-the-workers",
        clients_are_shared_among_the_workers,
    )
    .why(
        "A client stays with the worker that accepted it. Where all wait for the same listener, whoever wakes first takes \
         all who are there, and later one core has the work while the others have nothing to do.",
    )
    .zh(
        "客户端在工作线程之间分摊",
        "客户端由哪个工作线程接受，就一直归它。大家都等同一个监听套接字，先醒来的就会把已经到的全部接走，\
         以后忙的只有一个核，别的都没有事做。",
    )
    .strict()
    .lesson("lesson 09: a fair share"),
    Case::new(
        Group::Model,
        "a-client-comes-among-many-requests",
        a_client_comes_among_many_requests,
    )
    .why(
        "A server that has been busy finds hundreds of requests at once, and new clients behind them. What it keeps them \
         in has an end: a list of events, a queue. At that end it must lose nobody, and not end itself.",
    )
    .zh(
        "大量请求当中来的新客户端不会丢",
        "服务器忙过一阵之后，会一下子看到几百个请求，后面还有新的客户端。存放它们的地方总有尽头：一张事件列表，\
         一个队列。到了尽头，不能丢掉谁，也不能自己结束。",
    )
    .lesson("lesson 11: two queues"),
    Case::new(
        Group::Model,
        "pipelined-requests-are-not-waited-for",
        pipelined_requests_are_not_waited_for,
    )
    .why(
        "What has been read already is no news to the kernel. A server that asks for news after each step makes several \
         system calls more for each request than it takes to answer it.",
    )
    .zh(
        "已收到的流水线请求不必等通知",
        "已经读到的内容，对内核来说不是新消息。每走一步就去问一次有没有新消息，\
         每个请求就要比实际所需多花好几次系统调用。",
    )
    .lesson("lesson 07: each goes on until it would wait"),
    Case::new(
        Group::Model,
        "a-system-call-serves-many-requests",
        a_system_call_serves_many_requests,
    )
    .why(
        "Readiness costs two system calls for each request at least: one that reads, one that writes. Where the kernel is \
         asked for the work itself, one call hands over what many clients need, and brings what has been done for others.",
    )
    .zh(
        "一次系统调用服务许多请求",
        "用就绪通知，每个请求至少要两次系统调用：一次读，一次写。直接请内核把事情做完，\
         一次调用就能交出许多客户端要做的操作，并带回已经替别的客户端做完的结果。",
    )
    .lesson("lesson 11: two queues"),
];

fn a_busy_worker_holds_up_only_its_own_clients(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 64;
    /// So many at least are another worker's.
    const ENOUGH: usize = CLIENTS / 4;
    let arguments = with_workers(trial, "2", &[]);
    trial.restart(&Setup { timeout: Some(60), arguments, ..Setup::default() })?;
    let process = trial.process()?;
    let mut others = answered(trial, CLIENTS)?;
    let mut first = others.remove(0);

    let before = process.running_times();
    for _ in 0..200 {
        first.send(get("/"))?.answer()?.expect(&[200])?;
    }
    let held = Held::thread(busiest_since(&before, process)?).map_err(Stop::NotLookedAt)?;
    for client in &mut others {
        client.send(get("/"))?;
    }
    let mut heard = 0;
    let wait = trial.wait();
    until(wait, || {
        heard =
            others.iter_mut().filter_map(|client| client.hears_within(Duration::from_millis(1)).then_some(())).count();
        heard >= ENOUGH
    });
    drop(held);
    for client in &mut others {
        client.answer()?.expect(&[200])?;
    }
    if heard >= ENOUGH {
        return Ok(());
    }
    let text = both!(
        "while the thread that served a first client was held, {heard} of {} others were answered in {wait:.1?}",
        "服务第一个客户端的线程被停住时，另外 {} 个客户端中只有 {heard} 个在 {wait:.1?} 里得到了响应"; others.len()
    );
    Err(Stop::with(Symptom::Waits, text))
}

fn clients_are_shared_among_the_workers(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 64;
    /// Where whoever wakes first takes all who are there, the other of two workers often has a few, but not always.
    const ENOUGH: usize = CLIENTS / 4;
    const LOOKS: usize = 6;
    /// On a busy machine, a worker may come too late once.
    const BAD_LOOKS: usize = 1;
    let arguments = with_workers(trial, "2", &[]);
    trial.restart(&Setup { timeout: Some(60), arguments, ..Setup::default() })?;
    let process = trial.process()?;
    let mut bad = Vec::new();
    for _ in 0..LOOKS {
        // A worker that has not begun yet has no share.
        until(PATIENT, || process.family().into_iter().all(Process::is_at_rest));
        let before = process.watched();
        if before.len() < 2 {
            return Err(Stop::NotLookedAt(both!(
                "it has no two epoll instances, so what each worker watches cannot be seen",
                "它没有两个 epoll 实例，看不出每个工作线程在监视什么"
            )));
        }
        let address = trial.server()?.address();
        let clients: io::Result<Vec<TcpStream>> = (0..CLIENTS).map(|_| TcpStream::connect(address)).collect();
        let clients = clients.map_err(|error| Stop::unconnected(&error))?;
        let added = || {
            process.watched().into_iter().map(|(one, now)| now.saturating_sub(before.get(&one).copied().unwrap_or(0)))
        };
        if !until(PATIENT, || added().sum::<usize>() >= CLIENTS) {
            return Err(Stop::NotLookedAt(both!(
                "not every client is watched by an epoll instance of its own",
                "不是每个客户端都由各自的一个 epoll 实例监视"
            )));
        }
        let mut shares: Vec<usize> = added().collect();
        // The first two: a server may have another for its signals.
        shares.sort_unstable_by_key(|share| Reverse(*share));
        if shares[1] < ENOUGH {
            bad.push((shares[0], shares[1]));
        }
        if bad.len() > BAD_LOOKS {
            break;
        }
        drop(clients);
        until(PATIENT, || process.watched() == before);
    }
    if bad.len() <= BAD_LOOKS {
        return Ok(());
    }
    let shares = Both::of(|language| {
        let shares: Vec<String> =
            bad.iter().map(|(most, least)| format!("{most} {} {least}", language.say("to", "比"))).collect();
        shares.join(language.say(", and then ", "，之后 "))
    });
    Err(Stop::other(both!(
        "{CLIENTS} clients who came at once were shared out {shares} (grep -c tfd /proc/PID/fdinfo/* shows it, too)",
        "一起来的 {CLIENTS} 个客户端，在工作线程之间的分配是 {shares}（用 grep -c tfd /proc/PID/fdinfo/* 也能看到）" in shares
    )))
}

/// What a lesson is started with: so many workers besides, if it can have several.
fn with_workers(trial: &Trial, workers: &str, arguments: &[&str]) -> Vec<String> {
    let workers: &[&str] = if trial.stage().has_workers() { &["--workers", workers] } else { &[] };
    [arguments, workers].concat().into_iter().map(str::to_owned).collect()
}

/// The thread of this server that has run longest since then.
fn busiest_since(before: &BTreeMap<i32, Duration>, process: Process) -> Result<i32, Stop> {
    let hidden = || both!("this system does not say how long a thread has run", "本系统不提供线程运行了多久");
    process.busiest_since(before).ok_or_else(|| Stop::NotLookedAt(hidden()))
}

/// Clients that have been answered once, one after the other, and are there.
fn answered(trial: &mut Trial, number: usize) -> Result<Vec<Client>, Stop> {
    let mut clients = Vec::with_capacity(number);
    for _ in 0..number {
        let mut client = trial.connect()?;
        client.send(get("/"))?.answer()?.expect(&[200])?;
        clients.push(client);
    }
    Ok(clients)
}

/// With a new client they ask for 257 things to be done, and a queue often has room for 256. One that has gone may
/// count for a moment longer, so more are allowed.
fn a_client_comes_among_many_requests(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 255;
    const REQUESTS: usize = 100;
    let arguments = with_workers(trial, "1", &["--per-client", "512"]);
    trial.restart(&Setup { timeout: Some(60), arguments, ..Setup::default() })?;
    let process = trial.process()?;
    let before = process.running_times();
    let mut clients = answered(trial, CLIENTS)?;
    let held = Held::thread(busiest_since(&before, process)?).map_err(Stop::NotLookedAt)?;
    for client in &mut clients {
        client.send(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(REQUESTS))?;
    }
    drop(held);
    for _ in 0..20 {
        let mut last = trial.connect()?;
        last.send(get("/"))?.answer()?.expect(&[200])?;
        last.finish().ends()?;
    }
    for client in &mut clients {
        for _ in 0..REQUESTS {
            client.answer_to_head()?.expect(&[200])?;
        }
    }
    Ok(())
}

/// The requests of one client come all at once.
fn pipelined_requests_are_not_waited_for(trial: &mut Trial) -> Outcome {
    const REQUESTS: usize = 64;
    const SERIES: usize = 5;
    // A write for each, and a little for reading, waiting and giving way to others. Other servers may open a file each
    // time, and do more besides.
    let enough = REQUESTS as u64 * if trial.is_lesson() { 4 } else { 16 };
    let arguments = ["--quiet", "--keep-files", "60"].map(str::to_owned).to_vec();
    trial.restart(&Setup { timeout: Some(60), arguments, ..Setup::default() })?;
    let mut client = trial.connect()?;
    client.send(get("/"))?.answer()?.expect(&[200])?;
    let tracer = Tracer::of(trial.process()?).map_err(Stop::NotLookedAt)?;
    let fewest = tracer.fewest_calls(SERIES, || {
        client.send(get("/").repeat(REQUESTS))?;
        (0..REQUESTS).try_for_each(|_| client.answer()?.expect(&[200]).map(drop))
    })?;
    drop(tracer);
    if fewest <= enough {
        return Ok(());
    }
    let text = both!(
        "{REQUESTS} requests that came at once cost the server {fewest} system calls",
        "一次发来的 {REQUESTS} 个请求，花了服务器 {fewest} 次系统调用"
    );
    Err(Stop::with(Symptom::Calls, text))
}

/// A server that is traced is slow: while it is at its first calls, all clients have sent their requests.
fn a_system_call_serves_many_requests(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 64;
    const SERIES: usize = 10;
    let arguments = with_workers(trial, "1", &["--quiet", "--keep-files", "60"]);
    trial.restart(&Setup { timeout: Some(60), arguments, ..Setup::default() })?;
    let address = trial.server()?.address();
    let clients = (0..CLIENTS).map(|_| TcpStream::connect(address)).collect::<io::Result<Vec<_>>>();
    let mut clients = clients.map_err(|error| {
        let why = reason(&error);
        Stop::other(both!("a client cannot connect: {why}", "有一个客户端无法连接：{why}" in why))
    })?;
    all_answered(&mut clients)?;
    let tracer = Tracer::of(trial.process()?).map_err(Stop::NotLookedAt)?;
    let fewest = tracer.fewest_calls(SERIES, || all_answered(&mut clients))?;
    drop(tracer);
    if fewest < CLIENTS as u64 {
        return Ok(());
    }
    let text = both!(
        "{CLIENTS} clients, each with one request, cost the server {fewest} system calls",
        "{CLIENTS} 个客户端各发一个请求，花了服务器 {fewest} 次系统调用"
    );
    Err(Stop::with(Symptom::Calls, text))
}
