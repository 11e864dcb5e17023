//! The services of a run: their groups and what they read.

use events::Topic;

/// One service and the consumer group it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceSpec {
    /// Name of service and group.
    pub(crate) name: &'static str,
    /// The topics its members share.
    pub(crate) topics: &'static [&'static Topic],
}

/// The processes of a run that no group's records are counted by.
const OTHERS: [&str; 3] = ["gateway", "loadgen", "replay"];

/// The names of all that `hailstorm service` runs.
pub(crate) fn processes() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|service| service.name).chain(OTHERS)
}

/// All services, in the order they are started and shown.
pub(crate) const SERVICES: [ServiceSpec; 8] = [
    ServiceSpec { name: "trips", topics: &trips::TOPICS },
    ServiceSpec { name: "drivers", topics: &drivers::TOPICS },
    ServiceSpec { name: "matching", topics: &matching::TOPICS },
    ServiceSpec { name: "live-location", topics: &live_location::TOPICS },
    ServiceSpec { name: "eta", topics: &eta::TOPICS },
    ServiceSpec { name: "fare", topics: &fare::TOPICS },
    ServiceSpec { name: "zones", topics: &zones::TOPICS },
    ServiceSpec { name: "archiver", topics: archiver::TOPICS },
];
