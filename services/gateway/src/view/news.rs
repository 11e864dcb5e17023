//! What comes from Kafka, decoded: for the view, and for those who listen to one trip or one driver.

use domain::driver::Driver;
use domain::trip::Trip;
use domain::{DriverId, TripId, Zone};
use events::driver_locations::LocationReport;
use events::eta_updates::EtaUpdate;
use events::fares::{FareEvent, FareKind};
use events::trip_events::TripEvent;
use events::zones::ZoneState;

use super::MemberFigures;

/// One thing that the view is told.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// A driver reported.
    Report {
        /// Who, where, when.
        report: LocationReport,
        /// When the record was written, real time in ms.
        timestamp_ms: i64,
    },
    /// Something happened to a trip.
    Fact {
        /// What.
        event: Box<TripEvent>,
        /// Partition of `trip-events`.
        partition: i32,
        /// Offset there.
        offset: i64,
        /// When the record was written, real time in ms.
        timestamp_ms: i64,
    },
    /// A new estimate.
    Eta(Box<EtaUpdate>),
    /// The meter or the fare of a trip.
    Fare(Box<FareEvent>),
    /// Figures of one process.
    Figures(Box<MemberFigures>),
    /// A driver's state in the table; nothing if the driver left it.
    Driver(DriverId, Option<Box<Driver>>),
    /// A trip's state in the table; nothing if the trip left it.
    Trip(TripId, Option<Box<Trip>>),
    /// A zone's figures in the table; nothing if the zone left it.
    Zone(Zone, Option<Box<ZoneState>>),
    /// All tables were read to the end they had at the start.
    TablesAreRead,
}

/// What news can be about: one trip, one driver.
pub trait About: Send + Sync + 'static {
    /// Names what it is about.
    type Key: Copy + Ord + Send + std::fmt::Debug + 'static;
}

/// News of one trip.
#[derive(Clone, Debug, PartialEq)]
pub enum TripNews {
    /// Something happened to it.
    Fact {
        /// What.
        event: TripEvent,
        /// Partition of `trip-events`.
        partition: i32,
        /// Offset there.
        offset: i64,
        /// When the record was written, real time in ms.
        timestamp_ms: i64,
    },
    /// A new estimate.
    Eta(EtaUpdate),
    /// The meter, or the fare.
    Fare(FareEvent),
}

/// News of one driver.
#[derive(Clone, Debug, PartialEq)]
pub enum DriverNews {
    /// Something happened to a trip, and the fact names this driver.
    Fact {
        /// What.
        event: TripEvent,
        /// Partition of `trip-events`.
        partition: i32,
        /// Offset there.
        offset: i64,
        /// When the record was written, real time in ms.
        timestamp_ms: i64,
    },
    /// The driver's state changed.
    Snapshot(Driver),
    /// The fare of a trip of this driver.
    Fare(FareEvent),
}

impl About for TripNews {
    type Key = TripId;
}

impl About for DriverNews {
    type Key = DriverId;
}

impl News {
    /// Which trip it is news of, and how it is told.
    pub(super) fn for_trip(&self) -> Option<(TripId, impl FnOnce() -> TripNews)> {
        let trip = match self {
            Self::Fact { event, .. } => event.trip,
            Self::Eta(update) => update.trip,
            Self::Fare(fare) => fare.trip,
            Self::Report { .. }
            | Self::Figures(_)
            | Self::Driver(..)
            | Self::Trip(..)
            | Self::Zone(..)
            | Self::TablesAreRead => return None,
        };
        Some((trip, move || match self {
            Self::Fact { event, partition, offset, timestamp_ms } => TripNews::Fact {
                event: event.as_ref().clone(),
                partition: *partition,
                offset: *offset,
                timestamp_ms: *timestamp_ms,
            },
            Self::Eta(update) => TripNews::Eta(update.as_ref().clone()),
            Self::Fare(fare) => TripNews::Fare(fare.as_ref().clone()),
            _ => unreachable!("other news has no trip"),
        }))
    }

    /// Which driver it is news of, and how it is told.
    pub(super) fn for_driver(&self) -> Option<(DriverId, impl FnOnce() -> DriverNews)> {
        let driver = match self {
            Self::Fact { event, .. } => event.fact.driver()?,
            Self::Fare(fare) if matches!(fare.kind, FareKind::FareCalculated { .. }) => fare.driver,
            Self::Driver(id, Some(_)) => *id,
            Self::Fare(_)
            | Self::Driver(_, None)
            | Self::Report { .. }
            | Self::Eta(_)
            | Self::Figures(_)
            | Self::Trip(..)
            | Self::Zone(..)
            | Self::TablesAreRead => return None,
        };
        Some((driver, move || match self {
            Self::Fact { event, partition, offset, timestamp_ms } => DriverNews::Fact {
                event: event.as_ref().clone(),
                partition: *partition,
                offset: *offset,
                timestamp_ms: *timestamp_ms,
            },
            Self::Fare(fare) => DriverNews::Fare(fare.as_ref().clone()),
            Self::Driver(_, Some(driver)) => DriverNews::Snapshot(driver.as_ref().clone()),
            _ => unreachable!("other news has no driver"),
        }))
    }
}
