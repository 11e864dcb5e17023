//! A figure of several repetitions: the middle one, the least and the greatest.

use std::fmt;

/// Median and spread of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Half of the values are below it.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// The spread of values in any order; none of no values.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_unstable_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(values[middle - 1], values[middle])
        } else {
            values[middle]
        };
        Some(Self { median, min, max })
    }

    /// The spread of the inverse values.
    pub(crate) fn inverse(self) -> Self {
        Self { median: 1.0 / self.median, min: 1.0 / self.max, max: 1.0 / self.min }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, min, max } = *self;
        let whole = [median, min, max].iter().all(|value| *value == value.trunc());
        if min == max {
            return f.write_str(&number(median, whole));
        }
        write!(f, "{} ({}–{})", number(median, whole), number(min, whole), number(max, whole))
    }
}

/// A value to twelve figures, which is far more than is known of any. Text of so few is read back as exactly the number
/// that was written; of one with seventeen the reader may find a neighbour, and a table another last figure.
pub(crate) fn rounded(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// A number with three figures or more that matter (of a whole one all), and commas between thousands.
pub(crate) fn number(value: f64, whole: bool) -> String {
    let size = value.abs();
    if size < 10.0 && !whole {
        return format!("{value:.2}");
    }
    if size < 100.0 && !whole {
        return format!("{value:.1}");
    }
    let digits = format!("{size:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value_or_lies_between_the_two() {
        for (values, median, min, max) in [
            (vec![7.0], 7.0, 7.0, 7.0),
            (vec![3.0, 1.0, 2.0], 2.0, 1.0, 3.0),
            (vec![4.0, 1.0, 3.0, 2.0], 2.5, 1.0, 4.0),
        ] {
            assert_eq!(Spread::of(values), Some(Spread { median, min, max }));
        }
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn twelve_figures_are_kept() {
        for (value, kept) in
            [(104.500_000_000_000_01, 104.5), (0.1 + 0.2, 0.3), (-1e9 / 3.0, -333_333_333.333)]
        {
            assert_eq!(rounded(value), kept);
        }
        assert_eq!((rounded(0.0), rounded(245_000.0)), (0.0, 245_000.0));
        assert_eq!(number(rounded(104.500_000_000_000_01), false), number(104.5, false));
    }

    #[test]
    fn numbers_show_what_matters_of_them() {
        for (value, whole, text) in [
            (0.0, true, "0"),
            (12.0, true, "12"),
            (1.0, false, "1.00"),
            (1.234, false, "1.23"),
            (12.34, false, "12.3"),
            (123.4, false, "123"),
            (1234.5, false, "1,234"),
            (1_234_567.0, true, "1,234,567"),
            (-1234.0, true, "-1,234"),
        ] {
            assert_eq!(number(value, whole), text, "{value}");
        }
        assert_eq!(Spread { median: 2.0, min: 1.5, max: 2.25 }.to_string(), "2.00 (1.50–2.25)");
        assert_eq!(Spread { median: 2.0, min: 1.0, max: 4.0 }.to_string(), "2 (1–4)");
        assert_eq!(Spread { median: 2.0, min: 2.0, max: 2.0 }.to_string(), "2");
    }
}
