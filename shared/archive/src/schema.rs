//! What the documents of each collection look like, as a validator that the server applies.
//!
//! The tables repeat the payload types of `events` in MongoDB's words; the tests below hold the two together.

use mongodb::bson::{Document, doc};

/// One field of a document.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    kind: Kind,
    presence: Presence,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Int,
    Long,
    Double,
    Text,
    Object,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Always,
    Sometimes,
}

const fn always(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, presence: Presence::Always }
}

const fn sometimes(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, presence: Presence::Sometimes }
}

const TRIP: Field = always("trip", Kind::Text);
const DRIVER: Field = always("driver", Kind::Long);
const RIDER: Field = always("rider", Kind::Long);
const AT: Field = always("at", Kind::Long);
const ATTEMPT: Field = always("attempt", Kind::Long);

pub(crate) const DRIVER_LOCATIONS: &[Field] = &[
    DRIVER,
    AT,
    always("lat", Kind::Double),
    always("lon", Kind::Double),
    always("heading", Kind::Int),
    always("speed", Kind::Double),
    sometimes("trip", Kind::Text),
    sometimes("odometer_m", Kind::Long),
];

pub(crate) const DRIVER_SHIFTS: &[Field] =
    &[DRIVER, AT, always("change", Kind::Text), always("position", Kind::Object)];

pub(crate) const DRIVER_COMMANDS: &[Field] = &[
    DRIVER,
    AT,
    TRIP,
    always("command", Kind::Text),
    sometimes("attempt", Kind::Long),
    sometimes("pickup", Kind::Object),
    sometimes("dropoff", Kind::Object),
    sometimes("surge", Kind::Int),
    sometimes("started_at", Kind::Long),
    sometimes("phase", Kind::Text),
    sometimes("reason", Kind::Text),
];

pub(crate) const RIDE_REQUESTS: &[Field] = &[
    TRIP,
    RIDER,
    AT,
    always("wish", Kind::Text),
    sometimes("pickup", Kind::Object),
    sometimes("dropoff", Kind::Object),
    sometimes("reason", Kind::Text),
];

pub(crate) const DRIVER_ACTIONS: &[Field] =
    &[TRIP, DRIVER, ATTEMPT, AT, always("step", Kind::Text), sometimes("odometer_m", Kind::Long)];

pub(crate) const RESERVATION_REPLIES: &[Field] =
    &[TRIP, DRIVER, ATTEMPT, AT, always("reply", Kind::Text), sometimes("reason", Kind::Text)];

pub(crate) const TRIP_EVENTS: &[Field] = &[
    TRIP,
    RIDER,
    AT,
    always("event", Kind::Text),
    sometimes("driver", Kind::Long),
    sometimes("attempt", Kind::Long),
    sometimes("pickup", Kind::Object),
    sometimes("dropoff", Kind::Object),
    sometimes("surge", Kind::Int),
    sometimes("expires_at", Kind::Long),
    sometimes("distance_m", Kind::Long),
    sometimes("duration_s", Kind::Long),
    sometimes("by", Kind::Text),
    sometimes("reason", Kind::Text),
];

pub(crate) const ETA_UPDATES: &[Field] = &[
    TRIP,
    DRIVER,
    AT,
    always("leg", Kind::Text),
    always("eta_s", Kind::Long),
    always("remaining_m", Kind::Long),
];

pub(crate) const FARES: &[Field] = &[
    TRIP,
    AT,
    DRIVER,
    always("distance_m", Kind::Long),
    always("duration_s", Kind::Long),
    always("surge", Kind::Int),
    always("base_minor", Kind::Long),
    always("distance_minor", Kind::Long),
    always("time_minor", Kind::Long),
    always("total", Kind::Object),
    always("event", Kind::Text),
    sometimes("rider", Kind::Long),
    sometimes("tariff", Kind::Object),
];

/// The validator of a collection with these fields beside `_id` and `ts`.
pub(crate) fn validator(fields: &[Field]) -> Document {
    let mut required = vec!["_id", "ts"];
    required.extend(fields.iter().filter(|field| field.presence == Presence::Always).map(|field| field.name));
    let mut properties = doc! { "_id": { "bsonType": "long" }, "ts": { "bsonType": "date" } };
    for field in fields {
        properties.insert(field.name, doc! { "bsonType": field.kind.bson_type() });
    }
    doc! { "$jsonSchema": { "bsonType": "object", "required": required, "properties": properties } }
}

impl Kind {
    fn bson_type(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Long => "long",
            Self::Double => "double",
            Self::Text => "string",
            Self::Object => "object",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Collection, Document as ArchiveDocument};
    use events::Contract;
    use mongodb::bson::spec::ElementType;

    fn document<T: Contract>(json: &str) -> ArchiveDocument {
        let payload: T = serde_json::from_str(json).unwrap();
        ArchiveDocument::of(&payload, 3, 17, 1_700_000_000_000).unwrap()
    }

    fn element_type(kind: Kind) -> ElementType {
        match kind {
            Kind::Int => ElementType::Int32,
            Kind::Long => ElementType::Int64,
            Kind::Double => ElementType::Double,
            Kind::Text => ElementType::String,
            Kind::Object => ElementType::EmbeddedDocument,
        }
    }

    #[test]
    fn the_documents_of_all_examples_have_exactly_the_fields_of_their_schema() {
        let examples = [
            document::<events::driver_locations::LocationReport>(events::driver_locations::EXAMPLE),
            document::<events::driver_shifts::DriverShift>(events::driver_shifts::EXAMPLE),
            document::<events::driver_commands::DriverCommandRecord>(events::driver_commands::EXAMPLE),
            document::<events::ride_requests::RideRequest>(events::ride_requests::EXAMPLE),
            document::<events::driver_actions::DriverAction>(events::driver_actions::EXAMPLE),
            document::<events::reservation_replies::ReservationReplyRecord>(
                events::reservation_replies::EXAMPLE,
            ),
            document::<events::trip_events::TripEvent>(events::trip_events::EXAMPLE),
            document::<events::eta_updates::EtaUpdate>(events::eta_updates::EXAMPLE),
            document::<events::fares::FareEvent>(events::fares::EXAMPLE),
        ];
        assert_eq!(examples.len(), Collection::all().len());
        for example in &examples {
            let fields = example.collection().fields;
            for element in example.bytes().iter().skip(2) {
                let (name, value) = element.unwrap();
                let field = fields.iter().find(|field| field.name == name.as_str());
                let field = field
                    .unwrap_or_else(|| panic!("{}: {name} is not in the schema", example.collection().name));
                assert_eq!(value.element_type(), element_type(field.kind), "{name}");
            }
            for field in fields.iter().filter(|field| field.presence == Presence::Always) {
                assert!(example.bytes().get(field.name).unwrap().is_some(), "{} is missing", field.name);
            }
        }
    }
}
