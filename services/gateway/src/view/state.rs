//! Everything the view holds, behind its one lock.

use super::changes::Changes;
use super::drivers::DriverTable;
use super::members::Members;
use super::news::News;
use super::totals::Totals;
use super::trips::TripTable;
use super::zones::ZoneTable;

/// What is known.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) drivers: DriverTable,
    pub(super) trips: TripTable,
    pub(super) zones: ZoneTable,
    pub(super) members: Members,
    pub(super) totals: Totals,
    pub(super) tables_are_read: bool,
}

impl State {
    pub(super) fn apply(&mut self, news: &News) {
        match news {
            News::Report { report, timestamp_ms } => {
                self.totals.reports += 1;
                self.drivers.report(report, *timestamp_ms);
            }
            News::Fact { event, .. } => self.totals.fact(&event.fact),
            News::Eta(update) => self.trips.estimate(update),
            News::Fare(event) => {
                self.totals.fare(event);
                self.trips.charge(event);
            }
            News::Figures(figures) => self.members.hear(figures),
            News::Driver(id, driver) => self.drivers.put(*id, driver.as_deref()),
            News::Trip(id, trip) => self.trips.put(*id, trip.as_deref()),
            News::Zone(zone, state) => self.zones.put(*zone, state.as_deref()),
            News::TablesAreRead => self.tables_are_read = true,
        }
    }

    pub(super) fn take_changes(&mut self) -> Changes {
        Changes {
            drivers: self.drivers.take_changes(),
            trips: self.trips.take_changes(),
            zones: self.zones.take_changes(),
        }
    }
}
