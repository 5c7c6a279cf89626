//! Idle clients: what a server pays for those who are there and do nothing.

use std::thread;
use std::time::{Duration, Instant};

use load::Stop;

use crate::experiment::Experiment;
use crate::idlers::Idlers;
use crate::lab::{Lab, Running};
use crate::machine::SETTLING;
use crate::record::Idle;
use crate::scale::{PROCESSES, Scale};
use crate::usage::Usage;

use super::UNSEEN;

/// Accepting a client may take this long, in all servers.
const COMING: Duration = Duration::from_micros(150);

pub fn planned(scale: &Scale, servers: usize) -> Duration {
    let each: Duration = scale.idle.iter().map(|clients| COMING * *clients as u32 + SETTLING + scale.slice).sum();
    each * servers as u32
}

/// One server after another: a server with many clients is not to be disturbed by the next.
pub fn run(lab: &mut Lab) -> Result<(), Stop> {
    for contender in lab.taking_part(Experiment::Idle) {
        if matches!(contender.name.as_str(), "01" | "02") {
            lab.remark(
                "idle",
                &contender.name,
                "left out: it serves one client at a time, and the others wait with the kernel",
            );
            continue;
        }
        let started = contender.start(&lab.site);
        let Some(server) = lab.kept("idle", &contender.name, started)? else { continue };
        let running = Running { contender, server };
        let measured = measure(lab, &running);
        lab.kept("idle", &running.contender.name, measured)?;
    }
    Ok(())
}

fn measure(lab: &mut Lab, running: &Running) -> Result<(), Stop> {
    let name = running.contender.name.clone();
    let usage = || running.server.pid().and_then(Usage::of).ok_or_else(|| Stop::Failed(UNSEEN.to_owned()));
    // So that what is only needed once is there before it is counted.
    Idlers::default().more(8, running.server.address(), running.contender.keeps_alive, &lab.interrupt)?;
    thread::sleep(SETTLING);
    let alone = usage()?;
    let mut idlers = Idlers::default();
    for clients in lab.scale.idle.iter().copied() {
        let (most, reason) = most_clients(&name, lab);
        if clients > most {
            lab.remark("idle", &name, &format!("no more than {most} clients: {reason}"));
        }
        if idlers.number() == most {
            break;
        }
        let clients = clients.min(most);
        let planned = COMING * clients as u32 + SETTLING + lab.scale.slice;
        lab.progress.step(&format!("idle clients: {name}, {clients}"), planned);
        let more = clients - idlers.number();
        idlers.more(more, running.server.address(), running.contender.keeps_alive, &lab.interrupt)?;
        thread::sleep(SETTLING);
        let (before, begin) = (usage()?, Instant::now());
        thread::sleep(lab.scale.slice);
        let (after, elapsed) = (usage()?, begin.elapsed());
        lab.record.idle.push(Idle {
            server: name.clone(),
            clients,
            core: after.processor.saturating_sub(before.processor).as_secs_f64() / elapsed.as_secs_f64(),
            memory: after.memory as f64 - alone.memory as f64,
            processes: after.processes,
            threads: after.threads,
        });
    }
    Ok(())
}

/// And why not more.
fn most_clients(name: &str, lab: &Lab) -> (usize, &'static str) {
    let machine = lab.record.machine.most_clients();
    match name {
        "03" | "04" if PROCESSES < machine => (PROCESSES, "that is about what this lesson serves at a time"),
        _ => (machine, "the machine allows no more descriptors or ports; `ulimit -n` says how many"),
    }
}
