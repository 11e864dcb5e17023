//! The result of an audit, for people and for programs.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{Finding, FindingKind, Findings};

/// What one partition holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Records that are there.
    pub records: u64,
    /// Whether nothing was taken away, by compaction or retention.
    pub whole: bool,
}

/// The result of an audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Whether nothing was found.
    pub clean: bool,
    /// Every finding by name, those that were not found with count 0.
    pub findings: BTreeMap<&'static str, Finding>,
    /// What was counted, by name.
    pub counts: BTreeMap<String, u64>,
    /// What could not be judged, and why.
    pub notes: Vec<String>,
    /// What each partition of each topic holds; too much to be shown.
    #[serde(skip)]
    pub records: BTreeMap<String, BTreeMap<i32, Held>>,
}

impl AuditReport {
    pub(super) fn new(
        findings: &Findings,
        counts: BTreeMap<String, u64>,
        records: BTreeMap<String, BTreeMap<i32, Held>>,
        notes: Vec<String>,
    ) -> Self {
        let named = FindingKind::ALL.map(|kind| (kind.name(), findings.of(kind)));
        Self { clean: findings.kinds().next().is_none(), findings: named.into(), counts, notes, records }
    }

    /// How often each finding was made, by name.
    #[must_use]
    pub fn finding_counts(&self) -> BTreeMap<&'static str, u64> {
        self.findings.iter().map(|(name, finding)| (*name, finding.count)).collect()
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &self.counts {
            writeln!(f, "{name:<40} {count:>12}")?;
        }
        writeln!(f)?;
        // Declared order, not that of the alphabet: what belongs together stands together.
        for kind in FindingKind::ALL {
            let Some(finding) = self.findings.get(kind.name()) else { continue };
            writeln!(f, "{:<40} {:>12}", kind.name(), finding.count)?;
            for example in &finding.examples {
                writeln!(f, "    {example}")?;
            }
            if finding.count > finding.examples.len() as u64 {
                writeln!(f, "    ...")?;
            }
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        write!(f, "{}", if self.clean { "audit: clean" } else { "audit: NOT clean" })
    }
}
