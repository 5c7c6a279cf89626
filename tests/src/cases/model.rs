//! The model is what it says it is: processes, threads, descriptors, memory and processor time, as `/proc` shows them.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::language::{Both, reason};
use crate::process::{Process, allow_descriptors, until};
use crate::server::Setup;
use crate::site::BIG;
use crate::stages::{Mark, Symptom};
use crate::trial::get;
use crate::{Case, Client, Group, IMPATIENT, Outcome, PATIENT, Stop, Trial, all_answered, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Model, "one-thread-does-all-the-work", one_thread_does_all_the_work)
        .why(
            "One process with one thread, however many clients there are: in lessons 01 and 02 all others wait, from lesson \
             05 on nobody does.",
        )
        .zh(
            "所有工作由一个线程完成",
            "不管有多少客户端，只有一个进程、一个线程：在第 01 课和第 02 课，其他人都得等；从第 05 课起，\
             谁也不用等。",
        )
        .lesson("lesson 05: one thread for all"),
    Case::new(Group::Model, "each-client-has-a-process", each_client_has_a_process)
        .why(
            "The parent only accepts. It must close its copy of each connection, or no connection ever ends and the \
             parent runs out of descriptors.",
        )
        .zh(
            "每个客户端有一个进程",
            "父进程只负责接受连接。每条连接的副本它都必须关闭，否则没有一条连接会结束，它的描述符也会用光。",
        )
        .lesson("lesson 03: who holds which descriptor"),
    Case::new(Group::Model, "each-client-has-a-thread", each_client_has_a_thread)
        .why("Each client has a thread for as long as it is there, and no longer.")
        .zh("每个客户端有一个线程", "客户端在多久，线程就在多久，不会更久。")
        .lesson("lesson 04: a thread for each client"),
    Case::new(Group::Model, "no-zombies-are-left", no_zombies_are_left)
        .why(
            "A process that has ended stays in the table of processes until its parent has asked how it ended. A parent \
             that never asks fills the table, and then nobody on the machine can start a process.",
        )
        .zh(
            "不留下僵尸进程",
            "进程结束之后，要等父进程取走退出状态，才会从进程表里消失。从不回收子进程的父进程会占满进程表，\
             到那时整台机器上谁也启动不了进程。",
        )
        .lesson("lesson 03: who buries the dead"),
    Case::new(Group::Model, "a-client-more-costs-no-process", a_client_more_costs_no_process)
        .why("A process for each client is the dearest way to wait: its own page tables, its own entry with the scheduler.")
        .zh(
            "多一个客户端，不必多一个进程",
            "一个客户端一个进程，是最昂贵的等待方式：各有一份页表，在调度器里各占一项。",
        )
        .lesson("lesson 04: what a process costs"),
    Case::new(Group::Model, "a-client-more-costs-no-thread", a_client_more_costs_no_thread)
        .why("A thread for each client is a stack and an entry with the scheduler for someone who mostly says nothing.")
        .zh(
            "多一个客户端，不必多一个线程",
            "一个客户端一个线程，就是为一个大多不说话的客户端准备一个栈，并在调度器里占一项。",
        )
        .lesson("lesson 05: what a thread costs"),
    Case::new(Group::Model, "epoll-comes-with-lesson-07", epoll_comes_with_lesson_07)
        .why(
            "Before, the server asks each connection in turn. Then it asks the kernel once, through a descriptor of its own \
             kind, and sleeps until there is something to do.",
        )
        .zh(
            "从第 07 课起使用 epoll",
            "在这以前，服务器挨个询问每条连接。从这一课起，它通过一种专门的描述符只问内核一次，\
             然后睡到有事可做为止。",
        )
        .lesson("lesson 07: ask the kernel"),
    Case::new(Group::Model, "idle-clients-burn-no-processor-time", idle_clients_burn_no_processor_time)
        .why(
            "Who goes over a list of clients again and again to see whether there is anything to do pays for each of them, \
             all the time, also when there is nothing.",
        )
        .zh(
            "空闲的客户端不花处理器时间",
            "一遍又一遍地查看客户端列表，看有没有事可做，就要为每个客户端不停地付出，什么事也没有的时候也一样。",
        )
        .lesson("lesson 07: what asking costs"),
    Case::new(
        Group::Model,
        "answered-clients-burn-no-processor-time",
        answered_clients_burn_no_processor_time,
    )
    .why(
        "Who has its answer and keeps the connection is idle again. But its socket can be written to at any time: a server \
         that has asked to be told of that, and does not take it back, is told without end.",
    )
    .zh(
        "得到回答的客户端不花处理器时间",
        "得到响应而保持连接的客户端，又是空闲的了。可是它的套接字随时可写：服务器要是登记过可写通知又不撤销，\
         通知就会没完没了。",
    )
    .lesson("lesson 07: what a connection waits for"),
    Case::new(
        Group::Model,
        "one-busy-client-among-thousands-idle-costs-the-same",
        one_busy_client_among_thousands_idle_costs_the_same,
    )
    .why(
        "A server that goes over all its clients at each wake-up, be it only to see whose time is over, pays for all of \
         them with each request of one. With ten of them nobody notices.",
    )
    .zh(
        "空闲的客户端再多，一个忙碌客户端的花费不变",
        "服务器要是每次醒来都把所有客户端查看一遍，哪怕只看谁超时了，那么一个客户端的每个请求，\
         都要替所有客户端付账。只有十个客户端的时候，谁也察觉不到。",
    )
    .lesson("lesson 07: what asking costs"),
    Case::new(Group::Model, "idle-clients-wake-no-one", idle_clients_wake_no_one)
        .why(
            "A server that looks up a thousand times a second, to see whether there is anything to do, keeps a processor from \
             sleeping, and its machine's fan or battery busy, for clients that do nothing.",
        )
        .zh(
            "空闲的客户端不会唤醒服务器",
            "服务器一秒醒来一千次，看看有没有事可做，处理器就不能休眠，风扇不停，电池消耗，\
             而那些客户端什么也没有做。",
        )
        .lesson("lesson 07: what asking costs"),
    Case::new(
        Group::Model,
        "many-clients-leave-no-descriptors-behind",
        many_clients_leave_no_descriptors_behind,
    )
    .why(
        "A descriptor that is forgotten on just one way out (a reset, say) is not noticed until there are none left, days \
         later, and then nobody can connect.",
    )
    .zh(
        "许多客户端走后，没有描述符泄漏",
        "只要在一条退出的路上（比如连接被重置）忘了关闭描述符，平时就察觉不到；几天以后描述符用光，谁也连不上来。",
    )
    .lesson("lesson 02: what is dropped, and when"),
    Case::new(Group::Model, "many-clients-leave-no-memory-behind", many_clients_leave_no_memory_behind)
        .why("A list that only grows, or a buffer that nobody frees, ends a server after a week instead of at once.")
        .zh(
            "许多客户端走后，没有内存泄漏",
            "只增不减的列表，没有人释放的缓冲区，不会让服务器马上垮掉，而是在一个星期以后。",
        )
        .lesson("lesson 04: forget the threads that have ended"),
    Case::new(
        Group::Model,
        "descriptors-that-run-out-come-back",
        descriptors_that_run_out_come_back,
    )
    .why(
        "When there is no descriptor left, accept fails, and the connection that waits keeps the listener ready: a loop \
         that tries again at once burns a processor and floods the log, just when the machine is in trouble.",
    )
    .zh(
        "描述符用光之后能恢复",
        "没有描述符可用，`accept` 就会失败，而那条等待的连接又让监听套接字一直就绪：循环要是立刻再试，\
         就会占满处理器，刷满日志，偏偏是在机器吃紧的时候。",
    )
    .lesson("lesson 02: when accept fails"),
    Case::new(
        Group::Model,
        "ten-thousand-idle-clients-take-little-memory",
        ten_thousand_idle_clients_take_little_memory,
    )
    .why(
        "Most long connections are idle most of the time. Where each has a buffer or a deep stack of its own, memory is \
         full long before the server is busy.",
    )
    .zh(
        "一万个空闲的客户端只占少量内存",
        "大多数长连接在大多数时间里都是空闲的。每条都有自己的缓冲区或很深的栈的话，服务器还没有忙起来，\
         内存早就满了。",
    )
    .lesson("lesson 07: what an idle connection costs"),
];

/// How many idle clients are to cost nothing.
pub(super) const IDLE: usize = 200;

/// Connections on which nothing is sent.
fn silent(trial: &mut Trial, number: usize) -> Result<Vec<Client>, Stop> {
    let others = !trial.is_lesson();
    let too_many = |stop: Stop| match stop {
        Stop::Failed { unconnected: Some(ErrorKind::TimedOut), .. } if others => Stop::NotLookedAt(both!(
            "this needs {number} clients, and the server lets fewer wait to be accepted",
            "需要 {number} 个客户端，而服务器的全连接队列放不下这么多"
        )),
        stop => stop,
    };
    (0..number).map(|_| trial.connect().map_err(too_many)).collect()
}

/// Silent connections that the server has accepted: one that came after them has been answered.
pub(super) fn accepted(trial: &mut Trial, number: usize) -> Result<Vec<Client>, Stop> {
    let clients = silent(trial, number)?;
    trial.get("/")?.expect(&[200])?;
    Ok(clients)
}

/// Children that have not ended.
fn living(process: Process) -> usize {
    process.children().into_iter().filter(|child| !child.is_zombie()).count()
}

fn threads(process: Process) -> usize {
    process.threads().unwrap_or(0)
}

fn one_thread_does_all_the_work(trial: &mut Trial) -> Outcome {
    if !trial.is_lesson() && trial.stage().number() <= 2 {
        return Err(Stop::NotLookedAt(both!(
            "a server may serve several clients at a time before it has to",
            "这一阶段不要求、但允许服务器同时服务多个客户端"
        )));
    }
    let process = trial.process()?;
    let _silent = silent(trial, 10)?;
    let mut live = trial.connect()?;
    // Where one client is served after another, this answer does not come: then the wait is for threads that must not.
    live.set_timeout(if trial.stage().number() > 2 { trial.longest() } else { IMPATIENT });
    let _ = live.send(get("/"))?.answer();
    match (process.children().len(), threads(process)) {
        (0, 1) => Ok(()),
        (0, threads) => {
            let text = both!("expected one thread, and there are {threads}", "应当只有一个线程，实际有 {threads} 个");
            Err(Stop::with(Symptom::Threads, text))
        }
        (children, _) => {
            let text = both!(
                "expected one process, and it has {children} children",
                "应当只有一个进程，实际另有 {children} 个子进程"
            );
            Err(Stop::with(Symptom::Processes, text))
        }
    }
}

fn each_client_has_a_process(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 10;
    let process = trial.process()?;
    let before = process.descriptors();
    let mut clients = silent(trial, CLIENTS)?;
    if !until(trial.longest(), || living(process) == CLIENTS) {
        return Err(Stop::other(both!(
            "{CLIENTS} clients are connected, and {} children live",
            "连着 {CLIENTS} 个客户端，活着的子进程有 {} 个"; living(process)
        )));
    }
    if !until(trial.longest(), || process.descriptors() <= before) {
        return Err(Stop::other(both!(
            "the parent keeps its copies of the connections that its children serve",
            "父进程没有关闭自己手里的描述符副本，那些连接由子进程服务"
        )));
    }
    if threads(process) != 1 {
        return Err(Stop::with(
            Symptom::Threads,
            both!(
                "the parent has more than one thread; a fork copies only one of them",
                "父进程有不止一个线程，而 fork 只复制其中一个"
            ),
        ));
    }
    for client in &mut clients {
        client.send(get("/"))?.answer()?.expect(&[200])?;
    }
    drop(clients);
    if until(trial.longest(), || living(process) == 0) {
        return Ok(());
    }
    let text = both!(
        "all clients have left, and {} children live",
        "客户端都已离开，还有 {} 个子进程活着"; living(process)
    );
    Err(Stop::with(Symptom::Processes, text))
}

fn each_client_has_a_thread(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 10;
    let process = trial.process()?;
    let clients = silent(trial, CLIENTS)?;
    if !until(trial.longest(), || threads(process) == 1 + CLIENTS) {
        return Err(Stop::other(both!(
            "{CLIENTS} clients are connected, and there are {} threads",
            "连着 {CLIENTS} 个客户端，线程有 {} 个"; threads(process)
        )));
    }
    if !process.children().is_empty() {
        let text = both!("there are child processes besides", "此外还有子进程");
        return Err(Stop::with(Symptom::Processes, text));
    }
    drop(clients);
    if until(trial.longest(), || threads(process) == 1) {
        return Ok(());
    }
    let text = both!(
        "all clients have left, and there are {} threads",
        "客户端都已离开，还有 {} 个线程"; threads(process)
    );
    Err(Stop::with(Symptom::Threads, text))
}

fn no_zombies_are_left(trial: &mut Trial) -> Outcome {
    let process = trial.process()?;
    for _ in 0..50 {
        trial.get("/")?.expect(&[200])?;
    }
    if until(trial.longest(), || process.children().is_empty()) {
        return Ok(());
    }
    let children = process.children();
    let zombies = children.iter().filter(|child| child.is_zombie()).count();
    Err(Stop::other(both!(
        "after 50 clients, {} children are left, {zombies} of them zombies",
        "50 个客户端之后，还剩 {} 个子进程，其中 {zombies} 个是僵尸"; children.len()
    )))
}

fn a_client_more_costs_no_process(trial: &mut Trial) -> Outcome {
    one_more_costs_none(trial, &both!("processes", "进程"), Symptom::Processes, living)
}

fn a_client_more_costs_no_thread(trial: &mut Trial) -> Outcome {
    one_more_costs_none(trial, &both!("threads", "线程"), Symptom::Threads, threads)
}

fn one_more_costs_none(trial: &mut Trial, name: &Both, symptom: Symptom, count: fn(Process) -> usize) -> Outcome {
    const CLIENTS: usize = 20;
    let process = trial.process()?;
    let _first = accepted(trial, 1)?;
    let before = count(process);
    let _more = accepted(trial, CLIENTS)?;
    let grown = count(process).saturating_sub(before);
    // What answered the clients before may have gone meanwhile, and on a busy machine that is some.
    if grown < CLIENTS / 2 {
        return Ok(());
    }
    let text = both!(
        "{CLIENTS} silent clients more, and {grown} {name} more",
        "多了 {CLIENTS} 个沉默的客户端，就多了 {grown} 个{name}" in name
    );
    Err(Stop::with(symptom, text))
}

fn epoll_comes_with_lesson_07(trial: &mut Trial) -> Outcome {
    let process = trial.process()?;
    let _silent = accepted(trial, 1)?;
    let kinds = process.descriptor_kinds().unwrap_or_default();
    let there = kinds.iter().any(|kind| kind == "anon_inode:[eventpoll]");
    // Others may have it earlier.
    if there == (trial.stage().number() >= 7) || (there && !trial.is_lesson()) {
        return Ok(());
    }
    let kinds = kinds.join(", ");
    Err(Stop::other(if there {
        both!("it has an epoll instance: {kinds}", "它有 epoll 实例：{kinds}")
    } else {
        both!("it has no epoll instance: {kinds}", "它没有 epoll 实例：{kinds}")
    }))
}

fn idle_clients_burn_no_processor_time(trial: &mut Trial) -> Outcome {
    // Nobody is to be dropped while we look.
    trial.restart(&Setup { timeout: Some(60), ..Setup::default() })?;
    let clients = if trial.stage().number() > 2 { accepted(trial, IDLE) } else { silent(trial, IDLE) }?;
    burn_nothing(trial, clients)
}

fn answered_clients_burn_no_processor_time(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { timeout: Some(60), ..Setup::default() })?;
    // One answer that has to wait until the client has read, and many that leave at once.
    let mut waited_for = trial.connect_narrow()?;
    waited_for.send(get("/big.bin"))?.answer_to_head()?.expect(&[200])?;
    waited_for.skip(BIG)?;
    let mut clients = vec![waited_for];
    for _ in 1..IDLE {
        let mut client = trial.connect()?;
        client.send(get("/"))?.answer()?.expect(&[200])?;
        clients.push(client);
    }
    burn_nothing(trial, clients)
}

fn one_busy_client_among_thousands_idle_costs_the_same(trial: &mut Trial) -> Outcome {
    /// How many idle clients there are. One that is asked whether it has something to say costs a system call, and
    /// shows sooner than one whose deadline is looked at.
    const MANY: usize = 8000;
    const SOME: usize = 200;
    /// How often it is looked at once more, if it seems to cost more.
    const LOOKS: usize = 4;
    let many = if declared_to_burn(trial) { SOME } else { MANY };
    if !allow_descriptors(many as u64 + 1000) {
        return Err(too_few_descriptors(many));
    }
    let more = ["--per-client", "20000"].map(str::to_owned).to_vec();
    let arguments = if trial.stage().number() > 5 { more } else { Vec::new() };
    trial.restart(&Setup { timeout: Some(60), arguments, ..Setup::default() })?;
    let (process, address) = (trial.process()?, trial.server()?.address());
    let alone = cost_of_requests(trial, process)?;
    let mut idle = Vec::with_capacity(many);
    while idle.len() < many {
        let some = (0..250).map(|_| TcpStream::connect(address)).collect::<io::Result<Vec<_>>>();
        idle.extend(some.map_err(|error| not_connected(idle.len(), &error))?);
        trial.get("/")?.expect(&[200])?;
    }
    // Another machine on the same processor can slow this one down for longer than a series takes.
    let mut among_many = cost_of_requests(trial, process)?;
    for _ in 0..LOOKS {
        if among_many <= 2 * alone {
            break;
        }
        thread::sleep(IMPATIENT / 2);
        among_many = among_many.min(cost_of_requests(trial, process)?);
    }
    for client in idle {
        let _ = SockRef::from(&client).set_linger(Some(Duration::ZERO));
    }
    if among_many <= 2 * alone {
        return Ok(());
    }
    let text = both!(
        "a request costs the server {alone:.1?} of processor time, and {among_many:.1?} while {many} other clients are idle",
        "一个请求花服务器 {alone:.1?} 处理器时间；另有 {many} 个空闲客户端时，花 {among_many:.1?}"
    );
    Err(Stop::with(Symptom::Burns, text))
}

/// What a request costs the server, in processor time: of several series the cheapest, which noise has spared.
fn cost_of_requests(trial: &mut Trial, process: Process) -> Result<Duration, Stop> {
    const SERIES: usize = 12;
    const REQUESTS: u32 = 20;
    let used = || {
        let hidden = || {
            both!(
                "this system does not say what processor time each thread has used",
                "本系统不提供每个线程用了多少处理器时间"
            )
        };
        process.exact_processor_time().ok_or_else(|| Stop::NotLookedAt(hidden()))
    };
    let mut client = trial.connect()?;
    let mut least = Duration::MAX;
    for _ in 0..SERIES {
        let before = used()?;
        for _ in 0..REQUESTS {
            let answer = client.send(get("/"))?.answer()?;
            // Some close after each, some after so many.
            if answer.expect(&[200])?.is_last() {
                client = trial.connect()?;
            }
        }
        least = least.min(used()?.saturating_sub(before) / REQUESTS);
    }
    Ok(least)
}

fn idle_clients_wake_no_one(trial: &mut Trial) -> Outcome {
    /// How often a server may wake up in a second, whoever is there: some look at a clock now and then.
    const OFTEN: u64 = 20;
    trial.restart(&Setup { timeout: Some(60), ..Setup::default() })?;
    let clients = if trial.stage().number() > 2 { accepted(trial, IDLE) } else { silent(trial, IDLE) }?;
    let process = trial.process()?;
    let wake_ups = || {
        let hidden =
            || both!("this system does not count how often a thread has waited", "本系统不统计线程等待过多少次");
        process.wake_ups().ok_or_else(|| Stop::NotLookedAt(hidden()))
    };
    // A thread or a process that was started for a client goes to sleep for the first time, on a busy machine a while
    // after another client has its answer.
    until(Duration::from_secs(2), || {
        let before = wake_ups().unwrap_or_default();
        thread::sleep(Duration::from_millis(100));
        wake_ups().unwrap_or_default() <= before + OFTEN / 10
    });
    let (start, before) = (Instant::now(), wake_ups()?);
    thread::sleep(IMPATIENT.max(Duration::from_secs(1)));
    let (took, woken) = (start.elapsed(), wake_ups()? - before);
    drop(clients);
    if woken <= OFTEN * took.as_secs().max(1) {
        return Ok(());
    }
    let text = both!(
        "it woke up {woken} times in {took:.1?}, beside {IDLE} clients that said nothing",
        "{IDLE} 个客户端什么也没说，它在 {took:.1?} 里却醒来了 {woken} 次"
    );
    Err(Stop::with(Symptom::Burns, text))
}

/// These clients cost no processor time while they are idle.
fn burn_nothing(trial: &mut Trial, clients: Vec<Client>) -> Outcome {
    /// So much that it is no matter of chance, and can be told from how coarse the clock is.
    const MUCH: Duration = Duration::from_millis(100);
    let process = trial.process()?;
    let (start, before) = (Instant::now(), processor_time(process));
    let limit = if declared_to_burn(trial) { PATIENT } else { IMPATIENT };
    let reached = |time| processor_time(process) >= before + time;
    // On a busy machine, who burns has little to burn: whoever uses anything at all is looked at for longer.
    let burns = until(limit, || reached(MUCH)) || (reached(MUCH / 10) && until(PATIENT, || reached(MUCH)));
    if !burns {
        return Ok(());
    }
    let (took, used) = (start.elapsed(), processor_time(process).saturating_sub(before));
    drop(clients);
    until(PATIENT, || process.descriptors().is_some_and(|open| open < IDLE / 2));
    let alone = used_within(process, took);
    let text = both!(
        "in {took:.1?} it used {used:?} for {IDLE} idle clients, and {alone:?} without any",
        "{took:.1?} 里，有 {IDLE} 个空闲客户端时它用了 {used:?} 处理器时间，一个客户端也没有时用了 {alone:?}"
    );
    // The clients are the reason only if it is better without them.
    Err(if alone > used / 2 { Stop::other(text) } else { Stop::with(Symptom::Burns, text) })
}

/// Whether it is known of this lesson that it goes over a list again and again.
fn declared_to_burn(trial: &Trial) -> bool {
    trial.stage().mark("idle-clients-burn-no-processor-time") == Mark::Fails(Symptom::Burns)
}

/// Of a server and its children.
fn processor_time(process: Process) -> Duration {
    let used = |process: Process| process.processor_time().unwrap_or_default();
    used(process) + process.children().into_iter().map(used).sum::<Duration>()
}

/// How the threads of a server and of its children have run so far.
struct Scheduling {
    /// How long they could have gone on, whether or not they were given a processor.
    runnable: Duration,
    /// How long they were given one.
    used: Duration,
    /// How often they have waited for something and gone on.
    wake_ups: u64,
}

impl Scheduling {
    fn of(process: Process) -> Result<Scheduling, Stop> {
        let of_one = |process: Process| {
            let (runnable, used) = (process.runnable_time()?, process.exact_processor_time()?);
            Some(Scheduling { runnable, used, wake_ups: process.wake_ups()? })
        };
        let sum = |a: Scheduling, b: Scheduling| Scheduling {
            runnable: a.runnable + b.runnable,
            used: a.used + b.used,
            wake_ups: a.wake_ups + b.wake_ups,
        };
        let hidden = || {
            both!(
                "this system does not say how long each thread had to wait for a processor",
                "本系统不提供每个线程等待处理器的时间"
            )
        };
        let family = process.family().into_iter().filter_map(of_one);
        family.reduce(sum).ok_or_else(|| Stop::NotLookedAt(hidden()))
    }
}

fn used_within(process: Process, time: Duration) -> Duration {
    let before = processor_time(process);
    thread::sleep(time);
    processor_time(process).saturating_sub(before)
}

/// One client after another: one that behaves, one that resets, one that leaves early, and so on.
fn visits(trial: &mut Trial, number: usize) -> Outcome {
    for client in 0..number {
        match client % 3 {
            0 => drop(trial.get("/")?.expect(&[200])?),
            1 => {
                let mut client = trial.connect()?;
                client.send(get("/"))?.answer_to_head()?.expect(&[200])?;
                client.reset();
            }
            _ => drop(trial.connect()?.send("GET / HTTP/1.1\r\nHost: loc")?),
        }
    }
    // Whoever came before has been accepted.
    trial.get("/")?.expect(&[200]).map(|_| ())
}

/// A server may say that it listens while its workers still begin, each with descriptors of its own.
fn comes_to_rest(process: Process) {
    until(PATIENT, || process.is_at_rest());
}

fn many_clients_leave_no_descriptors_behind(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 300;
    let process = trial.process()?;
    visits(trial, 9)?;
    comes_to_rest(process);
    let before = process.descriptors().unwrap_or(0);
    visits(trial, CLIENTS)?;
    if until(trial.patience(), || process.descriptors().is_some_and(|open| open <= before)) {
        return Ok(());
    }
    let after = process.descriptors().unwrap_or(0);
    Err(Stop::other(both!(
        "{before} descriptors before {CLIENTS} clients, {after} after them",
        "{CLIENTS} 个客户端来之前有 {before} 个描述符，走之后有 {after} 个"
    )))
}

fn many_clients_leave_no_memory_behind(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 600;
    /// Less than two kilobytes for each client.
    const MOST: u64 = 1024 * 1024;
    let process = trial.process()?;
    visits(trial, 150)?;
    let before = process.memory().unwrap_or(0);
    visits(trial, CLIENTS)?;
    if until(trial.patience(), || process.memory().is_some_and(|memory| memory < before + MOST)) {
        return Ok(());
    }
    let (before, after) = (before / 1024, process.memory().unwrap_or(0) / 1024);
    Err(Stop::other(both!(
        "{before} KiB of memory before {CLIENTS} clients, {after} KiB after them",
        "{CLIENTS} 个客户端来之前占 {before} KiB 内存，走之后占 {after} KiB"
    )))
}

fn descriptors_that_run_out_come_back(trial: &mut Trial) -> Outcome {
    /// How long to look at a server that can accept no one. One that tries again and again could always go on
    /// meanwhile, if it were given a processor; one that waits in between comes nowhere near.
    const LOOK: Duration = Duration::from_secs(1);
    /// How long one that tries again and again works before it waits for anything: for room in its log, say. On a busy
    /// machine one that wakes often has to queue for a processor each time, but does not work longer.
    const STRETCH: Duration = Duration::from_millis(1);
    const FLOOD: usize = 16 * 1024;
    trial.restart(&Setup { descriptors: Some(32), ..Setup::default() })?;
    let process = trial.process()?;
    let mut clients = silent(trial, 64)?;
    // Who is in is served, if only by being told that there is no descriptor for a file.
    clients[0].send(get("/"))?.answer()?.expect(&[200, 503])?;
    thread::sleep(IMPATIENT);

    let said_before = trial.server()?.said_in_all();
    let (start, before) = (Instant::now(), Scheduling::of(process)?);
    thread::sleep(LOOK);
    let (took, after) = (start.elapsed(), Scheduling::of(process)?);
    let busy = after.runnable.saturating_sub(before.runnable);
    let stretch = after.used.saturating_sub(before.used) / after.wake_ups.saturating_sub(before.wake_ups).max(1) as u32;
    let said = trial.server()?.said_in_all() - said_before;
    if busy > took / 2 && stretch > STRETCH {
        let text = both!(
            "without descriptors, it was busy for {busy:.1?} of {took:.1?}",
            "描述符用尽时，{took:.1?} 里它忙了 {busy:.1?}"
        );
        return Err(Stop::with(Symptom::Burns, text));
    }
    if said > FLOOD {
        return Err(Stop::other(both!(
            "without descriptors, it wrote {said} bytes to its log in {LOOK:?}",
            "描述符用尽时，它在 {LOOK:?} 里往日志写了 {said} 字节"
        )));
    }
    drop(clients);
    served_again(trial)
}

/// While the descriptors are not all back, there may be none for a file. But then there is one.
fn served_again(trial: &mut Trial) -> Outcome {
    let mut last = Ok(());
    until(PATIENT, || {
        last = trial.get("/").and_then(|answer| answer.expect(&[200]).map(|_| ()));
        last.is_ok()
    });
    last
}

fn ten_thousand_idle_clients_take_little_memory(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 10_000;
    // For each, in bytes. A stack that has been used takes some pages; where there is none, no buffer is kept either.
    let most = if trial.stage().number() == 8 { 32 * 1024 } else { 2 * 1024 };
    if !allow_descriptors(CLIENTS as u64 + 1000) {
        return Err(too_few_descriptors(CLIENTS));
    }
    let arguments = ["--per-client", "20000", "--quiet"].map(str::to_owned).to_vec();
    trial.restart(&Setup { timeout: Some(60), arguments, ..Setup::default() })?;
    let process = trial.process()?;
    let address = trial.server()?.address();
    comes_to_rest(process);
    let before = (process.memory().unwrap_or(0), process.descriptors().unwrap_or(0));

    let mut idle = Vec::with_capacity(CLIENTS);
    while idle.len() < CLIENTS {
        let some = (0..500).map(|_| TcpStream::connect(address)).collect::<io::Result<Vec<_>>>();
        idle.extend(some.map_err(|error| not_connected(idle.len(), &error))?);
        trial.get("/")?.expect(&[200])?;
    }
    all_answered(&mut idle)?;
    for _ in 0..20 {
        trial.get("/")?.expect(&[200])?;
    }
    let open = process.descriptors().unwrap_or(0);
    if open < CLIENTS {
        let text = both!("of {CLIENTS} idle clients, it holds {open}", "{CLIENTS} 个空闲客户端中，它只留着 {open} 个");
        return Err(Stop::with(Symptom::Closes, text));
    }
    let each = process.memory().unwrap_or(0).saturating_sub(before.0) / CLIENTS as u64;
    if each > most {
        return Err(Stop::other(both!(
            "{each} bytes of memory for each of {CLIENTS} idle clients",
            "{CLIENTS} 个空闲客户端，平均每个占 {each} 字节内存"
        )));
    }
    // All at once, and without the minute that the kernel would remember each of them.
    for client in idle {
        let _ = SockRef::from(&client).set_linger(Some(Duration::ZERO));
    }
    if until(PATIENT, || process.descriptors().is_some_and(|open| open <= before.1)) {
        return trial.alive();
    }
    let open = process.descriptors();
    Err(Stop::other(both!(
        "{CLIENTS} clients have left, and {open:?} descriptors are open",
        "{CLIENTS} 个客户端已经离开，打开的描述符还有 {open:?} 个"
    )))
}

fn too_few_descriptors(number: usize) -> Stop {
    Stop::NotLookedAt(both!(
        "{number} descriptors and some more are not allowed here (ulimit -n)",
        "需要 {number} 个以上的描述符，这里不允许（ulimit -n）"
    ))
}

fn not_connected(number: usize, error: &io::Error) -> Stop {
    let why = reason(error);
    Stop::other(both!("client {number} cannot connect: {why}", "第 {number} 个客户端无法连接：{why}" in why))
}
