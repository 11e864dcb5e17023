//! Reads everything, for the audit and for tests.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use domain::{DriverId, LatLng};
use redis::aio::ConnectionManager;

use crate::keys::Keys;
use crate::{Settings, connection};

/// Drivers read in one round trip.
const CHUNK: usize = 1000;

/// All that Redis holds of one driver. Positions are rounded by Redis to 52 bits, at most 0.6 m off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiveDriver {
    /// Who.
    pub driver: DriverId,
    /// Where.
    pub position: Option<LatLng>,
    /// When last heard of, real time in ms.
    pub seen_ms: Option<i64>,
    /// Where matching looks, if idle.
    pub idle: Option<LatLng>,
}

/// Reads all sets from end to end without stopping the server.
#[derive(Clone)]
pub struct Census {
    keys: Keys,
    connection: ConnectionManager,
}

impl std::fmt::Debug for Census {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Census").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Census {
    /// A census that connects when it is first used.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn new(settings: &Settings, namespace: &str) -> anyhow::Result<Self> {
        Ok(Self { keys: Keys::new(namespace), connection: connection::shared(&settings.client()?)? })
    }

    /// Everybody in any of the sets, by driver. Who is written meanwhile is seen before or after that.
    ///
    /// # Errors
    /// If Redis can't be reached, refuses, or holds something that is no driver id.
    pub async fn all(&mut self) -> anyhow::Result<Vec<LiveDriver>> {
        let empty = |driver| LiveDriver { driver, position: None, seen_ms: None, idle: None };
        let mut all: BTreeMap<DriverId, LiveDriver> = BTreeMap::new();
        for key in [self.keys.busy.clone(), self.keys.seen.clone(), self.keys.idle.clone()] {
            for driver in self.members(&key).await? {
                all.entry(driver).or_insert_with(|| empty(driver));
            }
        }
        let mut all: Vec<LiveDriver> = all.into_values().collect();
        for chunk in all.chunks_mut(CHUNK) {
            self.fill(chunk).await?;
        }
        all.retain(|found| found.position.is_some() || found.seen_ms.is_some() || found.idle.is_some());
        Ok(all)
    }

    async fn members(&mut self, key: &str) -> anyhow::Result<Vec<DriverId>> {
        let mut members = Vec::new();
        let mut cursor = 0u64;
        loop {
            let mut cmd = redis::cmd("ZSCAN");
            cmd.arg(key).arg(cursor).arg("COUNT").arg(CHUNK);
            let (next, chunk): (u64, Vec<(String, f64)>) = cmd
                .query_async(&mut self.connection)
                .await
                .with_context(|| format!("failed to scan {key} in redis"))?;
            for (member, _) in chunk {
                let Ok(driver) = member.parse() else {
                    bail!("{key} in redis holds {member:?}, which is no driver id: remove it with ZREM")
                };
                members.push(DriverId(driver));
            }
            if next == 0 {
                return Ok(members);
            }
            cursor = next;
        }
    }

    async fn fill(&mut self, chunk: &mut [LiveDriver]) -> anyhow::Result<()> {
        type Places = Vec<Option<(f64, f64)>>;
        let mut pipe = redis::pipe();
        // In one transaction, so that what belongs together is read together.
        pipe.atomic();
        for (command, key) in
            [("GEOPOS", &self.keys.busy), ("ZMSCORE", &self.keys.seen), ("GEOPOS", &self.keys.idle)]
        {
            pipe.cmd(command).arg(key);
            pipe.arg(chunk.iter().map(|found| found.driver.0).collect::<Vec<_>>());
        }
        let (busy, seen, idle): (Places, Vec<Option<f64>>, Places) =
            pipe.query_async(&mut self.connection).await.context("failed to read drivers from redis")?;
        let place = |place: Option<(f64, f64)>| place.map(|(lon, lat)| LatLng { lat, lon });
        for (((found, busy), seen_ms), idle) in chunk.iter_mut().zip(busy).zip(seen).zip(idle) {
            found.idle = place(idle);
            // Who is in both sets, which may not be, is where the set says that nobody searches.
            found.position = place(busy).or(found.idle);
            found.seen_ms = seen_ms.map(whole_ms);
        }
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a score is written as whole milliseconds")]
fn whole_ms(score: f64) -> i64 {
    score as i64
}
