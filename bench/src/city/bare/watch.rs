//! What is seen of bare loops from outside, look by look.

use std::time::Instant;

use anyhow::Context;
use kafka::GroupLag;

use super::Bare;
use super::loadgen::Loadgen;
use crate::cpu;
use crate::crew::Crew;
use crate::figure::{Figure, Figures};
use crate::lab::Lab;

/// How things stand at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Look {
    pub(super) at: Instant,
    /// Of each group; the first are those that read reports.
    pub(super) lags: Vec<GroupLag>,
    /// Processor time so far, under the figure of processors in use.
    pub(super) cpu_s: Figures,
}

impl Look {
    pub(super) fn now(lab: &Lab, crew: &Crew<'_>, loadgen: &Loadgen) -> anyhow::Result<Self> {
        let lags = crew.lags()?;
        let mut cpu_s = Figures::new();
        let mut add = |figure, pid| {
            let ended = || format!("process {pid} has ended while it was measured");
            let spent = cpu::seconds(pid).with_context(ended)?;
            *cpu_s.entry(figure).or_default() += spent;
            anyhow::Ok(())
        };
        crew.members().iter().try_for_each(|member| add(Figure::ServiceCores, member.pid()))?;
        add(Figure::LoadgenCores, loadgen.pid())?;
        for (name, pid) in lab.servers().0 {
            let figure = match name.as_str() {
                "kafka" => Figure::KafkaCores,
                "redis" => Figure::RedisCores,
                _ => Figure::MongodbCores,
            };
            add(figure, pid)?;
        }
        Ok(Self { at: Instant::now(), lags, cpu_s })
    }

    /// Reports that were written so far.
    pub(super) fn written(&self) -> i64 {
        self.lags.first().map_or(0, |reports| reports.ends)
    }
}

/// What was seen since the first look that counts.
pub(super) struct Watch {
    pub(super) first: Look,
    /// The most that each group was behind.
    behind: Vec<i64>,
}

impl Watch {
    pub(super) fn from(first: &Look) -> Self {
        Self { first: first.clone(), behind: vec![0; first.lags.len()] }
    }

    pub(super) fn see(&mut self, look: &Look) {
        for (behind, lag) in self.behind.iter_mut().zip(&look.lags) {
            *behind = lag.offsets.max(*behind);
        }
    }

    /// All of it. What a group was behind is told in time, at the rate at which its own topics grew.
    pub(super) fn sum_up(&self, last: &Look) -> Bare {
        let seconds = last.at.duration_since(self.first.at).as_secs_f64().max(f64::MIN_POSITIVE);
        let cores =
            |(figure, now): (&Figure, &f64)| Some((*figure, (now - self.first.cpu_s.get(figure)?) / seconds));
        let grown = self.first.lags.iter().zip(&last.lags).map(|(first, last)| last.ends - first.ends);
        let lags_ms = self.behind.iter().zip(grown).map(|(behind, grown)| {
            let per_s = grown.max(1) as f64 / seconds;
            *behind as f64 * 1_000.0 / per_s
        });
        Bare {
            reports_per_s: (last.written() - self.first.written()) as f64 / seconds,
            longest_lag_ms: lags_ms.fold(0.0, f64::max),
            cores: last.cpu_s.iter().filter_map(cores).collect(),
            ..Bare::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;
    use std::time::Duration;

    use super::*;

    /// Reports and steps of rides that were written so far, and those that their groups have not had.
    fn look(after_s: u64, reports: (i64, i64), steps: (i64, i64), cpu_s: f64) -> Look {
        static START: OnceLock<Instant> = OnceLock::new();
        let at = *START.get_or_init(Instant::now) + Duration::from_secs(after_s);
        let cpu_s = Figures::from([(Figure::KafkaCores, cpu_s), (Figure::ServiceCores, cpu_s / 2.0)]);
        let lags = [reports, steps].map(|(ends, offsets)| GroupLag { offsets, ends });
        Look { at, lags: lags.into(), cpu_s }
    }

    fn watched(looks: &[Look]) -> Bare {
        let mut watch = Watch::from(&looks[0]);
        looks.iter().for_each(|look| watch.see(look));
        watch.sum_up(looks.last().unwrap())
    }

    #[test]
    fn the_furthest_behind_at_any_look_counts() {
        let bare = watched(&[
            look(0, (100_000, 1_000), (1_000, 10), 1.0),
            look(5, (200_000, 60_000), (2_000, 20), 2.0),
            look(10, (300_000, 1_000), (3_000, 10), 6.0),
        ]);
        assert_eq!((bare.reports_per_s, bare.longest_lag_ms), (20_000.0, 3_000.0));
        let figures = bare.figures();
        assert_eq!((figures[&Figure::KafkaCores], figures[&Figure::AllCores]), (0.5, 0.75));
        assert_eq!(figures[&Figure::AllUs], 37.5);
    }

    #[test]
    fn a_group_of_few_records_is_as_far_behind_as_its_records_are_old() {
        let bare = watched(&[look(0, (0, 0), (0, 0), 0.0), look(10, (200_000, 20_000), (3_000, 1_200), 0.0)]);
        assert_eq!(bare.longest_lag_ms, 4_000.0, "1,200 of 300 a second");
    }
}
