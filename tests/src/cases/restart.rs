//! Starting and stopping: what a server owes to whoever runs it.

use rustix::process::Signal;

use crate::process::{Process, clients_held_at, until};
use crate::server::Setup;
use crate::trial::get;
use crate::{Case, Client, Group, IMPATIENT, Outcome, PATIENT, Stop, Trial};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::Restart, "the-port-can-be-had-again-at-once", the_port_can_be_had_again_at_once)
        .why(
            "Whoever closes first keeps the connection in TIME_WAIT for a minute, and here that is the server. Without \
             SO_REUSEADDR the port is refused until the last of these is over.",
        )
        .lesson("lesson 01: the port that is still in use"),
    Case::new(Group::Restart, "an-interrupt-ends-it", an_interrupt_ends_it)
        .why(
            "Ctrl-C must end all of it, also while clients are connected. A child that goes on serving keeps the connection, \
             and nobody knows of it any more.",
        )
        .lesson("lesson 03: children that outlive their parent"),
    Case::new(Group::Restart, "a-request-to-terminate-ends-it", a_request_to_terminate_ends_it)
        .why("`kill`, service managers and containers send SIGTERM, and only to the parent; later they use force.")
        .lesson("lesson 03: children that outlive their parent"),
    Case::new(Group::Restart, "a-port-in-use-is-refused", a_port_in_use_is_refused)
        .strict()
        .why(
            "With SO_REUSEPORT a second server starts without a word, and the kernel gives each of the two every other \
             client: half of them see yesterday's program.",
        )
        .lesson("lesson 08: who makes the listener"),
];

fn the_port_can_be_had_again_at_once(trial: &mut Trial) -> Outcome {
    let port = trial.server()?.address().port();
    for _ in 0..3 {
        let mut client = trial.connect()?;
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?.answer()?.expect(&[200])?;
        // The server first: so it is the one that remembers the connection.
        client.closes()?;
    }
    let _open = trial.connect()?;
    // One that was not started here is not ended, and the restart says so.
    trial.server()?.stop_by(Signal::TERM);
    trial.restart(&Setup { port: Some(port), ..Setup::default() })
}

fn an_interrupt_ends_it(trial: &mut Trial) -> Outcome {
    if Process(std::process::id()).ignores_interrupts() {
        return Err(Stop::NotLookedAt("this was started where Ctrl-C is ignored, and so is the server".into()));
    }
    ended_by(trial, Signal::INT, "SIGINT")
}

fn a_request_to_terminate_ends_it(trial: &mut Trial) -> Outcome {
    ended_by(trial, Signal::TERM, "SIGTERM")
}

fn ended_by(trial: &mut Trial, signal: Signal, name: &str) -> Outcome {
    // Nobody is to be dropped for another reason.
    trial.restart(&Setup { timeout: Some(60), ..Setup::default() })?;
    let port = trial.server()?.address().port();
    // Where one client is served at a time, the others wait to be accepted, and not every server lets many wait.
    let number = if trial.is_lesson() || trial.stage().number() > 2 { 10 } else { 3 };
    let clients: Vec<Client> = (0..number).map(|_| busy(trial)).collect::<Result<_, _>>()?;
    if !trial.server()?.stop_by(signal) {
        return Err(Stop::other(format!("{name} does not end it")));
    }
    if !until(PATIENT, || clients_held_at(port).is_empty()) {
        let held = clients_held_at(port).len();
        return Err(Stop::other(format!("after {name}, somebody still holds {held} of {} connections", clients.len())));
    }
    match trial.connect() {
        Ok(_) => Err(Stop::other(format!("after {name}, somebody still listens"))),
        Err(_) => Ok(()),
    }
}

/// A client in the middle of an answer: whoever serves it has begun for certain. Where only one at a time is served,
/// one that is silent.
fn busy(trial: &mut Trial) -> Result<Client, Stop> {
    let mut client = trial.connect_narrow()?;
    if trial.stage().number() > 2 {
        client.send(get("/huge.bin"))?.answer_to_head()?.expect(&[200])?;
    }
    Ok(client)
}

fn a_port_in_use_is_refused(trial: &mut Trial) -> Outcome {
    let port = trial.server()?.address().port();
    let said = match trial.start_another(&Setup { port: Some(port), ..Setup::default() })? {
        Err(why) => why,
        Ok(mut second) => {
            // That the port answers says nothing: there is the first one.
            if !until(PATIENT, || second.has_ended()) {
                return Err(Stop::other("a second server has started on the same port"));
            }
            // Its last words may still be on their way.
            until(IMPATIENT, || !second.said().is_empty());
            second.said()
        }
    };
    if said.contains(&port.to_string()) {
        return Ok(());
    }
    Err(Stop::other(format!("the second server ended, and does not name port {port}: {}", said.trim())))
}
