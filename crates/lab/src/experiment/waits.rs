//! Who waits for whom: ten clients come in a fixed order, and each notes when it was served.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use http_suite::PATIENT;
use load::{Stop, request};
use socket2::{Domain, Socket, Type};

use crate::contender::{Contender, programs};
use crate::experiment::Experiment;
use crate::lab::Lab;
use crate::record::{Lane, Timeline};
use crate::scale::Scale;

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    /// Connects and says nothing.
    Silent,
    /// Asks for a large file and reads it bit by bit.
    Slow,
    /// Asks for a page and reads it.
    Quick,
}

/// Who comes, and how many milliseconds after the beginning.
const SCRIPT: [(Client, u64); 10] = [
    (Client::Quick, 0),
    (Client::Silent, 50),
    (Client::Slow, 100),
    (Client::Quick, 200),
    (Client::Quick, 300),
    (Client::Quick, 400),
    (Client::Quick, 500),
    (Client::Quick, 600),
    (Client::Quick, 700),
    (Client::Quick, 800),
];
/// How much the slow client reads at a time, how often, and how much in all: it takes a second.
const SIP: usize = 64 * 1024;
const PAUSE: Duration = Duration::from_millis(8);
const SIPS: usize = 128;
/// When everybody gives up.
const PATIENCE_IN_ALL: Duration = Duration::from_secs(12);

pub fn planned(scale: &Scale) -> Duration {
    Duration::from_secs(u64::from(scale.timeout) + 3)
}

/// All servers at the same time: they wait, and that takes nothing from each other.
pub fn run(lab: &mut Lab) -> Result<(), Stop> {
    lab.progress.step("who waits for whom", planned(&lab.scale));
    let programs = programs()?;
    let contenders: Vec<Contender> = lab
        .taking_part(Experiment::Waits)
        .into_iter()
        .map(|contender| match contender.stage {
            Some(stage) => Contender::plain_lesson(stage, &programs, lab.scale.timeout),
            None => contender,
        })
        .collect();
    let (site, interrupt) = (&lab.site, &lab.interrupt);
    let timelines: Vec<(String, Result<Timeline, Stop>)> = thread::scope(|scope| {
        let each = |contender: &Contender| {
            let server = contender.start(site)?;
            interrupt.check()?;
            Ok(Timeline { server: contender.name.clone(), lanes: lanes(server.address()) })
        };
        let running = contenders.iter().map(|contender| (contender.name.clone(), scope.spawn(move || each(contender))));
        let running: Vec<_> = running.collect();
        running.into_iter().map(|(name, thread)| (name, thread.join().unwrap_or_else(|_| Err(panicked())))).collect()
    });
    for (name, timeline) in timelines {
        if let Some(timeline) = lab.kept("waits", &name, timeline)? {
            lab.record.waits.push(timeline);
        }
    }
    lab.interrupt.check()
}

fn panicked() -> Stop {
    Stop::Failed("a client of the timeline panicked".to_owned())
}

/// What happened to each client of the script.
pub fn lanes(address: SocketAddr) -> Vec<Lane> {
    let begin = Instant::now();
    let each = |client: Client, due: u64| {
        thread::sleep((begin + Duration::from_millis(due)).saturating_duration_since(Instant::now()));
        let mut lane = Lane {
            client: client.name().to_owned(),
            came: milliseconds(begin),
            connected: None,
            first_byte: None,
            last_byte: None,
            closed: None,
        };
        // Whatever ends it early is seen in the lane: what has not happened is not there.
        let _ = live(client, address, begin, &mut lane);
        lane
    };
    thread::scope(|scope| {
        let clients = SCRIPT.map(|(client, due)| scope.spawn(move || each(client, due)));
        clients.into_iter().filter_map(|client| client.join().ok()).collect()
    })
}

impl Client {
    fn name(self) -> &'static str {
        match self {
            Client::Silent => "silent",
            Client::Slow => "slow",
            Client::Quick => "quick",
        }
    }
}

fn milliseconds(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1000.0
}

fn live(client: Client, address: SocketAddr, begin: Instant, lane: &mut Lane) -> io::Result<()> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // What the system takes in on its behalf is not read by this client.
    if client == Client::Slow {
        socket.set_recv_buffer_size(SIP)?;
    }
    socket.connect_timeout(&address.into(), PATIENT)?;
    socket.set_read_timeout(Some(PATIENCE_IN_ALL))?;
    lane.connected = Some(milliseconds(begin));
    match client {
        Client::Silent => {}
        Client::Slow => (&socket).write_all(&request("/big.bin", false))?,
        Client::Quick => (&socket).write_all(&request("/page.html", false))?,
    }
    let mut bytes = vec![0; SIP];
    let mut sips = 0;
    loop {
        let length = (&socket).read(&mut bytes)?;
        let now = milliseconds(begin);
        if length == 0 || now > PATIENCE_IN_ALL.as_secs_f64() * 1000.0 || sips > SIPS * 4 {
            break;
        }
        lane.first_byte.get_or_insert(now);
        lane.last_byte = Some(now);
        sips += 1;
        if client == Client::Slow {
            thread::sleep(PAUSE);
        }
    }
    let _ = socket.shutdown(Shutdown::Both);
    lane.closed = Some(milliseconds(begin));
    Ok(())
}
