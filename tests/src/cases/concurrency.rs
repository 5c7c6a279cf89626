//! Several clients at a time, in ways that a listen backlog cannot fool: that a connection can be *made* proves
//! nothing, only an answer does. And how long one client may
//! take.

use std::time::{Duration, Instant};

use crate::process::{clients_held_at, until};
use crate::server::Setup;
use crate::site::{BIG, Site};
use crate::stages::Symptom;
use crate::trial::get;
use crate::{Case, Client, Group, Outcome, PATIENT, Stop, Trial};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Concurrency, "a-silent-client-holds-up-no-one", a_silent_client_holds_up_no_one)
        .why("A browser opens connections that it does not use yet. Where each of them stops the server, nobody is served.")
        .lesson("lesson 03: a process for each client"),
    Case::new(
        Group::Concurrency,
        "a-hundred-silent-clients-hold-up-no-one",
        a_hundred_silent_clients_hold_up_no_one,
    )
    .why(
        "A handful of workers hides the trouble with silent clients for as long as there are fewer of those than workers. \
         A hundred cost an attacker nothing.",
    )
    .lesson("lesson 03: a process for each client"),
    Case::new(Group::Concurrency, "the-last-to-come-may-be-the-first-to-go", the_last_to_come_may_be_the_first_to_go)
        .why(
            "Clients are not ready in the order in which they connect. A server that insists on that order makes all wait \
             for the slowest.",
        )
        .lesson("lesson 03: a process for each client"),
    Case::new(Group::Concurrency, "a-trickling-client-holds-up-no-one", a_trickling_client_holds_up_no_one)
        .why(
            "A client that sends a byte now and then is never silent for long, and never ready. While the server waits for \
             the rest of its head, others want to be served.",
        )
        .lesson("lesson 03: a process for each client"),
    Case::new(
        Group::Concurrency,
        "a-client-that-never-reads-holds-up-no-one",
        a_client_that_never_reads_holds_up_no_one,
    )
    .why(
        "Sending waits too: once the buffers on the way are full, the server can go on only when the client reads. Small \
         answers never show it, because they fit in the buffers.",
    )
    .lesson("lesson 05: a write that takes only part"),
    Case::new(Group::Concurrency, "a-slow-reader-gets-every-byte", a_slow_reader_gets_every_byte)
        .why(
            "A socket may take fewer bytes than it is given, and says how many. A server that does not go on from there \
             loses or doubles a piece of each large file, for clients with a slow line only.",
        )
        .lesson("lesson 05: a write that takes only part"),
    Case::new(Group::Concurrency, "a-silent-client-is-dropped-in-time", a_silent_client_is_dropped_in_time)
        .why(
            "Whoever has gone without a word (a phone out of reach, a machine without power) stays connected for ever, as \
             far as the server can see. Only a clock ends it.",
        )
        .lesson("lesson 01: how long to wait for a client"),
    Case::new(Group::Concurrency, "a-trickling-client-is-dropped-in-time", a_trickling_client_is_dropped_in_time)
        .why(
            "A clock that starts anew with each byte can be kept from ever running out: a byte a second holds a connection \
             for hours (Slowloris). The deadline has to be that of the whole head.",
        )
        .lesson("lesson 06: a deadline for each request"),
    Case::new(Group::Concurrency, "a-client-that-stops-reading-is-dropped", a_client_that_stops_reading_is_dropped)
        .why(
            "A client that asks for a large file and takes none of it holds a connection, an open file and memory. When \
             nothing has moved for as long as a client may be silent, it is not slow: it is gone.",
        )
        .lesson("lesson 02: how long to wait for a client that does not read"),
];

/// How long to wait beside silent clients: not until the server has had enough of them, for then it is free for
/// anybody.
fn wait_for_others(trial: &mut Trial) -> Result<Duration, Stop> {
    Ok(trial.wait().min(trial.server()?.patience() / 2))
}

/// Somebody else's request for this target is answered while `these` are as they are. Where it is not, it is as soon as
/// they have gone: only then were they the reason.
fn served_beside<T>(trial: &mut Trial, these: T, target: &str) -> Result<T, Stop> {
    let mut live = trial.connect()?;
    live.set_patience(wait_for_others(trial)?);
    match live.send(get(target))?.answer() {
        Ok(answer) => answer.expect(&[200]).map(|_| these),
        Err(stop) => {
            drop(these);
            live.set_patience(PATIENT);
            live.answer()?.expect(&[200])?;
            Err(stop)
        }
    }
}

fn a_silent_client_holds_up_no_one(trial: &mut Trial) -> Outcome {
    let silent = trial.connect()?;
    served_beside(trial, silent, "/").map(drop)
}

fn a_hundred_silent_clients_hold_up_no_one(trial: &mut Trial) -> Outcome {
    let silent: Vec<Client> = (0..100).map(|_| trial.connect()).collect::<Result<_, _>>()?;
    served_beside(trial, silent, "/").map(drop)
}

fn the_last_to_come_may_be_the_first_to_go(trial: &mut Trial) -> Outcome {
    let mut clients: Vec<Client> = (0..5).map(|_| trial.connect()).collect::<Result<_, _>>()?;
    while let Some(mut last) = clients.pop() {
        last.set_patience(wait_for_others(trial)?);
        if let Err(stop) = last.send(get("/"))?.answer() {
            drop(clients);
            last.set_patience(PATIENT);
            last.answer()?.expect(&[200])?;
            return Err(stop);
        }
    }
    Ok(())
}

fn a_trickling_client_holds_up_no_one(trial: &mut Trial) -> Outcome {
    let mut trickling = trial.connect()?;
    for byte in get("/").bytes() {
        trickling = served_beside(trial, trickling, "/")?;
        trickling.send([byte])?;
    }
    trickling.answer()?.expect(&[200]).map(|_| ())
}

fn a_client_that_never_reads_holds_up_no_one(trial: &mut Trial) -> Outcome {
    let mut stuck = trial.connect_narrow()?;
    stuck.send(get("/huge.bin"))?.answer_to_head()?.expect(&[200])?;
    // More than fits on the way to the one that never reads: once this has come, that way is full.
    let stuck = served_beside(trial, stuck, "/big.bin")?;
    served_beside(trial, stuck, "/").map(drop)
}

fn a_slow_reader_gets_every_byte(trial: &mut Trial) -> Outcome {
    const PIECE: usize = 64 * 1024;
    let whole = Site::big();
    let mut slow = trial.connect_narrow()?;
    slow.send(get("/big.bin"))?.answer_to_head()?.expect(&[200])?;
    for (number, piece) in whole.chunks(PIECE).enumerate() {
        let came = slow.take(piece.len())?;
        if let Some(wrong) = came.iter().zip(piece).position(|(came, due)| came != due) {
            let at = number * PIECE + wrong;
            return Err(Stop::other(format!("byte {at} of {BIG} of the body is not that of the file")));
        }
        // Who serves several at a time comes back to this one again and again.
        if trial.stage().number() > 2 {
            slow = served_beside(trial, slow, "/")?;
        }
    }
    Ok(())
}

fn a_silent_client_is_dropped_in_time(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { patience: Some(1), ..Setup::default() })?;
    let patience = trial.server()?.patience();
    for sent in ["", "GET / HTTP/1.1\r\nHost: loc"] {
        let start = Instant::now();
        let mut silent = trial.connect()?;
        silent.send(sent)?.set_patience(patience + PATIENT);
        silent.ends()?;
        not_too_early(start, patience)?;
    }
    trial.alive()
}

fn a_trickling_client_is_dropped_in_time(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { patience: Some(1), ..Setup::default() })?;
    let patience = trial.server()?.patience();
    let enough = Instant::now() + 2 * patience + trial.wait();
    let mut trickling = trial.connect()?;
    trickling.send("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")?;
    let start = Instant::now();
    while Instant::now() < enough {
        let sent = Instant::now();
        trickling.send("z")?;
        if trickling.hears_within(patience / 5) {
            trickling.ends()?;
            return not_too_early(start, patience);
        }
        if sent.elapsed() > patience * 4 / 5 {
            return Err(Stop::NotLookedAt("this machine is too busy to send a byte now and then".into()));
        }
    }
    let seconds = start.elapsed().as_secs_f32();
    Err(Stop::with(
        Symptom::StaysOpen,
        format!("the head was not whole after {seconds:.1} s, and the client still connected"),
    ))
}

fn a_client_that_stops_reading_is_dropped(trial: &mut Trial) -> Outcome {
    trial.restart(&Setup { patience: Some(1), ..Setup::default() })?;
    let patience = trial.server()?.patience();
    let port = trial.server()?.address().port();
    let start = Instant::now();
    let mut stuck = trial.connect_narrow()?;
    stuck.send(get("/huge.bin"))?.answer_to_head()?.expect(&[200])?;
    let held = || clients_held_at(port).contains(&stuck.port());
    if !held() {
        return Err(Stop::NotLookedAt("this machine does not show who holds a connection".into()));
    }
    // A client that does not read is not told of a close either.
    if !until(patience + PATIENT, || !held()) {
        return Err(Stop::with(Symptom::StaysOpen, "nothing moves, and the server keeps the connection"));
    }
    not_too_early(start, patience)
}

/// A client may be silent for as long as is stated; half of it will do, since some clocks are coarse.
fn not_too_early(start: Instant, patience: Duration) -> Outcome {
    let waited = start.elapsed();
    if waited >= patience / 2 {
        return Ok(());
    }
    let (waited, patience) = (waited.as_secs_f32(), patience.as_secs_f32());
    Err(Stop::with(
        Symptom::Closes,
        format!("dropped after {waited:.1} s, though a client may be silent for {patience} s"),
    ))
}
