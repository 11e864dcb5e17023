//! Writes what is new about drivers, all or nothing per slice, fenced per partition.

mod plan;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};
use redis::Client;
use redis::aio::MultiplexedConnection;

use self::plan::Plan;
use crate::fence::Fences;
use crate::keys::Keys;
use crate::{DriverUpdate, Settings, can_hold, connection};

/// Updates in one transaction: at 4 to 5 µs each the server is busy for 25 ms at most, and searches wait no longer. That
/// many come together only behind a spike; and then the two round trips of each transaction, on a machine that is busy,
/// take longer than the writing.
pub const SLICE: usize = 5000;

/// A transaction fails when somebody takes a token at the same moment, which happens a few times per rebalance.
const TRIES: usize = 20;

/// What became of the updates of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Written.
    pub written: usize,
    /// Not written: another member, or nobody, holds the partition's token.
    pub fenced: usize,
    /// Position not written: it was before, or a later one was.
    pub below_watermark: usize,
}

/// The writing end. One task owns it.
pub struct Writer {
    client: Client,
    keys: Keys,
    connection: Option<MultiplexedConnection>,
    fences: Fences,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Writer {
    /// A writer that connects when it is first used.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn new(settings: &Settings, namespace: &str) -> anyhow::Result<Self> {
        let keys = Keys::new(namespace);
        Ok(Self { client: settings.client()?, keys, connection: None, fences: Fences::new() })
    }

    /// Writes a batch: at most one update for each driver, in any order. May be repeated after an error.
    ///
    /// # Errors
    /// If Redis can't be reached or refuses; a part of the batch may have been written then.
    pub async fn apply(&mut self, updates: &[DriverUpdate], now_ms: i64) -> anyhow::Result<Applied> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connection::dedicated(&self.client).await?,
        };
        let applied = self.apply_on(&mut connection, updates, now_ms).await?;
        // After an error the connection is not put back: nobody knows what is under way on it.
        self.connection = Some(connection);
        Ok(applied)
    }

    async fn apply_on(
        &mut self,
        connection: &mut MultiplexedConnection,
        updates: &[DriverUpdate],
        now_ms: i64,
    ) -> anyhow::Result<Applied> {
        let wanted: BTreeMap<i32, u64> =
            updates.iter().map(|update| (update.partition, update.epoch)).collect();
        let missing = self.fences.missing(&wanted);
        if !missing.is_empty() {
            self.fences.take(&missing, &self.keys, connection).await?;
        }
        // By offset, so that behind each slice the watermark is the offset of its last report: all before it was
        // written, or is superseded by a later one of this batch that is read again if this slice is the last.
        let mut sorted: Vec<&DriverUpdate> = updates.iter().collect();
        sorted.sort_unstable_by_key(|update| (update.partition, update.report.map(|report| report.offset)));
        let mut applied = Applied::default();
        let mut lost = BTreeSet::new();
        for slice in sorted.chunks(SLICE) {
            self.apply_slice(connection, slice, now_ms, &mut applied, &mut lost).await?;
        }
        // Only now: when a batch is repeated after an error, what was lost must stay lost, for no poll lies between.
        self.fences.lose(lost);
        Ok(applied)
    }

    async fn apply_slice(
        &mut self,
        connection: &mut MultiplexedConnection,
        slice: &[&DriverUpdate],
        now_ms: i64,
        applied: &mut Applied,
        lost: &mut BTreeSet<i32>,
    ) -> anyhow::Result<()> {
        let partitions: BTreeSet<i32> = slice.iter().map(|update| update.partition).collect();
        for _ in 0..TRIES {
            let foreign = self.watch(connection, &partitions).await?;
            let plan = self.plan(slice, &foreign);
            let Some(()) = self.commit(connection, &plan, now_ms).await? else { continue };
            for (partition, next) in &plan.next {
                self.fences.advance(*partition, *next);
            }
            lost.extend(foreign);
            applied.written += plan.written;
            applied.fenced += plan.fenced;
            applied.below_watermark += plan.below_watermark;
            return Ok(());
        }
        bail!(
            "fencing tokens in redis changed {TRIES} times during one write: are there many members coming and going?"
        )
    }

    /// Those partitions whose token is not ours. Whatever changes a token from now on fails our transaction.
    async fn watch(
        &self,
        connection: &mut MultiplexedConnection,
        partitions: &BTreeSet<i32>,
    ) -> anyhow::Result<BTreeSet<i32>> {
        let mut pipe = redis::pipe();
        pipe.cmd("WATCH").arg(&self.keys.fences).ignore().cmd("HMGET").arg(&self.keys.fences);
        pipe.arg(partitions.iter().collect::<Vec<_>>());
        let (tokens,): (Vec<Option<String>>,) =
            pipe.query_async(connection).await.context("failed to read fencing tokens from redis")?;
        let is_ours = |partition: i32, token: &Option<String>| {
            token.is_some() && *token == self.fences.held(partition).map(|held| held.token.clone())
        };
        Ok(partitions
            .iter()
            .zip(&tokens)
            .filter(|(p, token)| !is_ours(**p, token))
            .map(|(p, _)| *p)
            .collect())
    }

    fn plan(&self, slice: &[&DriverUpdate], foreign: &BTreeSet<i32>) -> Plan {
        let mut plan = Plan::default();
        for update in slice {
            let Some(held) =
                self.fences.held(update.partition).filter(|_| !foreign.contains(&update.partition))
            else {
                plan.fenced += 1;
                continue;
            };
            let report = update.report.filter(|report| can_hold(report.position));
            let is_covered =
                report.is_some_and(|report| held.floor.is_some_and(|floor| floor.covers(&report)));
            match report.filter(|_| !is_covered) {
                Some(report) => {
                    let next = plan.next.entry(update.partition).or_insert(held.next);
                    *next = (*next).max(report.offset + 1);
                    let moved = if update.idle { &mut plan.idle } else { &mut plan.busy };
                    moved.push((update.driver, report));
                }
                None if !update.idle => plan.leave_idle.push(update.driver),
                None => {}
            }
            plan.below_watermark += usize::from(is_covered);
            plan.written += usize::from(!is_covered);
        }
        plan
    }

    /// `None` if a token changed in between, and nothing was written.
    async fn commit(
        &self,
        connection: &mut MultiplexedConnection,
        plan: &Plan,
        now_ms: i64,
    ) -> anyhow::Result<Option<()>> {
        if plan.is_empty() {
            let () =
                redis::cmd("UNWATCH").query_async(connection).await.context("failed to write to redis")?;
            return Ok(Some(()));
        }
        let answer: redis::Value = plan
            .transaction(&self.keys, now_ms)
            .query_async(connection)
            .await
            .context("failed to write positions to redis")?;
        Ok((answer != redis::Value::Nil).then_some(()))
    }
}
