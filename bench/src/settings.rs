//! What servers and clients of a run were told.

use std::collections::BTreeMap;

use backends::Mode;
use kafka::{Reading, told};
use serde::{Deserialize, Serialize};

use crate::clients::LINGER_MS;

/// Settings of a run, as the programs call them; what is not among them is a program's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Partitions of a topic: what contenders share, and what a city on this machine has.
    pub partitions: BTreeMap<String, i32>,
    /// Settings of the broker, options of its JVM, arguments of Redis and MongoDB; none of servers that ran already.
    pub servers: BTreeMap<String, Vec<String>>,
    /// Kafka clients, ours and those of bare loops alike, by kind.
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

/// Bare loops are told the same ([`crate::clients`]).
fn clients_told() -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let settings = kafka::Settings::new("", "");
    let mut told = BTreeMap::from([
        ("member of a group that reads in bulk", told::member(&settings, "", "", Reading::Bulk)),
        ("producer of reports", told::scheduled(&settings, "", LINGER_MS)),
        ("producer of transactions", told::transactional(&settings, "")),
    ]);
    told.values_mut().for_each(|told| told.retain(|name, _| !PLACE.contains(&name.as_str())));
    told
}

/// Settings that say who a client is and where the broker.
const PLACE: [&str; 4] = ["bootstrap.servers", "client.id", "group.id", "transactional.id"];

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
        assert_eq!(ours.clients["producer of reports"]["linger.ms"], "5");
        assert_eq!(ours.clients["producer of transactions"]["linger.ms"], "0");
        let all = ours.clients.values().flat_map(BTreeMap::keys);
        assert!(all.into_iter().all(|name| !PLACE.contains(&name.as_str())));
    }
}
