//! Inserts documents that come at a rate, so many an operation: how old the newest stored one is meanwhile.

use std::time::Duration;

use anyhow::Context;
use clap::Args;
use domain::CityMs;
use mongodb::bson::{RawDocumentBuf, serialize_to_raw_document_buf};
use mongodb::{Client, Collection};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::bare_documents::{Document, insert};
use super::insert::{COLLECTION, Layout, WARM_UP, taken};
use crate::cpu::Servers;
use crate::figure::{Figure, Figures};
use crate::reports::Reports;

/// Documents an operation, and how they come.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[arg(long)]
    size: u32,
    /// Documents a second.
    #[arg(long)]
    rate: u32,
    /// For so many seconds.
    #[arg(long)]
    seconds: u32,
    #[command(flatten)]
    archive: archive::Settings,
    #[arg(long, env = "HAILSTORM_NAMESPACE")]
    database: String,
    /// As every worker is told; nothing of them is looked at.
    #[arg(long, default_value = "")]
    servers: Servers,
}

/// An operation that was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stored {
    /// When, since the first document came.
    at: Duration,
    /// When its newest document had come.
    newest: Duration,
}

/// How old the newest stored document was, and how many were stored.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ages {
    p50_ms: f64,
    longest_ms: f64,
    per_s: f64,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<Ages> {
    let client = Client::with_uri_str(&options.archive.mongodb_uri).await;
    let database = client.context("failed to make a client of MongoDB")?.database(&options.database);
    Layout::Clustered.create(&database).await.context("failed to create a collection")?;
    let collection: Collection<RawDocumentBuf> = database.collection(COLLECTION);
    let now_ms = runtime::clock::now_ms();
    let mut reports = (0i64..).zip(Reports::from(CityMs(now_ms)));
    let mut next = || -> anyhow::Result<Vec<RawDocumentBuf>> {
        let document = |(id, report)| Ok(serialize_to_raw_document_buf(&Document::of(&report, id, now_ms)?)?);
        reports.by_ref().take(options.size as usize).map(document).collect()
    };
    for _ in 0..WARM_UP {
        insert(&collection, &next()?, taken()).await?;
    }
    let (begun, mut all) = (Instant::now(), Vec::new());
    let end = Duration::from_secs(u64::from(options.seconds));
    while begun.elapsed() < end {
        let newest = full_at(all.len() + 1, options);
        tokio::time::sleep_until(begun + newest).await;
        insert(&collection, &next()?, taken()).await?;
        all.push(Stored { at: begun.elapsed(), newest });
    }
    database.drop().await.context("failed to remove the documents")?;
    Ages::of(&all, options.size).context("one operation is too few: run for longer")
}

/// When the last document of an operation comes, counting operations from 1: no earlier can it go out.
fn full_at(operation: usize, options: &Options) -> Duration {
    Duration::from_secs_f64(operation as f64 * f64::from(options.size) / f64::from(options.rate))
}

impl Ages {
    /// Looks every millisecond from the first operation that was acknowledged to the last. Just before that, and before
    /// every other, what is stored is oldest.
    fn of(all: &[Stored], size: u32) -> Option<Self> {
        let (first, last) = (all.first()?, all.last()?);
        let seconds = (last.at - first.at).as_secs_f64();
        let mut ages_ms: Vec<f64> = all
            .windows(2)
            .flat_map(|pair| {
                let (stored, next) = (pair[0], pair[1].at.as_millis());
                (stored.at.as_millis()..next).map(move |at_ms| at_ms as f64 - ms(stored.newest))
            })
            .collect();
        ages_ms.sort_unstable_by(f64::total_cmp);
        let oldest = all.windows(2).map(|pair| ms(pair[1].at.saturating_sub(pair[0].newest)));
        Some(Self {
            p50_ms: *ages_ms.get(ages_ms.len() / 2)?,
            longest_ms: oldest.fold(0.0, f64::max),
            per_s: (all.len() - 1) as f64 * f64::from(size) / seconds.max(f64::MIN_POSITIVE),
        })
    }

    pub(crate) fn figures(self) -> Figures {
        Figures::from([
            (Figure::RecordsPerS, self.per_s),
            (Figure::NewestAgeMs, self.p50_ms),
            (Figure::LongestAgeMs, self.longest_ms),
        ])
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Operations of a hundred documents at a thousand a second, each acknowledged so long after it was full.
    fn stored(acknowledged_after_ms: impl Fn(u64) -> u64) -> Vec<Stored> {
        let stored = |operation: u64| {
            let newest = Duration::from_millis(operation * 100);
            Stored { at: newest + Duration::from_millis(acknowledged_after_ms(operation)), newest }
        };
        (1..=50).map(stored).collect()
    }

    #[test]
    fn age_swings_between_an_operation_and_the_next() {
        let ages = Ages::of(&stored(|_| 5), 100).unwrap();
        assert_eq!((ages.p50_ms, ages.longest_ms), (55.0, 105.0));
        assert_eq!(ages.figures()[&Figure::RecordsPerS].round(), 1_000.0);
    }

    #[test]
    fn age_grows_where_the_rate_is_not_held() {
        let ages = Ages::of(&stored(|operation| operation * 100), 100).unwrap();
        assert_eq!(ages.longest_ms, 5_100.0);
        assert!((2_400.0..2_800.0).contains(&ages.p50_ms), "{ages:?}");
        assert_eq!(ages.per_s.round(), 500.0);
    }

    #[test]
    fn one_operation_tells_nothing() {
        assert_eq!(Ages::of(&stored(|_| 5)[..1], 100), None);
    }
}
