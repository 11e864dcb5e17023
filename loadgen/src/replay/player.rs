//! Which report is due: the recording, its copies and the city's time put together, without I/O or a clock.

use anyhow::ensure;
use domain::{CityMs, DriverId, RealMs};
use events::driver_locations::LocationReport;

use super::config::Config;
use super::copies::Copies;
use super::merge::{Merge, Turn};
use super::on_roads::{Moved, OnRoads};
use super::recording::Recording;
use super::timeline::Timeline;

/// Hands out the reports of a recording and of its copies as they become due.
#[derive(Debug)]
pub(super) struct Player {
    recording: Recording,
    /// The roads that copies are moved along, if they are known.
    roads: Option<OnRoads>,
    copies: Copies,
    merge: Merge,
    timeline: Timeline,
    /// By copy and car, who has reported.
    seen: Vec<bool>,
    drivers: u64,
    beside: u64,
}

/// A report whose time has come.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Due {
    pub(super) at: RealMs,
    pub(super) report: LocationReport,
}

impl Player {
    /// A player of a recording that begins at `now`; its copies are moved along the roads, if it is told where those
    /// are.
    ///
    /// # Errors
    /// If nothing of the recording is left to be played.
    pub(super) fn new(
        recording: Recording,
        roads: Option<OnRoads>,
        config: &Config,
        now: RealMs,
    ) -> anyhow::Result<Self> {
        let (first, last) = (recording.first_at, recording.last_at());
        let timeline = if config.keep_times {
            Timeline::of_the_city(now, last, config.city_clock)?
        } else {
            let from = config.from().unwrap_or(first);
            ensure!(from <= last, "the recording ends {} s before --from-ms", from.since(last) / 1000);
            Timeline::from_now(now, from, config.city_clock, config.speed())
        };
        let copies = Copies::new(&config.copies, &recording.cab_numbers);
        let merge = Merge::new(&recording.pings, copies.shifts_ms(), timeline.from().since(first));
        let seen = vec![false; copies.len() * recording.cab_numbers.len()];
        Ok(Self { recording, roads, copies, merge, timeline, seen, drivers: 0, beside: 0 })
    }

    /// The next report, if it is due.
    pub(super) fn next(&mut self, now: RealMs) -> Option<Due> {
        let first = self.recording.first_at;
        let until_ms = self.timeline.place_at(now).since(first);
        let turn = self.merge.next(&self.recording.pings, until_ms)?;
        let recorded = first.plus_ms(turn.due_ms);
        let report = self.report(&turn, self.timeline.city_at(recorded));
        let cab = self.recording.pings[turn.index].cab as usize;
        let seen = &mut self.seen[turn.copy as usize * self.recording.cab_numbers.len() + cab];
        self.drivers += u64::from(!*seen);
        *seen = true;
        Some(Due { at: self.timeline.due_at(recorded), report })
    }

    fn report(&mut self, turn: &Turn, at: CityMs) -> LocationReport {
        let ping = self.recording.pings[turn.index];
        let driver = self.copies.driver(turn.copy, self.recording.cab_numbers[ping.cab as usize]);
        let Moved { position, heading_deg } = self.moved(turn, driver);
        LocationReport {
            driver: DriverId(driver),
            at,
            lat: position.lat,
            lon: position.lon,
            heading: heading_deg,
            speed: ping.speed_mps(),
            trip: None,
            odometer_m: None,
        }
    }

    /// Where a driver of a copy is, and heads.
    fn moved(&mut self, turn: &Turn, driver: u64) -> Moved {
        let ping = &self.recording.pings[turn.index];
        let recorded = Moved { position: ping.position(), heading_deg: ping.heading_deg };
        if turn.copy == 0 {
            return recorded;
        }
        if let Some(roads) = &self.roads {
            let ahead_m = self.copies.ahead_m(driver);
            if let Some(moved) = roads.ahead(&self.recording.pings, turn.index, ahead_m) {
                return moved;
            }
            self.beside += 1;
        }
        Moved { position: self.copies.moved(turn.copy, driver, recorded.position), ..recorded }
    }

    /// Reports of copies that were not moved along a road, though roads are known, since none was near.
    pub(super) fn beside(&self) -> u64 {
        self.beside
    }

    /// Whether every report was handed out.
    pub(super) fn is_done(&self) -> bool {
        self.merge.is_done()
    }

    /// Drivers who reported at least once.
    pub(super) fn drivers(&self) -> u64 {
        self.drivers
    }

    /// Positions that lay before the beginning and are never handed out.
    pub(super) fn skipped(&self) -> usize {
        self.merge.skipped()
    }

    /// The recorded time whose turn it is.
    pub(super) fn place_at(&self, now: RealMs) -> CityMs {
        self.timeline.place_at(now)
    }

    /// How much of the time from the beginning to the end of the recording is over, 0..=100.
    pub(super) fn percent_at(&self, now: RealMs) -> i64 {
        let whole_ms = self.recording.last_at().since(self.timeline.from()).max(1);
        let over_ms = self.place_at(now).since(self.timeline.from());
        (over_ms.saturating_mul(100) / whole_ms).clamp(0, 100)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use events::Contract;

    use super::*;
    use crate::replay::config::tests::parse;
    use crate::replay::on_roads::tests::town;
    use crate::replay::recording::tests::recording;

    const START: RealMs = RealMs(1_700_000_000_000);

    const ROWS: &str =
        "1000,7,46.0,0.5\n1000,8,46.1,0.5\n1060,7,46.001,0.5\n1090,8,46.1,0.51\n1120,7,46.002,0.5\n";

    fn player(arguments: &str) -> anyhow::Result<Player> {
        Player::new(recording(ROWS)?, None, &parse(&format!("p.csv {arguments}")).unwrap(), START)
    }

    /// Plays to the end, looking at the clock every `step_ms`; each report with the moment it was handed out.
    fn play(arguments: &str, step_ms: i64) -> Vec<(RealMs, Due)> {
        let (mut player, mut now, mut all) = (player(arguments).unwrap(), START, Vec::new());
        while !player.is_done() {
            all.extend(std::iter::from_fn(|| player.next(now)).map(|due| (now, due)));
            now = now.plus_ms(step_ms);
        }
        let drivers: BTreeSet<DriverId> = all.iter().map(|(_, due)| due.report.driver).collect();
        assert_eq!(player.drivers(), drivers.len() as u64);
        all
    }

    #[test]
    fn reports_keep_the_contract_and_are_due_when_the_city_clock_shows_their_time() {
        let all = play("--city-clock 1700000000000,5000,20 --copies 3", 10);
        for (now, due) in &all {
            due.report.check().unwrap();
            assert!(*now >= due.at && now.since(due.at) <= 10, "never early, at most a step late");
            let city_ms = 5000 + due.at.since(START) * 20;
            assert!(
                (due.report.at.0 - city_ms).abs() <= 20,
                "the same moment, to a millisecond of real time"
            );
        }
        let own: Vec<(i64, u64, u16)> = all
            .iter()
            .filter(|(_, due)| due.report.driver.0 < 10_000_010)
            .map(|(_, due)| (due.at.since(START), due.report.driver.0, due.report.heading))
            .collect();
        let expected = [(0, 10_000_007, 0), (0, 10_000_008, 0), (3000, 10_000_007, 0)];
        assert_eq!(own[..3], expected);
        assert_eq!((own[3], own[4]), ((4500, 10_000_008, 89), (6000, 10_000_007, 0)));
    }

    #[test]
    fn nothing_is_lost_and_the_order_of_each_driver_is_kept() {
        let arguments = "--speed 60 --copies 40 --spread 1m";
        let all = play(arguments, 7);
        assert_eq!(all.len() + player(arguments).unwrap().skipped(), 40 * 5);
        let mut newest: BTreeMap<DriverId, CityMs> = BTreeMap::new();
        for (_, due) in &all {
            let before = newest.insert(due.report.driver, due.report.at);
            assert!(before <= Some(due.report.at));
        }
        assert_eq!(newest.len(), 80);
    }

    #[test]
    fn equal_seeds_give_equal_reports_and_other_seeds_others() {
        let arguments = |seed: u64| format!("--copies 4 --seed {seed}");
        assert_eq!(play(&arguments(1), 1000), play(&arguments(1), 1000));
        assert_ne!(play(&arguments(1), 1000), play(&arguments(2), 1000));
    }

    #[test]
    fn copies_differ_in_place_time_and_id() {
        let all = play("--copies 5 --spread 20s", 1000);
        let last: BTreeMap<DriverId, &Due> = all.iter().map(|(_, due)| (due.report.driver, due)).collect();
        let differ = |tell: fn(&Due) -> i64| last.values().map(|due| tell(due)).collect::<BTreeSet<_>>();
        assert_eq!(last.len(), 10);
        assert_eq!(differ(|due| due.at.0).len(), 10);
        assert_eq!(differ(|due| (due.report.lat * 1e6) as i64).len(), 10);
    }

    #[test]
    fn copies_drive_on_the_road_where_one_is_near() {
        let rows = "1000,7,46.001,0.5\n1010,7,46.002,0.5\n1020,7,46.003,0.5\n1030,7,46.003,0.51\n";
        let config = parse("p.csv --copies 20 --spread 0s --city-clock 1700000000000,0,1").unwrap();
        let recording = recording(rows).unwrap();
        let roads = OnRoads::read(Some(town().path()), &recording.pings).unwrap();
        let mut player = Player::new(recording, roads, &config, START).unwrap();
        let all: Vec<Due> = std::iter::from_fn(|| player.next(START.plus_ms(60_000))).collect();
        let (near, far): (Vec<&Due>, Vec<&Due>) = all.iter().partition(|due| due.report.at.0 < 30_000);
        assert_eq!((near.len(), far.len(), player.beside()), (60, 20, 19));
        for due in near {
            due.report.check().unwrap();
            assert!((due.report.lon - 0.5).abs() < 2e-6, "{due:?}");
        }
        let by_driver = |due: &&Due| (due.report.driver, due.report.at);
        let mut tracks: Vec<&Due> = all.iter().filter(|due| due.report.at.0 < 30_000).collect();
        tracks.sort_by_key(by_driver);
        for track in tracks.chunks(3) {
            let (first_deg, last_deg) = (track[0].report.lat, track[2].report.lat);
            assert!(
                (last_deg - first_deg - 0.002).abs() < 2e-6,
                "each as far as the recorded car: {track:?}"
            );
        }
        let starts: BTreeSet<i64> =
            tracks.chunks(3).map(|track| (track[0].report.lat * 1e6) as i64).collect();
        assert_eq!(starts.len(), 20);
        assert_eq!(starts.first(), Some(&46_001_000), "all others are ahead of the recorded car");
    }

    #[test]
    fn a_replay_can_begin_inside_the_recording_or_where_the_city_is() {
        for arguments in ["--from-ms 1060000", "--keep-times --city-clock 1700000000000,1060000,1"] {
            let all = play(arguments, 1000);
            assert_eq!((all.len(), all[0].1.at), (3, START), "{arguments}");
        }
        let kept = play("--keep-times --city-clock 1700000000000,900000,1", 1000);
        assert_eq!(
            (kept.len(), kept[0].1.at, kept[0].1.report.at),
            (5, START.plus_ms(100_000), CityMs(1_000_000))
        );
        for arguments in ["--from-ms 1121000", "--keep-times"] {
            assert!(player(arguments).is_err(), "{arguments}");
        }
    }

    #[test]
    fn the_place_in_the_recording_is_told() {
        let player = player("").unwrap();
        let now = START.plus_ms(30_000);
        assert_eq!((player.place_at(now), player.percent_at(now)), (CityMs(1_030_000), 25));
        assert_eq!(player.percent_at(START.plus_ms(500_000)), 100);
    }
}
