//! Clients that come again and again.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use http_suite::{Both, Client, Outcome, Stop, both};

use crate::actions::Action;
use crate::arguments::Arguments;
use crate::asked::{Asked, Copies, Shelf, beginning};
use crate::dice::Dice;

/// How long an answer took, and which it was.
#[derive(Clone, Default)]
pub struct Slowest {
    /// From when it was waited for to its last byte.
    pub took: Duration,
    /// Whose it was, and for which request.
    pub what: Both,
}

/// Somebody who does one thing after another, by chance.
pub struct Visitor<'s> {
    pub dice: Dice,
    pub shelf: &'s Shelf,
    pub copies: Copies,
    /// Whether a connection serves many requests.
    pub keeps_alive: bool,
    /// The answer that took the longest up to now.
    pub slowest: Slowest,
    /// No answer may take longer.
    limit: Duration,
    server: SocketAddr,
    timeout: Duration,
    /// From 1 on.
    number: usize,
    /// How many things it has begun, and how many answers it has seen.
    begun: usize,
    answers: usize,
    /// What it does now.
    action: Both,
}

impl<'s> Visitor<'s> {
    pub fn new(number: usize, seed: u64, shelf: &'s Shelf, server: SocketAddr, arguments: &Arguments) -> Visitor<'s> {
        let (dice, copies) = (Dice::new(seed, number), Copies::new());
        let (keeps_alive, timeout, limit) = (arguments.keeps_alive(), arguments.timeout(), arguments.slowest());
        Visitor {
            dice,
            shelf,
            copies,
            keeps_alive,
            slowest: Slowest::default(),
            limit,
            server,
            timeout,
            number,
            begun: 0,
            answers: 0,
            action: Both::default(),
        }
    }

    /// Takes down how long the answer to this request took, and sees that it is not too long.
    pub fn took(&mut self, took: Duration, request: impl Fn() -> Both) -> Outcome {
        if took > self.slowest.took {
            let (who, request) = (self.who(), request());
            self.slowest = Slowest { took, what: both!("{who}: {request}", "{who}：{request}" in who, request) };
        }
        if took <= self.limit {
            return Ok(());
        }
        let ([took, limit], request) = ([took, self.limit].map(|time| time.as_secs_f64()), request());
        Err(Stop::other(both!(
            "{request}: the answer is right, but took {took:.3} s, where {limit:.3} s are allowed",
            "{request}：响应是对的，但用了 {took:.3} 秒，允许的是 {limit:.3} 秒" in request
        )))
    }

    fn who(&self) -> Both {
        let Visitor { number, begun, action, .. } = self;
        both!("client {number}, action {begun}, {action}", "客户端 {number}，第 {begun} 个动作，{action}" in action)
    }

    /// Any request.
    pub fn asks(&mut self) -> Asked<'s> {
        Asked::any(&mut self.dice, self.shelf, &self.copies)
    }

    /// Goes on until it has seen so many answers, or nobody listens any more. Tells of each thing that it did how many
    /// answers came of it, or what was wrong.
    fn go_on(&mut self, answers: usize, tell: &Sender<Result<usize, Both>>) {
        while self.answers < answers {
            let did = self.act();
            self.answers += did.as_ref().map_or(0, |answers| *answers);
            if tell.send(did).is_err() {
                return;
            }
        }
    }

    fn act(&mut self) -> Result<usize, Both> {
        let action = Action::any(&mut self.dice, self.keeps_alive);
        let source = source(&mut self.dice, self.server);
        self.begun += 1;
        self.action = action.name();
        let who = self.who();
        let opened = Client::open(self.server, action.takes_in, source);
        let mut client = opened.map_err(|stop| {
            let why = stop.text();
            both!("{who}: {why}", "{who}：{why}" in who, why)
        })?;
        client.set_timeout(self.timeout);
        let did = (action.run)(self, &mut client).map_err(|stop| {
            let unread = match client.unread() {
                b"" => Both::default(),
                unread => both!("  not looked at\n    {0}\n", "  还没有看的\n    {0}\n"; beginning(unread)),
            };
            let wire =
                Both::of(|language| client.wire(language).lines().map(|line| format!("{line:.120}\n")).collect());
            let why = stop.text();
            both!(
                "{who}: {why}\n{unread}  on the wire\n{wire}",
                "{who}：{why}\n{unread}  收发的数据\n{wire}" in who, why, unread, wire
            )
        })?;
        if action.resets > 0 && self.dice.once_in(action.resets) {
            client.reset();
        }
        Ok(did)
    }
}

/// Has all of them go on until each has seen so many answers. `each` hears of every thing that somebody did, and ends
/// it all if it wants to.
pub fn all_go_on<E>(
    visitors: &mut [Visitor],
    answers: usize,
    mut each: impl FnMut(Result<usize, Both>) -> Result<(), E>,
) -> Result<(), E> {
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        for visitor in visitors {
            let tell = tell.clone();
            scope.spawn(move || visitor.go_on(answers, &tell));
        }
        drop(tell);
        told.into_iter().try_for_each(&mut each)
    })
}

/// One of many addresses of this machine, if it has many: each has some 28,000 ports, and those of a connection that
/// has ended are not to be had again for a minute (TIME_WAIT).
fn source(dice: &mut Dice, server: SocketAddr) -> Option<IpAddr> {
    let address = Ipv4Addr::new(127, 0, 0, 2 + dice.below(250) as u8);
    (cfg!(target_os = "linux") && server.ip() == Ipv4Addr::LOCALHOST).then_some(address.into())
}
