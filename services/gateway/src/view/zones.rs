//! The figures of every zone.

use std::collections::{BTreeMap, BTreeSet};

use domain::Zone;
use events::zones::ZoneState;

/// All zones of the table.
#[derive(Debug, Default)]
pub(super) struct ZoneTable {
    zones: BTreeMap<Zone, ZoneState>,
    touched: BTreeSet<Zone>,
}

impl ZoneTable {
    pub(super) fn get(&self, zone: Zone) -> Option<ZoneState> {
        self.zones.get(&zone).cloned()
    }

    /// Takes in a zone's figures, or that it left the table.
    pub(super) fn put(&mut self, zone: Zone, state: Option<&ZoneState>) {
        self.touched.insert(zone);
        match state {
            Some(state) => self.zones.insert(zone, state.clone()),
            None => self.zones.remove(&zone),
        };
    }

    /// What changed since this was asked last.
    pub(super) fn take_changes(&mut self) -> Vec<(Zone, Option<ZoneState>)> {
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().map(|zone| (zone, self.get(zone))).collect()
    }
}
