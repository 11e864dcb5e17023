//! Numbers for people and pages.

/// To one decimal.
pub(crate) fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[expect(clippy::cast_precision_loss, reason = "for display")]
pub(crate) fn number(count: u64) -> f64 {
    count as f64
}
