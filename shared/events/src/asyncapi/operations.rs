//! Who sends and who receives: one operation for each service and topic.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::channels::{Channel, SEARCH};
use super::{BINDINGS, DEAD_LETTERS};

/// Reads with a group of its own for every instance, and passes over what it can't read: others tell of it.
const GATEWAY: &str = "gateway";

/// All operations, named `<service>.<action>.<channel>`.
pub(super) fn all(channels: &[Channel]) -> Map<String, Value> {
    let mut operations = Map::new();
    let mut add = |service: &str, action: &str, channel: &str, message: &str| {
        let name = format!("{service}.{action}.{channel}");
        operations.insert(name, operation(service, action, channel, message));
    };
    for channel in channels {
        let message = (channel.message)();
        channel.written_by.iter().for_each(|service| add(service, "send", channel.topic.name, &message));
        channel.read_by.iter().for_each(|service| add(service, "receive", channel.topic.name, &message));
    }
    let readers: BTreeSet<&str> = channels.iter().flat_map(|channel| channel.read_by).copied().collect();
    let rejecting = readers.into_iter().filter(|service| ![GATEWAY, SEARCH].contains(service));
    rejecting.for_each(|service| add(service, "send", DEAD_LETTERS, "DeadLetter"));
    operations
}

fn operation(service: &str, action: &str, channel: &str, message: &str) -> Value {
    let mut operation = json!({
        "action": action,
        "channel": { "$ref": format!("#/channels/{channel}") },
        "messages": [{ "$ref": format!("#/channels/{channel}/messages/{message}") }],
        "tags": [{ "name": service }],
    });
    if action == "receive" && service != SEARCH {
        let group = if service == GATEWAY {
            json!({ "type": "string", "pattern": "^gateway-" })
        } else {
            json!({ "type": "string", "enum": [service] })
        };
        operation["bindings"] = json!({ "kafka": { "groupId": group, "bindingVersion": BINDINGS } });
    }
    operation
}
