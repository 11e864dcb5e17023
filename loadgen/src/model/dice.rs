//! Dice of one agent: eight bytes of state, so that a million drivers each have their own.

use std::convert::Infallible;

use rand::{Rng, RngExt, TryRng};

/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Dice of agent `number` of a city; neighbours do not look alike.
    pub(crate) fn of_agent(seed: u64, number: u64) -> Self {
        let mut mixed = Self(seed ^ number.wrapping_mul(0xd134_2543_de82_ef95));
        Self(mixed.next_u64())
    }

    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// 0..1.
    pub(crate) fn unit(&mut self) -> f64 {
        self.random()
    }

    pub(crate) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }

    /// Milliseconds from..=to.
    pub(crate) fn ms(&mut self, from: i64, to: i64) -> i64 {
        self.random_range(from..=to)
    }
}

impl TryRng for Dice {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let high = self.try_next_u64()? >> 32;
        Ok(u32::try_from(high).expect("32 bits are left"))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(bits ^ (bits >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.try_next_u64()?.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_come_out_as_often_as_they_should() {
        let mut dice = Dice::of_agent(1, 2);
        let hits = (0..10_000).filter(|_| dice.chance(0.3)).count();
        assert!((2_800..3_200).contains(&hits), "{hits}");
    }

    #[test]
    fn neighbours_throw_differently() {
        let first: std::collections::BTreeSet<u64> =
            (0..1_000).map(|n| Dice::of_agent(7, n).next_u64()).collect();
        assert_eq!(first.len(), 1_000);
    }
}
