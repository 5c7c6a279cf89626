//! Cost of a request: the processor time of the server, on short and on long connections.

use std::time::Duration;

use load::{Interrupt, Pace, Stop};

use crate::experiment::Experiment;
use crate::lab::{Asked, Lab, Running};
use crate::record::Cost;
use crate::references::FLOOR;
use crate::scale::Scale;
use crate::spread::Spread;

use super::UNSEEN;

/// What is subtracted on short connections: the sequential server. It pays for HTTP and files, and for no model.
const SEQUENTIAL: &str = "02";

/// The rounds of one server on one kind of connection.
#[derive(Default)]
struct Rounds {
    microseconds: Vec<f64>,
    per_second: Vec<f64>,
    limited: usize,
    failures: u64,
}

pub fn planned(scale: &Scale, servers: usize) -> Duration {
    scale.slice * (scale.rounds as u32 + 1) * servers as u32 * 3 / 2
}

pub fn run(lab: &mut Lab) -> Result<(), Stop> {
    let servers = lab.start(Experiment::Cost)?;
    let kinds = servers.iter().flat_map(|running| {
        let kinds: &[bool] = if running.contender.keeps_alive { &[false, true] } else { &[false] };
        kinds.iter().map(move |long| (running, *long, Rounds::default()))
    });
    let mut kinds: Vec<(&Running, bool, Rounds)> = kinds.collect();
    for round in 0..=lab.scale.rounds {
        for (running, long, rounds) in &mut kinds {
            let what = if round == 0 { "warm-up".to_owned() } else { format!("round {round}") };
            lab.progress.step(&format!("cost of a request, {what}: {}", running.contender.name), lab.scale.slice);
            let mut warm_up = Rounds::default();
            let rounds = if round == 0 { &mut warm_up } else { rounds };
            let measured = rounds.measure(running, *long, lab.scale.slice, &lab.interrupt);
            lab.kept("cost", &running.contender.name, measured)?;
        }
    }
    for (running, long, rounds) in &kinds {
        let Some(mut cost) = rounds.cost(&running.contender.name, *long) else { continue };
        let floor = kinds.iter().find(|(other, kind, _)| other.contender.name == FLOOR && kind == long);
        cost.floors = floor.and_then(|(.., floor)| Spread::of_ratios(&rounds.microseconds, &floor.microseconds));
        if cost.microseconds.is_none() {
            lab.remark("cost", &cost.server, UNSEEN);
        }
        lab.record.cost.push(cost);
    }
    subtract(&mut lab.record.cost);
    Ok(())
}

impl Rounds {
    fn measure(&mut self, running: &Running, long: bool, time: Duration, interrupt: &Interrupt) -> Result<(), Stop> {
        let (harvest, spent) = running.load(&Asked::page(long, time), Pace::Closed, interrupt)?;
        self.per_second.push(harvest.rate());
        self.failures += harvest.failures;
        if let Some(spent) = spent.filter(|_| harvest.answers > 0) {
            self.microseconds.push(spent.as_secs_f64() * 1e6 / harvest.answers as f64);
            self.limited += usize::from(harvest.is_limited_by_generator(spent));
        }
        Ok(())
    }

    fn cost(&self, server: &str, long: bool) -> Option<Cost> {
        Some(Cost {
            server: server.to_owned(),
            long,
            microseconds: Spread::of(&self.microseconds),
            above_baseline: None,
            baseline: String::new(),
            floors: None,
            per_second: Spread::of(&self.per_second)?,
            limited_by_generator: self.limited,
            failures: self.failures,
        })
    }
}

/// What the model costs, and not what everybody pays. Without the sequential server, and on long connections, for which
/// there is none, the floor is what there is.
fn subtract(costs: &mut [Cost]) {
    let median = |costs: &[Cost], server: &str, long| {
        let cost = costs.iter().find(|cost| cost.server == server && cost.long == long)?;
        Some((server.to_owned(), cost.microseconds?.median))
    };
    let short = median(costs, SEQUENTIAL, false).or_else(|| median(costs, FLOOR, false));
    let long = median(costs, FLOOR, true);
    for cost in costs {
        if let Some((baseline, paid)) = if cost.long { &long } else { &short } {
            cost.above_baseline = cost.microseconds.map(|spread| spread.less(*paid));
            cost.baseline = baseline.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(server: &str, long: bool, microseconds: f64) -> Cost {
        let rounds = Rounds { microseconds: vec![microseconds], per_second: vec![1.0], ..Rounds::default() };
        rounds.cost(server, long).expect("a round")
    }

    #[test]
    fn short_connections_are_compared_with_the_sequential_server_and_long_ones_with_the_floor() {
        let mut costs =
            [cost("02", false, 30.0), cost("03", false, 130.0), cost("floor", true, 4.0), cost("07", true, 6.0)];
        subtract(&mut costs);
        let above = |cost: &Cost| (cost.baseline.clone(), cost.above_baseline.map(|spread| spread.median));
        assert_eq!(above(&costs[0]), ("02".to_owned(), Some(0.0)));
        assert_eq!(above(&costs[1]), ("02".to_owned(), Some(100.0)));
        assert_eq!(above(&costs[3]), ("floor".to_owned(), Some(2.0)));
    }

    #[test]
    fn without_a_baseline_nothing_is_subtracted() {
        let mut costs = [cost("03", false, 130.0)];
        subtract(&mut costs);
        assert_eq!((costs[0].above_baseline, costs[0].baseline.as_str()), (None, ""));
    }
}
