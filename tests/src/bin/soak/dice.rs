//! Chance that can be had again.

/// The same numbers for the same seed: splitmix64.
pub struct Dice(u64);

impl Dice {
    /// One of many for the same seed.
    pub fn new(seed: u64, number: usize) -> Dice {
        let mut dice = Dice(seed);
        // Neighbours would throw the same, one a throw after the other.
        Dice(dice.throw() ^ Dice(number as u64).throw())
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to this, without it.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.throw()) * bound as u128) >> 64) as usize
    }

    /// Within this, both ends included.
    pub fn within(&mut self, range: std::ops::RangeInclusive<usize>) -> usize {
        range.start() + self.below(range.end() - range.start() + 1)
    }

    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn one_of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}
