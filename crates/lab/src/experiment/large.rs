//! Large files: how many a second, what one costs at both ends, and what becomes of small requests meanwhile.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use load::{Harvest, Interrupt, Pace, Stop};

use crate::contender::Contender;
use crate::experiment::Experiment;
use crate::lab::{Asked, Lab, Running};
use crate::record::Large;
use crate::scale::{DOWNLOADS, Scale};
use crate::spread::Spread;
use crate::usage::Usage;

use super::UNSEEN;

/// Small requests a second: too few to be a load.
const SMALL: f64 = 200.0;
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

#[derive(Default)]
struct Rounds {
    per_second: Vec<f64>,
    both_ends: Vec<f64>,
    server_end: Vec<f64>,
    limited: usize,
    memory: u64,
    alone: [Vec<f64>; 2],
    meanwhile: [Vec<f64>; 2],
}

pub fn planned(scale: &Scale, servers: usize) -> Duration {
    scale.slice * 3 * scale.rounds as u32 * servers as u32
}

pub fn run(lab: &mut Lab) -> Result<(), Stop> {
    let servers = lab.start(Experiment::Large)?;
    let mut rounds: Vec<Rounds> = servers.iter().map(|_| Rounds::default()).collect();
    for round in 1..=lab.scale.rounds {
        for (running, rounds) in servers.iter().zip(&mut rounds) {
            let what = format!("large files, round {round}: {}", running.contender.name);
            lab.progress.step(&what, lab.scale.slice * 3);
            let measured = rounds.measure(running, lab.scale.slice, &lab.interrupt);
            lab.kept("large", &running.contender.name, measured)?;
        }
    }
    for (running, rounds) in servers.iter().zip(&rounds) {
        let Some(large) = rounds.large(&running.contender) else { continue };
        if large.both_ends.is_none() {
            lab.remark("large", &large.server, UNSEEN);
        }
        lab.record.large.push(large);
    }
    Ok(())
}

impl Rounds {
    fn measure(&mut self, running: &Running, time: Duration, interrupt: &Interrupt) -> Result<(), Stop> {
        let small = Asked::page(running.contender.keeps_alive, time);
        let large = Asked { target: "/mebibyte.bin", connections: DOWNLOADS, ..small };
        let (harvest, _) = running.load(&small, Pace::Open(SMALL), interrupt)?;
        note(&mut self.alone, &harvest);

        // Nothing else is asked for while the files are counted: the client's end is a part of what they cost.
        let (harvest, spent) = running.load(&large, Pace::Closed, interrupt)?;
        self.per_second.push(harvest.rate());
        if let Some(spent) = spent {
            let of_a_file = |time: Duration| time.as_secs_f64() * 1e6 / files(&harvest);
            self.both_ends.push(of_a_file(spent + harvest.busy));
            self.server_end.push(of_a_file(spent));
            self.limited += usize::from(harvest.is_limited_by_generator(spent));
        }

        let memory = AtomicU64::new(0);
        let over = AtomicBool::new(false);
        let (downloads, meanwhile) = thread::scope(|scope| {
            let downloads = scope.spawn(|| running.load(&large, Pace::Closed, interrupt));
            scope.spawn(|| watch_memory(running, &memory, &over));
            let meanwhile = running.load(&small, Pace::Open(SMALL), interrupt);
            let downloads = downloads.join().unwrap_or_else(|_| Err(Stop::Failed("a download panicked".to_owned())));
            over.store(true, Ordering::Relaxed);
            (downloads, meanwhile)
        });
        downloads?;
        note(&mut self.meanwhile, &meanwhile?.0);
        self.memory = self.memory.max(memory.into_inner());
        Ok(())
    }

    fn large(&self, contender: &Contender) -> Option<Large> {
        let both = |rounds: &[Vec<f64>; 2]| Some([Spread::of(&rounds[0])?, Spread::of(&rounds[1])?]);
        Some(Large {
            server: contender.name.clone(),
            long: contender.keeps_alive,
            files_per_second: Spread::of(&self.per_second),
            both_ends: Spread::of(&self.both_ends),
            server_end: Spread::of(&self.server_end),
            limited_by_generator: self.limited,
            memory: (self.memory > 0).then_some(self.memory as f64),
            alone: both(&self.alone)?,
            meanwhile: both(&self.meanwhile)?,
        })
    }
}

/// Those that are not whole at the end are counted in part: they have been paid for in part.
pub fn files(harvest: &Harvest) -> f64 {
    harvest.bytes as f64 / f64::from(1 << 20)
}

fn note(latencies: &mut [Vec<f64>; 2], harvest: &Harvest) {
    latencies[0].push(harvest.milliseconds(0.5));
    latencies[1].push(harvest.milliseconds(0.99));
}

fn watch_memory(running: &Running, most: &AtomicU64, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let usage = running.server.pid().and_then(Usage::of).unwrap_or_default();
        most.fetch_max(usage.memory, Ordering::Relaxed);
        thread::sleep(LOOK);
    }
}
