//! The whole city: hands out what is due and passes on what the apps learn.

use std::sync::Arc;

use domain::{CityClock, CityMs, RiderId, TripId};
use events::trip_events::TripEvent;
use roads::{Districts, RoadNetwork};

use super::agenda::{Agenda, Wake};
use super::census::Census;
use super::counters::Counters;
use super::demand::Arrivals;
use super::fleet::Fleet;
use super::guests::{Guests, Named, Whose};
use super::output::Output;
use super::riders::Riders;
use super::settings::Settings;
use super::siblings::Siblings;
use super::world::{Moment, World};

/// A simulated city of drivers and riders, or a share of them.
pub struct City {
    world: World,
    fleet: Fleet,
    riders: Riders,
    guests: Guests,
    siblings: Siblings,
    arrivals: Arrivals,
    agenda: Agenda,
    counters: Counters,
    now: CityMs,
    closing: bool,
    /// When the last free driver goes home; there once the time left to trips under way is over.
    home_by: Option<CityMs>,
}

impl City {
    /// A city at a moment, with all drivers still at home.
    #[must_use]
    pub fn new(
        seed: u64,
        mut settings: Settings,
        network: Arc<RoadNetwork>,
        districts: Arc<Districts>,
        clock: CityClock,
        now: CityMs,
    ) -> Self {
        // Recorded trips may be many: they are moved.
        let demand = std::mem::take(&mut settings.demand);
        let world = World { seed, settings, network, districts, clock };
        let mut agenda = Agenda::default();
        let fleet = Fleet::new(&world, now, &mut agenda);
        let arrivals = Arrivals::new(&world, demand, now, &mut agenda);
        Self {
            world,
            fleet,
            riders: Riders::default(),
            guests: Guests::default(),
            siblings: Siblings::default(),
            arrivals,
            agenda,
            counters: Counters::default(),
            now,
            closing: false,
            home_by: None,
        }
    }

    /// Does all that is due until and at `now`, in order, and appends what the apps send.
    pub fn step(&mut self, now: CityMs, out: &mut Vec<Output>) {
        self.now = self.now.max(now);
        if self.closing && self.home_by.is_none() && self.awaited() == 0 {
            // Nobody needs the rest of the grace.
            self.agenda.write(now, Wake::ClosingTime);
        }
        while let Some((at, wake)) = self.agenda.take_due(now) {
            let closed = self.home_by.is_some() || wake == Wake::ClosingTime;
            let Self {
                world,
                fleet,
                riders,
                guests,
                siblings,
                arrivals,
                agenda,
                counters,
                closing,
                home_by,
                ..
            } = self;
            let moment =
                &mut Moment { world, now: at, closing: *closing, closed, agenda, counters, out: &mut *out };
            match wake {
                Wake::ShiftStart { driver } => fleet.start_shift(moment, driver),
                Wake::ShiftEnd { driver, shift } => fleet.end_shift(moment, driver, shift),
                Wake::Report { driver, shift } => fleet.report(moment, driver, shift),
                Wake::Step { driver, step } => fleet.step(moment, driver, step),
                Wake::Request => arrivals.request(moment, riders, siblings),
                Wake::Patience { rider } => riders.lose_patience(moment, rider),
                Wake::ChangeOfMind { rider } => riders.change_mind(moment, rider),
                // It comes twice if nobody needs the rest of the grace.
                Wake::ClosingTime if home_by.is_some() => {}
                Wake::ClosingTime => {
                    riders.close(moment);
                    guests.close(moment);
                    *home_by = Some(fleet.close(moment));
                }
            }
        }
    }

    /// Passes an event of a trip on to the rider's and the driver's app, after all that was due before it.
    /// Events of other cities' trips and repeated ones do no harm.
    pub fn on_trip_event(&mut self, event: &TripEvent, now: CityMs, out: &mut Vec<Output>) {
        self.step(now, out);
        let closed = self.home_by.is_some();
        let Self { world, fleet, riders, guests, siblings, agenda, counters, closing, .. } = self;
        let rider = if riders.has(event.trip, event.rider) {
            Whose::Ours
        } else if world.settings.share.is_first() && !siblings.know(event.trip) {
            Whose::Guest
        } else {
            Whose::Sibling
        };
        if rider == Whose::Sibling {
            siblings.on_trip_event(event);
        }
        let named = Named { rider, last_driver: fleet.last_id() };
        let moment = &mut Moment { world, now, closing: *closing, closed, agenda, counters, out };
        riders.on_trip_event(moment, event);
        guests.on_trip_event(moment, event, named);
        fleet.on_trip_event(moment, event);
    }

    /// A ride that was asked for will never be: nobody took the request.
    pub fn on_refusal(&mut self, trip: TripId, rider: RiderId) {
        if self.riders.refuse(trip, rider) {
            self.counters.refused += 1;
        }
    }

    /// No new requests and shifts from now on. After the grace of the settings riders who still wait cancel, riders
    /// on board are let out where they are, and drivers go off shift: free ones one after the other, others as soon as
    /// they are free.
    pub fn close(&mut self, now: CityMs) {
        if !self.closing {
            self.closing = true;
            let grace_real_ms =
                if self.awaited() == 0 { 0 } else { self.world.settings.closing_grace_real_ms };
            self.agenda.write(now.plus_ms(self.world.city_ms(grace_real_ms)), Wake::ClosingTime);
        }
    }

    /// Whether the city was closed, every request has come to an end, whoever plays its rider, and drivers are at home.
    #[must_use]
    pub fn finished(&self) -> bool {
        self.home_by.is_some_and(|home_by| self.now >= home_by) && self.awaited() == 0
    }

    /// How many requests have not come to an end: those of our riders, of guests and of other shares' riders, whom our
    /// drivers may be driving.
    #[must_use]
    pub fn awaited(&self) -> usize {
        self.open_trips() + self.guests() + self.siblings.open(self.now)
    }

    /// When something is due next.
    #[must_use]
    pub fn next_due(&self) -> Option<CityMs> {
        self.agenda.next_at()
    }

    /// How many requests of our riders have not come to an end.
    #[must_use]
    pub fn open_trips(&self) -> usize {
        self.riders.open()
    }

    /// How many requests of guests have not come to an end; the first share counts them for all.
    #[must_use]
    pub fn guests(&self) -> usize {
        self.guests.open()
    }

    /// The trips that have not come to an end, in order of request.
    pub fn open_trip_ids(&self) -> impl Iterator<Item = TripId> + '_ {
        self.riders.open_trips()
    }

    /// Recorded trips still to be requested; `None` if riders come by chance and for ever.
    #[must_use]
    pub fn requests_left(&self) -> Option<usize> {
        self.arrivals.left()
    }

    /// What happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Drivers by state.
    #[must_use]
    pub fn census(&self) -> Census {
        self.fleet.census()
    }
}
