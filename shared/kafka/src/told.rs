//! What clients of this crate are told, name by name, for whoever measures another client beside them, or writes down
//! under what conditions; nothing here makes one.

use std::collections::BTreeMap;

use rdkafka::ClientConfig;

use crate::{Reading, Settings, config};

/// Names and values, as the client's library calls them.
pub type Told = BTreeMap<String, String>;

/// What `KafkaSource` tells a member of a group, named without the namespace.
#[must_use]
pub fn member(settings: &Settings, group: &str, member: &str, reading: Reading) -> Told {
    told(&config::member(settings, group, member, reading))
}

/// What `Outbox::on_schedule` tells its producer.
#[must_use]
pub fn scheduled(settings: &Settings, client_id: &str, linger_ms: u32) -> Told {
    told(&config::scheduled(settings, client_id, linger_ms))
}

/// What `ExactlyOnce` tells the producer of a member.
#[must_use]
pub fn transactional(settings: &Settings, member: &str) -> Told {
    told(&config::transactional(settings, member, &settings.full_name(member)))
}

/// What every client is told.
#[must_use]
pub fn any(settings: &Settings, client_id: &str) -> Told {
    told(&config::base(settings, client_id))
}

fn told(config: &ClientConfig) -> Told {
    config.config_map().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
