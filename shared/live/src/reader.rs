//! Looks for drivers near a place, and for single drivers.

use anyhow::Context;
use domain::{DriverId, LatLng};
use redis::Script;
use redis::aio::ConnectionManager;

use crate::keys::Keys;
use crate::{SILENCE_MS, Settings, can_hold, connection};

/// More candidates than this are never given: the script hands their names to one command, more of them where silent
/// drivers stand in the way.
const MAX_COUNT: usize = 500;

/// Rings around a place, each half as wide again, from one that is probably wide enough, to 8 km: until there are enough
/// in one who were heard of lately. Only so many as are wanted are looked at, nearest first; and more once silent
/// drivers, whom no sweeper took away, stand in the way of the others.
const SEARCH: &str = "
local wanted, cutoff, radius = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local fetch, fresh = wanted, {}
while true do
  local near = redis.call('GEOSEARCH', KEYS[1], 'FROMLONLAT', ARGV[1], ARGV[2], 'BYRADIUS', radius, 'm',
    'ASC', 'COUNT', fetch, 'WITHDIST')
  if #near >= wanted or (radius >= 8000 and #near > 0) then
    local drivers = {}
    for i = 1, #near do drivers[i] = near[i][1] end
    local seen = redis.call('ZMSCORE', KEYS[2], unpack(drivers))
    fresh = {}
    for i = 1, #near do
      if #fresh < wanted and seen[i] and tonumber(seen[i]) >= cutoff then fresh[#fresh + 1] = near[i] end
    end
  end
  if #fresh >= wanted then return fresh end
  if #near == fetch and fetch < 4000 then
    fetch = math.min(fetch * 4, 4000)
  elseif #near < fetch and radius < 8000 then
    radius = math.min(radius * 1.5, 8000)
  else
    return fresh
  end
end";

/// The first ring of a reader that knows nothing yet, in metres.
const FIRST_RING_M: f64 = 125.0;

/// The narrowest and the widest first ring, in metres. Redis looks at all who stand in a ring: a rider who had to be
/// searched for far out must not make it look at half a city for the next one.
const FIRST_RINGS_M: (f64, f64) = (60.0, 250.0);

/// By how much a first ring is wider than half of the last searches needed: drivers stand at random, and for ten of them
/// a ring must be 16 % wider or narrower, one time in three even more.
const SPARE: f64 = 1.25;

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
        Ok(Self {
            keys: Keys::new(namespace),
            connection,
            search: Script::new(SEARCH),
            first_ring_m: FIRST_RING_M,
        })
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
        let found: Vec<Vec<Candidate>> =
            found.into_iter().zip(searches).map(|(near, search)| nearest(near, search.count)).collect();
        self.first_ring_m = first_ring(&found, searches).unwrap_or(self.first_ring_m);
        Ok(found)
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
            pipe.arg(position.lon)
                .arg(position.lat)
                .arg(count)
                .arg(now_ms - SILENCE_MS)
                .arg(self.first_ring_m);
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

/// Where the next searches begin: the ring that most of these would have been answered by at once, in metres. `None` if
/// none of them found as many as it wanted.
fn first_ring(found: &[Vec<Candidate>], searches: &[Search]) -> Option<f64> {
    let mut reached: Vec<f64> = found
        .iter()
        .zip(searches)
        .filter(|(near, search)| near.len() >= search.count)
        .filter_map(|(near, _)| near.last().map(|farthest| farthest.distance_m))
        .collect();
    if reached.is_empty() {
        return None;
    }
    let middle = reached.len() / 2;
    let (_, median, _) = reached.select_nth_unstable_by(middle, f64::total_cmp);
    Some((*median * SPARE).clamp(FIRST_RINGS_M.0, FIRST_RINGS_M.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_searches_begin_with_a_ring_that_most_of_these_had_needed() {
        let at = |distances_m: &[f64]| -> Vec<Candidate> {
            let one = |distance_m: &f64| Candidate { driver: DriverId(1), distance_m: *distance_m };
            distances_m.iter().map(one).collect()
        };
        let search = |count| Search { position: LatLng { lat: 37.7, lon: -122.4 }, count };
        for (found, count, ring_m) in [
            (vec![], 2, None),
            (vec![at(&[]), at(&[10.0])], 2, None),
            (vec![at(&[10.0, 100.0]), at(&[5.0]), at(&[5.0, 80.0]), at(&[5.0, 120.0])], 2, Some(125.0)),
            (vec![at(&[1.0, 2.0])], 2, Some(60.0)),
            (vec![at(&[7_000.0])], 1, Some(250.0)),
        ] {
            let searches = vec![search(count); found.len()];
            assert_eq!(first_ring(&found, &searches), ring_m, "{found:?}");
        }
    }
}
