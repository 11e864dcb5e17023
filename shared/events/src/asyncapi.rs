//! The topics as an `AsyncAPI` 3.0 document: for people who look things up and tools that make clients.
//!
//! Payload schemas come from the payload types, retention and partitioning from the topics; who writes and who reads
//! stands in `channels`.

mod channels;
mod operations;

use std::collections::BTreeSet;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::topic::{DEAD_LETTER_RETENTION, DEFAULT_PARTITIONS};
use crate::{Cleanup, Family};
use channels::{CHANNELS, Channel};

/// The version of the Kafka bindings that the document follows.
const BINDINGS: &str = "0.5.0";

/// What the document calls the channel of all dead-letter topics.
const DEAD_LETTERS: &str = "dead-letters";

const ABOUT: &str = "The city's services meet in these topics and nowhere else.\n\n\
    Names are without the namespace of a run: with namespace `x`, topic `trips` is `x.trips`, and so are groups.\n\n\
    Topics *by driver* are partitioned by murmur2 of the key, as Java clients do. Topics *by zone* are partitioned by \
    the pickup zone whatever the key, so that all records of a trip lie in one partition.\n\n\
    Payloads are JSON. Unknown fields are ignored, missing ones rejected. `at` is city time, the record's own \
    timestamp is real time.";

/// The document; equal contracts give equal documents.
#[must_use]
pub fn document() -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut messages: Map<String, Value> = CHANNELS
        .iter()
        .map(|channel| ((channel.message)().into_owned(), message(channel, &mut generator)))
        .collect();
    messages.insert("DeadLetter".to_owned(), dead_letter());
    let mut addresses: Map<String, Value> =
        CHANNELS.iter().map(|channel| (channel.topic.name.to_owned(), address(channel))).collect();
    addresses.insert(DEAD_LETTERS.to_owned(), dead_letter_address());
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hailstorm: the topics of the city",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": env!("CARGO_PKG_LICENSE") },
        },
        "defaultContentType": "application/json",
        "channels": addresses,
        "operations": operations::all(&CHANNELS),
        "components": { "messages": messages, "schemas": generator.take_definitions(true) },
    });
    // Whether maps keep their order depends on the features of other crates; sorted they are the same everywhere.
    document.sort_all_objects();
    document
}

fn message(channel: &Channel, generator: &mut SchemaGenerator) -> Value {
    let example: Value = serde_json::from_str(channel.example).expect("an example is JSON");
    json!({
        "name": (channel.message)(),
        "summary": channel.summary,
        "payload": (channel.payload)(generator),
        "bindings": { "kafka": { "key": channel.key.schema(generator), "bindingVersion": BINDINGS } },
        "examples": [{ "payload": example }],
    })
}

fn address(channel: &Channel) -> Value {
    let topic = channel.topic;
    let (policy, kept) = match topic.cleanup {
        Cleanup::Delete(retention) => {
            let policy = json!({ "cleanup.policy": ["delete"], "retention.ms": millis(retention) });
            (policy, "")
        }
        Cleanup::Compact => (
            json!({ "cleanup.policy": ["compact"] }),
            " A table: the newest record of a key is its row, a record without payload removes it.",
        ),
    };
    let partitioned = match topic.family {
        Family::Driver => "by the key",
        Family::Zone => "by the pickup zone",
    };
    let name = (channel.message)();
    json!({
        "address": topic.name,
        "summary": channel.summary,
        "description": format!("Key: {}. Partitioned {partitioned}.{kept}", channel.key.name()),
        "messages": { name.as_ref(): { "$ref": format!("#/components/messages/{name}") } },
        "bindings": { "kafka": {
            "partitions": DEFAULT_PARTITIONS,
            "topicConfiguration": policy,
            "bindingVersion": BINDINGS,
        } },
    })
}

fn dead_letter_address() -> Value {
    let names: BTreeSet<&str> = CHANNELS.iter().map(|channel| channel.topic.name).collect();
    json!({
        "address": "{topic}.dlq",
        "summary": "What a group could not read, as it was.",
        "parameters": { "topic": { "description": "Where it came from.", "enum": names } },
        "messages": { "DeadLetter": { "$ref": "#/components/messages/DeadLetter" } },
        "bindings": { "kafka": {
            "partitions": 1,
            "topicConfiguration": {
                "cleanup.policy": ["delete"],
                "retention.ms": millis(DEAD_LETTER_RETENTION),
            },
            "bindingVersion": BINDINGS,
        } },
    })
}

fn dead_letter() -> Value {
    json!({
        "name": "DeadLetter",
        "summary": "A record that can never be used, with its key and payload, and headers that say why.",
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "required": ["origin-topic", "origin-partition", "origin-offset", "reason", "service"],
            "properties": {
                "origin-topic": { "type": "string", "description": "The topic, without namespace." },
                "origin-partition": { "type": "string", "pattern": "^[0-9]+$" },
                "origin-offset": { "type": "string", "pattern": "^[0-9]+$" },
                "origin-timestamp-ms": { "type": "string", "pattern": "^-?[0-9]+$" },
                "reason": { "type": "string", "description": "A short stable code." },
                "detail": { "type": "string", "description": "What exactly was wrong." },
                "service": { "type": "string", "description": "Who could not use it." },
                "truncated-from-bytes": {
                    "type": "string",
                    "pattern": "^[0-9]+$",
                    "description": "Only if the payload was too large to be kept whole.",
                },
            },
        },
        "payload": { "description": "As it was: often not what its topic promises." },
    })
}

fn millis(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).expect("retentions are weeks at most")
}
