//! The surge multiplier of every zone, as the `zones` topic last told it.

use std::collections::BTreeMap;

use domain::surge::STALE_MS;
use domain::tariff::SurgeMultiplier;
use domain::{CityMs, Zone};
use events::zones::ZoneState;
use pipeline::{Record, Reject};

/// Surge by zone.
#[derive(Clone, Debug, Default)]
pub(crate) struct SurgeBoard(BTreeMap<Zone, (CityMs, SurgeMultiplier)>);

impl SurgeBoard {
    /// Takes in a record of the `zones` topic.
    pub(crate) fn observe(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        if record.payload.is_none() {
            let zone = record.key.and_then(|key| std::str::from_utf8(key).ok()?.parse().ok());
            let zone =
                zone.ok_or_else(|| Reject::new("key_mismatch", "the key of a tombstone is no zone"))?;
            self.0.remove(&zone);
            return Ok(());
        }
        let state: ZoneState = crate::handler::read(record, None)?;
        self.0.insert(state.zone, (state.at, state.surge));
        Ok(())
    }

    /// What a request from this zone pays now.
    pub(crate) fn surge(&self, zone: Zone, now: CityMs) -> SurgeMultiplier {
        let known = self.0.get(&zone).filter(|(at, _)| now.since(*at) <= STALE_MS);
        known.map_or(SurgeMultiplier::NONE, |(_, surge)| *surge)
    }
}
