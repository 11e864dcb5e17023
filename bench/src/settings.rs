//! What servers and clients of a run were told.

use std::collections::BTreeMap;

use backends::Mode;
use serde::{Deserialize, Serialize};

use crate::clients::{self, Compression, LINGER_MS};

/// Settings of a run, as the programs call them; what is not among them is a program's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Partitions of a topic: what contenders share, and what a city on this machine has.
    pub partitions: BTreeMap<String, i32>,
    /// Settings of the broker, options of its JVM, arguments of Redis and MongoDB; none of servers that ran already.
    pub servers: BTreeMap<String, Vec<String>>,
    /// Kafka clients of ours and of the bare loops, by kind.
    pub clients: BTreeMap<String, BTreeMap<String, String>>,
}

impl Settings {
    pub(crate) fn of(mode: Mode) -> Self {
        let partitions = [
            ("contenders", events::topic::DEFAULT_PARTITIONS),
            ("city", events::topic::partitions_for_this_machine()),
        ];
        let servers = backends::told().into_iter().filter(|_| mode != Mode::External);
        let named = |(name, told): (&str, _)| (name.to_owned(), told);
        Self {
            partitions: partitions.into_iter().map(|(whose, count)| (whose.to_owned(), count)).collect(),
            servers: servers.map(|(server, told)| (server.to_owned(), told)).collect(),
            clients: clients_told().into_iter().map(named).collect(),
        }
    }
}

fn clients_told() -> BTreeMap<&'static str, BTreeMap<String, String>> {
    // Where the broker is and how names begin is left out of both.
    let settings = kafka::Settings::new("", "");
    let mut told = kafka::told(&settings, LINGER_MS);
    let bare = [
        ("bare loop that reads", clients::consumer(&settings, "")),
        ("bare loop that writes", clients::producer(&settings, Compression::Lz4)),
    ];
    for (kind, config) in bare {
        let how = config.config_map().into_iter().filter(|(name, _)| !PLACE.contains(name));
        told.insert(kind, how.map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
    }
    told
}

/// Settings that say who a client is and where the broker.
const PLACE: [&str; 3] = ["bootstrap.servers", "client.id", "group.id"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_servers_are_told_if_they_are_ours() {
        let ours = Settings::of(Mode::Native);
        assert_eq!(ours.servers.keys().collect::<Vec<_>>(), ["jvm", "kafka", "mongodb", "redis"]);
        assert!(ours.servers["kafka"].iter().any(|setting| setting.starts_with("num.io.threads=")));
        assert!(Settings::of(Mode::External).servers.is_empty());
        assert_eq!(ours.partitions["contenders"], 12);
        assert_eq!(ours.clients["bare loop that writes"]["acks"], ours.clients["producer"]["acks"]);
    }
}
