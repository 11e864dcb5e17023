//! The steps of a driver's job: answer, set out, arrive, pick up, drop off.

use domain::trip::DriverStep;
use domain::{CityMs, LatLng, TripId};
use events::driver_actions::DriverAction;

use super::agenda::Wake;
use super::driver::{Driver, Presence};
use super::fleet::{Fleet, driver_id, finish_job};
use super::job::{Answer, Job, Plan, Stage};
use super::leg::Leg;
use super::output::Output;
use super::world::{Moment, whole_m, whole_ms};

/// City time a rider takes to get in.
const BOARDING_MS: (i64, i64) = (10_000, 60_000);

/// Drivers are a little slower or faster than traffic.
const TEMPER: (f64, f64) = (0.85, 1.1);

/// Where on a leg a driver gives up or vanishes.
const BREAK_OFF: (f64, f64) = (0.2, 0.9);

/// A driver gives up hoping for news of an offer after this long in real time, far longer than any offer lasts.
const NO_NEWS_REAL_MS: i64 = 60_000;

impl Fleet {
    /// Goes on with a driver's job.
    pub(crate) fn step(&mut self, moment: &mut Moment<'_>, number: u32, step: u32) {
        self.change(number, |driver| {
            if driver.step == step && driver.presence != Presence::Vanished {
                go_on(moment, driver, number);
            }
        });
    }
}

fn go_on(moment: &mut Moment<'_>, driver: &mut Driver, number: u32) {
    let Some(mut job) = driver.job.take() else { return };
    let next = match job.stage {
        Stage::Deciding(Answer::Yes) => accept(moment, driver, number, &job),
        Stage::Deciding(Answer::No) => {
            moment.counters.declines_sent += 1;
            act(moment, number, &job, DriverStep::Decline);
            None
        }
        Stage::Deciding(Answer::Nothing) | Stage::Accepted => None,
        Stage::ToPickup { ref leg, plan } if moment.now < leg.ends_at() => match plan {
            Plan::VanishOnTheWay => return vanish(moment, driver, job),
            Plan::Finish | Plan::CancelOnTheWay | Plan::VanishOnTrip => {
                moment.counters.driver_cancels_sent += 1;
                act(moment, number, &job, DriverStep::Cancel);
                leave_leg(driver, moment, leg);
                None
            }
        },
        Stage::ToPickup { ref leg, plan } => Some(arrive(moment, driver, number, &job, leg, plan)),
        // After closing time nobody gets in any more: the rider cancels.
        Stage::AtPickup { plan } if moment.closed => Some(Stage::AtPickup { plan }),
        Stage::AtPickup { plan } => pick_up(moment, driver, number, &job, plan),
        Stage::OnTrip { ref leg } if moment.now < leg.ends_at() => {
            return vanish(moment, driver, job);
        }
        Stage::OnTrip { ref leg } => {
            drop_off(moment, driver, number, &job, leg);
            None
        }
    };
    match next {
        Some(stage) => {
            job.stage = stage;
            driver.job = Some(job);
        }
        None => finish_job(moment, driver, number),
    }
}

/// Sets out for the pickup; `None` if it is not on this network, and then the trip is given up.
pub(crate) fn set_out(moment: &mut Moment<'_>, driver: &mut Driver, number: u32, job: &Job) -> Option<Stage> {
    let faults = &moment.world.settings.faults;
    let plan = if driver.dice.chance(faults.driver_cancels) {
        Plan::CancelOnTheWay
    } else if driver.dice.chance(faults.vanishing_drivers) {
        if driver.dice.chance(0.5) { Plan::VanishOnTheWay } else { Plan::VanishOnTrip }
    } else {
        Plan::Finish
    };
    driver.cruise(moment.world, moment.now);
    let Some(leg) = drive_to(moment, driver, job.pickup) else {
        act(moment, number, job, DriverStep::Cancel);
        return None;
    };
    schedule_leg(moment, driver, number, &leg, matches!(plan, Plan::CancelOnTheWay | Plan::VanishOnTheWay));
    Some(Stage::ToPickup { leg, plan })
}

/// Stops where the leg has brought the driver.
pub(crate) fn leave_leg(driver: &mut Driver, moment: &Moment<'_>, leg: &Leg) {
    match leg.street(&moment.world.network, moment.now) {
        Some((street, along_m)) => driver.stand_on(street, along_m, moment.now),
        None => driver.stand_at(moment.world, leg.end(), moment.now),
    }
}

/// Sends what a driver does about a trip.
pub(crate) fn act(moment: &mut Moment<'_>, number: u32, job: &Job, step: DriverStep) {
    act_on(moment, number, (job.trip, job.attempt), step);
}

pub(crate) fn act_on(moment: &mut Moment<'_>, number: u32, (trip, attempt): (TripId, u32), step: DriverStep) {
    let at = moment.now;
    moment.out.push(Output::Action(DriverAction { trip, driver: driver_id(number), attempt, at, step }));
}

/// Writes down when the job goes on; earlier notes about this driver's job become stale.
pub(crate) fn schedule(moment: &mut Moment<'_>, driver: &mut Driver, number: u32, at: CityMs) {
    driver.step += 1;
    moment.agenda.write(at, Wake::Step { driver: number, step: driver.step });
}

pub(crate) fn no_news_until(moment: &Moment<'_>) -> CityMs {
    moment.now.plus_ms(moment.world.city_ms(NO_NEWS_REAL_MS))
}

fn accept(moment: &mut Moment<'_>, driver: &mut Driver, number: u32, job: &Job) -> Option<Stage> {
    moment.counters.accepts_sent += 1;
    act(moment, number, job, DriverStep::Accept);
    let until = no_news_until(moment);
    schedule(moment, driver, number, until);
    Some(Stage::Accepted)
}

fn arrive(
    moment: &mut Moment<'_>,
    driver: &mut Driver,
    number: u32,
    job: &Job,
    leg: &Leg,
    plan: Plan,
) -> Stage {
    driver.stand_at(moment.world, leg.end(), moment.now);
    act(moment, number, job, DriverStep::Arrive);
    let boarded_at = moment.now.plus_ms(driver.dice.ms(BOARDING_MS.0, BOARDING_MS.1));
    schedule(moment, driver, number, boarded_at);
    Stage::AtPickup { plan }
}

fn pick_up(
    moment: &mut Moment<'_>,
    driver: &mut Driver,
    number: u32,
    job: &Job,
    plan: Plan,
) -> Option<Stage> {
    let Some(leg) = drive_to(moment, driver, job.dropoff) else {
        act(moment, number, job, DriverStep::Cancel);
        return None;
    };
    act(moment, number, job, DriverStep::PickUp);
    schedule_leg(moment, driver, number, &leg, plan == Plan::VanishOnTrip);
    Some(Stage::OnTrip { leg })
}

pub(crate) fn drop_off(moment: &mut Moment<'_>, driver: &mut Driver, number: u32, job: &Job, leg: &Leg) {
    let odometer_m = whole_m(leg.driven_m(moment.now));
    if moment.now < leg.ends_at() {
        leave_leg(driver, moment, leg);
    } else {
        driver.stand_at(moment.world, leg.end(), moment.now);
    }
    act(moment, number, job, DriverStep::DropOff { odometer_m });
}

/// Keeps the job, so that the end of its trip is recognized.
fn vanish(moment: &mut Moment<'_>, driver: &mut Driver, job: Box<Job>) {
    if let Some(leg) = job.leg() {
        leave_leg(driver, moment, leg);
    }
    moment.counters.vanished += 1;
    driver.presence = Presence::Vanished;
    driver.job = Some(job);
}

fn drive_to(moment: &Moment<'_>, driver: &mut Driver, goal: LatLng) -> Option<Leg> {
    let (end, _) = moment.world.network.nearest_node(goal)?;
    let pace = moment.world.pace(moment.now) * driver.dice.between(TEMPER.0, TEMPER.1);
    Leg::from_street(&moment.world.network, driver.street(), end, moment.now, pace)
}

#[expect(clippy::cast_precision_loss, reason = "a drive lasts far less than 2^52 ms")]
fn schedule_leg(moment: &mut Moment<'_>, driver: &mut Driver, number: u32, leg: &Leg, broken_off: bool) {
    let at = if broken_off {
        let share = driver.dice.between(BREAK_OFF.0, BREAK_OFF.1);
        moment.now.plus_ms(whole_ms(leg.duration_ms() as f64 * share))
    } else {
        leg.ends_at()
    };
    schedule(moment, driver, number, at);
}
