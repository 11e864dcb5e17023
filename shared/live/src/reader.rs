//! Looks for drivers near a place, and for single drivers.

use std::collections::HashSet;

use anyhow::Context;
use domain::{DriverId, LatLng};
use futures::future::try_join_all;
use redis::aio::ConnectionManager;
use redis::{Pipeline, RedisResult};

use crate::keys::Keys;
use crate::search::{FIRST_RING_M, Ring, first_ring_m};
use crate::{Candidate, SILENCE_MS, Search, Settings, can_hold, connection};

/// Drivers asked about with one command: it takes the server some hundred microseconds.
const HEARD_OF: usize = 1_000;

/// Searches that go to the server as one: while it works on the next ones, its answers to these are taken in.
const AT_ONCE: usize = 100;

/// The reading end; clones share a connection.
#[derive(Clone)]
pub struct Reader {
    keys: Keys,
    connection: ConnectionManager,
    first_ring_m: f64,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Reader {
    /// A reader that connects when it is first used.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn new(settings: &Settings, namespace: &str) -> anyhow::Result<Self> {
        let connection = connection::shared(&settings.client()?)?;
        Ok(Self { keys: Keys::new(namespace), connection, first_ring_m: FIRST_RING_M })
    }

    /// For each search the nearest idle drivers heard of within [`SILENCE_MS`], nearest first; of a crowd within 15 m, any
    /// of them. Nobody is found farther away than 8 km. A hundred searches take two round trips, and two more for each
    /// ring that some of them need beyond their first; other hundreds go side by side.
    ///
    /// # Errors
    /// If Redis can't be reached or refuses.
    pub async fn candidates(
        &mut self,
        searches: &[Search],
        now_ms: i64,
    ) -> anyhow::Result<Vec<Vec<Candidate>>> {
        let parts = searches.chunks(AT_ONCE).map(|some| self.clone().find(some, now_ms));
        let found = try_join_all(parts).await.context("failed to search redis for idle drivers")?;
        let found: Vec<_> = found.into_iter().flatten().collect();
        self.first_ring_m = first_ring_m(&found, searches).unwrap_or(self.first_ring_m);
        Ok(found)
    }

    async fn find(mut self, searches: &[Search], now_ms: i64) -> RedisResult<Vec<Vec<Candidate>>> {
        let mut found = vec![Vec::new(); searches.len()];
        // Near a pole Redis refuses to look; nobody is there.
        let possible = searches.iter().enumerate().filter(|(_, search)| can_hold(search.position));
        let mut open: Vec<(usize, Ring)> =
            possible.map(|(place, search)| (place, Ring::first(search, self.first_ring_m))).collect();
        while !open.is_empty() {
            let inside = self.inside(&open).await?;
            let heard_of = self.heard_of(&inside, now_ms).await?;
            if heard_of.is_empty() && self.heard_of_lately(now_ms).await? == 0 {
                // The view is stale. To look at everybody else, again and again, would keep those busy who renew it.
                break;
            }
            let mut wider = Vec::new();
            for ((place, ring), mut inside) in open.into_iter().zip(inside) {
                let all = inside.len();
                inside.retain(|candidate| heard_of.contains(&candidate.driver.0));
                match ring.next(all, inside.len()) {
                    Some(ring) => wider.push((place, ring)),
                    None => found[place] = ring.nearest(inside),
                }
            }
            open = wider;
        }
        Ok(found)
    }

    /// The nearest in each ring, silent or not.
    async fn inside(&mut self, rings: &[(usize, Ring)]) -> RedisResult<Vec<Vec<Candidate>>> {
        let mut pipe = Pipeline::with_capacity(rings.len());
        for (_, ring) in rings {
            pipe.cmd("GEOSEARCH").arg(&self.keys.idle);
            pipe.arg("FROMLONLAT").arg(ring.position.lon).arg(ring.position.lat);
            pipe.arg("BYRADIUS").arg(ring.radius_m).arg("m");
            pipe.arg("ASC").arg("COUNT").arg(ring.fetch);
            if ring.is_one_place() {
                pipe.arg("ANY");
            }
            pipe.arg("WITHDIST");
        }
        let inside: Vec<Vec<(u64, f64)>> = pipe.query_async(&mut self.connection).await?;
        let candidate = |(driver, distance_m)| Candidate { driver: DriverId(driver), distance_m };
        Ok(inside.into_iter().map(|near| near.into_iter().map(candidate).collect()).collect())
    }

    /// Which of the candidates were heard of lately.
    async fn heard_of(&mut self, inside: &[Vec<Candidate>], now_ms: i64) -> RedisResult<HashSet<u64>> {
        let mut drivers: Vec<u64> = inside.iter().flatten().map(|candidate| candidate.driver.0).collect();
        if drivers.is_empty() {
            return Ok(HashSet::new());
        }
        drivers.sort_unstable();
        drivers.dedup();
        let mut pipe = redis::pipe();
        for some in drivers.chunks(HEARD_OF) {
            pipe.cmd("ZMSCORE").arg(&self.keys.seen).arg(some);
        }
        let seen: Vec<Vec<Option<f64>>> = pipe.query_async(&mut self.connection).await?;
        let cutoff_ms = (now_ms - SILENCE_MS) as f64;
        let lately = |seen_ms: Option<f64>| seen_ms.is_some_and(|seen_ms| seen_ms >= cutoff_ms);
        let heard_of = drivers.into_iter().zip(seen.into_iter().flatten());
        Ok(heard_of.filter(|(_, seen_ms)| lately(*seen_ms)).map(|(driver, _)| driver).collect())
    }

    /// Where drivers are, silent or not, in the order asked for.
    ///
    /// # Errors
    /// If Redis can't be reached or refuses.
    pub async fn positions_of(&mut self, drivers: &[DriverId]) -> anyhow::Result<Vec<Option<LatLng>>> {
        if drivers.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<u64> = drivers.iter().map(|driver| driver.0).collect();
        let mut pipe = redis::pipe();
        // In one transaction: who goes from one set to the other meanwhile would be in neither.
        pipe.atomic();
        pipe.cmd("GEOPOS").arg(&self.keys.idle).arg(&ids).cmd("GEOPOS").arg(&self.keys.busy).arg(&ids);
        type Places = Vec<Option<(f64, f64)>>;
        let (idle, busy): (Places, Places) =
            pipe.query_async(&mut self.connection).await.context("failed to read positions from redis")?;
        let places = idle.into_iter().zip(busy).map(|(idle, busy)| idle.or(busy));
        Ok(places.map(|place| place.map(|(lon, lat)| LatLng { lat, lon })).collect())
    }

    /// How many drivers were heard of within [`SILENCE_MS`].
    ///
    /// # Errors
    /// If Redis can't be reached or refuses.
    pub async fn count_seen(&mut self, now_ms: i64) -> anyhow::Result<u64> {
        self.heard_of_lately(now_ms).await.context("failed to count drivers in redis")
    }

    async fn heard_of_lately(&mut self, now_ms: i64) -> RedisResult<u64> {
        let mut cmd = redis::cmd("ZCOUNT");
        cmd.arg(&self.keys.seen).arg(now_ms - SILENCE_MS).arg("+inf");
        cmd.query_async(&mut self.connection).await
    }

    /// How many drivers are in the set that is searched, silent or not.
    ///
    /// # Errors
    /// If Redis can't be reached or refuses.
    pub async fn count_idle(&mut self) -> anyhow::Result<u64> {
        let mut cmd = redis::cmd("ZCARD");
        cmd.arg(&self.keys.idle)
            .query_async(&mut self.connection)
            .await
            .context("failed to count drivers in redis")
    }
}
