//! Latency under load: requests come at a fixed rate, whether or not the last ones are answered.

use std::collections::HashSet;
use std::time::Duration;

use load::{Harvest, Pace, Stop};

use crate::experiment::Experiment;
use crate::lab::{Asked, Lab, Running};
use crate::record::Latency;
use crate::scale::{CONNECTIONS, Scale};
use crate::spread::Spread;

/// The most requests on their way at a time: clients who do not wait for each other are many.
const CLIENTS: usize = 4 * CONNECTIONS;
/// A server that answers less than this part of what is due, even in its better rounds, is not asked for more.
const ENOUGH: f64 = 0.7;

#[derive(Default)]
struct Rounds {
    answered: Vec<f64>,
    /// In milliseconds, for each of [`PARTS`].
    latencies: [Vec<f64>; 4],
    failures: u64,
    limited: usize,
}

const PARTS: [f64; 4] = [0.5, 0.9, 0.99, 0.999];

pub fn planned(scale: &Scale, servers: usize) -> Duration {
    scale.slice * rounds(scale) as u32 * scale.rates.len() as u32 * servers as u32
}

fn rounds(scale: &Scale) -> usize {
    scale.rounds.div_ceil(2)
}

pub fn run(lab: &mut Lab) -> Result<(), Stop> {
    let servers = lab.start(Experiment::Latency)?;
    let mut saturated = HashSet::new();
    for rate in lab.scale.rates.iter().copied() {
        let mut all: Vec<Rounds> = servers.iter().map(|_| Rounds::default()).collect();
        for _ in 0..rounds(&lab.scale) {
            for (running, rounds) in servers.iter().zip(&mut all) {
                let name = &running.contender.name;
                lab.progress.step(&format!("latency at {rate} requests a second: {name}"), lab.scale.slice);
                if saturated.contains(name) {
                    continue;
                }
                let asked =
                    Asked { connections: CLIENTS, ..Asked::page(running.contender.keeps_alive, lab.scale.slice) };
                let measured = running.load(&asked, Pace::Open(rate), &lab.interrupt);
                if let Some((harvest, spent)) = lab.kept("latency", name, measured)? {
                    rounds.note(&harvest, spent);
                }
            }
        }
        let found = servers.iter().zip(&all).filter_map(|(running, rounds)| rounds.latency(running, rate));
        let found: Vec<Latency> = found.collect();
        saturated
            .extend(found.iter().filter(|latency| latency.answered.high < rate * ENOUGH).map(|of| of.server.clone()));
        lab.record.latency.extend(found);
    }
    Ok(())
}

impl Rounds {
    fn note(&mut self, harvest: &Harvest, spent: Option<Duration>) {
        self.answered.push(harvest.rate());
        for (latencies, part) in self.latencies.iter_mut().zip(PARTS) {
            latencies.push(harvest.milliseconds(part));
        }
        self.failures += harvest.failures;
        self.limited += usize::from(harvest.is_limited_by_generator(spent.unwrap_or_default()));
    }

    fn latency(&self, running: &Running, offered: f64) -> Option<Latency> {
        let [p50, p90, p99, p999] = &self.latencies;
        Some(Latency {
            server: running.contender.name.clone(),
            offered,
            answered: Spread::of(&self.answered)?,
            p50: Spread::of(p50)?,
            p90: Spread::of(p90)?,
            p99: Spread::of(p99)?,
            p999: Spread::of(p999)?,
            failures: self.failures,
            limited_by_generator: self.limited,
        })
    }
}
