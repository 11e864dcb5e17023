//! Rows that come a little late, put into order of time while they are read.

use std::collections::BTreeMap;

use super::pings_file::RawPing;

/// How much later than its turn a row may come (recorded time). Several devices written to one file differ by seconds
/// or minutes; more than that is a file in another order.
pub(super) const WINDOW_MS: i64 = 5 * 60 * 1000;

/// Holds the rows of the last few minutes back, since an earlier one may still come.
#[derive(Debug, Default)]
pub(super) struct InOrder {
    held: BTreeMap<(i64, u64), RawPing>,
    latest: Option<i64>,
    late: u64,
}

/// A row came later than the window allows, by this much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLate {
    pub(super) by_ms: i64,
}

impl InOrder {
    /// Takes the next row of the file.
    ///
    /// # Errors
    /// If it is too late to be put into order.
    pub(super) fn push(&mut self, ping: RawPing) -> Result<(), TooLate> {
        let latest = self.latest.unwrap_or(ping.at_ms);
        let by_ms = latest - ping.at_ms;
        if by_ms > WINDOW_MS {
            return Err(TooLate { by_ms });
        }
        self.late += u64::from(by_ms > 0);
        self.latest = Some(latest.max(ping.at_ms));
        self.held.insert((ping.at_ms, ping.line), ping);
        Ok(())
    }

    /// The next row in order of time, then of lines, if no earlier one can come any more.
    pub(super) fn pop(&mut self) -> Option<RawPing> {
        let latest = self.latest?;
        let first = self.held.first_entry()?;
        (first.key().0 < latest - WINDOW_MS).then(|| first.remove())
    }

    /// The next row once the file is at its end.
    pub(super) fn pop_rest(&mut self) -> Option<RawPing> {
        self.held.pop_first().map(|(_, ping)| ping)
    }

    /// How many rows were late and put into order.
    pub(super) fn late(&self) -> u64 {
        self.late
    }
}

#[cfg(test)]
mod tests {
    use domain::LatLng;
    use proptest::prelude::*;

    use super::*;

    fn ping(at_ms: i64, line: u64) -> RawPing {
        RawPing { at_ms, line, cab: 0, position: LatLng { lat: 0.0, lon: 0.0 }, occupied: None }
    }

    fn pass(times_ms: &[i64]) -> (Vec<(i64, u64)>, u64, Vec<u64>) {
        let (mut rows, mut order, mut refused) = (Vec::new(), InOrder::default(), Vec::new());
        for (&at_ms, line) in times_ms.iter().zip(2..) {
            if order.push(ping(at_ms, line)).is_err() {
                refused.push(line);
            }
            rows.extend(std::iter::from_fn(|| order.pop()).map(|ping| (ping.at_ms, ping.line)));
        }
        rows.extend(std::iter::from_fn(|| order.pop_rest()).map(|ping| (ping.at_ms, ping.line)));
        (rows, order.late(), refused)
    }

    #[test]
    fn late_rows_are_put_into_order_and_counted() {
        let (rows, late, refused) = pass(&[1000, 3000, 2000, 3000, 500]);
        assert_eq!(rows, [(500, 6), (1000, 2), (2000, 4), (3000, 3), (3000, 5)]);
        assert_eq!((late, refused), (2, vec![]));
    }

    #[test]
    fn rows_are_refused_only_beyond_the_window() {
        let (rows, late, refused) = pass(&[0, 2 * WINDOW_MS, WINDOW_MS, WINDOW_MS - 1]);
        assert_eq!((rows.len(), late, refused), (3, 1, vec![5]));
    }

    proptest! {
        #[test]
        fn whatever_is_not_refused_comes_out_once_and_in_order(
            times_ms in prop::collection::vec(0..WINDOW_MS * 3, 0..200)
        ) {
            let (rows, _, refused) = pass(&times_ms);
            prop_assert!(rows.is_sorted());
            prop_assert_eq!(rows.len() + refused.len(), times_ms.len());
        }
    }
}
