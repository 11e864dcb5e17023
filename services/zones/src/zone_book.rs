//! Stage two, one partition: all its zones, when they are evaluated, published and retired.

use std::collections::BTreeMap;

use domain::surge::{self, Balance};
use domain::tariff::SurgeMultiplier;
use domain::{CityMs, TripId, Zone};
use events::zone_observations::ZoneObservation;
use events::zones::ZoneState;
use events::{Contract, OutRecord};
use pipeline::Outcome;

use crate::Pace;
use crate::neighbourhood::Neighbourhood;
use crate::zone_window::{Figures, Horizon, ZoneWindow};

/// Supply and demand that moved by this share are news ...
const NEWS_SHARE: f32 = 0.1;

/// ... and so is a speed that moved by this.
const NEWS_SPEED_MPS: f32 = 1.0;

/// All zones of one partition.
#[derive(Debug, Default)]
pub(crate) struct ZoneBook {
    zones: BTreeMap<Zone, Entry>,
    first_interval: Option<CityMs>,
    newest_end: Option<CityMs>,
    /// Until then the windows hold less than what happened, since they began empty.
    warm_at: Option<CityMs>,
}

#[derive(Debug)]
struct Entry {
    window: ZoneWindow,
    published: Option<ZoneState>,
    /// Published with zeros; next comes the tombstone.
    retired: bool,
}

impl Entry {
    fn new(last_active: CityMs) -> Self {
        Self { window: ZoneWindow::new(last_active), published: None, retired: false }
    }
}

impl ZoneBook {
    /// Takes in an observation that was sent at `moment`.
    pub(crate) fn observe(&mut self, observation: &ZoneObservation, moment: CityMs, pace: &Pace) -> Outcome {
        let start = observation.interval;
        if pace.intervals.start_of(start) != start {
            return Outcome::Skipped("other_intervals");
        }
        let end = pace.intervals.end_of(start);
        if end.since(moment) > pace.lateness_ms {
            return Outcome::Skipped("ahead_of_time");
        }
        if self.newest_end.is_some_and(|newest| start < oldest_kept(newest, pace)) {
            return Outcome::Skipped("late");
        }
        self.newest_end = self.newest_end.max(Some(end.min(moment)));
        self.first_interval = Some(self.first_interval.map_or(start, |first| first.min(start)));
        let entry = self.zones.entry(observation.zone).or_insert_with(|| Entry::new(end));
        entry.window.observe(observation, end);
        Outcome::Done
    }

    /// Takes in a ride request that was sent at `moment`.
    pub(crate) fn request(&mut self, trip: TripId, at: CityMs, moment: CityMs, pace: &Pace) -> Outcome {
        if at.since(moment) > pace.lateness_ms {
            return Outcome::Skipped("ahead_of_time");
        }
        if moment.since(at) > pace.demand_window_ms {
            return Outcome::Skipped("late");
        }
        self.zones.entry(trip.zone).or_insert_with(|| Entry::new(at)).window.request(trip, at);
        Outcome::Done
    }

    /// Zones that were published before this member had the partition are looked after as well.
    pub(crate) fn adopt(&mut self, published: impl Iterator<Item = Zone>, now: CityMs) {
        for zone in published {
            self.zones.entry(zone).or_insert_with(|| Entry::new(now));
        }
    }

    /// Starts the time in which the windows fill; later calls change nothing.
    pub(crate) fn warm_up(&mut self, now: CityMs, pace: &Pace) {
        self.warm_at.get_or_insert(now.plus_ms(pace.demand_window_ms));
    }

    /// Computes every zone and publishes what is news.
    pub(crate) fn evaluate(
        &mut self,
        now: CityMs,
        pace: &Pace,
        neighbourhood: &Neighbourhood,
        out: &mut Vec<OutRecord>,
    ) {
        let warm = self.warm_at.is_some_and(|warm_at| now >= warm_at);
        let Some(horizon) = self.horizon(now, warm, pace) else { return };
        let requested_until = now.plus_ms(-pace.demand_window_ms);
        let observed_before = oldest_kept(horizon.end, pace);
        self.zones.retain(|zone, entry| {
            entry.window.forget(observed_before, requested_until);
            if now.since(entry.window.last_active()) >= pace.quiet_ms {
                return entry.retire(*zone, now, out);
            }
            entry.retired = false;
            let before = entry.published.as_ref().or(neighbourhood.get(*zone));
            let current = before.map_or(SurgeMultiplier::NONE, |state| state.surge);
            let figures = entry.window.figures(horizon, pace);
            let own = Balance { supply: figures.supply, demand: f64::from(figures.demand) };
            let next = surge::next(current, own.smoothed(neighbourhood.around(*zone)));
            // Half-filled windows hold too few requests: no reason to make rides cheaper.
            let surge = if warm { next } else { next.max(current) };
            entry.publish(state(*zone, now, figures, surge), pace, out);
            true
        });
    }

    /// Where the windows end, `None` while there is nothing to go by: without one complete interval every zone would
    /// look empty. If observations stop, the clock moves it on.
    fn horizon(&self, now: CityMs, warm: bool, pace: &Pace) -> Option<Horizon> {
        let silent = now.plus_ms(-pace.silence_ms);
        let newest_end = self.newest_end.map_or(silent, |newest| newest.max(silent));
        let end = pace.intervals.start_of(newest_end.plus_ms(-pace.lateness_ms));
        let seen = self.first_interval.map_or(0, |first| end.since(first) / pace.intervals.length_ms);
        if seen < 1 && !warm {
            return None;
        }
        Some(Horizon { end, intervals: seen.clamp(1, pace.intervals.in_span(pace.supply_window_ms)), now })
    }
}

impl Entry {
    fn publish(&mut self, state: ZoneState, pace: &Pace, out: &mut Vec<OutRecord>) {
        let due = self
            .published
            .as_ref()
            .is_none_or(|last| state.at.since(last.at) >= pace.refresh_ms || is_news(last, &state));
        if due {
            out.push(state.to_record());
            self.published = Some(state);
        }
    }

    /// Zeros first, so that followers see the zone calm down, then the tombstone. Whether the zone stays.
    fn retire(&mut self, zone: Zone, now: CityMs, out: &mut Vec<OutRecord>) -> bool {
        let figures = Figures { supply: 0.0, demand: 0, speed_mps: None };
        let calm = state(zone, now, figures, SurgeMultiplier::NONE);
        if self.retired {
            out.push(calm.tombstone());
            return false;
        }
        out.push(calm.to_record());
        self.published = Some(calm);
        self.retired = true;
        true
    }
}

/// The oldest interval that a window reaches from here, with room for late ones.
fn oldest_kept(end: CityMs, pace: &Pace) -> CityMs {
    let reach_ms = pace.speed_window_ms.max(pace.supply_window_ms) + pace.intervals.length_ms;
    end.plus_ms(-reach_ms - pace.lateness_ms)
}

#[expect(clippy::cast_possible_truncation, reason = "rounded figures of a zone are small")]
fn state(zone: Zone, at: CityMs, figures: Figures, surge: SurgeMultiplier) -> ZoneState {
    let hundredths = |value: f64| ((value * 100.0).round() / 100.0) as f32;
    ZoneState {
        zone,
        at,
        supply: hundredths(figures.supply),
        demand: figures.demand,
        speed_mps: figures.speed_mps.map(hundredths),
        surge,
    }
}

#[expect(clippy::cast_precision_loss, reason = "requests of one zone in five minutes")]
fn is_news(last: &ZoneState, now: &ZoneState) -> bool {
    let moved = |before: f32, after: f32| (after - before).abs() >= (NEWS_SHARE * before).max(1.0);
    let speed_moved = match (last.speed_mps, now.speed_mps) {
        (Some(before), Some(after)) => (after - before).abs() >= NEWS_SPEED_MPS,
        (before, after) => before.is_some() != after.is_some(),
    };
    last.surge != now.surge
        || moved(last.supply, now.supply)
        || moved(last.demand as f32, now.demand as f32)
        || speed_moved
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LatLng;

    fn zone() -> Zone {
        Zone::of(LatLng { lat: 46.0, lon: 0.5 })
    }

    fn figures(supply: f32, demand: u32, speed_mps: Option<f32>, surge: u16) -> ZoneState {
        let surge = SurgeMultiplier::try_from(surge).unwrap();
        ZoneState { zone: zone(), at: CityMs(0), supply, demand, speed_mps, surge }
    }

    #[test]
    fn small_changes_are_no_news() {
        let last = figures(5.0, 20, Some(8.0), 120);
        for (now, expected) in [
            (figures(5.9, 21, Some(8.9), 120), false),
            (figures(6.0, 20, Some(8.0), 120), true),
            (figures(5.0, 22, Some(8.0), 120), true),
            (figures(5.0, 20, Some(9.0), 120), true),
            (figures(5.0, 20, None, 120), true),
            (figures(5.0, 20, Some(8.0), 130), true),
        ] {
            assert_eq!(is_news(&last, &now), expected, "{now:?}");
        }
    }
}
