//! Figures in words, as the table and the plain lines show them.

use std::time::Duration;

use super::figures::Figures;
use super::waits::Quantiles;
use crate::fleet::ServiceSpec;

/// Age of the oldest record a group has not dealt with, or had not at the end of its last batch.
pub(super) fn lag_ms(figures: &Figures, service: &str, now_ms: i64) -> i64 {
    let since_ms = figures.max(service, "pending_since_ms");
    let pending_ms = if since_ms > 0 { now_ms - since_ms } else { 0 };
    pending_ms.max(figures.max(service, "max_age_ms"))
}

pub(super) fn lags(figures: &Figures, now_ms: i64, services: &[ServiceSpec]) -> String {
    let each = services.iter().map(|service| {
        format!("{:>13} {:>4.1} s", service.name, seconds(lag_ms(figures, service.name, now_ms)))
    });
    each.collect::<Vec<_>>().join("  ")
}

pub(super) fn request_to_offer(figures: &Figures) -> String {
    times(Quantiles::request_to_offer(figures))
}

pub(super) fn report_to_redis(figures: &Figures) -> String {
    times(Quantiles::report_to_redis(figures))
}

fn times(quantiles: Quantiles) -> String {
    quantiles
        .p50
        .zip(quantiles.p99)
        .map_or_else(|| "-".to_owned(), |(p50, p99)| format!("p50 {p50} ms p99 {p99} ms"))
}

/// Who watches, and how soon they see a report.
pub(super) fn viewers(figures: &Figures) -> String {
    let report_to_map = Quantiles::report_to_map(figures);
    format!("viewers {}  report→map {}", figures.now("gateway", "viewers"), times(report_to_map))
}

/// How the API answers the city's own apps; empty if none uses it.
pub(super) fn api(figures: &Figures) -> String {
    let answers = Quantiles::of(figures, "loadgen", "api_ms");
    if answers.p50.is_none() { String::new() } else { format!("  API {}", times(answers)) }
}

/// How many records had to wait for room in the queues of the apps' clients; empty if none had to.
pub(super) fn waits_for_room(figures: &Figures) -> String {
    match figures.sum("loadgen", "full_queue_waits") {
        0 => String::new(),
        waits => format!("  {} waited for room", grouped(waits)),
    }
}

pub(super) fn documents(figures: &Figures) -> String {
    let sum = |name: &str| figures.sum("archiver", name);
    let per_operation = sum("report_documents") / sum("report_operations").max(1);
    format!(
        "stored {} documents, {} reports an operation",
        grouped(sum("mongodb_documents")),
        grouped(per_operation)
    )
}

#[expect(clippy::cast_precision_loss, reason = "for display")]
pub(super) fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

/// A number with its thousands apart: 1,234,567.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

pub(super) fn clock(span: Duration) -> String {
    let s = span.as_secs();
    format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

#[cfg(test)]
mod tests {
    use runtime::StatsLine;

    use super::super::board::Board;
    use super::*;

    #[test]
    fn waits_for_room_are_shown_if_there_were_any() {
        let board = Board::default();
        board.born("loadgen-1", "loadgen", 1);
        let line = |waits| StatsLine {
            values: [("full_queue_waits".to_owned(), waits)].into(),
            ..StatsLine::default()
        };
        for (waits, shown) in [(0, ""), (1_204, "  1,204 waited for room")] {
            board.wrote("loadgen-1", line(waits));
            assert_eq!(waits_for_room(&Figures::of(&board)), shown);
        }
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-4321, "-4,321")]
        {
            assert_eq!(grouped(number), text);
        }
    }
}
