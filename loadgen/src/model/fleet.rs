//! All drivers: their shifts and their reports.

use domain::{CityMs, DriverId, TripId};
use events::driver_locations::LocationReport;
use events::driver_shifts::{DriverShift, ShiftChange};

use super::agenda::{Agenda, Wake};
use super::census::Census;
use super::driver::{Bearing, Driver, Presence};
use super::job::Stage;
use super::output::Output;
use super::share::Share;
use super::steps::drop_off;
use super::world::{Moment, World, whole_m};

/// City time of a shift and of the break after it.
const SHIFT_MS: (i64, i64) = (1_200_000, 14_400_000);
const BREAK_MS: (i64, i64) = (300_000, 1_800_000);

/// How many free drivers go home in a second of real time when the city closes, and how long that takes at most. If all
/// went at once, who still drives could not report until a record of each of them has left.
const GOING_HOME_PER_S: i64 = 20_000;
const LONGEST_GOING_HOME_REAL_MS: i64 = 10_000;

/// Every driver of the city who is played here.
pub(crate) struct Fleet {
    drivers: Vec<Driver>,
    census: Census,
    share: Share,
    /// How many drivers the city has, in all shares.
    count: u32,
}

impl Fleet {
    /// Drivers who come on shift one after the other, which also spreads their reports evenly. They come in the order of
    /// their numbers, in which they lie in memory, too: of a million, the next one to report has been read ahead.
    pub(crate) fn new(world: &World, now: CityMs, agenda: &mut Agenda) -> Self {
        let window_ms = world.city_ms(world.settings.start_over_real_ms).max(world.settings.report_every_ms);
        let (share, count) = (world.settings.share, world.settings.drivers);
        let mut drivers = Vec::with_capacity(share.place(count) + 1);
        // Each has dice of its own: who is played elsewhere changes nothing here.
        for number in share.numbers(count) {
            let after_ms = window_ms * i64::from(number) / i64::from(count);
            agenda.write(now.plus_ms(after_ms), Wake::ShiftStart { driver: number });
            drivers.push(Driver::new(world, number, now));
        }
        let census = Census { offline: drivers.len() as u64, ..Census::default() };
        Self { drivers, census, share, count }
    }

    /// The highest id of a driver of the city; they count from 1.
    pub(crate) fn last_id(&self) -> u64 {
        u64::from(self.count)
    }

    /// A driver who is played here; numbers count from 0. Whatever makes another state of it goes by
    /// [`change`](Self::change).
    fn driver(&mut self, number: u32) -> &mut Driver {
        &mut self.drivers[self.share.place(number)]
    }

    /// Does something to a driver who is played here, and keeps count of the states.
    pub(crate) fn change(&mut self, number: u32, change: impl FnOnce(&mut Driver)) {
        let driver = self.driver(number);
        let before = driver.state();
        change(driver);
        let after = driver.state();
        self.census.moved(before, after);
    }

    /// Whether a driver is played here.
    pub(crate) fn has(&self, number: u32) -> bool {
        number < self.count && self.share.holds(u64::from(number))
    }

    pub(crate) fn start_shift(&mut self, moment: &mut Moment<'_>, number: u32) {
        self.change(number, |driver| start_shift(moment, driver, number));
    }

    pub(crate) fn end_shift(&mut self, moment: &mut Moment<'_>, number: u32, shift: u32) {
        self.change(number, |driver| end_shift(moment, driver, number, shift));
    }

    pub(crate) fn report(&mut self, moment: &mut Moment<'_>, number: u32, shift: u32) {
        let driver = self.driver(number);
        let reachable = matches!(driver.presence, Presence::OnShift | Presence::Leaving);
        if driver.shift != shift || !reachable {
            return;
        }
        let bearing = bearing_now(driver, moment);
        let job = driver.job.as_deref().filter(|job| job.matched());
        let odometer_m = job.and_then(|job| match &job.stage {
            Stage::OnTrip { leg } => Some(whole_m(leg.driven_m(moment.now))),
            Stage::Deciding(_) | Stage::Accepted | Stage::ToPickup { .. } | Stage::AtPickup { .. } => None,
        });
        let report = location_report(number, moment.now, bearing, job.map(|job| job.trip), odometer_m);
        moment.counters.reports += 1;
        moment.out.push(Output::Report(report));
        let next_at = moment.now.plus_ms(moment.world.settings.report_every_ms);
        moment.agenda.write(next_at, Wake::Report { driver: number, shift });
    }

    /// The time left is over: riders on board are let out where they are, free drivers go home, one after the other.
    /// When the last one does.
    pub(crate) fn close(&mut self, moment: &mut Moment<'_>) -> CityMs {
        let count = i64::from(self.count);
        let takes_real_ms = (count * 1_000 / GOING_HOME_PER_S).min(LONGEST_GOING_HOME_REAL_MS);
        let takes_ms = moment.world.city_ms(takes_real_ms);
        for number in self.share.numbers(self.count) {
            let goes_at = moment.now.plus_ms(takes_ms * i64::from(number) / count);
            self.change(number, |driver| close(moment, driver, number, goes_at));
        }
        moment.now.plus_ms(takes_ms)
    }

    /// Drivers by state.
    pub(crate) fn census(&self) -> Census {
        self.census
    }
}

fn start_shift(moment: &mut Moment<'_>, driver: &mut Driver, number: u32) {
    if moment.closing || driver.presence != Presence::Offline {
        return;
    }
    driver.presence = Presence::OnShift;
    driver.shift += 1;
    driver.stand_still(moment.now);
    let shift = driver.shift;
    let ends_at = moment.now.plus_ms(driver.dice.ms(SHIFT_MS.0, SHIFT_MS.1));
    say_shift(moment, driver, number, ShiftChange::Start);
    moment.agenda.write(moment.now, Wake::Report { driver: number, shift });
    moment.agenda.write(ends_at, Wake::ShiftEnd { driver: number, shift });
}

fn end_shift(moment: &mut Moment<'_>, driver: &mut Driver, number: u32, shift: u32) {
    if driver.shift != shift || driver.presence != Presence::OnShift {
        return;
    }
    say_shift(moment, driver, number, ShiftChange::End);
    driver.presence = Presence::Leaving;
    if driver.job.is_none() {
        go_offline(moment, driver, number);
    }
}

fn close(moment: &mut Moment<'_>, driver: &mut Driver, number: u32, goes_at: CityMs) {
    if driver.presence == Presence::Vanished {
        return;
    }
    match driver.job.take() {
        None if driver.presence == Presence::OnShift => {
            moment.agenda.write(goes_at, Wake::ShiftEnd { driver: number, shift: driver.shift });
        }
        None => {}
        Some(job) => match &job.stage {
            Stage::OnTrip { leg } => {
                drop_off(moment, driver, number, &job, leg);
                finish_job(moment, driver, number);
            }
            Stage::Deciding(_) | Stage::Accepted | Stage::ToPickup { .. } | Stage::AtPickup { .. } => {
                driver.job = Some(job);
            }
        },
    }
}

/// Ends whatever the driver does about a trip; who is on the way out goes.
pub(crate) fn finish_job(moment: &mut Moment<'_>, driver: &mut Driver, number: u32) {
    driver.job = None;
    driver.step += 1;
    match driver.presence {
        Presence::OnShift if moment.closed => {
            say_shift(moment, driver, number, ShiftChange::End);
            go_offline(moment, driver, number);
        }
        Presence::Leaving | Presence::Vanished => go_offline(moment, driver, number),
        Presence::OnShift | Presence::Offline => {}
    }
}

pub(crate) fn driver_id(number: u32) -> DriverId {
    DriverId(u64::from(number) + 1)
}

fn go_offline(moment: &mut Moment<'_>, driver: &mut Driver, number: u32) {
    driver.presence = Presence::Offline;
    if !moment.closing {
        let back_at = moment.now.plus_ms(driver.dice.ms(BREAK_MS.0, BREAK_MS.1));
        moment.agenda.write(back_at, Wake::ShiftStart { driver: number });
    }
}

fn bearing_now(driver: &mut Driver, moment: &Moment<'_>) -> Bearing {
    match driver.job.as_deref().map(|job| (job.leg(), job.matched())) {
        Some((Some(leg), _)) => return leg.bearing(&moment.world.network, moment.now),
        Some((None, true)) => {}
        Some((None, false)) | None => driver.cruise(moment.world, moment.now),
    }
    driver.bearing(moment.world)
}

fn say_shift(moment: &mut Moment<'_>, driver: &mut Driver, number: u32, change: ShiftChange) {
    let position = bearing_now(driver, moment).position.rounded();
    moment.out.push(Output::Shift(DriverShift {
        driver: driver_id(number),
        at: moment.now,
        change,
        position,
    }));
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0..360 degrees, some metres a second"
)]
fn location_report(
    number: u32,
    at: CityMs,
    bearing: Bearing,
    trip: Option<TripId>,
    odometer_m: Option<u32>,
) -> LocationReport {
    let position = bearing.position.rounded();
    LocationReport {
        driver: driver_id(number),
        at,
        lat: position.lat,
        lon: position.lon,
        heading: bearing.heading_deg as u16 % 360,
        speed: (bearing.speed_mps * 10.0).round() as f32 / 10.0,
        trip,
        odometer_m,
    }
}
