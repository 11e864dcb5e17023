//! What our clients are told, for whoever writes down under what conditions something was measured.

use std::collections::BTreeMap;

use rdkafka::ClientConfig;

use crate::config::{member, producer, scan, scheduled, transactional};
use crate::{Reading, Settings};

/// Settings that say who a client is and where the broker, not how it works.
const PLACE: [&str; 4] = ["bootstrap.servers", "client.id", "group.id", "transactional.id"];

/// The settings of each kind of client but for names and addresses, as librdkafka calls them; what is not among them is
/// its default. Producers collect for `linger_ms`, but for that of transactions.
#[must_use]
pub fn told(settings: &Settings, linger_ms: u32) -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let id = "told";
    let kinds = [
        ("member of a group that reads in bulk", member(settings, id, id, Reading::Bulk)),
        ("reader of tables", scan(settings, id)),
        ("producer", producer(settings, id, linger_ms)),
        ("producer on schedule", scheduled(settings, id, linger_ms)),
        ("producer of transactions", transactional(settings, id, id)),
    ];
    kinds.into_iter().map(|(kind, config)| (kind, how(&config))).collect()
}

fn how(config: &ClientConfig) -> BTreeMap<String, String> {
    let all = config.config_map().into_iter().filter(|(name, _)| !PLACE.contains(name));
    all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_how_to_work_and_nothing_of_the_run() {
        let told = told(&Settings::new("127.0.0.1:1", "some-run"), 20);
        assert_eq!(told["producer"]["linger.ms"], "20");
        assert_eq!(told["producer of transactions"]["linger.ms"], "0");
        assert_eq!(told["member of a group that reads in bulk"]["isolation.level"], "read_committed");
        let text = format!("{told:?}");
        assert!(!text.contains("some-run") && !text.contains("127.0.0.1"), "{text}");
    }
}
