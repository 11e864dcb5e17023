//! Numbers as JSON has them, and numbers of people that every client can hold.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

/// A whole number in whichever way it is written: to JSON `7.0` is the same number as `7`, and some languages know no
/// other way.
struct Whole<T>(T);

/// Up to here `f64` counts without gaps.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The number of a driver or a rider: up to 2^53 - 1, which JSON numbers hold exactly in every language, and which
/// MongoDB and the map can keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub(crate) struct SafeId(u64);

/// Says why a number is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no id: expected 0 to {max}", max = SafeId::MAX)]
pub(crate) struct NotAnId(i128);

impl SafeId {
    /// The largest, 2^53 - 1.
    pub(crate) const MAX: u64 = (1 << 53) - 1;

    pub(crate) fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for SafeId {
    type Error = NotAnId;

    fn try_from(number: u64) -> Result<Self, NotAnId> {
        if number <= Self::MAX { Ok(Self(number)) } else { Err(NotAnId(number.into())) }
    }
}

impl TryFrom<i64> for SafeId {
    type Error = NotAnId;

    fn try_from(number: i64) -> Result<Self, NotAnId> {
        u64::try_from(number).map_err(|_| NotAnId(number.into())).and_then(Self::try_from)
    }
}

/// Reads a whole number.
pub(crate) fn whole<'de, D: Deserializer<'de>, T: TryFrom<i64>>(deserializer: D) -> Result<T, D::Error> {
    Whole::deserialize(deserializer).map(|Whole(number)| number)
}

/// Reads a whole number that may be missing.
pub(crate) fn some_whole<'de, D: Deserializer<'de>, T: TryFrom<i64>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(Option::<Whole<T>>::deserialize(deserializer)?.map(|Whole(number)| number))
}

impl<'de, T: TryFrom<i64>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number<T>(PhantomData<T>);
        impl<T: TryFrom<i64>> Visitor<'_> for Number<T> {
            type Value = Whole<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Whole<T>, E> {
                let fitting = T::try_from(number).map_err(|_| E::custom(format!("{number} is out of range")));
                fitting.map(Whole)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Whole<T>, E> {
                let number = i64::try_from(number);
                number.map_err(E::custom).and_then(|number| self.visit_i64(number))
            }

            #[expect(clippy::cast_possible_truncation, reason = "whole and small enough")]
            fn visit_f64<E: Error>(self, number: f64) -> Result<Whole<T>, E> {
                if number.fract() != 0.0 || number.abs() > EXACT {
                    return Err(E::invalid_value(serde::de::Unexpected::Float(number), &self));
                }
                self.visit_i64(number as i64)
            }
        }
        deserializer.deserialize_any(Number(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Numbers {
        #[serde(deserialize_with = "whole")]
        id: SafeId,
        #[serde(default, deserialize_with = "some_whole")]
        heading: Option<u16>,
    }

    #[test]
    fn a_whole_number_is_read_however_it_is_written() {
        for (text, id, heading) in [
            (r#"{"id":7}"#, 7, None),
            (r#"{"id":7.0,"heading":null}"#, 7, None),
            (r#"{"id":70e-1,"heading":3.59e2}"#, 7, Some(359)),
            (r#"{"id":-0.0,"heading":65535}"#, 0, Some(65_535)),
            (r#"{"id":9007199254740991}"#, SafeId::MAX, None),
        ] {
            let read: Numbers = serde_json::from_str(text).unwrap();
            assert_eq!(read, Numbers { id: SafeId(id), heading }, "{text}");
        }
        for text in [
            r#"{"id":7.5}"#,
            r#"{"id":-1}"#,
            r#"{"id":"7"}"#,
            r#"{"id":true}"#,
            r#"{"id":null}"#,
            r#"{"id":9007199254740992}"#,
            r#"{"id":9007199254740992.0}"#,
            r#"{"id":1e300}"#,
            r#"{"id":18446744073709551615}"#,
            r#"{"id":18446744073709551616}"#,
            r#"{"id":1,"heading":65536}"#,
            r#"{"id":1,"heading":-1}"#,
        ] {
            assert!(serde_json::from_str::<Numbers>(text).is_err(), "{text}");
        }
    }
}
