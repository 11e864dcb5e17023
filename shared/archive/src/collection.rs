//! The collections: one for each archived topic, with its validator and its indexes.

use events::Topic;
use mongodb::bson::{Document, doc};

use crate::schema::{self, Field};

/// A collection: the documents of one topic.
#[derive(Debug)]
pub struct Collection {
    /// The name: that of the topic, in snake case.
    pub name: &'static str,
    /// The topic whose records it keeps.
    pub topic: &'static Topic,
    pub(crate) validation: Validation,
    pub(crate) fields: &'static [Field],
    pub(crate) indexes: &'static [Index],
}

/// What the server does about a document that does not fit the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validation {
    /// Nothing, it does not look: that is a tenth of what storing a report costs it, and every report was decoded by its
    /// type and encoded by one function.
    Off,
    /// Refuses it.
    Refuse,
}

/// A secondary index. Each costs every insert as much again, so each names the query that needs it.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) name: &'static str,
    keys: &'static [&'static str],
    /// Only documents with this value in this field are in it; a query has to name both.
    only: Option<(&'static str, &'static str)>,
}

/// What a fact says that begins a trip: field and value.
pub(crate) const REQUESTED: (&str, &str) = ("event", "trip_requested");

/// For `Archive::trip_story`.
pub(crate) const BY_TRIP: Index = Index { name: "trip", keys: &["trip"], only: None };

/// For `Archive::driver_story`; equal moments are told apart by `_id`.
pub(crate) const BY_DRIVER: Index = Index { name: "driver_at", keys: &["driver", "at", "_id"], only: None };

/// For `Archive::rider_rides`. Facts, not requests: a request may be repeated, the fact is there once. Only one fact
/// of a trip is in it, so the others cost nothing.
const RIDER_RIDES: Index =
    Index { name: "rider_rides", keys: &["rider", "at", "_id"], only: Some(REQUESTED) };

const DRIVER_LOCATIONS: Collection = Collection {
    validation: Validation::Off,
    ..plain("driver_locations", &events::driver_locations::TOPIC, schema::DRIVER_LOCATIONS)
};

static ALL: [Collection; 9] = [
    DRIVER_LOCATIONS,
    plain("driver_shifts", &events::driver_shifts::TOPIC, schema::DRIVER_SHIFTS).found_by(&[BY_DRIVER]),
    plain("driver_commands", &events::driver_commands::TOPIC, schema::DRIVER_COMMANDS).found_by(&[BY_DRIVER]),
    plain("ride_requests", &events::ride_requests::TOPIC, schema::RIDE_REQUESTS).found_by(&[BY_TRIP]),
    plain("driver_actions", &events::driver_actions::TOPIC, schema::DRIVER_ACTIONS)
        .found_by(&[BY_TRIP, BY_DRIVER]),
    plain("reservation_replies", &events::reservation_replies::TOPIC, schema::RESERVATION_REPLIES)
        .found_by(&[BY_TRIP]),
    plain("trip_events", &events::trip_events::TOPIC, schema::TRIP_EVENTS).found_by(&[BY_TRIP, RIDER_RIDES]),
    plain("eta_updates", &events::eta_updates::TOPIC, schema::ETA_UPDATES),
    plain("fares", &events::fares::TOPIC, schema::FARES).found_by(&[BY_TRIP]),
];

const fn plain(name: &'static str, topic: &'static Topic, fields: &'static [Field]) -> Collection {
    Collection { name, topic, validation: Validation::Refuse, fields, indexes: &[] }
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

    const fn found_by(self, indexes: &'static [Index]) -> Self {
        Self { indexes, ..self }
    }

    /// Whether documents lie in the tree of their ids, instead of in one of their own with an index on `_id` beside it:
    /// one tree to write instead of two (ADR 14). Not where anything else is asked for: a server that is to sort by `_id`
    /// may then read such a collection from end to end although it has the right index.
    pub(crate) fn is_clustered(&self) -> bool {
        self.indexes.is_empty()
    }

    pub(crate) fn has_index(&self, index: &Index) -> bool {
        self.indexes.iter().any(|own| own.name == index.name)
    }
}

impl Index {
    /// As `createIndexes` wants it.
    pub(crate) fn specification(&self) -> Document {
        let keys: Document = self.keys.iter().map(|key| ((*key).to_owned(), 1.into())).collect();
        let mut specification = doc! { "key": keys, "name": self.name };
        if let Some((field, value)) = self.only {
            specification.insert("partialFilterExpression", doc! { field: value });
        }
        specification
    }
}

impl Validation {
    /// The validator of documents with these fields; an empty one takes away what an older version has put there.
    pub(crate) fn validator(self, fields: &[Field]) -> Document {
        match self {
            Self::Off => Document::new(),
            Self::Refuse => schema::validator(fields),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::Cleanup;

    #[test]
    fn every_topic_that_forgets_is_archived_but_intermediate_sums_figures_and_logs() {
        for topic in events::ALL {
            let expected = matches!(topic.cleanup, Cleanup::Delete(_))
                && !["zone-observations", "service-figures", "service-logs"].contains(&topic.name);
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
