//! What exercises ask for and no lesson does: cases of their own, beside those of the suite.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use http_suite::language::reason;
use http_suite::process::{Process, clients_held_at, until};
use http_suite::{Case, Client, Group, Outcome, PATIENT, Setup, Stop, Symptom, Trial, both, get};
use rustix::process::Signal;

/// Where a case comes from.
pub enum Found {
    /// It is one of the suite.
    OfTheSuite(&'static Case),
    /// It is one of those here. It starts the server itself.
    Own(&'static Case),
}

/// The case of this name.
pub fn find(name: &str) -> Option<Found> {
    let own = || OWN.iter().find(|case| case.name == name).map(Found::Own);
    http_suite::cases::all().find(|case| case.name == name).map(Found::OfTheSuite).or_else(own)
}

macro_rules! own {
    ($name:literal, $run:ident, $en:literal, $zh:literal) => {
        Case::new(Group::Model, $name, $run).why($en).zh($zh, $zh)
    };
}

/// All of them. Why they are there is what has to be so.
pub const OWN: &[Case] = &[
    own!(
        "lines-end-in-lf-alone",
        lines_end_in_lf_alone,
        "Every line of the head of an answer ends in LF alone.",
        "响应头的每一行都只以 LF 结尾。"
    ),
    own!(
        "a-queue-of-one-holds-two",
        a_queue_of_one_holds_two,
        "While the server is busy with one client, two more are connected, and all others wait.",
        "服务器忙着接待一个客户端时，另有两个连得上，其余的都在等。"
    ),
    own!(
        "four-children-wait-from-the-start",
        four_children_wait_from_the_start,
        "Before a client comes there are four children; twelve requests later they are the same four.",
        "客户端还没来就有四个子进程；接待十二个请求之后，还是这四个。"
    ),
    own!(
        "four-silent-clients-stop-the-server",
        four_silent_clients_stop_the_server,
        "Three silent clients hold up no one; a fourth holds up all others, until one of them leaves.",
        "三个不说话的客户端不妨碍别人；第四个一来，其余的都得等，直到它们中有一个离开。"
    ),
    own!(
        "whoever-says-nothing-is-hung-up-on",
        whoever_says_nothing_is_hung_up_on,
        "The connection of a client that has said nothing yet is ended at once.",
        "客户端还什么都没说，连接就立刻被结束了。"
    ),
    own!(
        "requests-are-counted-in-the-log",
        requests_are_counted_in_the_log,
        "With each request a number in the log grows by one, whichever thread answers.",
        "每处理一个请求，日志里有一个数就加一，不管由哪个线程处理。"
    ),
    own!(
        "six-hundred-clients-are-served-at-a-time",
        six_hundred_clients_are_served_at_a_time,
        "With six hundred idle clients there, one more is answered.",
        "已有六百个空闲客户端时，再来一个仍能得到响应。"
    ),
    own!(
        "an-idle-server-never-rests",
        an_idle_server_never_rests,
        "A server without clients is never asleep.",
        "没有客户端时，服务器也从不睡眠。"
    ),
    own!(
        "a-request-waits-for-rests",
        a_request_waits_for_rests,
        "A request that comes at the beginning of a rest takes 25 ms or more.",
        "在一次歇息刚开始时到来的请求，要花 25 毫秒以上。"
    ),
    own!(
        "one-that-leaves-ends-the-server",
        one_that_leaves_ends_the_server,
        "Of two clients the first leaves, and the server ends.",
        "两个客户端中先来的一走，服务器就结束了。"
    ),
    own!(
        "all-who-wait-are-accepted-first",
        all_who_wait_are_accepted_first,
        "Of twenty clients that wait at the door, all are accepted before the first is answered.",
        "门口等着的二十个客户端，全部接受之后才处理第一个的请求。"
    ),
    own!(
        "the-hundredth-answer-is-the-last",
        the_hundredth_answer_is_the_last,
        "The hundredth answer on a connection says Connection: close, and the connection is closed; none before does.",
        "同一条连接上的第一百个响应写着 Connection: close，随后连接关闭；之前的都不是这样。"
    ),
    own!(
        "a-request-that-was-begun-is-hurried",
        a_request_that_was_begun_is_hurried,
        "A client that has begun a request is dropped sooner than one that is silent, and its time runs from its first byte.",
        "请求发到一半的客户端，比一直沉默的更早被断开；它的时间从第一个字节算起。"
    ),
    own!(
        "two-threads-serve",
        two_threads_serve,
        "Two threads serve the clients, each some of them.",
        "两个线程各接待一部分客户端。"
    ),
    own!(
        "slow-holds-up-the-others",
        slow_holds_up_the_others,
        "While /slow is answered, after five seconds, nobody else is.",
        "处理 /slow 的五秒里，别人都得不到响应。"
    ),
    own!(
        "slow-holds-up-no-one",
        slow_holds_up_no_one,
        "/slow is answered after five seconds, and meanwhile everybody else at once.",
        "/slow 五秒之后得到响应，其间别人都立刻得到响应。"
    ),
    own!(
        "sleep-holds-up-no-one",
        sleep_holds_up_no_one,
        "/sleep is answered after five seconds, and meanwhile everybody else at once.",
        "/sleep 五秒之后得到响应，其间别人都立刻得到响应。"
    ),
    own!(
        "a-lost-stack-keeps-its-place",
        a_lost_stack_keeps_its_place,
        "With --per-client 5, the first five clients are answered, and the sixth is turned away though all of them have left.",
        "用 --per-client 5 启动时，前五个客户端得到响应；它们都走了，第六个还是被拒绝。"
    ),
    own!(
        "please-comes-first",
        please_comes_first,
        "Whoever says please first is answered, in however many pieces it comes and whatever comes behind it; others are not.",
        "先说 please 的得到响应，不管它分几段到达、后面紧跟着什么；没说的得不到。"
    ),
    own!(
        "a-worker-that-fails-takes-its-clients",
        a_worker_that_fails_takes_its_clients,
        "Some clients are closed, a thread is gone, and everybody else is served as before.",
        "有几个客户端被断开，少了一个线程，其余的照常得到服务。"
    ),
    own!(
        "a-worker-that-panics-ends-the-server",
        a_worker_that_panics_ends_the_server,
        "A worker panics, and the server ends with exit status 101 and says where.",
        "一个工作线程 panic，服务器就以退出状态 101 结束，并说明在哪里。"
    ),
    own!(
        "an-idle-client-costs-less-than-a-kilobyte",
        an_idle_client_costs_less_than_a_kilobyte,
        "An idle client costs less than 1024 bytes of memory.",
        "一个空闲的客户端占用的内存不到 1024 字节。"
    ),
    own!(
        "a-client-waits-for-ever",
        a_client_waits_for_ever,
        "A client comes and asks, and nothing happens: no answer, no close, no accept.",
        "客户端连上来，发出请求，什么也没有发生：没有响应，没有关闭，也没有被接受。"
    ),
    own!(
        "a-full-queue-is-told",
        a_full_queue_is_told,
        "With one thread in the pool, one client asks for what is slow and three for what is quick: two of them are told at once that the server is busy, the others are answered in the end.",
        "线程池里只有一个线程，一个客户端要慢的，三个要快的：其中两个立刻得知服务器忙，其余的最后都得到响应。"
    ),
];

/// Starts the server, with these words behind its command.
fn start(trial: &mut Trial, arguments: &[&str]) -> Result<SocketAddr, Stop> {
    let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
    trial.restart_without_index(&Setup { timeout: Some(60), arguments, ..Setup::default() })?;
    Ok(trial.server()?.address())
}

fn not_seen(error: io::Error) -> Stop {
    Stop::NotLookedAt(reason(&error))
}

fn silent(trial: &mut Trial, number: usize) -> Result<Vec<Client>, Stop> {
    (0..number).map(|_| trial.connect()).collect()
}

/// A client that is there and has been answered once, on a connection that stays open.
fn answered(trial: &mut Trial) -> Result<Client, Stop> {
    let mut client = trial.connect()?;
    client.send(get("/"))?.answer()?.expect(&[200])?;
    Ok(client)
}

/// How long the answer to this target takes on a connection of its own.
fn time_of(trial: &mut Trial, target: &str) -> Result<Duration, Stop> {
    let start = Instant::now();
    let mut client = trial.connect()?;
    client.send(get(target))?.answer()?;
    Ok(start.elapsed())
}

fn lines_end_in_lf_alone(trial: &mut Trial) -> Outcome {
    let address = start(trial, &[])?;
    let mut stream = TcpStream::connect(address).map_err(|error| Stop::other(reason(&error)))?;
    stream.set_read_timeout(Some(PATIENT)).map_err(not_seen)?;
    stream.write_all(get("/").as_bytes()).map_err(not_seen)?;
    let mut came = Vec::new();
    stream.read_to_end(&mut came).map_err(|error| {
        let why = reason(&error);
        Stop::other(both!("the answer does not end: {why}", "响应没有结束：{why}" in why))
    })?;
    let text = String::from_utf8_lossy(&came);
    if !text.starts_with("HTTP/1.1 200 OK") {
        return Err(Stop::other(both!("GET / is not answered 200", "对 GET / 的响应不是 200")));
    }
    let Some((head, _)) = text.split_once("\n\n") else {
        return Err(Stop::other(both!(
            "no line of the answer is empty but for its LF",
            "响应里没有一行是只有 LF 的空行"
        )));
    };
    let with_cr: Vec<&str> = head.split('\n').filter_map(|line| line.strip_suffix('\r')).collect();
    if with_cr.is_empty() {
        return Ok(());
    }
    Err(Stop::other(both!("these lines end in CR LF still: {}", "这些行仍以 CR LF 结尾：{}"; with_cr.join(", "))))
}

/// How many clients wait to be accepted at this port of 127.0.0.1: of a listener, that is what proc(5) calls its
/// receive queue.
fn waiting_at(port: u16) -> usize {
    const LISTEN: &str = "0A";
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let of_line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let local = words.get(1)?.rsplit_once(':')?.1;
        let is_it = words.get(3) == Some(&LISTEN) && u16::from_str_radix(local, 16) == Ok(port);
        let (_, queue) = words.get(4).filter(|_| is_it)?.split_once(':')?;
        usize::from_str_radix(queue, 16).ok()
    };
    table.lines().filter_map(of_line).sum()
}

fn a_queue_of_one_holds_two(trial: &mut Trial) -> Outcome {
    const ASK: usize = 4;
    /// The kernel answers for the queue at once; a client that finds no room there asks again a second later.
    const AT_ONCE: Duration = Duration::from_millis(600);
    let address = start(trial, &[])?;
    let busy = trial.connect()?;
    if !until(PATIENT, || clients_held_at(address.port()).contains(&busy.port())) {
        return Err(Stop::other(both!("the first client is not accepted", "第一个客户端没有被接受")));
    }
    // One after another: a client may know that it is connected before the queue does.
    let mut clients = Vec::new();
    for _ in 0..ASK {
        clients.extend(TcpStream::connect_timeout(&address, AT_ONCE));
        until(PATIENT, || waiting_at(address.port()) >= clients.len());
    }
    match clients.len() {
        2 => Ok(()),
        other => Err(Stop::other(both!(
            "of {ASK} clients {other} were connected while the server was busy",
            "服务器忙的时候，{ASK} 个客户端中有 {other} 个连上了"
        ))),
    }
}

fn children(process: Process) -> BTreeSet<u32> {
    process.children().into_iter().filter(|child| !child.has_ended()).map(|child| child.0).collect()
}

fn four_children_wait_from_the_start(trial: &mut Trial) -> Outcome {
    start(trial, &[])?;
    let process = trial.process()?;
    if !until(PATIENT, || children(process).len() == 4) {
        return Err(Stop::other(both!(
            "before any client came there were {} children",
            "客户端还没来时，子进程有 {} 个"; children(process).len()
        )));
    }
    let before = children(process);
    for _ in 0..12 {
        trial.get("/")?.expect(&[200])?;
    }
    match children(process) {
        after if after == before => Ok(()),
        after => Err(Stop::other(both!(
            "after twelve requests {} of the four are still there, and {} others",
            "十二个请求之后，原来的四个子进程还剩 {} 个，另有 {} 个别的";
            after.intersection(&before).count(),
            after.difference(&before).count()
        ))),
    }
}

fn four_silent_clients_stop_the_server(trial: &mut Trial) -> Outcome {
    let address = start(trial, &[])?;
    let held = |clients: &[Client]| {
        let held = clients_held_at(address.port());
        clients.iter().filter(|client| held.contains(&client.port())).count()
    };
    let mut clients = silent(trial, 3)?;
    if !until(PATIENT, || held(&clients) == 3) {
        return Err(Stop::other(both!("three silent clients are not accepted", "三个沉默的客户端没有全部被接受")));
    }
    trial.get("/")?.expect(&[200])?;
    clients.extend(silent(trial, 1)?);
    if !until(PATIENT, || held(&clients) == 4) {
        return Err(Stop::other(both!("a fourth silent client is not accepted", "第四个沉默的客户端没有被接受")));
    }
    let mut last = trial.connect()?;
    last.send(get("/"))?;
    if last.hears_within(http_suite::IMPATIENT) {
        return Err(Stop::other(both!(
            "with four silent clients there, a fifth client is answered all the same",
            "已有四个沉默的客户端，第五个客户端照样得到了响应"
        )));
    }
    clients.pop();
    last.answer()?.expect(&[200])?;
    Ok(())
}

fn whoever_says_nothing_is_hung_up_on(trial: &mut Trial) -> Outcome {
    start(trial, &[])?;
    let mut client = trial.connect()?;
    client.ends().map(drop)
}

/// The numbers in a line of the log that are no part of an address or of the prefix.
fn numbers(line: &str) -> BTreeSet<u64> {
    let text = line.split_once("] ").map_or(line, |(_, text)| text);
    let words = text.split(|letter: char| letter.is_whitespace() || "()[],;#".contains(letter));
    // `127.0.0.1:4711` and `HTTP/1.1` are no numbers, `7.` and `7:` are.
    words.filter_map(|word| word.trim_matches(|sign: char| !sign.is_ascii_digit()).parse().ok()).collect()
}

fn requests_are_counted_in_the_log(trial: &mut Trial) -> Outcome {
    const REQUESTS: u64 = 6;
    start(trial, &[])?;
    for _ in 0..REQUESTS {
        trial.get("/")?.expect(&[200])?;
    }
    let server = trial.server()?;
    // A line may be written after the answer, and read later still.
    if until(Duration::from_secs(2), || counts(&server.said(), REQUESTS)) {
        return Ok(());
    }
    Err(Stop::other(both!(
        "in the log of {REQUESTS} requests no number grows by one with each",
        "处理了 {REQUESTS} 个请求，日志里却没有一个数每次加一"
    )))
}

/// Whether so many numbers, each greater by one than the last, stand in lines of this log one behind the other.
fn counts(log: &str, many: u64) -> bool {
    let lines: Vec<BTreeSet<u64>> = log.lines().map(numbers).collect();
    let goes_on = |first: u64| {
        let mut lines = lines.iter();
        (first..first.saturating_add(many)).all(|number| lines.any(|numbers| numbers.contains(&number)))
    };
    lines.iter().flatten().any(|first| goes_on(*first))
}

fn six_hundred_clients_are_served_at_a_time(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 600;
    if !http_suite::process::allow_descriptors(2048) {
        return Err(Stop::NotLookedAt(both!(
            "this process may not have descriptors enough for six hundred clients",
            "不允许本进程打开足够六百个客户端用的描述符"
        )));
    }
    let address = start(trial, &[])?;
    let clients = silent(trial, CLIENTS)?;
    // One of those who are held has port 0: the listener.
    let held = || clients_held_at(address.port()).into_iter().filter(|port| *port != 0).count();
    until(PATIENT, || held() >= CLIENTS);
    let held = held();
    let mut last = trial.connect()?;
    last.set_timeout(Duration::from_secs(3));
    let outcome = last.send(get("/"))?.answer().and_then(|answer| answer.expect(&[200]).map(drop));
    drop(clients);
    outcome.map_err(|stop| {
        let text = stop.text();
        Stop::other(both!(
            "with {held} of {CLIENTS} silent clients accepted: {text}",
            "{CLIENTS} 个沉默的客户端中有 {held} 个已被接受时：{text}" in text
        ))
    })
}

fn an_idle_server_never_rests(trial: &mut Trial) -> Outcome {
    const LOOK: Duration = Duration::from_secs(1);
    start(trial, &[])?;
    trial.get("/")?.expect(&[200])?;
    let process = trial.process()?;
    let hidden = || both!("this system does not say how long a thread has run", "本系统不提供线程运行了多久");
    let time = || process.runnable_time().ok_or_else(|| Stop::NotLookedAt(hidden()));
    let before = time()?;
    let start = Instant::now();
    std::thread::sleep(LOOK);
    let (used, passed) = (time()?.saturating_sub(before), start.elapsed());
    if used > passed.mul_f64(0.8) {
        return Ok(());
    }
    Err(Stop::other(both!(
        "an idle server wanted the processor for {used:.2?} of {passed:.2?}",
        "服务器空闲时，{passed:.2?} 里只有 {used:.2?} 想用处理器"
    )))
}

fn a_request_waits_for_rests(trial: &mut Trial) -> Outcome {
    const LEAST: Duration = Duration::from_millis(25);
    start(trial, &[])?;
    trial.get("/")?.expect(&[200])?;
    let mut times = Vec::new();
    for _ in 0..5 {
        // The answer came at the end of a rest. Of rests of 50 ms, two are over then, and a third has just begun.
        std::thread::sleep(Duration::from_millis(105));
        times.push(time_of(trial, "/")?);
    }
    times.sort();
    match times[2] {
        median if median >= LEAST => Ok(()),
        median => Err(Stop::other(both!(
            "of five requests the middle one took {median:.1?}",
            "五个请求所花时间的中位数是 {median:.1?}"
        ))),
    }
}

fn one_that_leaves_ends_the_server(trial: &mut Trial) -> Outcome {
    let address = start(trial, &[])?;
    // Accepted in this order: the list has them in it.
    let mut clients = Vec::new();
    for number in 1..=2 {
        clients.push(trial.connect()?);
        let held = || clients_held_at(address.port()).into_iter().filter(|port| *port != 0).count();
        if !until(PATIENT, || held() >= number) {
            return Err(Stop::other(both!("a client is not accepted", "有一个客户端没有被接受")));
        }
    }
    if trial.server()?.has_ended() {
        return Err(Stop::other(both!("the server has ended before anybody left", "还没有客户端离开，服务器就结束了")));
    }
    drop(clients.remove(0));
    let server = trial.server()?;
    if until(Duration::from_secs(3), || server.has_ended()) {
        return Ok(());
    }
    Err(Stop::other(both!(
        "the first of two clients has left, and the server goes on",
        "两个客户端中先来的已经离开，服务器还在运行"
    )))
}

fn all_who_wait_are_accepted_first(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 20;
    let address = start(trial, &[])?;
    trial.get("/")?.expect(&[200])?;
    let process = trial.process()?;
    let server = trial.server()?;
    if !until(PATIENT, || server.said().contains(" -> ")) {
        return Err(Stop::other(both!("the log does not say how a request was answered", "日志没有写明对请求的响应")));
    }
    let before = server.said();
    process.signal(Signal::STOP);
    let clients = silent(trial, CLIENTS).and_then(|mut clients| {
        for client in &mut clients {
            client.send(get("/"))?;
        }
        Ok(clients)
    });
    // A client may know that it is connected before the server's queue does.
    let is_full = until(PATIENT, || waiting_at(address.port()) >= CLIENTS);
    process.signal(Signal::CONT);
    if !is_full {
        return Err(Stop::NotLookedAt(both!(
            "the queue of the listener is not as long as it has to be",
            "监听队列没有达到应有的长度"
        )));
    }
    for client in &mut clients? {
        client.answer()?.expect(&[200])?;
    }
    let server = trial.server()?;
    // What was said may not have been read yet.
    until(PATIENT, || server.said().matches(" -> ").count() > CLIENTS);
    let said = server.said();
    let new: Vec<&str> = said.strip_prefix(&before).unwrap_or(&said).lines().collect();
    let is_answer = |line: &&str| line.contains(" -> ");
    let first = new.iter().position(is_answer).unwrap_or(new.len());
    match new[..first].iter().filter(|line| line.ends_with(" connected")).count() {
        CLIENTS => Ok(()),
        accepted => Err(Stop::other(both!(
            "{accepted} of {CLIENTS} clients were accepted before the first was answered",
            "第一个客户端得到响应之前，{CLIENTS} 个客户端中只接受了 {accepted} 个"
        ))),
    }
}

fn the_hundredth_answer_is_the_last(trial: &mut Trial) -> Outcome {
    start(trial, &[])?;
    let mut client = trial.connect()?;
    for number in 1..=100 {
        let answer = client.send(get("/"))?.answer()?;
        answer.expect(&[200])?;
        if answer.says_close() != (number == 100) {
            let nothing = || both!("nothing", "没有 Connection");
            let says = answer.field("Connection");
            let says = says.map_or_else(nothing, |says| both!("{says}", "写着 Connection: {says}"));
            return Err(Stop::other(both!("answer {number} says {says}", "第 {number} 个响应{says}" in says)));
        }
    }
    client.closes()
}

fn a_request_that_was_begun_is_hurried(trial: &mut Trial) -> Outcome {
    /// How long a client may be silent between two requests.
    const SILENT: u16 = 8;
    trial.restart_without_index(&Setup { timeout: Some(SILENT), ..Setup::default() })?;
    let silent = Duration::from_secs(SILENT.into());
    let begin = |client: &mut Client| client.send("GET / HT").map(|_| Instant::now());
    let end = |client: &mut Client| -> Result<Instant, Stop> {
        client.set_timeout(silent + PATIENT);
        client.ends()?;
        Ok(Instant::now())
    };
    let (mut hurried, mut late) = (answered(trial)?, answered(trial)?);
    let idle_since = Instant::now();
    let began = begin(&mut hurried)?;
    let patience = end(&mut hurried)?.duration_since(began);
    if patience > silent.mul_f64(0.8) {
        return Err(Stop::other(both!(
            "a client that had begun a request was dropped after {patience:.1?} of {silent:?}",
            "请求发到一半的客户端过了 {patience:.1?} 才被断开，沉默的客户端的时限是 {silent:?}"
        )));
    }
    // Nearly at the end of the time for which it may be silent.
    let nearly = silent.saturating_sub(Duration::from_millis(700));
    std::thread::sleep(nearly.saturating_sub(idle_since.elapsed()));
    let began = begin(&mut late)?;
    let again = end(&mut late)?.duration_since(began);
    if again < patience.mul_f64(0.7) && again < patience.saturating_sub(Duration::from_millis(500)) {
        return Err(Stop::other(both!(
            "a client that began its request after {nearly:.1?} of silence was dropped {again:.1?} later; \
             another had {patience:.1?}",
            "沉默 {nearly:.1?} 之后才开始发请求的客户端，{again:.1?} 后就被断开；另一个有 {patience:.1?}"
        )));
    }
    Ok(())
}

fn two_threads_serve(trial: &mut Trial) -> Outcome {
    start(trial, &[])?;
    let process = trial.process()?;
    let before = process.running_times();
    let clients = (0..32).map(|_| answered(trial)).collect::<Result<Vec<_>, _>>();
    for client in &mut clients? {
        client.send(get("/"))?.answer()?.expect(&[200])?;
    }
    let worked = process.running_times().into_iter().filter(|(number, time)| {
        time.saturating_sub(before.get(number).copied().unwrap_or_default()) > Duration::from_micros(50)
    });
    match worked.count() {
        0 | 1 => {
            Err(Stop::other(both!("one thread has answered all of 32 clients", "32 个客户端的请求都由同一个线程处理")))
        }
        _ => Ok(()),
    }
}

/// Has this target asked for, and then `/` again and again: how long the first took, and the longest of the others.
fn beside(trial: &mut Trial, target: &str) -> Result<(Duration, Duration), Stop> {
    let workers: &[&str] = if trial.stage().number() == 8 { &["--workers", "1"] } else { &[] };
    start(trial, workers)?;
    trial.get("/")?.expect(&[200])?;
    let mut slow = trial.connect()?;
    let start = Instant::now();
    slow.send(get(target))?;
    slow.set_timeout(Duration::from_secs(1));
    let mut longest = Duration::ZERO;
    while start.elapsed() < Duration::from_secs(3) {
        longest = longest.max(time_of(trial, "/")?);
        std::thread::sleep(Duration::from_millis(50));
    }
    slow.set_timeout(PATIENT);
    slow.answer()?;
    Ok((start.elapsed(), longest))
}

fn is_slow(target: &str, slow: Duration) -> Outcome {
    match slow >= Duration::from_millis(4900) {
        true => Ok(()),
        false => {
            Err(Stop::other(both!("{target} was answered after {slow:.1?}", "{target} 过了 {slow:.1?} 就得到响应")))
        }
    }
}

fn slow_holds_up_the_others(trial: &mut Trial) -> Outcome {
    let (slow, longest) = beside(trial, "/slow")?;
    is_slow("/slow", slow)?;
    match longest >= Duration::from_secs(4) {
        true => Ok(()),
        false => Err(Stop::other(both!(
            "meanwhile / was answered after {longest:.1?}",
            "其间 / 最久的一次也只等了 {longest:.1?}"
        ))),
    }
}

fn held_up_no_one(trial: &mut Trial, target: &str) -> Outcome {
    let (slow, longest) = beside(trial, target)?;
    is_slow(target, slow)?;
    match longest <= Duration::from_secs(1) {
        true => Ok(()),
        false => {
            let text = both!("meanwhile / was answered after {longest:.1?}", "其间 / 过了 {longest:.1?} 才得到响应");
            Err(Stop::with(Symptom::Waits, text))
        }
    }
}

fn slow_holds_up_no_one(trial: &mut Trial) -> Outcome {
    held_up_no_one(trial, "/slow")
}

fn sleep_holds_up_no_one(trial: &mut Trial) -> Outcome {
    held_up_no_one(trial, "/sleep")
}

fn a_lost_stack_keeps_its_place(trial: &mut Trial) -> Outcome {
    start(trial, &["--per-client", "5"])?;
    let last = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for number in 1..=7 {
        let mut client = trial.connect()?;
        let answer = client.send(last)?.answer()?;
        // Its connection ends only when it does.
        drop(client);
        let due = if number <= 5 { 200 } else { 503 };
        if answer.status != due {
            return Err(Stop::other(both!(
                "client {number} was answered {}, not {due}",
                "第 {number} 个客户端得到的响应是 {}，应为 {due}"; answer.status
            )));
        }
        // A coroutine that is well gives its place back meanwhile.
        std::thread::sleep(Duration::from_millis(300));
    }
    Ok(())
}

fn please_comes_first(trial: &mut Trial) -> Outcome {
    start(trial, &[])?;
    let whole = format!("please\n{}", get("/"));
    for pieces in [vec!["please\n", &get("/")], vec!["ple", "ase\n", &get("/")], vec![&whole]] {
        let mut client = trial.connect()?;
        for piece in &pieces {
            client.send(piece)?;
            std::thread::sleep(Duration::from_millis(50));
        }
        let answer = client.answer().and_then(|answer| answer.expect(&[200]).map(drop));
        answer.map_err(|stop| {
            let text = stop.text();
            Stop::other(both!("after {pieces:?}: {text}", "发送 {pieces:?} 之后：{text}" in text))
        })?;
    }
    for first in ["thanks\n", "please!\n", "GET / HTTP/1.1\r\n", "\n"] {
        let mut client = trial.connect()?;
        client.send(first)?.send(get("/"))?;
        if let Some(answer) = client.answer_or_close()? {
            return Err(Stop::other(both!(
                "a client that began with {first:?} was answered {}",
                "以 {first:?} 开头的客户端得到了响应 {}"; answer.status
            )));
        }
    }
    let mut silent = trial.connect()?;
    silent.send("ple")?;
    if silent.hears_within(http_suite::IMPATIENT) {
        return Err(Stop::other(both!(
            "a client that had sent a part of the line was not waited for",
            "客户端只发了这一行的一部分，服务器没有等它发完"
        )));
    }
    trial.connect()?.send("please\n")?.send(get("/"))?.answer()?.expect(&[200])?;
    Ok(())
}

fn a_worker_that_fails_takes_its_clients(trial: &mut Trial) -> Outcome {
    start(trial, &["--workers", "2"])?;
    let process = trial.process()?;
    if !until(PATIENT, || process.threads() == Some(2)) {
        return Err(Stop::other(both!("there are no two threads", "线程不是两个")));
    }
    let mut clients = Vec::new();
    for _ in 0..40 {
        let mut client = trial.connect()?;
        // The one that is too much for the worker is not answered.
        if client.send(get("/"))?.answer_or_close().is_ok_and(|answer| answer.is_some()) {
            clients.push(client);
        }
        if process.threads() == Some(1) {
            break;
        }
    }
    if !until(PATIENT, || process.threads() == Some(1)) {
        return Err(Stop::other(both!(
            "with 40 clients there are {:?} threads",
            "有 40 个客户端时，线程有 {:?} 个"; process.threads().unwrap_or(0)
        )));
    }
    until(PATIENT, || clients.iter_mut().any(Client::has_ended));
    let (closed, mut kept): (Vec<_>, Vec<_>) = clients.into_iter().partition_mut(Client::has_ended);
    if closed.is_empty() {
        return Err(Stop::other(both!(
            "a thread has ended, and none of its clients was closed",
            "一个线程结束了，它的客户端的连接却一个也没有关闭"
        )));
    }
    for client in &mut kept {
        client.send(get("/"))?.answer()?.expect(&[200])?;
    }
    for _ in 0..4 {
        trial.get("/")?.expect(&[200])?;
    }
    Ok(())
}

fn a_worker_that_panics_ends_the_server(trial: &mut Trial) -> Outcome {
    const SAYS: [&str; 2] = ["thread 'worker 2'", "panicked at "];
    start(trial, &["--workers", "2"])?;
    let mut clients = Vec::new();
    for _ in 0..40 {
        // Once it has ended nobody connects.
        let Ok(mut client) = trial.connect() else { break };
        // The one that is too much for the worker is not answered.
        let _ = client.send(get("/")).and_then(Client::answer_or_close);
        clients.push(client);
    }
    let server = trial.server()?;
    if !until(PATIENT, || server.has_ended()) {
        return Err(Stop::other(both!(
            "with 40 clients the server goes on, and has said:\n{}",
            "有 40 个客户端时，服务器还在运行，它说过：\n{}"; server.said()
        )));
    }
    let status = server.end().and_then(|status| status.code());
    if status != Some(101) {
        return Err(Stop::other(both!(
            "its exit status is {status:?}, and not 101",
            "退出状态是 {status:?}，而不是 101"
        )));
    }
    if !until(PATIENT, || SAYS.iter().all(|word| server.said().contains(word))) {
        return Err(Stop::other(both!(
            "it does not say which thread panicked, and where:\n{}",
            "它没有说明哪个线程在哪里 panic：\n{}"; server.said()
        )));
    }
    Ok(())
}

fn an_idle_client_costs_less_than_a_kilobyte(trial: &mut Trial) -> Outcome {
    const CLIENTS: usize = 2000;
    const MOST: u64 = 1024;
    if !http_suite::process::allow_descriptors(5000) {
        return Err(Stop::NotLookedAt(both!(
            "this process may not have descriptors enough for two thousand clients",
            "不允许本进程打开足够两千个客户端用的描述符"
        )));
    }
    let address = start(trial, &["--workers", "1", "--per-client", "10000"])?;
    // What is needed only once.
    let _first = answered(trial)?;
    let process = trial.process()?;
    let hidden = || both!("this system does not say how much memory a process has", "本系统不提供进程占用多少内存");
    let memory = || process.memory().ok_or_else(|| Stop::NotLookedAt(hidden()));
    let before = memory()?;
    let clients = silent(trial, CLIENTS)?;
    let held = || clients_held_at(address.port()).into_iter().filter(|port| *port != 0).count();
    if !until(PATIENT, || held() > CLIENTS) {
        return Err(Stop::other(both!(
            "{} of {CLIENTS} clients are accepted",
            "{CLIENTS} 个客户端中只接受了 {} 个"; held()
        )));
    }
    let each = memory()?.saturating_sub(before) / CLIENTS as u64;
    drop(clients);
    if each < MOST {
        Ok(())
    } else {
        Err(Stop::other(both!(
            "each of {CLIENTS} idle clients costs {each} bytes",
            "{CLIENTS} 个空闲的客户端，每个占用 {each} 字节内存"
        )))
    }
}

fn a_client_waits_for_ever(trial: &mut Trial) -> Outcome {
    let address = start(trial, &[])?;
    // A first one may find the server not at rest yet, and be accepted before anybody has to be woken.
    let mut first = trial.connect()?;
    first.send(get("/"))?.hears_within(http_suite::IMPATIENT);
    let mut client = trial.connect()?;
    client.send(get("/"))?;
    if client.hears_within(http_suite::IMPATIENT) || client.has_ended() {
        return Err(Stop::other(both!(
            "a client that asks is answered, or its connection is ended",
            "客户端发出请求后得到了响应，或者连接被结束了"
        )));
    }
    if clients_held_at(address.port()).contains(&client.port()) {
        return Err(Stop::other(both!(
            "a client that asks is accepted, and then not answered",
            "客户端发出请求后被接受了，却没有得到响应"
        )));
    }
    Ok(())
}

/// As `Iterator::partition`, of a test that has to be asked with a `&mut`.
trait PartitionMut<T>: Iterator<Item = T> + Sized {
    fn partition_mut(self, mut test: impl FnMut(&mut T) -> bool) -> (Vec<T>, Vec<T>) {
        let (mut is, mut is_not) = (Vec::new(), Vec::new());
        for mut item in self {
            if test(&mut item) { is.push(item) } else { is_not.push(item) }
        }
        (is, is_not)
    }
}

impl<T, I: Iterator<Item = T>> PartitionMut<T> for I {}

fn a_full_queue_is_told(trial: &mut Trial) -> Outcome {
    let folder = tempfile::tempdir().map_err(not_seen)?;
    let slow = folder.path().join("slow");
    let made = Command::new("mkfifo").arg(&slow).status().map_err(not_seen)?;
    if !made.success() {
        return Err(Stop::NotLookedAt(both!("there is no mkfifo", "没有 mkfifo")));
    }
    fs::write(folder.path().join("quick"), "quick").map_err(not_seen)?;
    let address = start(trial, &["--pool", "1", "--folder", &folder.path().display().to_string()])?;
    let ask = |name: &str| -> Result<TcpStream, Stop> {
        let mut stream = TcpStream::connect(address).map_err(|error| Stop::other(reason(&error)))?;
        stream.set_read_timeout(Some(Duration::from_millis(700))).map_err(not_seen)?;
        writeln!(stream, "{name}").map_err(not_seen)?;
        Ok(stream)
    };
    let mut first = ask("slow")?;
    // The pool has it when somebody reads the FIFO: to open it for writing waits for that.
    let writer = open_when_read(&slow)?;
    let mut quick = [ask("quick")?, ask("quick")?, ask("quick")?];
    let mut told = 0;
    let mut line = |stream: &mut TcpStream| {
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text);
        text.trim_end().to_owned()
    };
    let said: Vec<String> = quick.iter_mut().map(&mut line).collect();
    told += said.iter().filter(|text| text.contains("busy")).count();
    drop(writer);
    let wait = |stream: &mut TcpStream| stream.set_read_timeout(Some(PATIENT)).map_err(not_seen);
    wait(&mut first)?;
    if line(&mut first) != "0 bytes" {
        return Err(Stop::other(both!(
            "the client that asked for what is slow is not answered in the end",
            "要慢的那个客户端，最后也没有得到响应"
        )));
    }
    for (stream, said) in quick.iter_mut().zip(&said).filter(|(_, said)| said.is_empty()) {
        wait(stream)?;
        let text = line(stream);
        if text != "5 bytes" {
            return Err(Stop::other(both!(
                "a client that asked for what is quick was told {said:?}, then {text:?}",
                "一个要快的客户端先收到 {said:?}，后收到 {text:?}"
            )));
        }
    }
    match told {
        2 => Ok(()),
        told => Err(Stop::other(both!(
            "while the pool was busy, {told} of three clients were told so",
            "线程池忙的时候，三个客户端中有 {told} 个得知服务器忙"
        ))),
    }
}

/// Opens a FIFO for writing as soon as somebody reads it.
fn open_when_read(fifo: &Path) -> Result<File, Stop> {
    let fifo = fifo.to_owned();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || tell.send(File::options().write(true).open(fifo)));
    match told.recv_timeout(PATIENT) {
        Ok(file) => file.map_err(not_seen),
        Err(_) => Err(Stop::other(both!("nobody reads the file that was asked for", "没有线程去读客户端要的文件"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own_and_says_what_it_is_about() {
        let names: BTreeSet<&str> = OWN.iter().map(|case| case.name).collect();
        assert_eq!(names.len(), OWN.len());
        for case in OWN {
            assert!(case.why.ends_with('.') && case.why_zh.ends_with('。'), "{}", case.name);
            assert!(!http_suite::cases::all().any(|other| other.name == case.name), "{}", case.name);
        }
    }

    #[test]
    fn an_address_is_no_number() {
        let line = "[process 7, thread client-4711] 127.0.0.1:4711 GET / -> 200 OK, 5 bytes (request 3)";
        assert_eq!(numbers(line), BTreeSet::from([3, 5, 200]));
        assert_eq!(numbers("answered: 12."), BTreeSet::from([12]));
        let log = |numbers: &[u64]| {
            numbers.iter().map(|number| format!("x -> 200 OK\nanswered {number}\n")).collect::<String>()
        };
        assert!(counts(&log(&[4, 5, 6]), 3));
        assert!(!counts(&log(&[1, 1, 1]), 3) && !counts(&log(&[4, 6, 5]), 3) && !counts(&log(&[1, 2]), 3));
    }
}
