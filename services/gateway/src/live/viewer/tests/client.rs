//! A client of the map: makes drivers, counts and trips of frames, as a browser does.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::ws::Message;
use bytes::Buf;
use serde_json::Value;

/// Drivers by tile and id: place in the tile and state.
pub(super) type Drivers = BTreeMap<(u32, u32), BTreeMap<u64, (u16, u16, u8)>>;

/// A client: decodes frames and keeps what they say, by tile.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Client {
    pub(super) mode: String,
    pub(super) tiles: BTreeSet<(u32, u32)>,
    pub(super) drivers: Drivers,
    pub(super) counts: BTreeMap<(u32, u32), BTreeMap<u16, (u16, u16)>>,
    pub(super) trips: BTreeMap<Vec<u8>, u8>,
    zones: usize,
    figures: usize,
}

impl Client {
    pub(super) fn take(&mut self, messages: &[Message]) {
        for message in messages {
            match message {
                Message::Text(text) => self.text(&serde_json::from_str(text).unwrap()),
                Message::Binary(bytes) => self.binary(&bytes[..]),
                other => panic!("{other:?}"),
            }
        }
    }

    fn text(&mut self, message: &Value) {
        match message["type"].as_str().unwrap() {
            "tiles" => {
                let mode = message["mode"].as_str().unwrap();
                if mode != self.mode {
                    self.drivers.clear();
                    self.counts.clear();
                }
                mode.clone_into(&mut self.mode);
                let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
                let pair = |tile: &Value| (number(&tile[0]), number(&tile[1]));
                self.tiles = message["tiles"].as_array().unwrap().iter().map(pair).collect();
                self.drivers.retain(|tile, _| self.tiles.contains(tile));
                self.counts.retain(|tile, _| self.tiles.contains(tile));
            }
            "zones" => self.zones += 1,
            "figures" => self.figures += 1,
            other => panic!("{other}"),
        }
    }

    fn binary(&mut self, mut bytes: &[u8]) {
        let (kind, version) = (bytes.get_u8(), bytes.get_u8());
        assert_eq!(version, 1);
        let (_zoom, _grid) = (bytes.get_u8(), bytes.get_u8());
        let tile = (bytes.get_u32_le(), bytes.get_u32_le());
        let _tick = bytes.get_u32_le();
        match kind {
            1 | 2 => self.tile(kind, tile, bytes),
            3 => {
                assert!(self.mode == "counts" && self.tiles.contains(&tile));
                let count = bytes.get_u32_le();
                let mut cell = || {
                    let cell = (bytes.get_u16_le(), (bytes.get_u16_le(), bytes.get_u16_le()));
                    assert_eq!(bytes.get_u16_le(), 0);
                    cell
                };
                self.counts.insert(tile, (0..count).map(|_| cell()).collect());
            }
            4 | 5 => self.trips(kind, bytes),
            other => panic!("{other}"),
        }
    }

    fn tile(&mut self, kind: u8, tile: (u32, u32), mut bytes: &[u8]) {
        assert!(self.mode == "points" && self.tiles.contains(&tile), "{tile:?} was not told of");
        let (count, gone) = (bytes.get_u32_le(), bytes.get_u32_le());
        let drivers = self.drivers.entry(tile).or_default();
        if kind == 1 {
            drivers.clear();
        }
        for _ in 0..count {
            let (low, x, y, high) =
                (bytes.get_u32_le(), bytes.get_u16_le(), bytes.get_u16_le(), bytes.get_u16_le());
            let (_heading, state, _age, _speed) =
                (bytes.get_u8(), bytes.get_u8(), bytes.get_u8(), bytes.get_u8());
            drivers.insert(u64::from(high) << 32 | u64::from(low), (x, y, state));
        }
        for _ in 0..gone {
            let (low, high) = (bytes.get_u32_le(), bytes.get_u16_le());
            let left = drivers.remove(&(u64::from(high) << 32 | u64::from(low)));
            assert!(left.is_some(), "a driver leaves who was never told of");
        }
        assert!(bytes.is_empty());
    }

    fn trips(&mut self, kind: u8, mut bytes: &[u8]) {
        let (count, gone) = (bytes.get_u32_le(), bytes.get_u32_le());
        if kind == 4 {
            self.trips.clear();
        }
        for _ in 0..count {
            let entry = bytes.copy_to_bytes(48);
            self.trips.insert(entry[..16].to_vec(), entry[46]);
        }
        for _ in 0..gone {
            let uuid = bytes.copy_to_bytes(16);
            assert!(self.trips.remove(&uuid[..]).is_some(), "a trip ends that was never told of");
        }
        assert!(bytes.is_empty());
    }
}
