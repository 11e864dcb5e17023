//! Numbers of people that every client can hold.

use serde::{Deserialize, Serialize};

/// The number of a driver or a rider: up to 2^53 - 1, which JSON numbers hold exactly in every language, and which
/// MongoDB and the map can keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub(crate) struct SafeId(u64);

/// Says why a number is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is too large for an id: at most {max}", max = SafeId::MAX)]
pub(crate) struct TooLarge(u64);

impl SafeId {
    /// The largest, 2^53 - 1.
    pub(crate) const MAX: u64 = (1 << 53) - 1;

    pub(crate) fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for SafeId {
    type Error = TooLarge;

    fn try_from(number: u64) -> Result<Self, TooLarge> {
        if number <= Self::MAX { Ok(Self(number)) } else { Err(TooLarge(number)) }
    }
}
