//! The summary of a run as people read it.

use std::fmt::Write as _;

use super::{Api, Quantiles, Report, Schedule};

impl Report {
    /// The summary as people read it.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |label: &str, value: String| {
            writeln!(text, "  {label:<22} {value}").expect("writing to memory succeeds")
        };
        line(
            "reports",
            format!(
                "{} acknowledged, {} through Redis, {} in MongoDB",
                self.reports_acknowledged, self.reports_in_redis, self.reports_in_mongodb
            ),
        );
        if let Some(named) = self.reports_in_ledger {
            line(
                "ledger",
                format!("{named} acknowledged reports named, each looked for in Kafka and MongoDB"),
            );
        }
        line(
            "rides",
            format!("{} asked for, {} offers, {} matched", self.requests, self.offers, self.matched),
        );
        line(
            "ended",
            format!(
                "{} completed, {} cancelled, {} unfulfilled, {} open",
                self.completed, self.cancelled, self.unfulfilled, self.open
            ),
        );
        line("fares", self.fares.to_string());
        line("schedule", self.schedule.text());
        line("request→offer", self.request_to_offer_ms.text());
        line("report→Redis", self.report_to_redis_ms.text());
        if self.report_to_map_ms.p99.is_some() {
            line("report→map", self.report_to_map_ms.text());
        }
        if self.api.requests > 0 {
            let Api { requests, errors, refused, ms } = self.api;
            let counts = format!("{requests} requests, {errors} without a good answer, {refused} refused");
            line("API", format!("{counts}; {}", ms.text()));
        }
        line(
            "MongoDB",
            format!(
                "{} documents in {} operations: {:.0} a time, reports {:.0}",
                self.mongodb_documents,
                self.mongodb_operations,
                self.documents_per_operation,
                self.report_documents_per_operation
            ),
        );
        line("dead letters", self.dead_letters.to_string());
        if let Some(first_match_s) = self.first_match_s {
            line("first match", format!("{first_match_s:.1} s after the command"));
        }
        line("memory", format!("{:.0} MiB at most, all processes", self.rss_mib.values().sum::<f64>()));
        line("processors", self.cpu.text());
        self.add_groups(&mut text);
        text
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
        format!(
            "reports left {} after they were due, at most {} ms; {} more than a second late, {} waits for room",
            self.lateness_ms.text(),
            self.latest_ms,
            self.late,
            self.full_queue_waits
        )
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
