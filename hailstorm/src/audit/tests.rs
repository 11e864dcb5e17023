//! For each finding a planted violation that must be reported, and a clean city in which there is none.

mod city;
mod clean;
mod fares;
mod ids;
mod redis;
mod storage;
mod tables;
mod trips;

use city::City;

use super::{AuditReport, FindingKind};

/// What the audit finds, by name.
fn found(report: &AuditReport) -> Vec<(&'static str, u64)> {
    report.finding_counts().into_iter().filter(|(_, count)| *count > 0).collect()
}

/// Asserts that the audit of a city makes this one finding, once, and no other.
fn assert_finds(city: &City, kind: FindingKind) {
    let report = city.audit();
    assert_eq!(found(&report), [(kind.name(), 1)], "{report}");
    assert!(!report.clean);
}
