//! Looks for drivers near a place, and for single drivers.

use anyhow::Context;
use domain::{DriverId, LatLng};
use redis::Script;
use redis::aio::ConnectionManager;

use crate::keys::Keys;
use crate::{SILENCE_MS, Settings, can_hold, connection};

/// More candidates than this are never given: the script hands eight times as many to one command.
const MAX_COUNT: usize = 500;

/// Rings of 125 m to 8 km around a place, until there are enough who were heard of lately. `ANY` ends a ring as
/// soon as it has found its number, in no order: so eight times as many are fetched and the nearest are picked;
/// and still more once silent drivers, whom no sweeper took away, stand in the way of the others.
const SEARCH: &str = "
local wanted, cutoff = tonumber(ARGV[3]), tonumber(ARGV[4])
local fetch = wanted * 8
local fresh = {}
for _, radius in ipairs({125, 250, 500, 1000, 2000, 4000, 8000}) do
  local near = redis.call('GEOSEARCH', KEYS[1], 'FROMLONLAT', ARGV[1], ARGV[2], 'BYRADIUS', radius, 'm',
    'COUNT', fetch, 'ANY', 'WITHDIST')
  if #near >= wanted or (radius == 8000 and #near > 0) then
    local drivers = {}
    for i = 1, #near do drivers[i] = near[i][1] end
    local seen = redis.call('ZMSCORE', KEYS[2], unpack(drivers))
    fresh = {}
    for i = 1, #near do
      if seen[i] and tonumber(seen[i]) >= cutoff then
        fresh[#fresh + 1] = near[i][1]
        fresh[#fresh + 1] = near[i][2]
      end
    end
    if #fresh >= wanted * 2 then break end
    if #fresh < #near * 2 then fetch = math.min(fetch * 4, 4000) end
  end
end
return fresh";

/// Asks for idle drivers near a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Where.
    pub position: LatLng,
    /// At most how many.
    pub count: usize,
}

/// An idle driver near a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Who.
    pub driver: DriverId,
    /// As the crow flies.
    pub distance_m: f64,
}

/// The reading end; clones share a connection.
#[derive(Clone)]
pub struct Reader {
    keys: Keys,
    connection: ConnectionManager,
    search: Script,
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
        Ok(Self { keys: Keys::new(namespace), connection, search: Script::new(SEARCH) })
    }

    /// For each search the nearest idle drivers heard of within [`SILENCE_MS`], nearest first, in one round trip.
    /// Nobody is found farther away than 8 km.
    ///
    /// # Errors
    /// If Redis can't be reached or refuses.
    pub async fn candidates(
        &mut self,
        searches: &[Search],
        now_ms: i64,
    ) -> anyhow::Result<Vec<Vec<Candidate>>> {
        if searches.is_empty() {
            return Ok(Vec::new());
        }
        let found = match self.search_all(searches, now_ms).await {
            Err(error) if error.code() == Some("NOSCRIPT") => {
                self.search
                    .load_async(&mut self.connection)
                    .await
                    .context("failed to load a script into redis")?;
                self.search_all(searches, now_ms).await
            }
            found => found,
        };
        let found = found.context("failed to search redis for idle drivers")?;
        Ok(found.into_iter().zip(searches).map(|(near, search)| nearest(near, search.count)).collect())
    }

    async fn search_all(
        &mut self,
        searches: &[Search],
        now_ms: i64,
    ) -> redis::RedisResult<Vec<Vec<(u64, f64)>>> {
        let mut pipe = redis::Pipeline::with_capacity(searches.len());
        for search in searches {
            // Near a pole Redis refuses to look; nobody is there.
            let position =
                if can_hold(search.position) { search.position } else { LatLng { lat: 0.0, lon: 0.0 } };
            let count = if can_hold(search.position) { search.count.clamp(1, MAX_COUNT) } else { 1 };
            pipe.cmd("EVALSHA").arg(self.search.get_hash()).arg(2).arg(&self.keys.idle).arg(&self.keys.seen);
            pipe.arg(position.lon).arg(position.lat).arg(count).arg(now_ms - SILENCE_MS);
        }
        pipe.query_async(&mut self.connection).await
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
        let mut cmd = redis::cmd("ZCOUNT");
        cmd.arg(&self.keys.seen).arg(now_ms - SILENCE_MS).arg("+inf");
        cmd.query_async(&mut self.connection).await.context("failed to count drivers in redis")
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

fn nearest(near: Vec<(u64, f64)>, count: usize) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = near
        .into_iter()
        .map(|(driver, distance_m)| Candidate { driver: DriverId(driver), distance_m })
        .collect();
    all.sort_unstable_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.driver.cmp(&b.driver)));
    all.truncate(count);
    all
}
