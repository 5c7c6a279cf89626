//! What a server holds, and that it is given back.

use std::fmt;
use std::time::Duration;

use http_suite::process::{Process, clients_held_at, until};
use http_suite::{Both, Client, Language, Server, both};

/// What a server and its descendants hold at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// In bytes, of its own: not files, and not what is only reserved.
    pub memory: u64,
    pub descriptors: usize,
    pub threads: usize,
    /// With those that have ended, if nobody has asked how.
    pub processes: usize,
}

impl Usage {
    /// `None` where there is no `/proc`, or no such process any more.
    pub fn of(pid: u32) -> Option<Usage> {
        let server = Process(pid);
        let mut usage = Usage {
            memory: server.memory()?,
            descriptors: server.descriptors()?,
            threads: server.threads()?,
            processes: 1,
        };
        for process in server.descendants() {
            usage.memory += process.memory().unwrap_or(0);
            usage.descriptors += process.descriptors().unwrap_or(0);
            usage.threads += process.threads().unwrap_or(0);
            usage.processes += 1;
        }
        Some(usage)
    }

    /// What has to be the same again when all clients have left.
    fn counts(&self) -> [usize; 3] {
        [self.descriptors, self.threads, self.processes]
    }

    /// What is not as it was: `None` if all is.
    pub fn differs(&self, before: &Usage) -> Option<Both> {
        let names = [both!("descriptors", "描述符"), both!("threads", "线程"), both!("processes", "进程")];
        let counts = before.counts().into_iter().zip(self.counts());
        let differ = names.iter().zip(counts).filter(|(_, (before, now))| before != now);
        let texts: Vec<Both> = differ
            .map(|(name, (before, now))| {
                both!("{before} {name} before, {now} now", "{name}原来 {before} 个，现在 {now} 个" in name)
            })
            .collect();
        let joined = |language: Language| {
            let texts: Vec<&str> = texts.iter().map(|text| text.say(language)).collect();
            texts.join(language.say("; ", "；"))
        };
        (!texts.is_empty()).then(|| Both::of(joined))
    }

    /// How much memory may be used at the end, if this was the beginning: a tenth more, and 1 MiB. An allocator keeps
    /// what was freed, in pieces that depend on who came when. What is lost with each client soon is more than that.
    pub fn allowed(&self) -> u64 {
        self.memory + self.memory / 10 + 1024 * 1024
    }
}

/// Its columns of the table.
impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Usage { memory, descriptors, threads, processes } = self;
        write!(f, "{:>10} KiB{descriptors:>13}{threads:>9}{processes:>11}", memory / 1024)
    }
}

/// Waits until the server has noticed that all clients have left. `None` where that cannot be seen.
pub fn settled(server: &Server, wait: Duration) -> Result<Option<Usage>, Both> {
    /// So often it has to look the same, ten milliseconds apart: threads and processes end a little later than their
    /// connections.
    const TIMES: usize = 50;
    let Some(pid) = server.pid().filter(|_| Process::can_be_seen()) else { return Ok(None) };
    // Who came before this one has been accepted when it is answered.
    let last = Client::open(server.address(), None, None).and_then(|mut client| {
        client.set_timeout(wait);
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?.answer()
    });
    last.map_err(|stop| {
        let why = stop.text();
        both!(
            "when all clients had left, one more got no answer: {why}",
            "所有客户端离开之后，又来的一个没有得到响应：{why}" in why
        )
    })?;
    // Port 0 is nobody's: that line is the listener's.
    let held = || clients_held_at(server.address().port()).into_iter().filter(|port| *port != 0).count();
    if !until(wait, || held() == 0) {
        let seconds = wait.as_secs();
        return Err(both!(
            "{0} connections are still open, though their clients left {seconds} s ago",
            "客户端已离开 {seconds} 秒，还有 {0} 条连接开着"; held()
        ));
    }
    let (mut last, mut same) = (Usage::of(pid), 0);
    until(wait, || {
        let now = Usage::of(pid);
        same = if now.map(|now| now.counts()) == last.map(|last| last.counts()) { same + 1 } else { 0 };
        last = now;
        same == TIMES
    });
    last.map(Some).ok_or_else(|| both!("its process is not there any more", "它的进程已经不在了"))
}

/// Waits until the server holds no more than `before`, and says what it holds then, or when it was waited for long
/// enough.
pub fn given_back(server: &Server, before: &Usage, wait: Duration) -> Result<Usage, Both> {
    let mut now = settled(server, wait)?.unwrap_or(*before);
    until(wait, || {
        now = server.pid().and_then(Usage::of).unwrap_or(now);
        now.differs(before).is_none() && now.memory <= before.allowed()
    });
    Ok(now)
}
