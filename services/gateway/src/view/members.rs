//! How the services are doing: rates and times of the last ten seconds, of members that were heard of lately.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::decimals::{number, rounded};
use super::member::{Counts, MemberFigures};
use super::times::Quantiles;

/// A member that told nothing for so long is gone.
const SILENCE_MS: i64 = 5_000;

/// What is shown is about so long.
const WINDOW_MS: i64 = 10_000;

/// All members of all services.
#[derive(Debug, Default)]
pub(super) struct Members {
    by_name: BTreeMap<(String, String), Member>,
}

#[derive(Debug)]
struct Member {
    last: MemberFigures,
    window: VecDeque<Part>,
}

/// What one member counted between two messages.
#[derive(Debug)]
struct Part {
    until_ms: i64,
    length_ms: i64,
    counts: Counts,
}

/// What the services told of themselves.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ServiceSummary {
    pub(crate) groups: Vec<Group>,
    pub(crate) request_to_offer: Option<Quantiles>,
    pub(crate) report_to_redis: Option<Quantiles>,
    pub(crate) mongodb: Option<Mongodb>,
}

/// One consumer group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) members: usize,
    pub(crate) lag_s: f64,
    pub(crate) records_per_s: f64,
}

/// What is written to MongoDB.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Mongodb {
    pub(crate) documents_per_s: f64,
    pub(crate) documents_per_operation: f64,
    pub(crate) reports_per_operation: f64,
}

impl Members {
    /// Takes in the figures of a member.
    pub(super) fn hear(&mut self, figures: &MemberFigures) {
        let name = (figures.service.clone(), figures.member.clone());
        let Some(member) = self.by_name.get_mut(&name) else {
            // What it counted before this instance heard of it has no time.
            self.by_name.insert(name, Member { last: figures.clone(), window: VecDeque::new() });
            return;
        };
        let (until_ms, length_ms) = (figures.heard_ms, figures.heard_ms - member.last.heard_ms);
        if length_ms <= 0 {
            return;
        }
        let counts = figures.counts.since(&member.last.counts);
        member.window.push_back(Part { until_ms, length_ms, counts });
        member.window.retain(|part| part.until_ms > until_ms - WINDOW_MS);
        member.last = figures.clone();
        self.by_name.retain(|_, member| member.last.heard_ms > until_ms - 2 * WINDOW_MS);
    }

    /// What to show now.
    pub(super) fn summary(&self, now_ms: i64) -> ServiceSummary {
        let present = |member: &&Member| member.last.heard_ms > now_ms - SILENCE_MS;
        let members: Vec<&Member> = self.by_name.values().filter(present).collect();
        let mut sum = Counts::default();
        members.iter().flat_map(|member| &member.window).for_each(|part| sum.add(&part.counts));
        ServiceSummary {
            groups: groups(&members),
            request_to_offer: sum.request_to_offer.quantiles(),
            report_to_redis: sum.report_to_redis.quantiles(),
            mongodb: mongodb(&members, &sum),
        }
    }
}

impl Member {
    fn per_s(&self, count: impl Fn(&Counts) -> u64) -> f64 {
        let length_ms: i64 = self.window.iter().map(|part| part.length_ms).sum();
        let counted: u64 = self.window.iter().map(|part| count(&part.counts)).sum();
        if length_ms > 0 { number(counted) * 1000.0 / number(length_ms.unsigned_abs()) } else { 0.0 }
    }

    /// Age of the oldest record it had not dealt with, or had not at the end of its last batch: when it told, not
    /// now, or whoever was at work just then would seem a second late.
    fn lag_ms(&self) -> Option<i64> {
        let since_ms = self.last.pending_since_ms?;
        let pending_ms = if since_ms > 0 { self.last.heard_ms - since_ms } else { 0 };
        Some(pending_ms.max(self.last.max_age_ms).max(0))
    }
}

/// Members of one service are one group; what reads no records is none.
fn groups(members: &[&Member]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for member in members {
        let Some(lag_ms) = member.lag_ms() else { continue };
        let name = &member.last.service;
        if groups.last().is_none_or(|group| group.name != *name) {
            groups.push(Group { name: name.clone(), members: 0, lag_s: 0.0, records_per_s: 0.0 });
        }
        if let Some(group) = groups.last_mut() {
            group.members += 1;
            group.lag_s = group.lag_s.max(number(lag_ms.unsigned_abs()) / 1000.0);
            group.records_per_s += member.per_s(|counts| counts.records);
        }
    }
    groups.iter_mut().for_each(|group| group.records_per_s = rounded(group.records_per_s));
    groups
}

fn mongodb(members: &[&Member], sum: &Counts) -> Option<Mongodb> {
    if members.iter().all(|member| member.last.counts.operations == 0) {
        return None;
    }
    let ratio = |count: u64, operations: u64| rounded(number(count) / number(operations.max(1)));
    let per_s = members.iter().map(|member| member.per_s(|counts| counts.documents)).sum();
    Some(Mongodb {
        documents_per_s: rounded(per_s),
        documents_per_operation: ratio(sum.documents, sum.operations),
        reports_per_operation: ratio(sum.report_documents, sum.report_operations),
    })
}

#[cfg(test)]
mod tests {
    use events::service_figures::ServiceFigures;

    use super::*;

    const NOW: i64 = 1_779_000_000_000;

    /// Figures of a member: named numbers, and one time of `report_to_redis_ms` as often as told.
    fn figures(member: &str, at_ms: i64, values: &[(&str, i64)], times: &[(i64, u64)]) -> MemberFigures {
        static ARRIVALS: runtime::Metric = runtime::Metric::only_in_lines("report_to_redis_ms", "x");
        let stats = runtime::Stats::default();
        let histogram = stats.histogram(&ARRIVALS);
        times.iter().for_each(|(ms, count)| histogram.record_many_ms(*ms, *count));
        let figures = ServiceFigures {
            service: member.split('-').next().unwrap().to_owned(),
            member: member.to_owned(),
            values: values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
            histograms: stats.line(member).histograms,
        };
        MemberFigures::of(&figures, NOW + at_ms)
    }

    fn records(count: i64) -> [(&'static str, i64); 3] {
        [("records", count), ("pending_since_ms", 0), ("max_age_ms", 20)]
    }

    #[test]
    fn members_of_a_group_are_added_up_and_the_slowest_tells_the_lag() {
        let mut members = Members::default();
        for (member, pending_since_ms) in [("fare-1", 0), ("fare-2", NOW - 3000)] {
            for (at_ms, count) in [(0, 500), (1000, 600), (2000, 800)] {
                let values = [("records", count), ("pending_since_ms", pending_since_ms), ("max_age_ms", 40)];
                members.hear(&figures(member, at_ms, &values, &[]));
            }
        }
        members.hear(&figures("watcher-1", 2000, &[("something", 5)], &[]));
        let summary = members.summary(NOW + 2900);
        let fare = Group { name: "fare".to_owned(), members: 2, lag_s: 5.0, records_per_s: 300.0 };
        assert_eq!(summary.groups, [fare]);
        assert_eq!((summary.mongodb, summary.report_to_redis), (None, None));
    }

    #[test]
    fn members_that_fell_silent_are_left_out_and_then_forgotten() {
        let mut members = Members::default();
        members.hear(&figures("fare-1", 0, &records(1), &[(5, 1)]));
        members.hear(&figures("fare-1", 1000, &records(2), &[(5, 2)]));
        assert_eq!(members.summary(NOW + 5000).groups.len(), 1);
        assert_eq!(members.summary(NOW + 6000), ServiceSummary::default());
        members.hear(&figures("eta-1", 30_000, &records(1), &[]));
        members.hear(&figures("eta-1", 31_000, &records(1), &[]));
        assert_eq!(members.by_name.len(), 1);
    }

    #[test]
    fn times_are_those_of_the_last_ten_seconds() {
        let mut members = Members::default();
        for second in 0..=20 {
            // 100 ms each in the first half, 10 ms each afterwards.
            let slow = u64::try_from(second).unwrap().min(10) * 50;
            let fast = u64::try_from(second).unwrap() * 50 - slow;
            let all = [(100, slow), (10, fast)].map(|(ms, count)| (ms, count));
            members.hear(&figures("location-1", second * 1000, &records(second), &all));
        }
        let times = members.summary(NOW + 20_000).report_to_redis;
        assert_eq!(times, Some(Quantiles { p50: 10, p99: 10 }));
    }

    #[test]
    fn a_member_that_began_anew_counts_from_nothing() {
        let mut members = Members::default();
        members.hear(&figures("fare-1", 0, &records(1000), &[(50, 100)]));
        members.hear(&figures("fare-1", 1000, &records(1100), &[(50, 110)]));
        members.hear(&figures("fare-1", 2000, &records(30), &[(7, 3)]));
        let summary = members.summary(NOW + 2000);
        assert!((summary.groups[0].records_per_s - 65.0).abs() < 1e-9, "{summary:?}");
        assert_eq!(summary.report_to_redis, Some(Quantiles { p50: 50, p99: 50 }));
        members.hear(&figures("fare-1", 2000, &records(9000), &[]));
        assert_eq!(members.summary(NOW + 2000), summary, "the same moment again says nothing new");
    }

    #[test]
    fn operations_of_mongodb_are_told_with_what_they_hold() {
        let mut members = Members::default();
        let values = |times: i64| {
            [
                ("mongodb_documents", 2000 * times),
                ("mongodb_operations", 10 * times),
                ("report_documents", 1500 * times),
                ("report_operations", 3 * times),
            ]
        };
        members.hear(&figures("archiver-1", 0, &values(1), &[]));
        members.hear(&figures("archiver-1", 2000, &values(2), &[]));
        let mongodb = members.summary(NOW + 2000).mongodb.unwrap();
        let expected =
            Mongodb { documents_per_s: 1000.0, documents_per_operation: 200.0, reports_per_operation: 500.0 };
        assert_eq!(mongodb, expected);
    }
}
