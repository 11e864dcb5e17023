//! What all agents share: the streets, the districts, the clock, and the present moment.

use std::sync::Arc;

use domain::{CityClock, CityMs};
use roads::{Districts, RoadNetwork};

use super::agenda::Agenda;
use super::counters::Counters;
use super::output::Output;
use super::settings::Settings;
use super::traffic::{hour_of_day, pace_at};

const HOUR_MS: f64 = 3_600_000.0;

/// What does not change while the city runs.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) settings: Settings,
    pub(crate) network: Arc<RoadNetwork>,
    pub(crate) districts: Arc<Districts>,
    pub(crate) clock: CityClock,
}

/// One moment: when it is, and where its consequences go.
pub(crate) struct Moment<'a> {
    pub(crate) world: &'a World,
    pub(crate) now: CityMs,
    /// No new requests and shifts.
    pub(crate) closing: bool,
    /// The time left to trips under way is over.
    pub(crate) closed: bool,
    pub(crate) agenda: &'a mut Agenda,
    pub(crate) counters: &'a mut Counters,
    pub(crate) out: &'a mut Vec<Output>,
}

impl World {
    pub(crate) fn hour(&self, at: CityMs) -> u32 {
        hour_of_day(at, whole_ms(self.settings.utc_offset_h * HOUR_MS))
    }

    /// The share of the free speed that traffic leaves.
    pub(crate) fn pace(&self, at: CityMs) -> f64 {
        pace_at(self.hour(at))
    }

    /// City time that passes while some real time passes.
    #[expect(clippy::cast_precision_loss, reason = "spans are far below 2^52 ms")]
    pub(crate) fn city_ms(&self, real_ms: i64) -> i64 {
        whole_ms(real_ms as f64 * self.clock.speed())
    }
}

/// Rounds to whole milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "spans are far below 2^52 ms")]
pub(crate) fn whole_ms(ms: f64) -> i64 {
    ms.round() as i64
}

/// Rounds to whole metres.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "metres of one trip")]
pub(crate) fn whole_m(metres: f64) -> u32 {
    metres.round() as u32
}
