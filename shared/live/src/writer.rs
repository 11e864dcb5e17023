//! Writes what is new about drivers, all or nothing per slice, fenced per partition.

mod plan;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};
use redis::aio::MultiplexedConnection;
use redis::{Client, Pipeline};

use self::plan::Plan;
use crate::fence::Fences;
use crate::keys::Keys;
use crate::{DriverUpdate, Settings, can_hold, connection};

/// Updates in one transaction: at 4 to 5 µs each the server is busy for 25 ms at most, and searches wait no longer. That
/// many come together only behind a spike; and then the round trip of each transaction, on a machine that is busy, takes
/// as long as the writing.
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
    line: Option<Line>,
    fences: Fences,
}

/// A connection of its own, and what it watches.
struct Line {
    connection: MultiplexedConnection,
    /// The tokens as they were when Redis began to watch them; what changes one from then on fails the next transaction.
    watched: Option<Tokens>,
}

/// Tokens by partition, of those that were asked for.
type Tokens = BTreeMap<i32, Option<String>>;

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
        Ok(Self { client: settings.client()?, keys, line: None, fences: Fences::new() })
    }

    /// Writes a batch: at most one update for each driver, in any order. May be repeated after an error.
    ///
    /// # Errors
    /// If Redis can't be reached or refuses; a part of the batch may have been written then.
    pub async fn apply(&mut self, updates: &[DriverUpdate], now_ms: i64) -> anyhow::Result<Applied> {
        let mut line = match self.line.take() {
            Some(line) => line,
            None => Line { connection: connection::dedicated(&self.client).await?, watched: None },
        };
        let applied = self.apply_on(&mut line, updates, now_ms).await?;
        // After an error the connection is not put back: nobody knows what is under way on it.
        self.line = Some(line);
        Ok(applied)
    }

    async fn apply_on(
        &mut self,
        line: &mut Line,
        updates: &[DriverUpdate],
        now_ms: i64,
    ) -> anyhow::Result<Applied> {
        let wanted: BTreeMap<i32, u64> =
            updates.iter().map(|update| (update.partition, update.epoch)).collect();
        let missing = self.fences.missing(&wanted);
        if !missing.is_empty() {
            // Taking a token is a transaction, too: it must not fail of what is watched for the next one.
            if line.watched.take().is_some() {
                let unwatch = redis::cmd("UNWATCH");
                let () =
                    unwatch.query_async(&mut line.connection).await.context("failed to write to redis")?;
            }
            self.fences.take(&missing, &self.keys, &mut line.connection).await?;
        }
        // By offset, so that behind each slice the watermark is the offset of its last report: all before it was
        // written, or is superseded by a later one of this batch that is read again if this slice is the last.
        let mut sorted: Vec<&DriverUpdate> = updates.iter().collect();
        sorted.sort_unstable_by_key(|update| (update.partition, update.report.map(|report| report.offset)));
        let mut applied = Applied::default();
        let mut lost = BTreeSet::new();
        for slice in sorted.chunks(SLICE) {
            self.apply_slice(line, slice, now_ms, &mut applied, &mut lost).await?;
        }
        // Only now: when a batch is repeated after an error, what was lost must stay lost, for no poll lies between.
        self.fences.lose(lost);
        Ok(applied)
    }

    async fn apply_slice(
        &mut self,
        line: &mut Line,
        slice: &[&DriverUpdate],
        now_ms: i64,
        applied: &mut Applied,
        lost: &mut BTreeSet<i32>,
    ) -> anyhow::Result<()> {
        for _ in 0..TRIES {
            let tokens = match line.watched.take() {
                Some(tokens) => tokens,
                None => self.watch(line).await?,
            };
            let foreign = self.foreign(slice, &tokens);
            let plan = self.plan(slice, &foreign);
            if plan.is_empty() {
                line.watched = Some(tokens);
            } else if !self.commit(line, &plan, now_ms).await? {
                continue;
            }
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

    /// Those partitions of a slice whose token is not ours.
    fn foreign(&self, slice: &[&DriverUpdate], tokens: &Tokens) -> BTreeSet<i32> {
        let is_ours = |partition: i32| {
            let token = tokens.get(&partition).and_then(Option::as_ref);
            token.is_some() && token == self.fences.held(partition).map(|held| &held.token)
        };
        let partitions: BTreeSet<i32> = slice.iter().map(|update| update.partition).collect();
        partitions.into_iter().filter(|partition| !is_ours(*partition)).collect()
    }

    /// Whatever changes a token from now on fails our transaction.
    async fn watch(&self, line: &mut Line) -> anyhow::Result<Tokens> {
        let mut pipe = redis::pipe();
        self.add_watch(&mut pipe);
        let (tokens,): (Vec<Option<String>>,) = pipe
            .query_async(&mut line.connection)
            .await
            .context("failed to read fencing tokens from redis")?;
        Ok(self.tokens(tokens))
    }

    fn add_watch(&self, pipe: &mut Pipeline) {
        pipe.cmd("WATCH").arg(&self.keys.fences).ignore().cmd("HMGET").arg(&self.keys.fences);
        pipe.arg(self.fences.partitions().collect::<Vec<_>>());
    }

    fn tokens(&self, answer: Vec<Option<String>>) -> Tokens {
        self.fences.partitions().zip(answer).collect()
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

    /// `false` if a token changed in between, and nothing was written. The next transaction's tokens are watched and
    /// read on the same way: one round trip a transaction.
    async fn commit(&self, line: &mut Line, plan: &Plan, now_ms: i64) -> anyhow::Result<bool> {
        let mut pipe = plan.transaction(&self.keys, now_ms);
        self.add_watch(&mut pipe);
        let (answer, tokens): (redis::Value, Vec<Option<String>>) =
            pipe.query_async(&mut line.connection).await.context("failed to write positions to redis")?;
        line.watched = Some(self.tokens(tokens));
        Ok(answer != redis::Value::Nil)
    }
}
