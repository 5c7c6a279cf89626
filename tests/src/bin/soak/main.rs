//! `soak`: very many requests, clients that fail in every way, and a server that must come out as it went in.

mod actions;
mod arguments;
mod asked;
mod client;
mod dice;
mod usage;

use std::io::Write;
use std::process::{ExitCode, ExitStatus};
use std::time::{Duration, Instant};

use clap::Parser;
use http_suite::language::{ending, reason};
use http_suite::process::until;
use http_suite::site::not_made;
use http_suite::{Both, Language, Server, SharedHouse, Subject, Terms, both, keep, see_alive};
use rustix::process::Signal;

use arguments::Arguments;
use asked::Shelf;
use client::{Slowest, Visitor, all_go_on};
use usage::Usage;

/// How often it says during a run how things are.
const POINTS: usize = 10;
/// One of so many requests comes before the first look: what a server makes once, it makes then.
const WARM_UP: usize = 50;

fn main() -> ExitCode {
    if let Some(status) = keep::kept(std::env::args_os()) {
        return status;
    }
    let arguments = Arguments::parse();
    let house = SharedHouse::default();
    let soaked = house.leave_on_signals().map_err(|error| {
        let why = reason(&error);
        both!("cannot wait for signals: {why}", "无法等待信号：{why}" in why)
    });
    let soaked = soaked.and_then(|()| soak(&arguments, &house));
    house.leave();
    match soaked {
        Ok(status) => status,
        Err(text) => {
            let _ = writeln!(anstream::stderr(), "soak: {}", text.say(arguments.language()).trim_end());
            ExitCode::from(2)
        }
    }
}

fn soak(arguments: &Arguments, house: &SharedHouse) -> Result<ExitCode, Both> {
    let subject = arguments.subject()?;
    let language = arguments.language();
    let keeper = keep::this_program().map_err(|error| {
        let why = reason(&error);
        both!("where is this program? {why}", "找不到本程序的位置：{why}" in why)
    })?;
    let terms = Terms { keeper: Some(keeper), ..Terms::default() };
    let site = house.site(&terms).map_err(|error| not_made(&error))?;
    let shelf = Shelf::of(&site, matches!(subject, Subject::Lesson { .. })).map_err(|error| {
        let why = reason(&error);
        both!("cannot read the files to be served: {why}", "无法读取要提供的文件：{why}" in why)
    })?;
    see_alive(&terms, &subject, &site, arguments.stage())?;
    let server = subject.start_on(&terms, &site, &Default::default())?;

    let seed = arguments.seed();
    let again = format!("--requests {} --clients {} --seed {seed}", arguments.requests, arguments.clients);
    say(both!("as it can be had again: {again}\n", "可以这样重来一遍：{again}\n").say(language));
    let mut run = Run {
        server,
        total: arguments.requests,
        answers: 0,
        faults: 0,
        slowest: Slowest::default(),
        started: Instant::now(),
        ended: None,
        language,
    };
    let came_out = run.through(arguments, seed, &shelf);
    if run.slowest.took > Duration::ZERO {
        let Slowest { took, what } = &run.slowest;
        let text = both!(
            "the slowest answer took {0:.3} s: {what}\n",
            "最慢的响应用了 {0:.3} 秒：{what}\n" in what; took.as_secs_f64()
        );
        say(text.say(language));
    }
    match came_out {
        Ok(text) => {
            say(text.say(language));
            Ok(ExitCode::SUCCESS)
        }
        Err(text) => {
            run.end();
            let (Run { answers, faults, .. }, words) = (&run, run.last_words());
            let text = Both { en: text.en.trim_end().to_owned(), zh: text.zh.trim_end().to_owned() };
            let text = both!(
                "\nwrong, after {answers} answers and {faults} faults: {text}\n{words}  again\n    the same with {again}\n    \
                 Each client does the same again. When, is up to the machine: a race may need more than one try.\n",
                "\n出错了，此前有 {answers} 个响应、{faults} 次故障：{text}\n{words}  重来一遍\n    用 {again} 做同样的事\n    \
                 每个客户端会再做同样的动作，但时机取决于机器：竞争条件可能要多试几次。\n" in text, words
            );
            say(text.say(language));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// A server in use.
struct Run {
    server: Server,
    total: usize,
    answers: usize,
    /// Clients that did not want an answer, or not to the end.
    faults: usize,
    slowest: Slowest,
    started: Instant,
    /// How the server ended, if it did so by itself.
    ended: Option<ExitStatus>,
    language: Language,
}

impl Run {
    fn through(&mut self, arguments: &Arguments, seed: u64, shelf: &Shelf) -> Result<Both, Both> {
        let (address, timeout, clients) = (self.server.address(), arguments.timeout(), arguments.clients);
        let new = |number| Visitor::new(number, seed, shelf, address, arguments);
        let mut visitors: Vec<Visitor> = (1..=clients).map(new).collect();

        say(self.language.say(
            "   answers    faults        memory  descriptors  threads  processes\n",
            "      响应      故障          内存       描述符     线程       进程\n",
        ));
        self.go_on(&mut visitors, self.total.div_ceil(WARM_UP).div_ceil(clients))?;
        let before = usage::settled(&self.server, timeout)?;
        self.say_how(before, self.language.say("all clients have left: the baseline", "所有客户端已离开：作为基准"));
        self.go_on(&mut visitors, self.total.div_ceil(clients))?;
        let Some(mut before) = before else {
            let right = self.right();
            return Ok(both!(
                "{right}; what the server holds cannot be seen here, and was not looked at\n",
                "{right}；这里看不到服务器占用了什么，没有检查\n" in right
            ));
        };
        let mut after = self.given_back(&before, timeout)?;
        if after.memory > before.allowed() {
            // Some servers keep much that they use again: lesson 08 has a timer for each wait, until its time comes.
            say(self.language.say(
                "memory has grown: once more the same, since what is only kept for use does not grow again\n",
                "内存增加了：再做一遍，只是留着备用的内存不会再增加\n",
            ));
            before = after;
            self.go_on(&mut visitors, 2 * self.total.div_ceil(clients))?;
            after = self.given_back(&before, timeout)?;
        }
        let [was, is, most] = [before.memory, after.memory, before.allowed()].map(|bytes| bytes / 1024);
        if is > most {
            return Err(both!(
                "all clients have left, and memory has grown again, from {was} to {is} KiB, where {most} KiB are allowed",
                "所有客户端已离开，内存又从 {was} KiB 增加到 {is} KiB，允许的是 {most} KiB"
            ));
        }
        let right = self.right();
        Ok(both!(
            "{right}; memory is within {most} KiB (before, a tenth of it, and 1 MiB), the rest as it was\n",
            "{right}；内存不超过 {most} KiB（原来的、再加它的十分之一和 1 MiB），其余与原来一样\n" in right
        ))
    }

    /// Waits for what has to be as it was, and for memory.
    fn given_back(&self, before: &Usage, timeout: Duration) -> Result<Usage, Both> {
        let after = usage::given_back(&self.server, before, timeout)?;
        self.say_how(Some(after), self.language.say("all clients have left", "所有客户端已离开"));
        match after.differs(before) {
            Some(text) => Err(both!(
                "all clients have left, and it is not as it was: {text}",
                "所有客户端已离开，却与原来不一样：{text}" in text
            )),
            None => Ok(after),
        }
    }

    /// Until each client has seen so many answers.
    fn go_on(&mut self, visitors: &mut [Visitor], answers: usize) -> Result<(), Both> {
        let ended = all_go_on(visitors, answers, |did| {
            let did = did.inspect_err(|_| self.end())?;
            let before = self.answers * POINTS / self.total;
            self.answers += did;
            self.faults += usize::from(did == 0);
            let now = self.answers * POINTS / self.total;
            if now > before && !now.is_multiple_of(POINTS) {
                self.say_how(self.server.pid().and_then(Usage::of), "");
            }
            Ok(())
        });
        let slowest = visitors.iter().map(|visitor| &visitor.slowest).max_by_key(|slowest| slowest.took);
        self.slowest = slowest.cloned().unwrap_or_default();
        ended
    }

    fn say_how(&self, usage: Option<Usage>, remark: &str) {
        let unseen = self.language.say("    cannot be seen", "    看不到");
        let held = usage.map_or_else(|| unseen.to_owned(), |usage| usage.to_string());
        let line = format!("{:>10}{:>10}{held}  {remark}", self.answers, self.faults);
        say(&format!("{}\n", line.trim_end()));
    }

    fn right(&self) -> Both {
        let (Run { answers, faults, .. }, took) = (self, self.started.elapsed().as_secs_f32());
        both!(
            "{answers} answers were right, beside {faults} faults, in {took:.1} s",
            "{took:.1} 秒里 {answers} 个响应都对，其间有 {faults} 次故障"
        )
    }

    /// Takes down how the server has ended, if it has. Else it ends now, so that nobody waits for it any more.
    fn end(&mut self) {
        if self.server.pid().is_none() {
            return;
        }
        // Its clients may see it first.
        if until(Duration::from_secs(1), || self.server.has_ended()) {
            self.ended = self.server.end();
        } else {
            self.server.stop_by(Signal::KILL);
        }
    }

    /// How the server has ended, if it has by itself, and what it said last.
    fn last_words(&self) -> Both {
        let ended = self.ended.map_or_else(Both::default, |status| {
            let how = ending(status);
            both!("  the server has ended: {how}\n", "  服务器已经结束：{how}\n" in how)
        });
        let said = self.server.said();
        if said.trim().is_empty() {
            return ended;
        }
        let lines: Vec<&str> = said.trim_end().lines().collect();
        let last = &lines[lines.len().saturating_sub(12)..];
        let lines: String = last.iter().map(|line| format!("    {line}\n")).collect();
        both!("{ended}  the server said last\n{lines}", "{ended}  服务器最后的输出\n{lines}" in ended)
    }
}

/// On standard output. That somebody reads only the beginning (`| head`) is no error.
fn say(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}
