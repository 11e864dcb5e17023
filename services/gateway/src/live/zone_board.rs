//! Zones as the map shows them: all at first, then those that changed, at most once a second.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::ws::Message;
use domain::Zone;
use domain::tariff::SurgeMultiplier;
use events::zones::ZoneState;
use serde::Serialize;

use super::versions::{Owed, Shared, Tick, Versions};

/// Zones are told every so many ticks: their figures are about minutes.
const EVERY_TICKS: Tick = 2;

/// Zones of one message at most.
const MOST_ZONES: usize = 64;

/// All zones.
#[derive(Debug, Default)]
pub(crate) struct ZoneBoard {
    zones: BTreeMap<Zone, ZoneState>,
    versions: Versions,
    /// What changed since the last telling.
    pending: BTreeSet<Zone>,
    changed: Vec<Zone>,
    changes: Shared,
    all: Shared,
}

/// Surge multipliers of the city, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Surge {
    pub(crate) greatest: u16,
    /// Of the zones where something goes on.
    pub(crate) mean: u16,
}

#[derive(Serialize)]
struct ZonesMessage {
    r#type: &'static str,
    zones: Vec<ZoneText>,
}

#[derive(Serialize)]
struct ZoneText {
    zone: Zone,
    ring: Vec<[f64; 2]>,
    demand: u32,
    supply: f32,
    speed_mps: Option<f32>,
    surge: SurgeMultiplier,
}

impl ZoneBoard {
    /// Takes in what changed; `tick` is the picture that is being made.
    pub(crate) fn advance(&mut self, tick: Tick, changes: Vec<(Zone, Option<ZoneState>)>) {
        for (zone, state) in changes {
            // A zone that left the table is one where nothing goes on.
            let state = state.or_else(|| self.zones.get(&zone).map(quiet));
            if let Some(state) = state {
                self.zones.insert(zone, state);
                self.pending.insert(zone);
            }
        }
        if tick.is_multiple_of(EVERY_TICKS) && !self.pending.is_empty() {
            self.versions.touch(tick);
            self.changed = std::mem::take(&mut self.pending).into_iter().collect();
            self.changes.forget();
            self.all.forget();
        }
    }

    /// The surge of all zones.
    pub(crate) fn surge(&self) -> Surge {
        let lively = self.zones.values().filter(|zone| zone.demand > 0 || zone.supply > 0.0);
        let surges: Vec<u64> = lively.map(|zone| zone.surge.hundredths().into()).collect();
        let none = u64::from(SurgeMultiplier::NONE.hundredths());
        let mean = surges.iter().sum::<u64>().checked_div(surges.len() as u64).unwrap_or(none);
        let greatest = surges.into_iter().max().unwrap_or(none);
        let hundredths = |surge: u64| u16::try_from(surge).unwrap_or(u16::MAX);
        Surge { greatest: hundredths(greatest), mean: hundredths(mean) }
    }

    /// What a viewer who was last told at that tick is owed.
    pub(crate) fn messages(&mut self, tick: Tick, told: Option<Tick>) -> &[Message] {
        let zones = &self.zones;
        match self.versions.owed(told) {
            Owed::Nothing => &[],
            Owed::Changes => {
                let changed = self.changed.iter().filter_map(|zone| zones.get(zone));
                self.changes.get(tick, || messages(&changed.collect::<Vec<_>>()))
            }
            Owed::Whole => self.all.get(tick, || messages(&zones.values().collect::<Vec<_>>())),
        }
    }
}

fn quiet(zone: &ZoneState) -> ZoneState {
    ZoneState { supply: 0.0, demand: 0, speed_mps: None, surge: SurgeMultiplier::NONE, ..*zone }
}

/// At least one message, so that a viewer knows that there is nothing.
fn messages(zones: &[&ZoneState]) -> Vec<Message> {
    let chunks = zones.chunks(MOST_ZONES).map(message);
    if zones.is_empty() { vec![message(&[])] } else { chunks.collect() }
}

fn message(zones: &[&ZoneState]) -> Message {
    let zones = zones.iter().map(|state| text(state)).collect();
    let message = ZonesMessage { r#type: "zones", zones };
    Message::text(serde_json::to_string(&message).expect("zones are plain data"))
}

fn text(state: &ZoneState) -> ZoneText {
    let corner = |at: domain::LatLng| [at.rounded().lon, at.rounded().lat];
    ZoneText {
        zone: state.zone,
        ring: state.zone.ring().into_iter().map(corner).collect(),
        demand: state.demand,
        supply: state.supply,
        speed_mps: state.speed_mps,
        surge: state.surge,
    }
}

#[cfg(test)]
mod tests {
    use domain::CityMs;
    use serde_json::Value;
    use testkit::town;

    use super::*;

    fn zone(east_m: f64, demand: u32) -> (Zone, Option<ZoneState>) {
        let zone = Zone::of(town::PICKUP.offset_m(0.0, east_m));
        let surge = SurgeMultiplier::nearest(1.4);
        let (at, speed_mps) = (CityMs(0), Some(7.25));
        (zone, Some(ZoneState { zone, at, supply: 4.5, demand, speed_mps, surge }))
    }

    fn told(board: &mut ZoneBoard, tick: Tick, told: Option<Tick>) -> Vec<Value> {
        let text = |message: &Message| serde_json::from_str(message.to_text().unwrap()).unwrap();
        board.messages(tick, told).iter().map(text).collect()
    }

    #[test]
    fn a_zone_is_told_with_its_ring_and_figures() {
        let mut board = ZoneBoard::default();
        board.advance(2, vec![zone(0.0, 12)]);
        let messages = told(&mut board, 2, None);
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0]["type"], "zones");
        let zone = &messages[0]["zones"][0];
        assert_eq!(zone["zone"], Zone::of(town::PICKUP).to_string());
        assert_eq!(
            (&zone["demand"], &zone["supply"], &zone["speed_mps"]),
            (&12.into(), &4.5.into(), &7.25.into())
        );
        assert_eq!(zone["surge"], 140);
        let first = &zone["ring"][0];
        assert!((first[0].as_f64().unwrap() - town::PICKUP.lon).abs() < 0.02);
        assert!((first[1].as_f64().unwrap() - town::PICKUP.lat).abs() < 0.02);
        assert!(zone["ring"].as_array().unwrap().len() >= 6);
    }

    #[test]
    fn changes_are_told_once_a_second_and_only_once() {
        let mut board = ZoneBoard::default();
        assert_eq!(told(&mut board, 0, None)[0]["zones"].as_array().unwrap().len(), 0);
        board.advance(2, vec![zone(0.0, 1), zone(5000.0, 1)]);
        board.advance(3, vec![zone(0.0, 2)]);
        assert!(told(&mut board, 3, Some(2)).is_empty(), "not yet");
        assert_eq!(told(&mut board, 3, None)[0]["zones"].as_array().unwrap().len(), 2);
        board.advance(4, Vec::new());
        let changes = told(&mut board, 4, Some(3));
        assert_eq!(changes[0]["zones"].as_array().unwrap().len(), 1);
        assert_eq!(changes[0]["zones"][0]["demand"], 2);
        assert!(told(&mut board, 5, Some(4)).is_empty());
    }

    #[test]
    fn a_zone_that_left_the_table_is_told_as_quiet() {
        let mut board = ZoneBoard::default();
        let (name, state) = zone(0.0, 9);
        board.advance(2, vec![(name, state), (zone(5000.0, 0).0, None)]);
        board.advance(4, vec![(name, None)]);
        let changes = told(&mut board, 4, Some(2));
        assert_eq!(changes[0]["zones"][0]["demand"], 0);
        assert_eq!(changes[0]["zones"][0]["surge"], 100);
        assert_eq!(told(&mut board, 4, None)[0]["zones"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn surge_is_that_of_zones_where_something_goes_on() {
        let mut board = ZoneBoard::default();
        assert_eq!(board.surge(), Surge { greatest: 100, mean: 100 });
        let (calm, state) = zone(5000.0, 1);
        let calm_state = state.map(|state| ZoneState { surge: SurgeMultiplier::NONE, ..state });
        board.advance(2, vec![zone(0.0, 12), (calm, calm_state), zone(9000.0, 3)]);
        board.advance(4, vec![(zone(9000.0, 3).0, None)]);
        assert_eq!(board.surge(), Surge { greatest: 140, mean: 120 });
    }

    #[test]
    fn many_zones_take_several_messages() {
        let mut board = ZoneBoard::default();
        board.advance(2, (0..100).map(|column| zone(f64::from(column) * 1500.0, 1)).collect());
        let lengths: Vec<usize> = told(&mut board, 2, None)
            .iter()
            .map(|message| message["zones"].as_array().unwrap().len())
            .collect();
        assert_eq!(lengths, [64, 36]);
    }
}
