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
use http_suite::process::until;
use http_suite::{Server, SharedHouse, Subject, Terms, keep, see_alive};
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
    let soaked = house.leave_on_signals().map_err(|error| format!("cannot wait for signals: {error}"));
    let soaked = soaked.and_then(|()| soak(&arguments, &house));
    house.leave();
    match soaked {
        Ok(status) => status,
        Err(text) => {
            let _ = writeln!(anstream::stderr(), "soak: {}", text.trim_end());
            ExitCode::from(2)
        }
    }
}

fn soak(arguments: &Arguments, house: &SharedHouse) -> Result<ExitCode, String> {
    let subject = arguments.subject()?;
    let keeper = keep::this_program().map_err(|error| format!("where is this program? {error}"))?;
    let terms = Terms { keeper: Some(keeper), ..Terms::default() };
    let site = house.site(&terms).map_err(|error| format!("cannot make the files to be served: {error}"))?;
    let shelf = Shelf::of(&site, matches!(subject, Subject::Lesson { .. }))
        .map_err(|error| format!("cannot read the files to be served: {error}"))?;
    see_alive(&terms, &subject, &site, arguments.stage())?;
    let server = subject.start_on(&terms, &site, &Default::default())?;

    let seed = arguments.seed();
    let again = format!("--requests {} --clients {} --seed {seed}", arguments.requests, arguments.clients);
    say(&format!("as it can be had again: {again}\n"));
    let mut run = Run {
        server,
        total: arguments.requests,
        answers: 0,
        faults: 0,
        slowest: Slowest::default(),
        started: Instant::now(),
        ended: None,
    };
    let came_out = run.through(arguments, seed, &shelf);
    if run.slowest.took > Duration::ZERO {
        let Slowest { took, what } = &run.slowest;
        say(&format!("the slowest answer took {:.3} s: {what}\n", took.as_secs_f64()));
    }
    match came_out {
        Ok(text) => {
            say(&text);
            Ok(ExitCode::SUCCESS)
        }
        Err(text) => {
            run.end();
            say(&format!(
                "\nwrong, after {} answers and {} faults: {}\n{}  again\n    the same with {again}\n    \
                 Each client does the same again. When, is up to the machine: a race may need more than one try.\n",
                run.answers,
                run.faults,
                text.trim_end(),
                run.last_words()
            ));
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
}

impl Run {
    fn through(&mut self, arguments: &Arguments, seed: u64, shelf: &Shelf) -> Result<String, String> {
        let (address, timeout, clients) = (self.server.address(), arguments.timeout(), arguments.clients);
        let new = |number| Visitor::new(number, seed, shelf, address, arguments);
        let mut visitors: Vec<Visitor> = (1..=clients).map(new).collect();

        say("   answers    faults        memory  descriptors  threads  processes\n");
        self.go_on(&mut visitors, self.total.div_ceil(WARM_UP).div_ceil(clients))?;
        let before = usage::settled(&self.server, timeout)?;
        self.say_how(before, "all clients have left: the baseline");
        self.go_on(&mut visitors, self.total.div_ceil(clients))?;
        let Some(mut before) = before else {
            return Ok(format!("{}; what the server holds cannot be seen here, and was not looked at\n", self.right()));
        };
        let mut after = self.given_back(&before, timeout)?;
        if after.memory > before.allowed() {
            // Some servers keep much that they use again: lesson 08 has a timer for each wait, until its time comes.
            say("memory has grown: once more the same, since what is only kept for use does not grow again\n");
            before = after;
            self.go_on(&mut visitors, 2 * self.total.div_ceil(clients))?;
            after = self.given_back(&before, timeout)?;
        }
        let [was, is, most] = [before.memory, after.memory, before.allowed()].map(|bytes| bytes / 1024);
        if is > most {
            return Err(format!(
                "all clients have left, and memory has grown again, from {was} to {is} KiB, where {most} KiB are allowed"
            ));
        }
        let right = self.right();
        Ok(format!("{right}; memory is within {most} KiB (before, a tenth of it, and 1 MiB), the rest as it was\n"))
    }

    /// Waits for what has to be as it was, and for memory.
    fn given_back(&self, before: &Usage, timeout: Duration) -> Result<Usage, String> {
        let after = usage::given_back(&self.server, before, timeout)?;
        self.say_how(Some(after), "all clients have left");
        match after.differs(before) {
            Some(text) => Err(format!("all clients have left, and it is not as it was: {text}")),
            None => Ok(after),
        }
    }

    /// Until each client has seen so many answers.
    fn go_on(&mut self, visitors: &mut [Visitor], answers: usize) -> Result<(), String> {
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
        let held = usage.map_or_else(|| "    cannot be seen".to_owned(), |usage| usage.to_string());
        let line = format!("{:>10}{:>10}{held}  {remark}", self.answers, self.faults);
        say(&format!("{}\n", line.trim_end()));
    }

    fn right(&self) -> String {
        let took = self.started.elapsed().as_secs_f32();
        format!("{} answers were right, beside {} faults, in {took:.1} s", self.answers, self.faults)
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
    fn last_words(&self) -> String {
        let mut text = self.ended.map_or_else(String::new, |status| format!("  the server has ended: {status}\n"));
        let said = self.server.said();
        if !said.trim().is_empty() {
            text.push_str("  the server said last\n");
            let lines: Vec<&str> = said.trim_end().lines().collect();
            for line in &lines[lines.len().saturating_sub(12)..] {
                text.push_str(&format!("    {line}\n"));
            }
        }
        text
    }
}

/// On standard output. That somebody reads only the beginning (`| head`) is no error.
fn say(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}
