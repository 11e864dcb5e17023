//! Which drivers and riders a process plays, if several processes play one city together.

use std::fmt;
use std::str::FromStr;

/// One of several shares of a city: every so many-th driver and rider, counted in the order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Counts from 0.
    number: u32,
    of: u32,
}

impl Share {
    /// The whole city.
    pub const WHOLE: Self = Self { number: 0, of: 1 };

    /// Share `number` of `of`, counted from 0; `None` if there is no such share.
    #[must_use]
    pub fn new(number: u32, of: u32) -> Option<Self> {
        (number < of).then_some(Self { number, of })
    }

    /// Whether there is no other share.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.of == 1
    }

    /// Whether this is the share that does what has to be done once.
    #[must_use]
    pub fn is_first(self) -> bool {
        self.number == 0
    }

    /// Whether a driver or rider, counted from 0, is played by this share.
    #[must_use]
    pub fn holds(self, number: u64) -> bool {
        number % u64::from(self.of) == u64::from(self.number)
    }

    /// The numbers below a count that this share holds, ascending.
    pub(crate) fn numbers(self, below: u32) -> impl Iterator<Item = u32> {
        (self.number..below).step_by(self.of as usize)
    }

    /// Where a number stands among those that this share holds.
    pub(crate) fn place(self, number: u32) -> usize {
        (number / self.of) as usize
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number + 1, self.of)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let share = text.split_once('/').and_then(|(number, of)| {
            Self::new(number.trim().parse::<u32>().ok()?.checked_sub(1)?, of.trim().parse().ok()?)
        });
        share.ok_or_else(|| "expected a share of several, such as 1/2 or 2/2".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_held_by_one_share_and_has_a_place_there() {
        for of in 1..5 {
            let mut held = Vec::new();
            for share in (0..of).map(|number| Share::new(number, of).unwrap()) {
                for (place, number) in share.numbers(10).enumerate() {
                    assert!(share.holds(number.into()), "{share} {number}");
                    assert_eq!(share.place(number), place, "{share} {number}");
                    held.push(number);
                }
            }
            held.sort_unstable();
            assert_eq!(held, (0..10).collect::<Vec<_>>(), "{of} shares");
        }
    }

    #[test]
    fn a_share_is_read_as_it_is_written_or_refused() {
        for text in ["1/1", "2/3", "64/64"] {
            assert_eq!(text.parse::<Share>().unwrap().to_string(), text);
        }
        for text in ["", "1", "0/2", "3/2", "1/0", "-1/2", "a/b"] {
            assert!(text.parse::<Share>().unwrap_err().contains("such as 1/2"), "{text}");
        }
    }
}
