//! The city time a run starts at, as people write it.

use std::str::FromStr;

use domain::CityMs;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

/// A moment with the city's own offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct StartTime {
    /// The moment.
    pub(crate) at: CityMs,
    /// Hours from UTC to the city's time of day.
    pub(crate) utc_offset_h: f64,
}

impl FromStr for StartTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || "expected a time such as 2008-05-23T17:00:00-07:00 (without an offset it is UTC)".to_owned();
        let pieces = Pieces::parse(text.trim()).map_err(|_| wrong())?;
        let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
        let time = pieces.time().unwrap_or_default();
        let at = offset.to_timestamp(pieces.date().to_datetime(time)).map_err(|_| wrong())?;
        Ok(Self { at: CityMs(at.as_millisecond()), utc_offset_h: f64::from(offset.seconds()) / 3600.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_offset() {
        for (text, ms, offset_h) in [
            ("2008-05-23T17:00:00-07:00", 1_211_587_200_000, -7.0),
            ("2008-05-24T00:00:00Z", 1_211_587_200_000, 0.0),
            ("2008-05-24T00:00", 1_211_587_200_000, 0.0),
            ("2008-05-24", 1_211_587_200_000, 0.0),
        ] {
            let start: StartTime = text.parse().unwrap();
            assert_eq!((start.at.0, start.utc_offset_h), (ms, offset_h), "{text}");
        }
        assert!("yesterday".parse::<StartTime>().is_err());
    }
}
