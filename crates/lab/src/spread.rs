//! A figure that was measured several times.

use serde::{Deserialize, Serialize};

/// Wider than this, as a part of the median, and a figure is no ground for a conclusion.
const TOO_WIDE: f64 = 0.2;

/// The median of some rounds, and the quartiles: half of the rounds lie between `low` and `high`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Half of the rounds lie below it.
    pub median: f64,
    /// A quarter of the rounds lies below it.
    pub low: f64,
    /// A quarter of the rounds lies above it.
    pub high: f64,
    /// How many rounds there were.
    pub rounds: usize,
}

impl Spread {
    /// `None` of no rounds.
    pub fn of(values: &[f64]) -> Option<Spread> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let rounds = sorted.len();
        Some(Spread { median: at(&sorted, 0.5)?, low: at(&sorted, 0.25)?, high: at(&sorted, 0.75)?, rounds })
    }

    /// Of the quotients, round by round: what disturbs a whole round then disturbs no ratio.
    pub fn of_ratios(above: &[f64], below: &[f64]) -> Option<Spread> {
        let ratios: Vec<f64> = above.iter().zip(below).filter(|(_, below)| **below > 0.0).map(|(a, b)| a / b).collect();
        Spread::of(&ratios)
    }

    /// From quartile to quartile, as a part of the median.
    pub fn width(&self) -> f64 {
        if self.median == 0.0 { 0.0 } else { (self.high - self.low) / self.median.abs() }
    }

    /// Whether the rounds differ too much to conclude anything.
    pub fn is_too_wide(&self) -> bool {
        self.width() > TOO_WIDE
    }

    /// The same, less what would have been paid anyway.
    pub fn less(&self, baseline: f64) -> Spread {
        let less = |value: f64| value - baseline;
        Spread { median: less(self.median), low: less(self.low), high: less(self.high), rounds: self.rounds }
    }
}

/// The value below which this part of the sorted values lies; between two of them, in proportion.
fn at(sorted: &[f64], part: f64) -> Option<f64> {
    let place = part * (sorted.len().checked_sub(1)?) as f64;
    let (below, above) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_the_quartiles_are_those_of_the_textbook() {
        let spread = Spread::of(&[9.0, 1.0, 3.0, 7.0, 5.0]).expect("five rounds");
        assert_eq!(spread, Spread { median: 5.0, low: 3.0, high: 7.0, rounds: 5 });
        assert_eq!(Spread::of(&[1.0, 2.0]).expect("two rounds").median, 1.5);
        assert_eq!(Spread::of(&[4.0]), Some(Spread { median: 4.0, low: 4.0, high: 4.0, rounds: 1 }));
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn one_disturbed_round_of_five_moves_the_median_little_and_is_seen_in_no_ratio() {
        let (ours, theirs) = ([8.0, 8.0, 80.0, 8.0, 8.0], [10.0, 10.0, 100.0, 10.0, 10.0]);
        assert_eq!(Spread::of(&ours).expect("rounds").median, 8.0);
        let ratio = Spread::of_ratios(&ours, &theirs).expect("rounds");
        assert_eq!((ratio.low, ratio.median, ratio.high), (0.8, 0.8, 0.8));
    }

    #[test]
    fn a_baseline_moves_a_spread_without_changing_its_width() {
        let spread = Spread { median: 30.0, low: 29.0, high: 32.0, rounds: 5 };
        assert_eq!(spread.less(10.0), Spread { median: 20.0, low: 19.0, high: 22.0, rounds: 5 });
    }

    #[test]
    fn rounds_that_differ_by_half_allow_no_conclusion() {
        assert!(Spread::of(&[10.0, 15.0, 20.0]).expect("rounds").is_too_wide());
        assert!(!Spread::of(&[10.0, 10.5, 11.0]).expect("rounds").is_too_wide());
    }
}
