//! How slow each zone is now, compared with empty roads.

use std::collections::HashMap;

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
    /// Knows the roads, not yet what happens on them.
    pub(crate) fn on(network: &RoadNetwork) -> Self {
        Self { free_mps: network.free_speeds(), observed_mps: HashMap::new() }
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
