//! The collections: one for each archived topic, with its durability, its validator and its indexes.

use events::Topic;
use mongodb::bson::Document;

use crate::schema::{self, Field};

/// A collection: the documents of one topic.
#[derive(Debug)]
pub struct Collection {
    /// The name: that of the topic, in snake case.
    pub name: &'static str,
    /// The topic whose records it keeps.
    pub topic: &'static Topic,
    pub(crate) durability: Durability,
    pub(crate) validation: Validation,
    pub(crate) fields: &'static [Field],
    pub(crate) indexes: &'static [Index],
}

/// When an insert counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The primary has it in memory: for what comes again every few seconds.
    Fast,
    /// A majority has it in its journal: for trips and money.
    Journaled,
}

/// What the server does about a document that does not fit the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validation {
    /// Takes it and writes a warning to its log.
    Warn,
    /// Refuses it.
    Refuse,
}

/// A secondary index. Each costs every insert as much again, so each names the query that needs it.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) name: &'static str,
    pub(crate) keys: &'static [&'static str],
}

/// For `Archive::trip_story`.
const BY_TRIP: Index = Index { name: "trip", keys: &["trip"] };

/// For `Archive::rider_history`.
const BY_RIDER: Index = Index { name: "rider_at", keys: &["rider", "at"] };

const DRIVER_LOCATIONS: Collection = Collection {
    durability: Durability::Fast,
    validation: Validation::Warn,
    ..plain("driver_locations", &events::driver_locations::TOPIC, schema::DRIVER_LOCATIONS)
};

const RIDE_REQUESTS: Collection = Collection {
    indexes: &[BY_TRIP, BY_RIDER],
    ..plain("ride_requests", &events::ride_requests::TOPIC, schema::RIDE_REQUESTS)
};

static ALL: [Collection; 9] = [
    DRIVER_LOCATIONS,
    plain("driver_shifts", &events::driver_shifts::TOPIC, schema::DRIVER_SHIFTS),
    plain("driver_commands", &events::driver_commands::TOPIC, schema::DRIVER_COMMANDS),
    RIDE_REQUESTS,
    by_trip("driver_actions", &events::driver_actions::TOPIC, schema::DRIVER_ACTIONS),
    plain("reservation_replies", &events::reservation_replies::TOPIC, schema::RESERVATION_REPLIES),
    by_trip("trip_events", &events::trip_events::TOPIC, schema::TRIP_EVENTS),
    plain("eta_updates", &events::eta_updates::TOPIC, schema::ETA_UPDATES),
    by_trip("fares", &events::fares::TOPIC, schema::FARES),
];

const fn plain(name: &'static str, topic: &'static Topic, fields: &'static [Field]) -> Collection {
    Collection {
        name,
        topic,
        durability: Durability::Journaled,
        validation: Validation::Refuse,
        fields,
        indexes: &[],
    }
}

const fn by_trip(name: &'static str, topic: &'static Topic, fields: &'static [Field]) -> Collection {
    Collection { indexes: &[BY_TRIP], ..plain(name, topic, fields) }
}

impl Collection {
    /// Every collection.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The collection of a topic (its name without namespace), if that topic is archived.
    #[must_use]
    pub fn of_topic(topic: &str) -> Option<&'static Self> {
        ALL.iter().find(|collection| collection.topic.name == topic)
    }
}

impl Index {
    pub(crate) fn key_document(&self) -> Document {
        self.keys.iter().map(|key| ((*key).to_owned(), 1.into())).collect()
    }
}

impl Validation {
    /// The name of the `validationAction`.
    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Refuse => "error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::Cleanup;

    #[test]
    fn every_topic_that_forgets_is_archived_but_the_intermediate_one() {
        for topic in events::ALL {
            let expected = matches!(topic.cleanup, Cleanup::Delete(_)) && topic.name != "zone-observations";
            assert_eq!(Collection::of_topic(topic.name).is_some(), expected, "{}", topic.name);
        }
    }

    #[test]
    fn a_collection_is_named_like_its_topic() {
        for collection in Collection::all() {
            assert_eq!(collection.name, collection.topic.name.replace('-', "_"));
        }
    }

    #[test]
    fn the_hot_collection_has_no_secondary_index() {
        assert!(Collection::of_topic("driver-locations").unwrap().indexes.is_empty());
    }
}
