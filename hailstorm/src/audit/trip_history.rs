//! One trip, told by its events: which step may follow which.
//!
//! Written from the words of the contract, not from the code of the trips' authority: requested, offered, matched,
//! arrived, started, then one of three ends; a declined or expired offer goes back to requested and is not repeated.

use domain::tariff::SurgeMultiplier;
use domain::trip::{CancelledBy, TripFact};
use domain::{CityMs, DriverId, RiderId};
use events::trip_events::TripEvent;

use super::trip_fact::{Stage, driver_of, end_of, name};

/// Both ends of a ride are given in ms and its duration in whole seconds.
const DURATION_TOLERANCE_S: i64 = 1;

/// A ride that came to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Completion {
    pub(super) driver: DriverId,
    pub(super) distance_m: u32,
    pub(super) duration_s: u32,
    pub(super) surge: SurgeMultiplier,
}

/// One trip as far as its events tell.
#[derive(Clone, Debug)]
pub(super) struct TripHistory {
    pub(super) rider: RiderId,
    pub(super) stage: Stage,
    /// Who is asked, comes, waits, drives or drove.
    pub(super) driver: Option<DriverId>,
    pub(super) completion: Option<Completion>,
    attempt: u32,
    refused_by: Vec<DriverId>,
    surge: Option<SurgeMultiplier>,
    started_at: Option<CityMs>,
}

/// What is wrong with a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It does not fit.
    Illegal(String),
    /// The trip ends again.
    EndedTwice(Stage),
}

impl TripHistory {
    /// A trip whose first event this is. If the event is no request, the trip is taken to be where the event leaves it.
    pub(super) fn begin(event: &TripEvent) -> Self {
        let mut trip = Self {
            rider: event.rider,
            stage: Stage::Requested,
            driver: None,
            completion: None,
            attempt: 0,
            refused_by: Vec::new(),
            surge: None,
            started_at: None,
        };
        trip.follow(event);
        trip
    }

    /// Goes one step, and says what was wrong with it. Goes there in any case, so that one wrong step is told once.
    pub(super) fn step(&mut self, event: &TripEvent) -> Option<Wrong> {
        let wrong = self.check(event).err();
        self.follow(event);
        wrong
    }

    /// The driver that the trip's row in the table has to name: none while it waits, nor after an early end.
    pub(super) fn holding(&self) -> Option<DriverId> {
        match self.stage {
            Stage::Requested | Stage::Cancelled | Stage::Unfulfilled => None,
            Stage::Offered | Stage::Matched | Stage::Arrived | Stage::Started | Stage::Completed => {
                self.driver
            }
        }
    }

    fn check(&self, event: &TripEvent) -> Result<(), Wrong> {
        let illegal = |text: String| Err(Wrong::Illegal(text));
        if self.stage.is_end() {
            return match end_of(&event.fact) {
                Some(end) => Err(Wrong::EndedTwice(end)),
                None => illegal(format!("{} after the end", name(&event.fact))),
            };
        }
        if event.rider != self.rider {
            return illegal(format!(
                "{} with rider {}, it is of rider {}",
                name(&event.fact),
                event.rider,
                self.rider
            ));
        }
        if !self.stages_before(&event.fact).contains(&self.stage) {
            return illegal(format!("{} while {:?}", name(&event.fact), self.stage));
        }
        self.check_driver(&event.fact).and_then(|()| self.check_numbers(event)).map_err(Wrong::Illegal)
    }

    /// The stages in which something may happen.
    fn stages_before(&self, fact: &TripFact) -> &'static [Stage] {
        match fact {
            TripFact::TripRequested { .. } => &[],
            TripFact::OfferMade { .. } | TripFact::TripUnfulfilled { .. } => &[Stage::Requested],
            TripFact::OfferDeclined { .. } | TripFact::OfferExpired { .. } | TripFact::TripMatched { .. } => {
                &[Stage::Offered]
            }
            TripFact::DriverArrived { .. } => &[Stage::Matched],
            TripFact::TripStarted { .. } => &[Stage::Arrived],
            TripFact::TripCompleted { .. } => &[Stage::Started],
            TripFact::TripCancelled { by: CancelledBy::Rider, .. } => {
                &[Stage::Requested, Stage::Offered, Stage::Matched, Stage::Arrived]
            }
            TripFact::TripCancelled { by: CancelledBy::Driver, .. } => &[Stage::Matched, Stage::Arrived],
            TripFact::TripCancelled { by: CancelledBy::System, .. } => {
                &[Stage::Matched, Stage::Arrived, Stage::Started]
            }
        }
    }

    fn check_driver(&self, fact: &TripFact) -> Result<(), String> {
        let named = driver_of(fact);
        if let TripFact::OfferMade { driver, .. } = fact {
            let again = self.refused_by.contains(driver);
            return if again { Err(format!("driver {driver} is asked again")) } else { Ok(()) };
        }
        let held = if self.stage == Stage::Requested { None } else { self.driver };
        let names_nobody = matches!(fact, TripFact::TripUnfulfilled { .. });
        if names_nobody || named == held {
            return Ok(());
        }
        let text = |driver: Option<DriverId>| driver.map_or("nobody".to_owned(), |driver| driver.to_string());
        Err(format!("{} by driver {}, it has {}", name(fact), text(named), text(held)))
    }

    fn check_numbers(&self, event: &TripEvent) -> Result<(), String> {
        match &event.fact {
            TripFact::OfferMade { attempt, .. } if *attempt <= self.attempt => {
                Err(format!("an offer in attempt {attempt} after one in {}", self.attempt))
            }
            TripFact::OfferDeclined { attempt, .. }
            | TripFact::OfferExpired { attempt, .. }
            | TripFact::TripMatched { attempt, .. }
                if *attempt != self.attempt =>
            {
                Err(format!("{} in attempt {attempt}, the offer was in {}", name(&event.fact), self.attempt))
            }
            TripFact::TripCompleted { surge, .. } if self.surge.is_some_and(|locked| locked != *surge) => {
                Err(format!("completed with surge {}, another was locked", surge.hundredths()))
            }
            TripFact::TripCompleted { duration_s, .. } => {
                let Some(started_at) = self.started_at else { return Ok(()) };
                let expected_s = event.at.since(started_at) / 1000;
                if (expected_s - i64::from(*duration_s)).abs() <= DURATION_TOLERANCE_S {
                    return Ok(());
                }
                Err(format!("completed with a duration of {duration_s} s, it started {expected_s} s before"))
            }
            _ => Ok(()),
        }
    }

    /// Takes over what an event says, whether it may or not.
    fn follow(&mut self, event: &TripEvent) {
        if let Some(driver) = driver_of(&event.fact) {
            self.driver = Some(driver);
        }
        match &event.fact {
            TripFact::TripRequested { surge, .. } => {
                self.stage = Stage::Requested;
                self.surge = Some(*surge);
            }
            TripFact::OfferMade { attempt, .. } => {
                self.stage = Stage::Offered;
                self.attempt = *attempt;
            }
            TripFact::OfferDeclined { driver, .. } | TripFact::OfferExpired { driver, .. } => {
                self.stage = Stage::Requested;
                self.driver = None;
                self.refused_by.push(*driver);
            }
            TripFact::TripMatched { attempt, .. } => {
                self.stage = Stage::Matched;
                self.attempt = *attempt;
            }
            TripFact::DriverArrived { .. } => self.stage = Stage::Arrived,
            TripFact::TripStarted { .. } => {
                self.stage = Stage::Started;
                self.started_at = Some(event.at);
            }
            TripFact::TripCompleted { driver, distance_m, duration_s, surge } => {
                self.stage = Stage::Completed;
                let (driver, distance_m, duration_s, surge) = (*driver, *distance_m, *duration_s, *surge);
                self.completion.get_or_insert(Completion { driver, distance_m, duration_s, surge });
            }
            TripFact::TripCancelled { .. } => self.stage = Stage::Cancelled,
            TripFact::TripUnfulfilled { .. } => self.stage = Stage::Unfulfilled,
        }
    }
}
