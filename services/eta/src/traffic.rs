//! How slow each zone is now, compared with empty roads.

use std::collections::{BTreeMap, HashMap};

use domain::{Zone, eta};
use events::zones::ZoneState;
use pipeline::{Record, Reject};
use roads::RoadNetwork;

/// Speeds of all zones: without traffic from the network, now from the `zones` table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic {
    free_mps: HashMap<Zone, f64>,
    observed_mps: HashMap<Zone, f64>,
}

impl Traffic {
    /// Knows the roads, not yet what happens on them. A zone's speed without traffic is its road metres over the
    /// time they take, since slow streets are where drivers are seen longest.
    pub(crate) fn on(network: &RoadNetwork) -> Self {
        let mut sums: BTreeMap<Zone, (f64, f64)> = BTreeMap::new();
        for node in network.nodes() {
            let (metres, seconds) = sums.entry(network.zone(node)).or_default();
            for edge in network.edges_from(node) {
                *metres += f64::from(edge.length_m);
                *seconds += f64::from(edge.time_ms) / 1000.0;
            }
        }
        let free = sums.into_iter().map(|(zone, (metres, seconds))| (zone, metres / seconds));
        Self { free_mps: free.collect(), observed_mps: HashMap::new() }
    }

    /// Takes in a record of the `zones` table.
    pub(crate) fn take(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        if record.payload.is_none() {
            let text = record.key.and_then(|key| std::str::from_utf8(key).ok());
            let zone: Zone = text
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| Reject::new("malformed_key", "the key of a tombstone is no zone"))?;
            self.observed_mps.remove(&zone);
            return Ok(());
        }
        let state: ZoneState = events::decode(record.key, record.payload, None)
            .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
        match state.speed_mps {
            Some(speed) => self.observed_mps.insert(state.zone, f64::from(speed)),
            None => self.observed_mps.remove(&state.zone),
        };
        Ok(())
    }

    /// How many times longer a zone takes now than without traffic; 1 if nothing is known.
    pub(crate) fn slowdown(&self, zone: Zone) -> f64 {
        eta::slowdown(self.free_mps.get(&zone).copied(), self.observed_mps.get(&zone).copied())
    }
}
