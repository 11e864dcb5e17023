//! The cars of a recording: whatever the file calls them, they are counted from 0 on.

use std::collections::{BTreeMap, BTreeSet};

/// Numbers that a file gives its cars are kept if they are below this; else ids of copies would grow too long to read.
const MOST_NUMBERS: u32 = 1_000_000;

/// Cars by the name the file gives them.
#[derive(Clone, Debug, Default)]
pub(super) struct Cabs(BTreeMap<Box<str>, u32>);

impl Cabs {
    /// The index of a car, a new one if it was not seen before.
    pub(super) fn index_of(&mut self, name: &str) -> u32 {
        if let Some(&index) = self.0.get(name) {
            return index;
        }
        let index = u32::try_from(self.0.len()).expect("a file has fewer than 2^32 cars");
        self.0.insert(name.into(), index);
        index
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// By index, the number that a car is known by: the file's own, so that people find it again, or its index if
    /// the file has other names than small numbers.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let own: BTreeSet<u32> = self.0.keys().filter_map(|name| own_number(name)).collect();
        let keep = own.len() == self.len();
        let mut numbers = vec![0; self.len()];
        for (name, &index) in &self.0 {
            numbers[index as usize] = own_number(name).filter(|_| keep).unwrap_or(index);
        }
        numbers
    }
}

fn own_number(name: &str) -> Option<u32> {
    name.parse().ok().filter(|&number| number < MOST_NUMBERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cars_keep_small_numbers_of_their_own_and_get_some_otherwise() {
        for (names, numbers) in [
            (["7", "536", "0"], [7, 536, 0]),
            (["b", "a", "c"], [0, 1, 2]),
            (["7", "07", "8"], [0, 1, 2]),
            (["9000000", "1", "2"], [0, 1, 2]),
        ] {
            let mut cabs = Cabs::default();
            let indices = names.map(|name| cabs.index_of(name));
            assert_eq!((indices, cabs.index_of(names[1])), ([0, 1, 2], 1));
            assert_eq!(cabs.numbers(), numbers);
        }
    }
}
