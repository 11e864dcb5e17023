//! What the server says in text, besides zones and figures: who it is, and which tiles it tells.

use axum::extract::ws::Message;
use domain::{CityClock, RealMs};
use roads::BoundingBox;
use serde::Serialize;

use super::tile::{Tile, ZOOM};
use super::viewer::Mode;

/// Version of the protocol.
const VERSION: u8 = 1;

/// A picture is made this often.
pub(crate) const TICK_MS: u64 = 500;

#[derive(Serialize)]
struct Hello {
    r#type: &'static str,
    version: u8,
    tick_ms: u64,
    tile_zoom: u8,
    silence_ms: i64,
    clock: Clock,
    bounds: Bounds,
    now_ms: i64,
}

#[derive(Serialize)]
struct Clock {
    real_ms: i64,
    city_ms: i64,
    speed: f64,
}

#[derive(Serialize)]
struct Bounds {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

#[derive(Serialize)]
struct Tiles {
    r#type: &'static str,
    zoom: u8,
    mode: &'static str,
    tiles: Vec<[u32; 2]>,
}

/// The first message on a socket.
pub(crate) fn hello(clock: CityClock, bounds: BoundingBox, now_ms: i64) -> Message {
    let city_ms = clock.city_at(RealMs(now_ms)).0;
    text(&Hello {
        r#type: "hello",
        version: VERSION,
        tick_ms: TICK_MS,
        tile_zoom: ZOOM,
        silence_ms: ::live::SILENCE_MS,
        clock: Clock { real_ms: now_ms, city_ms, speed: clock.speed() },
        bounds: Bounds {
            west: bounds.min.lon,
            south: bounds.min.lat,
            east: bounds.max.lon,
            north: bounds.max.lat,
        },
        now_ms,
    })
}

/// Which tiles a viewer is told from now on, and how; what the viewer has of others is to be forgotten.
pub(crate) fn tiles(mode: Mode, tiles: impl Iterator<Item = Tile>) -> Message {
    let mode = match mode {
        Mode::Points => "points",
        Mode::Counts => "counts",
    };
    text(&Tiles { r#type: "tiles", zoom: ZOOM, mode, tiles: tiles.map(|tile| [tile.x, tile.y]).collect() })
}

fn text(message: &impl Serialize) -> Message {
    Message::text(serde_json::to_string(message).expect("messages are plain data"))
}

#[cfg(test)]
mod tests {
    use domain::{CityMs, LatLng};
    use serde_json::{Value, json};

    use super::*;

    fn value(message: &Message) -> Value {
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    }

    #[test]
    fn hello_tells_the_clock_and_the_city() {
        let clock = CityClock::new(RealMs(1000), CityMs(500_000), 60.0);
        let bounds =
            BoundingBox { min: LatLng { lat: 45.5, lon: 0.25 }, max: LatLng { lat: 46.5, lon: 0.75 } };
        let expected = json!({
            "type": "hello", "version": 1, "tick_ms": 500, "tile_zoom": 14, "silence_ms": 30_000,
            "clock": {"real_ms": 2000, "city_ms": 560_000, "speed": 60.0},
            "bounds": {"west": 0.25, "south": 45.5, "east": 0.75, "north": 46.5},
            "now_ms": 2000,
        });
        assert_eq!(value(&hello(clock, bounds, 2000)), expected);
    }

    #[test]
    fn tiles_are_pairs() {
        let message = tiles(Mode::Counts, [Tile { x: 1, y: 2 }, Tile { x: 3, y: 4 }].into_iter());
        let expected = json!({"type": "tiles", "zoom": 14, "mode": "counts", "tiles": [[1, 2], [3, 4]]});
        assert_eq!(value(&message), expected);
    }
}
