//! Times as recordings write them: Unix seconds or ISO 8601, to the city's own time of day where no offset is given.

use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

/// Later than the year 2100 is milliseconds taken for seconds.
const LATEST_S: f64 = 4_102_444_800.0;

/// Reads a time as milliseconds since 1970 (UTC). `offset_ms` leads from UTC to the local time of the recording.
///
/// # Errors
/// What is wrong with the text.
#[expect(clippy::cast_possible_truncation, reason = "checked to lie before the year 2100")]
pub(super) fn parse(text: &str, offset_ms: i64) -> Result<i64, String> {
    if let Ok(seconds) = text.parse::<f64>() {
        if !(0.0..LATEST_S).contains(&seconds) {
            return Err(format!("the time is {text}, not seconds since 1970"));
        }
        return Ok((seconds * 1000.0).round() as i64);
    }
    let wrong = || format!("the time is {text:?}, neither Unix seconds nor such as 2008-02-04T16:00:00");
    let pieces = Pieces::parse(text).map_err(|_| wrong())?;
    let time = pieces.date().to_datetime(pieces.time().ok_or_else(wrong)?);
    let at_ms = |offset: Offset| {
        let at = offset.to_timestamp(time).map_err(|_| wrong())?.as_millisecond();
        if at < 0 { Err(wrong()) } else { Ok(at) }
    };
    match pieces.to_numeric_offset() {
        Some(offset) => at_ms(offset),
        None => Ok(at_ms(Offset::UTC)? - offset_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EIGHT_H_MS: i64 = 8 * 3_600_000;

    #[test]
    fn seconds_and_local_times_are_read() {
        for (text, offset_ms, at_ms) in [
            ("1211180400", EIGHT_H_MS, 1_211_180_400_000),
            ("1211180400.25", 0, 1_211_180_400_250),
            ("2008-02-04T16:00:00", EIGHT_H_MS, 1_202_112_000_000),
            ("2008-02-04 16:00:00", EIGHT_H_MS, 1_202_112_000_000),
            ("2008-02-04T08:00:00Z", EIGHT_H_MS, 1_202_112_000_000),
            ("2008-02-04T16:00:00+08:00", 0, 1_202_112_000_000),
        ] {
            assert_eq!(parse(text, offset_ms), Ok(at_ms), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_told() {
        for text in ["", "1211180400000", "-5", "nan", "inf", "noon", "2008-02-04", "2008-02-30T00:00:00"] {
            assert!(parse(text, 0).unwrap_err().contains("the time is"), "{text}");
        }
    }
}
