//! The figures of a run, added up over all processes.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use kafka::RecordSum;
use runtime::merge_histograms;

use super::board::{Board, State};
use crate::audit::Acknowledged;

/// Drivers' apps are simulated or replayed; their reports are counted alike.
const APPS: &str = "loadgen";
const REPLAYED: &str = "replay";

/// Figures of one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    state: Vec<(&'static str, runtime::StatsLine, bool)>,
}

impl Figures {
    /// The newest figures of all processes, and the last ones of those that are gone.
    pub(crate) fn of(board: &Board) -> Self {
        board.with(|state: &mut State| {
            let mut lines = Vec::new();
            for member in state.members.values() {
                lines.extend(member.past.iter().map(|line| (member.service, line.clone(), false)));
                lines.extend(member.present.iter().map(|line| (member.service, line.clone(), true)));
            }
            Self { state: lines }
        })
    }

    /// A count of a service: all members and all their lives together.
    pub(crate) fn sum(&self, service: &str, name: &str) -> i64 {
        self.lines(service).filter_map(|(line, _)| line.values.get(name)).sum()
    }

    /// The earliest moment that a member of a service has noted, of all lives; 0 stands for none.
    pub(crate) fn earliest(&self, service: &str, name: &str) -> Option<i64> {
        let noted = self.lines(service).filter_map(|(line, _)| line.values.get(name)).copied();
        noted.filter(|at_ms| *at_ms > 0).min()
    }

    /// The largest of a gauge among the present lives of a service.
    pub(crate) fn max(&self, service: &str, name: &str) -> i64 {
        let present = self.lines(service).filter(|(_, present)| *present);
        present.filter_map(|(line, _)| line.values.get(name)).copied().max().unwrap_or(0)
    }

    /// The largest of what a service has ever told: of all members and all their lives.
    pub(crate) fn greatest(&self, service: &str, name: &str) -> i64 {
        self.lines(service).filter_map(|(line, _)| line.values.get(name)).copied().max().unwrap_or(0)
    }

    /// A gauge of a service: the present lives of all members together.
    pub(crate) fn now(&self, service: &str, name: &str) -> i64 {
        let present = self.lines(service).filter(|(_, present)| *present);
        present.filter_map(|(line, _)| line.values.get(name)).sum()
    }

    /// What the producers of a service were told is safe of the reports, by partition: all members and lives together.
    pub(crate) fn ledger(&self, service: &str) -> BTreeMap<i32, Acknowledged> {
        let mut sums: BTreeMap<i32, RecordSum> = BTreeMap::new();
        for (line, _) in self.lines(service) {
            let number = |partition: i32, what: &str| {
                let value = line.values.get(&format!("ledger.{partition}.{what}"))?;
                u64::try_from(*value).ok()
            };
            let known = (0..).map_while(|partition| {
                let records = number(partition, "records")?;
                Some((partition, RecordSum { records, checksum: number(partition, "checksum")? }))
            });
            known.for_each(|(partition, sum)| sums.entry(partition).or_default().merge(sum));
        }
        sums.into_iter().map(|(partition, sum)| (partition, sum.into())).collect()
    }

    /// A histogram of a service: all members and all their lives together.
    pub(crate) fn histogram(&self, service: &str, name: &str) -> Histogram<u64> {
        merge_histograms(
            self.lines(service).filter_map(|(line, _)| line.histograms.get(name)).map(String::as_str),
        )
    }

    fn lines<'a>(&'a self, service: &'a str) -> impl Iterator<Item = (&'a runtime::StatsLine, bool)> {
        self.state
            .iter()
            .filter(move |(name, _, _)| *name == service || (service == APPS && *name == REPLAYED))
            .map(|(_, line, present)| (line, *present))
    }
}
