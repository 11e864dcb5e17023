//! The summary of a run as people read it.

use std::fmt::Write as _;

use super::{Api, Report, Schedule};
use crate::demo::phrases::seconds;
use crate::demo::waits::Quantiles;

/// A line of the summary: what it is about, and what it says.
type Line = (&'static str, String);

/// A broker that answers has nobody wait longer.
const SILENCE_TOLD_MS: i64 = 1_000;

impl Report {
    /// The summary as people read it.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let lines = self.counts().into_iter().chain(self.times()).chain(self.costs());
        for (label, value) in lines {
            writeln!(text, "  {label:<22} {value}").expect("writing to memory succeeds");
        }
        self.add_groups(&mut text);
        text
    }

    /// What came, and what became of it.
    fn counts(&self) -> Vec<Line> {
        let mut lines = vec![(
            "reports",
            format!(
                "{} acknowledged, {} through Redis, {} in MongoDB",
                self.reports_acknowledged, self.reports_in_redis, self.reports_in_mongodb
            ),
        )];
        if let Some(named) = self.reports_in_ledger {
            let told = format!("{named} acknowledged reports named, each looked for in Kafka and MongoDB");
            lines.push(("ledger", told));
        }
        if let Some(hash) = &self.schedule.hash {
            let of = "as of every load without rides that has these options, seed and start";
            lines.push(("reports hash", format!("{hash}, {of}")));
        }
        lines.extend([
            (
                "rides",
                format!("{} asked for, {} offers, {} matched", self.requests, self.offers, self.matched),
            ),
            (
                "ended",
                format!(
                    "{} completed, {} cancelled, {} unfulfilled, {} open",
                    self.completed, self.cancelled, self.unfulfilled, self.open
                ),
            ),
            ("fares", self.fares.to_string()),
        ]);
        lines
    }

    /// How fast it all went.
    fn times(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        lines.extend(self.rate.map(|rate| ("rate", rate.text(self.behind()))));
        lines.push(("schedule", self.schedule.text()));
        lines.extend(self.silence().map(|silence| ("broker", silence)));
        lines.push(("request→offer", self.waits.request_to_offer_ms.text()));
        lines.push(("report→Redis", self.waits.report_to_redis_ms.text()));
        if self.waits.report_to_map_ms.p99.is_some() {
            lines.push(("report→map", self.waits.report_to_map_ms.text()));
        }
        if self.api.requests > 0 {
            let Api { requests, errors, refused, ms } = self.api;
            let counts = format!("{requests} requests, {errors} without a good answer, {refused} refused");
            lines.push(("API", format!("{counts}; {}", ms.text())));
        }
        lines
    }

    /// What it took.
    fn costs(&self) -> Vec<Line> {
        let mut lines = vec![
            (
                "MongoDB",
                format!(
                    "{} documents in {} operations: {:.0} a time, reports {:.0}",
                    self.mongodb_documents,
                    self.mongodb_operations,
                    self.documents_per_operation,
                    self.report_documents_per_operation
                ),
            ),
            ("dead letters", self.dead_letters.to_string()),
        ];
        if let Some(first_match_s) = self.first_match_s {
            lines.push(("first match", format!("{first_match_s:.1} s after the command")));
        }
        let mib = self.rss_mib.values().sum::<f64>();
        lines.push(("memory", format!("{mib:.0} MiB at most, all processes")));
        lines.push(("processors", self.cpu.text()));
        lines
    }

    /// How long brokers were silent, if that is worth a line.
    fn silence(&self) -> Option<String> {
        let silent_ms = self.schedule.broker_silent_ms;
        let kept = if self.audit.clean { "; nothing acknowledged was lost" } else { "" };
        (silent_ms > SILENCE_TOLD_MS)
            .then(|| format!("was silent for {:.1} s at most{kept}", seconds(silent_ms)))
    }

    fn add_groups(&self, text: &mut String) {
        writeln!(text, "\n  Every group reads every record of its topics; its members share them:")
            .expect("memory");
        writeln!(
            text,
            "  {:<15} {:>10} {:>10}  members (partitions: records)",
            "group", "produced", "consumed"
        )
        .expect("memory");
        for (name, group) in &self.groups {
            let members = group
                .members
                .iter()
                .map(|(id, member)| format!("{id} ({}: {})", member.partitions, member.consumed));
            let members = members.collect::<Vec<_>>().join(", ");
            writeln!(text, "  {name:<15} {:>10} {:>10}  {members}", group.produced, group.consumed)
                .expect("memory");
        }
    }
}

impl Schedule {
    fn text(&self) -> String {
        let left_out = match self.left_out {
            0 => String::new(),
            records => format!(", {records} never left, since the end came first"),
        };
        format!(
            "reports left {} after they were due, at most {} ms; {} more than a second late, {} waits for room",
            self.lateness_ms.text(),
            self.latest_ms,
            self.late,
            self.full_queue_waits
        ) + &left_out
    }
}

impl Quantiles {
    fn text(self) -> String {
        match (self.p50, self.p99) {
            (Some(p50), Some(p99)) => format!("p50 {p50} ms, p99 {p99} ms"),
            _ => "-".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Audit;
    use super::*;

    fn text(schedule: Schedule, clean: bool) -> String {
        Report { schedule, audit: Audit { clean, ..Audit::default() }, ..Report::default() }.text()
    }

    #[test]
    fn a_broker_that_was_silent_for_long_is_told() {
        let silent = |broker_silent_ms| Schedule { broker_silent_ms, ..Schedule::default() };
        assert!(!text(silent(1_000), true).contains("broker"));
        let told = text(silent(4_230), true);
        assert!(
            told.contains(
                "broker                 was silent for 4.2 s at most; nothing acknowledged was lost\n"
            ),
            "{told}"
        );
        assert!(text(silent(4_230), false).contains("was silent for 4.2 s at most\n"));
    }

    #[test]
    fn what_never_left_and_what_can_be_compared_is_told() {
        let schedule = Schedule { left_out: 3, hash: Some("0123456789ab".to_owned()), ..Schedule::default() };
        let told = text(schedule, true);
        assert!(
            told.contains("0 waits for room, 3 never left") && told.contains("0123456789ab, as of"),
            "{told}"
        );
        let usual = text(Schedule::default(), true);
        assert!(
            !usual.contains("never left") && !usual.contains("hash") && !usual.contains("asked for 0/s"),
            "{usual}"
        );
    }
}
