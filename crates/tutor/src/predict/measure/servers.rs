//! What a lesson does, as its answers and `/proc` show it.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use http_suite::process::{allow_descriptors, until};
use http_suite::{Client, Held, IMPATIENT, PATIENT};
use socket2::SockRef;

use super::{Bench, Unseen, Value};
use crate::both;
use crate::predict::stand::{GET, Stand};

fn no_proc() -> Unseen {
    Unseen(both!("/proc does not tell it here", "这里的 /proc 不提供这项数据"))
}

/// The second client comes while the server reads the request of the first, which never ends.
pub fn connect_to_a_busy_server(bench: &Bench) -> Result<Value, Unseen> {
    let stand = Stand::start(bench)?;
    let mut first = stand.silent(1)?;
    first[0].send("GET / HT")?;
    match TcpStream::connect_timeout(&stand.address(), Duration::from_secs(3)) {
        Ok(second) => {
            let port = second.local_addr()?.port();
            if stand.held().contains(&port) {
                return Err(Unseen(both!("the server was not busy", "服务器并不忙")));
            }
            Ok(Value::key("succeeds"))
        }
        Err(error) if error.kind() == ErrorKind::TimedOut => Ok(Value::key("waits")),
        Err(_) => Ok(Value::key("fails")),
    }
}

/// The status of the answer.
pub fn status(bench: &Bench) -> Result<Value, Unseen> {
    let stand = Stand::start(bench)?;
    let request = format!("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", bench.given.target);
    let answer = stand.open()?.send(request)?.answer()?;
    Ok(Value::key(&answer.status.to_string()))
}

/// In KiB, while a large file is on its way to a client that reads slowly.
pub fn memory_while_sending(bench: &Bench) -> Result<Value, Unseen> {
    const READ: usize = 1024 * 1024;
    let stand = Stand::start(bench)?;
    let mut client = Client::open(stand.address(), Some(4096), None)?;
    let answer = client.send("GET /huge.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")?.answer_to_head()?;
    let length: usize = answer.expect(&[200])?.must_have("Content-Length")?.parse().unwrap_or_default();
    if length != bench.given.bytes {
        return Err(Unseen(both!("the file has {length} bytes", "文件有 {length} 字节")));
    }
    client.skip(READ)?;
    let memory = stand.process.memory().ok_or_else(no_proc)?;
    client.reset();
    Ok(Value::Number((memory / 1024) as f64))
}

/// In KiB, to a tenth: what so many clients cost that have been answered once where that keeps them, and are silent.
pub fn memory_of_each_client(bench: &Bench) -> Result<Value, Unseen> {
    let number = bench.given.clients;
    if !allow_descriptors(number as u64 + 200) {
        return Err(Unseen(both!(
            "{number} connections are not allowed here (ulimit -n)",
            "这里不允许 {number} 条连接（ulimit -n）"
        )));
    }
    let stand = Stand::start(bench)?;
    let memory = || {
        stand.rests();
        let family = stand.process.family().into_iter().map(|process| process.memory());
        family.sum::<Option<u64>>().ok_or_else(no_proc)
    };
    let before = memory()?;
    let keeps = !matches!(bench.lesson, "01" | "02" | "03" | "04" | "05");
    let clients = if keeps { stand.many_answered(number)? } else { stand.many(number)? };
    let grown = memory()?.saturating_sub(before);
    for client in clients {
        // At once, and without the minute that the kernel would remember it.
        SockRef::from(&client).set_linger(Some(Duration::ZERO))?;
    }
    Ok(Value::Number((grown as f64 / number as f64 / 102.4).round() / 10.0))
}

/// How many processes there are, while so many clients are silent.
pub fn processes(bench: &Bench) -> Result<Value, Unseen> {
    let stand = Stand::start(bench)?;
    let clients = stand.silent(bench.given.clients)?;
    Ok(settled(clients, || stand.process.family().len()))
}

/// How many threads there are, while so many clients are silent.
pub fn threads(bench: &Bench) -> Result<Value, Unseen> {
    let stand = Stand::start(bench)?;
    let clients = stand.silent(bench.given.clients)?;
    Ok(settled(clients, || stand.process.threads().unwrap_or_default()))
}

/// How many descriptors more the process has, while so many clients are silent.
pub fn more_descriptors(bench: &Bench) -> Result<Value, Unseen> {
    let stand = Stand::start(bench)?;
    let descriptors = || stand.process.descriptors().unwrap_or_default();
    // A client that has been answered may not be closed yet.
    until(PATIENT, || stand.held().is_empty());
    let before = count_at_rest(descriptors);
    let clients = stand.silent(bench.given.clients)?;
    Ok(settled(clients, || descriptors().saturating_sub(before)))
}

/// A count that stays as it is: what comes and goes with each client takes a moment.
fn settled(clients: Vec<Client>, count: impl Fn() -> usize) -> Value {
    let found = count_at_rest(count);
    drop(clients);
    Value::count(found)
}

fn count_at_rest(count: impl Fn() -> usize) -> usize {
    const AS_LONG_AS: Duration = Duration::from_millis(200);
    let (mut found, mut since) = (count(), Instant::now());
    until(PATIENT, || {
        let now = count();
        if now != found {
            (found, since) = (now, Instant::now());
        }
        since.elapsed() >= AS_LONG_AS
    });
    found
}

/// In a second, while so many clients are silent.
pub fn wake_ups(bench: &Bench) -> Result<Value, Unseen> {
    let stand = Stand::start(bench)?;
    let _clients = stand.silent(bench.given.clients)?;
    stand.rests();
    let (before, start) = (stand.process.wake_ups().ok_or_else(no_proc)?, Instant::now());
    thread::sleep(Duration::from_secs(1));
    let woken = stand.process.wake_ups().ok_or_else(no_proc)?.saturating_sub(before);
    Ok(Value::Number((woken as f64 / start.elapsed().as_secs_f64()).round()))
}

/// How many threads wake up for each of so many clients that connect, one after another.
pub fn wake_ups_for_a_client(bench: &Bench) -> Result<Value, Unseen> {
    let stand = Stand::start(bench)?;
    let before = stand.process.wake_ups().ok_or_else(no_proc)?;
    let mut clients = Vec::new();
    for _ in 0..bench.given.clients {
        clients.extend(stand.silent(1)?);
        stand.rests();
    }
    let woken = stand.process.wake_ups().ok_or_else(no_proc)?.saturating_sub(before);
    Ok(Value::Number((woken as f64 / bench.given.clients as f64).round()))
}

/// How many connections a client needs that asks so many times, one after another, and keeps each as long as it may.
pub fn connections_for_requests(bench: &Bench) -> Result<Value, Unseen> {
    let stand = Stand::start(bench)?;
    let (mut connections, mut kept) = (0, None);
    for _ in 0..bench.given.times {
        let mut client = match kept.take() {
            Some(client) => client,
            None => {
                connections += 1;
                stand.open()?
            }
        };
        let answer = client.send(GET)?.answer()?;
        kept = (!answer.expect(&[200])?.is_last()).then_some(client);
    }
    Ok(Value::count(connections))
}

/// How long a client stays that sends a byte of its request three times a second, where a client has one second.
pub fn seconds_for_a_trickling_client(bench: &Bench) -> Result<Value, Unseen> {
    let stand = Stand::start_with_timeout(bench, 1)?;
    let mut client = stand.open()?;
    let start = Instant::now();
    client.send("GET / HTTP/1.1\r\nX: ")?;
    while start.elapsed() < PATIENT && !client.hears_within(Duration::from_millis(300)) {
        client.send("x")?;
    }
    Ok(Value::Number((start.elapsed().as_secs_f64() * 10.0).round() / 10.0))
}

/// Of so many connections of one client: those that the server keeps. The others are told so, and closed.
pub fn connections_held(bench: &Bench) -> Result<Value, Unseen> {
    let stand = Stand::start(bench)?;
    until(PATIENT, || stand.held().is_empty());
    let mut clients = (0..bench.given.clients).map(|_| stand.open()).collect::<Result<Vec<_>, _>>()?;
    let mut silent = 0;
    let all_known = until(PATIENT, || {
        silent = clients.iter().filter(|client| client.is_quiet_for(Duration::from_millis(1))).count();
        stand.held().len() == silent
    });
    if !all_known {
        return Err(Unseen(both!("the server did not come to rest", "服务器没有安静下来")));
    }
    clients.drain(..).for_each(Client::reset);
    Ok(Value::count(silent))
}

/// So many clients are connected, and the thread that serves the first of them is held, as if it slept. How many of
/// them are answered nevertheless?
pub fn answered_while_a_thread_is_held(bench: &Bench) -> Result<Value, Unseen> {
    let stand = Stand::start(bench)?;
    let mut clients = stand.answered(bench.given.clients)?;
    let before = stand.process.running_times();
    for _ in 0..200 {
        clients[0].send(GET)?.answer()?.expect(&[200])?;
    }
    let thread = stand.process.busiest_since(&before).ok_or_else(no_proc)?;
    let held = Held::thread(thread).map_err(Unseen)?;
    for client in &mut clients {
        client.send(GET)?;
    }
    let (mut answered, mut since) = (0, Instant::now());
    until(PATIENT, || {
        let now = clients.iter().filter(|client| !client.is_quiet_for(Duration::from_millis(1))).count();
        if now != answered {
            (answered, since) = (now, Instant::now());
        }
        since.elapsed() >= IMPATIENT
    });
    drop(held);
    for client in &mut clients {
        client.answer()?.expect(&[200])?;
    }
    Ok(Value::count(answered))
}
