//! The table of all zones, held whole: what neighbours look like, and what was published before a restart.

use std::collections::BTreeMap;

use domain::Zone;
use domain::surge::Balance;
use events::zones::ZoneState;
use pipeline::{Record, Reject};

/// Every zone's last published state and the partition it lies in.
#[derive(Debug, Default)]
pub(crate) struct Neighbourhood {
    zones: BTreeMap<Zone, (i32, ZoneState)>,
}

impl Neighbourhood {
    /// How many zones there are.
    pub(crate) fn len(&self) -> usize {
        self.zones.len()
    }

    /// Takes in a record of the `zones` table.
    pub(crate) fn take(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        if record.payload.is_none() {
            let text = record.key.and_then(|key| std::str::from_utf8(key).ok());
            let zone: Zone = text
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| Reject::new("malformed_key", "the key of a tombstone is no zone"))?;
            self.zones.remove(&zone);
            return Ok(());
        }
        let state: ZoneState = events::decode(record.key, record.payload, None)
            .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
        self.zones.insert(state.zone, (record.partition, state));
        Ok(())
    }

    /// What was published last of a zone.
    pub(crate) fn get(&self, zone: Zone) -> Option<&ZoneState> {
        self.zones.get(&zone).map(|(_, state)| state)
    }

    /// The published zones of one partition.
    pub(crate) fn of_partition(&self, partition: i32) -> impl Iterator<Item = Zone> + '_ {
        self.zones.iter().filter(move |(_, (lies_in, _))| *lies_in == partition).map(|(zone, _)| *zone)
    }

    /// The figures of a zone's neighbours.
    pub(crate) fn around(&self, zone: Zone) -> impl Iterator<Item = Balance> + '_ {
        zone.neighbours()
            .filter_map(|neighbour| self.get(neighbour))
            .map(|state| Balance { supply: f64::from(state.supply), demand: f64::from(state.demand) })
    }
}
