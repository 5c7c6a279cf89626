//! Large files: how many bytes a second of processor time moves, and what becomes of small requests meanwhile.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use load::{Harvest, Interrupt, Pace, Stop};

use crate::lab::{Asked, Lab, Running};
use crate::record::Large;
use crate::scale::Scale;
use crate::spread::Spread;
use crate::usage::Usage;

use super::UNSEEN;

/// How many large files are on their way at a time.
const DOWNLOADS: usize = 4;
/// Small requests a second: too few to be a load.
const SMALL: f64 = 200.0;
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(20);
const MEBIBYTE: f64 = 1024.0 * 1024.0;

#[derive(Default)]
struct Rounds {
    per_processor_second: Vec<f64>,
    per_second: Vec<f64>,
    memory: u64,
    alone: [Vec<f64>; 2],
    meanwhile: [Vec<f64>; 2],
}

pub fn planned(scale: &Scale, servers: usize) -> Duration {
    scale.slice * 2 * scale.rounds as u32 * servers as u32
}

pub fn run(lab: &mut Lab) -> Result<(), Stop> {
    let servers = lab.start("large", |contender| contender.has_files)?;
    let mut rounds: Vec<Rounds> = servers.iter().map(|_| Rounds::default()).collect();
    for round in 1..=lab.scale.rounds {
        for (running, rounds) in servers.iter().zip(&mut rounds) {
            let what = format!("large files, round {round}: {}", running.contender.name);
            lab.progress.step(&what, lab.scale.slice * 2);
            let measured = rounds.measure(running, lab.scale.slice, &lab.interrupt);
            lab.kept("large", &running.contender.name, measured)?;
        }
    }
    for (running, rounds) in servers.iter().zip(&rounds) {
        let Some(large) = rounds.large(&running.contender.name) else { continue };
        if large.per_processor_second.is_none() {
            lab.remark("large", &large.server, UNSEEN);
        }
        lab.record.large.push(large);
    }
    Ok(())
}

impl Rounds {
    fn measure(&mut self, running: &Running, time: Duration, interrupt: &Interrupt) -> Result<(), Stop> {
        let small = Asked::page(running.contender.keeps_alive, time);
        // On short connections everywhere: how a connection grows with use is not what is to be compared.
        let large = Asked { target: "/mebibyte.bin", connections: DOWNLOADS, long: false, ..small };
        let (harvest, _) = running.load(&small, Pace::Open(SMALL), interrupt)?;
        note(&mut self.alone, &harvest);

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
        let (harvest, spent) = downloads?;
        note(&mut self.meanwhile, &meanwhile?.0);
        let mebibytes = harvest.bytes as f64 / MEBIBYTE;
        self.per_second.push(mebibytes / harvest.elapsed.as_secs_f64());
        self.memory = self.memory.max(memory.into_inner());
        self.per_processor_second.extend(spent.map(|spent| mebibytes / spent.as_secs_f64()));
        Ok(())
    }

    fn large(&self, server: &str) -> Option<Large> {
        let both = |rounds: &[Vec<f64>; 2]| Some([Spread::of(&rounds[0])?, Spread::of(&rounds[1])?]);
        Some(Large {
            server: server.to_owned(),
            per_processor_second: Spread::of(&self.per_processor_second),
            per_second: Spread::of(&self.per_second)?,
            memory: (self.memory > 0).then_some(self.memory as f64),
            alone: both(&self.alone)?,
            meanwhile: both(&self.meanwhile)?,
        })
    }
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
