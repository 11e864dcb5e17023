//! How far a member is behind in each of its partitions, when somebody asks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use figures::{Sample, Stats};
use pipeline::{Counters, Progress};
use rdkafka::consumer::{Consumer, StreamConsumer};

use crate::ends::ends;
use crate::membership::{Committed, Membership, Slot};
use crate::{KafkaSource, Settings, metrics};

/// Longest wait for a broker; then nothing is told this time. Prometheus waits for some seconds.
const PATIENCE: Duration = Duration::from_secs(1);

/// Looks at a member of a group from beside its loop.
struct Lag {
    consumer: Arc<StreamConsumer<Membership>>,
    settings: Settings,
    group: &'static str,
    counters: Counters,
    now_ms: fn() -> i64,
}

/// What is known of a slot that is not at its end.
#[derive(Clone, Copy, Debug, Default)]
struct Behind {
    /// Timestamp of its first record in the batch that is being dealt with.
    under_way_ms: Option<i64>,
    /// Timestamp of the last record that was dealt with.
    last_ms: Option<i64>,
    /// The last time when all that had come from Kafka was in a batch.
    drained_ms: Option<i64>,
}

impl KafkaSource {
    /// Tells Prometheus how far this member is behind, with what `counters` say of the batch under way. `now_ms` is the
    /// clock: milliseconds of real time.
    pub fn show_lag(&self, stats: &Stats, counters: &Counters, now_ms: fn() -> i64) {
        let lag = Lag {
            consumer: Arc::clone(&self.consumer),
            settings: self.settings.clone(),
            group: self.subscription.group,
            counters: counters.clone(),
            now_ms,
        };
        stats.watch_for_scrapes(move || lag.samples());
    }
}

impl Lag {
    /// Lag in records and in time of each slot. Asks the broker for the ends, one request for all partitions.
    fn samples(&self) -> Vec<Sample> {
        let committed = self.consumer.context().committed();
        let slots: Vec<Slot> = committed.iter().map(|(slot, _)| slot.clone()).collect();
        let ends = match ends(self.consumer.as_ref(), &slots, PATIENCE) {
            Ok(ends) => ends,
            Err(error) => {
                tracing::debug!(%error, "lag is not known");
                return Vec::new();
            }
        };
        // Taken behind the ends: what is committed meanwhile is no lag.
        self.told(&self.consumer.context().committed(), &ends)
    }

    fn told(&self, committed: &[(Slot, Option<Committed>)], ends: &BTreeMap<Slot, i64>) -> Vec<Sample> {
        let (now_ms, under_way) = ((self.now_ms)(), self.counters.look().under_way);
        let drained_at = self.consumer.context().drained_at();
        let drained_ms = drained_at
            .map(|drained_at| now_ms - i64::try_from(drained_at.elapsed().as_millis()).unwrap_or(i64::MAX));
        let mut samples = Vec::new();
        for (slot, committed) in committed {
            let Some(end) = ends.get(slot) else { continue };
            let records = (end - committed.map_or(0, |committed| committed.next)).max(0);
            let (topic, partition) = (self.settings.base_name(&slot.0), slot.1);
            let behind = Behind {
                under_way_ms: first_ms(&under_way, topic, partition),
                last_ms: committed.and_then(|committed| committed.last_ms),
                drained_ms,
            };
            let number = partition.to_string();
            let labels = [self.group, topic, number.as_str()];
            samples.push(metrics::LAG.sample_of(&labels, records));
            let age_ms = if records == 0 { Some(0) } else { behind.age_ms(now_ms) };
            samples.extend(age_ms.map(|age_ms| metrics::LAG_TIME.sample_of(&labels, age_ms)));
        }
        samples
    }
}

fn first_ms(under_way: &Progress, topic: &str, partition: i32) -> Option<i64> {
    under_way.of(topic, partition).map(|progress| progress.first_ms)
}

impl Behind {
    /// How old the next record is, at most: it was written behind the last one that was dealt with, and behind the
    /// moment at which nothing was left to take. Not known while the first records of a partition are under way to us.
    fn age_ms(self, now_ms: i64) -> Option<i64> {
        let written_ms = self.under_way_ms.or(self.last_ms.max(self.drained_ms))?;
        Some((now_ms - written_ms).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_the_next_record_is_bounded_by_what_is_known() {
        let known = |under_way_ms, last_ms, drained_ms| Behind { under_way_ms, last_ms, drained_ms };
        for (behind, age_ms, what) in [
            (known(Some(400), Some(100), Some(700)), Some(600), "in the batch: exactly"),
            (known(None, Some(100), Some(700)), Some(300), "a quiet partition: since nothing was left"),
            (known(None, Some(700), Some(100)), Some(300), "a backlog: behind the last one"),
            (known(None, Some(1200), None), Some(0), "clocks differ"),
            (known(None, None, None), None, "nothing was read yet"),
        ] {
            assert_eq!(behind.age_ms(1000), age_ms, "{what}");
        }
    }
}
