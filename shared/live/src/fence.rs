//! Who may write a partition: tokens, and the watermark up to which it was written.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};

use anyhow::Context;
use redis::aio::MultiplexedConnection;

use crate::Report;
use crate::keys::Keys;

/// How far a partition was applied: `<next offset> <written at, ms>`.
///
/// The time tells a topic that was made anew from one that is read again: a record below the offset but written
/// after the watermark was cannot have been applied, so it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Watermark {
    pub(crate) next: i64,
    pub(crate) written_ms: i64,
}

impl Watermark {
    /// Whether a report was applied, or a later one of the same driver.
    pub(crate) fn covers(self, report: &Report) -> bool {
        report.offset < self.next && report.seen_ms <= self.written_ms
    }

    pub(crate) fn to_text(self) -> String {
        format!("{} {}", self.next, self.written_ms)
    }

    fn parse(text: &str) -> Option<Self> {
        let (next, written_ms) = text.split_once(' ')?;
        Some(Self { next: next.parse().ok()?, written_ms: written_ms.parse().ok()? })
    }
}

/// What this member holds of a partition.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) token: String,
    epoch: u64,
    /// The watermark found when the token was taken; what it covers is not written again.
    pub(crate) floor: Option<Watermark>,
    /// One past the greatest offset applied with this token.
    pub(crate) next: i64,
}

/// The partitions of this member with their tokens.
///
/// Tokens are never used twice, not even after Redis lost all of them, so equal means mine. Who takes a partition
/// writes a new token; whoever holds the one before can write it no more.
pub(crate) struct Fences {
    nonce: u64,
    taken: u64,
    held: BTreeMap<i32, Held>,
    /// Found with a strange token or none: taken again with the next batch, since a member that was given a batch
    /// by a fresh poll is still assigned. Should it not be (frozen, its removal still on the way), the watermark
    /// keeps it from writing older positions, and the owner takes the partition back the same way.
    lost: BTreeSet<i32>,
}

impl Fences {
    pub(crate) fn new() -> Self {
        // The standard library seeds its hashers from the system's randomness.
        let nonce = RandomState::new().hash_one(0);
        Self { nonce, taken: 0, held: BTreeMap::new(), lost: BTreeSet::new() }
    }

    /// Those of these (partition, epoch) that need a token before they can be written.
    pub(crate) fn missing(&self, wanted: &BTreeMap<i32, u64>) -> Vec<(i32, u64)> {
        let is_missing = |partition: i32, epoch: u64| {
            self.lost.contains(&partition) || self.held.get(&partition).is_none_or(|held| held.epoch != epoch)
        };
        wanted
            .iter()
            .map(|(&partition, &epoch)| (partition, epoch))
            .filter(|&(p, e)| is_missing(p, e))
            .collect()
    }

    /// Takes new tokens and reads the watermarks.
    pub(crate) async fn take(
        &mut self,
        partitions: &[(i32, u64)],
        keys: &Keys,
        connection: &mut MultiplexedConnection,
    ) -> anyhow::Result<()> {
        let mut pipe = redis::pipe();
        pipe.atomic().cmd("HMGET").arg(&keys.watermarks);
        pipe.arg(partitions.iter().map(|(partition, _)| partition).collect::<Vec<_>>());
        pipe.cmd("HSET").arg(&keys.fences);
        let mut tokens = Vec::new();
        for (partition, _) in partitions {
            self.taken += 1;
            let token = format!("{:016x}-{}", self.nonce, self.taken);
            pipe.arg(partition).arg(&token);
            tokens.push(token);
        }
        pipe.ignore();
        let (watermarks,): (Vec<Option<String>>,) =
            pipe.query_async(connection).await.context("failed to take fencing tokens in redis")?;
        for ((&(partition, epoch), token), watermark) in partitions.iter().zip(tokens).zip(watermarks) {
            let floor = watermark.as_deref().and_then(Watermark::parse);
            tracing::debug!(partition, ?floor, "fencing token taken");
            self.lost.remove(&partition);
            self.held.insert(partition, Held { token, epoch, floor, next: i64::MIN });
        }
        Ok(())
    }

    /// Every partition that a token was ever taken for, in order.
    pub(crate) fn partitions(&self) -> impl Iterator<Item = i32> {
        self.held.keys().copied()
    }

    pub(crate) fn held(&self, partition: i32) -> Option<&Held> {
        self.held.get(&partition)
    }

    /// Says how far a partition was written.
    pub(crate) fn advance(&mut self, partition: i32, next: i64) {
        if let Some(held) = self.held.get_mut(&partition) {
            held.next = held.next.max(next);
        }
    }

    /// Says that these were found with a token that is not ours.
    pub(crate) fn lose(&mut self, partitions: BTreeSet<i32>) {
        if !partitions.is_empty() {
            tracing::info!(?partitions, "fenced off: taken again with the next batch if still assigned");
        }
        self.lost.extend(partitions);
    }
}

#[cfg(test)]
mod tests {
    use domain::LatLng;

    use super::*;

    #[test]
    fn a_watermark_covers_what_was_applied_but_not_a_topic_made_anew() {
        let watermark = Watermark { next: 100, written_ms: 5_000 };
        assert_eq!(Watermark::parse(&watermark.to_text()), Some(watermark));
        for (offset, seen_ms, covered) in
            [(99, 4_000, true), (100, 4_000, false), (99, 5_001, false), (0, 1, true)]
        {
            let report = Report { position: LatLng { lat: 0.0, lon: 0.0 }, seen_ms, offset };
            assert_eq!(watermark.covers(&report), covered, "{offset} {seen_ms}");
        }
        assert!(["", "1", "a b", "1 "].iter().all(|text| Watermark::parse(text).is_none()));
    }
}
