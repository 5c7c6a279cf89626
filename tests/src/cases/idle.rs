//! What clients that do nothing cost, in system calls and in bytes: counted, so that it does not matter how fast or how
//! busy the machine is.

use std::thread;
use std::time::{Duration, Instant};

use super::model::{IDLE, accepted};
use crate::process::{until, waiting_for};
use crate::server::Setup;
use crate::stages::Symptom;
use crate::tracer::Tracer;
use crate::trial::get;
use crate::{Case, Group, IMPATIENT, Outcome, Stop, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Model, "no-call-waits-for-one-client", no_call_waits_for_one_client)
        .why(
            "A thread that waits in a read waits for one client, and can do nothing for anyone else. A socket that never \
             waits says that there is nothing yet, and the thread can look after the others.",
        )
        .zh(
            "任何调用都不会为一个客户端阻塞",
            "线程停在 `read` 里，等的只是一个客户端，对别人什么也做不了。从不等待的套接字会说明暂时还没有内容，\
             线程就可以去照看别的客户端。",
        )
        .lesson("lesson 05: no call waits"),
    Case::new(Group::Model, "a-request-asks-no-idle-client", a_request_asks_no_idle_client)
        .why(
            "A server that asks each of its clients whether it has something to say, whenever one of them has, makes a \
             system call for every one of them: what a request costs grows with those who are only there.",
        )
        .zh(
            "处理一个请求，不必询问空闲的客户端",
            "只要有一个客户端有话说，就把所有客户端问一遍，每个都要一次系统调用：一个请求的花费，\
             随着那些只是连着的客户端一起增长。",
        )
        .lesson("lesson 07: what asking costs"),
    Case::new(Group::Model, "idle-clients-cost-no-system-calls", idle_clients_cost_no_system_calls)
        .why(
            "To ask everyone only now and then, to see whose time is over, is still a call for each client, each time, \
             though the first deadline is a minute away. The earliest deadline is all that a server has to know.",
        )
        .zh(
            "空闲的客户端不花系统调用",
            "哪怕只是隔一阵把所有客户端问一遍，看谁超时了，也是每次每个客户端一次调用，\
             而第一个截止时间还在一分钟以后。服务器只需要知道最早的截止时间。",
        )
        .lesson("lesson 07: what asking costs"),
    Case::new(Group::Model, "little-waits-in-the-socket", little_waits_in_the_socket)
        .why(
            "A socket takes whatever it is given, up to megabytes, and keeps it in the memory of the kernel until the client \
             reads. A hundred clients who ask for a large file and read nothing hold hundreds of megabytes of what is on disk \
             already.",
        )
        .zh(
            "套接字里只积压少量数据",
            "给套接字多少，它就收下多少，可以多到几 MB，一直放在内核的内存里，等客户端来读。\
             一百个客户端请求一个大文件却不读，就占住几百 MB，而这些内容磁盘上本来就有。",
        )
        .strict()
        .lesson("lesson 02: how much waits in the socket"),
];

fn no_call_waits_for_one_client(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 3;
    trial.restart(&Setup { timeout: Some(60), ..Setup::default() })?;
    let process = trial.process()?;
    let hidden =
        || both!("this system does not show in which call a thread waits", "本系统看不到线程在哪个系统调用里等待");
    let cannot = || Stop::NotLookedAt(hidden());
    // A server may wait for other things in the same way, its signals for example.
    let before = process.reading().ok_or_else(cannot)?;
    let idle: Vec<_> = (0..CLIENTS).map(|_| trial.connect()).collect::<Result<_, _>>()?;
    let waits = || process.reading().is_some_and(|now| !now.is_subset(&before));
    let seen = until(IMPATIENT, waits);
    drop(idle);
    if !seen {
        return Ok(());
    }
    let text = both!(
        "a thread waits in a read for the bytes of one client who says nothing (/proc/PID/task/*/syscall shows it, too)",
        "有一个线程停在 read 里，等一个什么也不说的客户端（从 /proc/PID/task/*/syscall 也能看到）"
    );
    Err(Stop::with(Symptom::Waits, text))
}

fn a_request_asks_no_idle_client(trial: &mut Trial) -> Outcome {
    // Nobody is to be dropped while we look.
    trial.restart(&Setup { timeout: Some(60), ..Setup::default() })?;
    let alone = calls_for_requests(trial)?;
    let idle = accepted(trial, IDLE)?;
    let among_idle = calls_for_requests(trial)?;
    drop(idle);
    if among_idle < alone + (IDLE * REQUESTS / 4) as u64 {
        return Ok(());
    }
    let text = both!(
        "{REQUESTS} requests cost the server {alone} system calls, and {among_idle} while {IDLE} other clients are idle \
         (strace -f -c counts them, too)",
        "{REQUESTS} 个请求花了服务器 {alone} 次系统调用；另有 {IDLE} 个空闲客户端时，花了 {among_idle} 次\
         （用 strace -f -c 也能统计）"
    );
    Err(Stop::with(Symptom::Burns, text))
}

/// How many requests are counted together.
const REQUESTS: usize = 10;

/// How many system calls some requests of one client cost.
fn calls_for_requests(trial: &mut Trial) -> Result<u64, Stop> {
    const SERIES: usize = 6;
    let tracer = traced(trial)?;
    let mut client = trial.connect()?;
    tracer.fewest_calls(SERIES, || {
        for _ in 0..REQUESTS {
            // Some close after each, some after so many.
            if client.send(get("/"))?.answer()?.expect(&[200])?.is_last() {
                client = trial.connect()?;
            }
        }
        Ok(())
    })
}

fn idle_clients_cost_no_system_calls(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { timeout: Some(60), ..Setup::default() })?;
    let idle = accepted(trial, IDLE)?;
    let tracer = traced(trial)?;
    let (start, before) = (Instant::now(), tracer.calls());
    thread::sleep(IMPATIENT.max(Duration::from_secs(1)));
    let (took, calls) = (start.elapsed(), tracer.calls() - before);
    drop((tracer, idle));
    // Some look at a clock now and then, whoever is there: in a second, that is far from a call for each client.
    if calls < IDLE as u64 / 2 * took.as_secs().max(1) {
        return Ok(());
    }
    let text = both!(
        "it made {calls} system calls in {took:.1?}, beside {IDLE} clients that said nothing (strace -f -c counts them, too)",
        "{IDLE} 个客户端什么也没说，它在 {took:.1?} 里却做了 {calls} 次系统调用（用 strace -f -c 也能统计）"
    );
    Err(Stop::with(Symptom::Burns, text))
}

fn little_waits_in_the_socket(trial: &mut Trial) -> Outcome {
    /// In bytes. Less than a tenth of what a socket of Linux takes by default, and several times as much as a write.
    const MOST: u64 = 256 * 1024;
    let port = trial.server()?.address().port();
    let mut stuck = trial.connect_narrow()?;
    stuck.send(get("/huge.bin"))?.answer_to_head()?.expect(&[200])?;
    let waiting = || waiting_for(stuck.port(), port);
    if waiting().is_none() {
        return Err(Stop::NotLookedAt(both!(
            "this system does not show what waits in a socket",
            "本系统看不到套接字里积压了多少数据"
        )));
    }
    if !until(IMPATIENT, || waiting() > Some(MOST)) {
        return Ok(());
    }
    // It may still become more, which is only for the message.
    thread::sleep(IMPATIENT / 10);
    let kib = waiting().unwrap_or(0) >> 10;
    Err(Stop::other(both!(
        "{kib} KiB wait in the kernel for a client that reads nothing (ss -tm shows them, too)",
        "客户端什么也不读，内核里为它积压了 {kib} KiB（用 ss -tm 也能看到）"
    )))
}

/// A trace of the server, which goes on as before.
fn traced(trial: &mut Trial) -> Result<Tracer, Stop> {
    let tracer = Tracer::of(trial.process()?).map_err(Stop::NotLookedAt)?;
    // To be traced is to be interrupted once, in what waits, which not every server takes; that is another question.
    match trial.get("/").and_then(|answer| answer.expect(&[200]).map(drop)) {
        Err(stop) if !trial.is_lesson() => {
            let why = stop.text();
            Err(Stop::NotLookedAt(both!(
                "it does not serve while it is traced: {why}",
                "被跟踪时它无法提供服务：{why}" in why
            )))
        }
        outcome => outcome.map(|()| tracer),
    }
}
