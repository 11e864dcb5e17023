//! Who is near a place: Redis knows it for all instances; without it this instance's own view answers.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::{DriverId, LatLng};
use futures::FutureExt;
use futures::future::BoxFuture;
use live::{Reader, Search};
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::view::View;

/// Nobody waits longer for Redis: the view has an answer at once.
const PATIENCE: Duration = Duration::from_millis(300);

/// After it did not answer Redis is not asked for this long, so that its absence costs few requests their patience.
const PAUSE_MS: i64 = 2_000;

/// Finds idle drivers near a place.
pub trait NearDrivers: Send + Sync {
    /// The nearest first.
    fn nearest(&self, at: LatLng, count: usize, now_ms: i64) -> BoxFuture<'_, anyhow::Result<Vec<Near>>>;
}

/// An idle driver near a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Who.
    pub driver: DriverId,
    /// Where.
    pub position: LatLng,
    /// As the crow flies.
    pub distance_m: f64,
}

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = NearbySource)]
pub(crate) enum Source {
    /// The positions that all instances share.
    Redis,
    /// What this instance has read.
    View,
}

/// Looks in Redis first.
pub(crate) struct Surroundings {
    redis: Box<dyn NearDrivers>,
    not_before_ms: AtomicI64,
}

impl NearDrivers for Reader {
    fn nearest(&self, at: LatLng, count: usize, now_ms: i64) -> BoxFuture<'_, anyhow::Result<Vec<Near>>> {
        let mut reader = self.clone();
        async move {
            let found = reader.candidates(&[Search { position: at, count }], now_ms).await?;
            let candidates: Vec<_> = found.into_iter().flatten().collect();
            let drivers: Vec<DriverId> = candidates.iter().map(|candidate| candidate.driver).collect();
            let positions = reader.positions_of(&drivers).await?;
            let near = candidates.iter().zip(positions).filter_map(|(candidate, position)| {
                Some(Near { driver: candidate.driver, position: position?, distance_m: candidate.distance_m })
            });
            Ok(near.collect())
        }
        .boxed()
    }
}

impl Surroundings {
    pub(crate) fn new(redis: Box<dyn NearDrivers>) -> Self {
        Self { redis, not_before_ms: AtomicI64::new(i64::MIN) }
    }

    /// The nearest idle drivers, nearest first, and who knew them. Takes 300 ms at most.
    pub(crate) async fn nearest(
        &self,
        view: &View,
        at: LatLng,
        count: usize,
        now_ms: i64,
    ) -> (Vec<Near>, Source) {
        if now_ms >= self.not_before_ms.load(Ordering::Relaxed)
            && let Some(found) = self.in_redis(at, count, now_ms).await
        {
            return (found, Source::Redis);
        }
        let near = view.nearest_idle(at, count, now_ms);
        let near = near.into_iter().map(|near| Near {
            driver: near.driver,
            position: near.position,
            distance_m: near.distance_m,
        });
        (near.collect(), Source::View)
    }

    /// Whether Redis answers in time.
    pub(crate) async fn is_up(&self, now_ms: i64) -> bool {
        self.in_redis(LatLng { lat: 0.0, lon: 0.0 }, 1, now_ms).await.is_some()
    }

    async fn in_redis(&self, at: LatLng, count: usize, now_ms: i64) -> Option<Vec<Near>> {
        let error = match timeout(PATIENCE, self.redis.nearest(at, count, now_ms)).await {
            Ok(Ok(found)) => {
                self.not_before_ms.store(i64::MIN, Ordering::Relaxed);
                return Some(found);
            }
            Ok(Err(error)) => format!("{error:#}"),
            Err(_elapsed) => format!("no answer within {} ms", PATIENCE.as_millis()),
        };
        tracing::debug!(error, "redis does not answer; the view does");
        self.not_before_ms.store(now_ms + PAUSE_MS, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use anyhow::bail;
    use domain::CityClock;
    use testkit::town;

    use super::*;

    #[derive(Clone, Copy)]
    enum Mood {
        Answers,
        Refuses,
        Hangs,
    }

    struct Fake(Mood, Arc<AtomicUsize>);

    impl NearDrivers for Fake {
        fn nearest(&self, at: LatLng, _: usize, _: i64) -> BoxFuture<'_, anyhow::Result<Vec<Near>>> {
            self.1.fetch_add(1, Ordering::Relaxed);
            async move {
                match self.0 {
                    Mood::Answers => Ok(vec![Near { driver: town::DRIVER, position: at, distance_m: 0.0 }]),
                    Mood::Refuses => bail!("redis is away"),
                    Mood::Hangs => std::future::pending().await,
                }
            }
            .boxed()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_redis_the_view_answers_and_redis_is_left_alone_for_a_while() {
        let view = View::new(CityClock::REAL);
        for (mood, source, questions) in [
            (Mood::Answers, Source::Redis, 3),
            (Mood::Refuses, Source::View, 2),
            (Mood::Hangs, Source::View, 2),
        ] {
            let asked = Arc::new(AtomicUsize::new(0));
            let surroundings = Surroundings::new(Box::new(Fake(mood, Arc::clone(&asked))));
            let begun = tokio::time::Instant::now();
            for now_ms in [town::START_MS, town::START_MS + PAUSE_MS - 1, town::START_MS + PAUSE_MS] {
                let (found, from) = surroundings.nearest(&view, town::PICKUP, 5, now_ms).await;
                assert_eq!((found.len(), from), (usize::from(source == Source::Redis), source));
            }
            assert_eq!(asked.load(Ordering::Relaxed), questions);
            assert!(begun.elapsed() <= 2 * PATIENCE + Duration::from_millis(2));
        }
    }
}
