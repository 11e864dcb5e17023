//! What drivers learn from trip events: offers, matches and ends.

use domain::trip::{DriverStep, TripFact};
use domain::{DriverId, LatLng, RealMs, TripId};
use events::trip_events::TripEvent;
use rand::RngExt;

use super::driver::{Driver, Presence};
use super::fleet::{Fleet, finish_job};
use super::job::{Answer, Job, Stage};
use super::steps::{act_on, leave_leg, no_news_until, schedule, set_out};
use super::world::{Moment, World};

/// City time a driver thinks about an offer, and the most of it in real time: the offer expires by real time.
const THINKING_MS: (i64, i64) = (1_000, 4_000);
const LONGEST_THOUGHT_REAL_MS: i64 = 2_000;

/// An offer as a driver's app shows it.
struct Offer {
    trip: TripId,
    attempt: u32,
    pickup: LatLng,
    dropoff: LatLng,
    expires_at: RealMs,
}

impl Fleet {
    /// Tells the driver concerned, if it is one of ours.
    pub(crate) fn on_trip_event(&mut self, moment: &mut Moment<'_>, event: &TripEvent) {
        let trip = event.trip;
        match &event.fact {
            TripFact::OfferMade { driver, attempt, pickup, dropoff, expires_at } => {
                let offer = Offer {
                    trip,
                    attempt: *attempt,
                    pickup: *pickup,
                    dropoff: *dropoff,
                    expires_at: *expires_at,
                };
                self.with(*driver, |driver, number| consider(moment, driver, number, &offer));
            }
            TripFact::TripMatched { driver, attempt } => {
                self.with(*driver, |driver, number| matched(moment, driver, number, (trip, *attempt)));
            }
            TripFact::OfferDeclined { driver, attempt } | TripFact::OfferExpired { driver, attempt } => {
                self.with(*driver, |driver, number| {
                    let open = |job: &Job| job.trip == trip && job.attempt == *attempt && !job.matched();
                    if driver.job.as_deref().is_some_and(open) {
                        finish_job(moment, driver, number);
                    }
                });
            }
            TripFact::TripCancelled { driver: Some(driver), .. } | TripFact::TripCompleted { driver, .. } => {
                self.with(*driver, |driver, number| released(moment, driver, number, trip));
            }
            TripFact::TripRequested { .. }
            | TripFact::DriverArrived { .. }
            | TripFact::TripStarted { .. }
            | TripFact::TripCancelled { driver: None, .. }
            | TripFact::TripUnfulfilled { .. } => {}
        }
    }

    fn with(&mut self, id: DriverId, tell: impl FnOnce(&mut Driver, u32)) {
        let Some(number) = id.0.checked_sub(1).and_then(|number| u32::try_from(number).ok()) else { return };
        if self.has(number) {
            self.change(number, |driver| tell(driver, number));
        }
    }
}

fn consider(moment: &mut Moment<'_>, driver: &mut Driver, number: u32, offer: &Offer) {
    let busy = driver.job.as_deref().is_some_and(Job::matched);
    let known = |job: &Job| job.trip == offer.trip && job.attempt == offer.attempt;
    // A repeated or outdated record tells nothing new.
    let outdated = moment.world.clock.real_at(moment.now) > offer.expires_at;
    if driver.presence == Presence::Vanished || outdated || driver.job.as_deref().is_some_and(known) {
        return;
    }
    moment.counters.offers += 1;
    if driver.presence != Presence::OnShift || busy || moment.closed {
        moment.counters.declines_sent += 1;
        return act_on(moment, number, (offer.trip, offer.attempt), DriverStep::Decline);
    }
    let answer = draw_answer(moment.world, driver);
    let at = if answer == Answer::Nothing {
        moment.counters.offers_ignored += 1;
        no_news_until(moment)
    } else {
        let longest_ms = moment.world.city_ms(LONGEST_THOUGHT_REAL_MS);
        moment.now.plus_ms(driver.dice.random_range(THINKING_MS.0..=THINKING_MS.1).min(longest_ms))
    };
    driver.job = Some(Box::new(Job {
        trip: offer.trip,
        attempt: offer.attempt,
        pickup: offer.pickup,
        dropoff: offer.dropoff,
        stage: Stage::Deciding(answer),
    }));
    schedule(moment, driver, number, at);
}

fn draw_answer(world: &World, driver: &mut Driver) -> Answer {
    let faults = &world.settings.faults;
    let drawn = driver.dice.unit();
    if driver.silent || drawn < faults.ignored_offers {
        Answer::Nothing
    } else if drawn < faults.ignored_offers + faults.declined_offers {
        Answer::No
    } else {
        Answer::Yes
    }
}

fn matched(moment: &mut Moment<'_>, driver: &mut Driver, number: u32, trip: (TripId, u32)) {
    if driver.presence == Presence::Vanished {
        return;
    }
    let Some(mut job) = driver.job.take_if(|job| (job.trip, job.attempt) == trip) else {
        // Too late: the driver has long given up hoping. Repeated for an ended trip, this is skipped there.
        return act_on(moment, number, trip, DriverStep::Cancel);
    };
    if !job.matched() {
        let Some(stage) = set_out(moment, driver, number, &job) else {
            return finish_job(moment, driver, number);
        };
        job.stage = stage;
    }
    driver.job = Some(job);
}

fn released(moment: &mut Moment<'_>, driver: &mut Driver, number: u32, trip: TripId) {
    let Some(job) = driver.job.take_if(|job| job.trip == trip) else { return };
    match job.leg() {
        // A vanished driver has left the leg already.
        Some(leg) if driver.presence != Presence::Vanished => leave_leg(driver, moment, leg),
        Some(_) => {}
        // Has stood still at the pickup.
        None if job.matched() => driver.stand_still(moment.now),
        None => {}
    }
    finish_job(moment, driver, number);
}
