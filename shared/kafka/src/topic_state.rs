//! A topic as it should be or as it is, and how the two differ.

use std::fmt;

/// A topic as it should be, or as the broker has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicState {
    /// Name, without the namespace.
    pub name: String,
    /// Number of partitions.
    pub partitions: i32,
    /// Copies of each partition.
    pub replication: i32,
    /// `delete` or `compact`.
    pub cleanup_policy: String,
    /// Milliseconds that records stay, if `delete`.
    pub retention_ms: Option<i64>,
}

/// One way in which a topic is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which topic.
    pub topic: String,
    /// Which property.
    pub property: &'static str,
    /// As it should be.
    pub expected: String,
    /// As it is.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} is {}, should be {}", self.topic, self.property, self.found, self.expected)
    }
}

/// Every difference between the two.
pub(crate) fn compare(wanted: &TopicState, found: &TopicState) -> Vec<Difference> {
    let retention =
        |topic: &TopicState| topic.retention_ms.map_or("none".to_owned(), |ms| format!("{ms} ms"));
    let properties = [
        ("partitions", wanted.partitions.to_string(), found.partitions.to_string()),
        ("replication", wanted.replication.to_string(), found.replication.to_string()),
        ("policy", wanted.cleanup_policy.clone(), found.cleanup_policy.clone()),
        ("retention", retention(wanted), retention(found)),
    ];
    let differing = properties.into_iter().filter(|(_, expected, found)| expected != found);
    differing
        .map(|(property, expected, found)| Difference {
            topic: wanted.name.clone(),
            property,
            expected,
            found,
        })
        .collect()
}

/// The broker settings of a topic.
pub(crate) fn settings_of(topic: &TopicState) -> Vec<(&'static str, String)> {
    match topic.retention_ms {
        Some(retention_ms) => {
            vec![("cleanup.policy", "delete".to_owned()), ("retention.ms", retention_ms.to_string())]
        }
        // Only closed segments are compacted: with the defaults (1 GiB, 7 days, half of it dirty) a restore would
        // read all of history.
        None => [
            ("cleanup.policy", "compact"),
            ("segment.bytes", "8388608"),
            ("segment.ms", "300000"),
            ("min.cleanable.dirty.ratio", "0.2"),
            // A reader that began before a tombstone has this long to see it.
            ("delete.retention.ms", "600000"),
        ]
        .map(|(key, value)| (key, value.to_owned()))
        .to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_is_told() {
        let wanted = TopicState {
            name: "trips".to_owned(),
            partitions: 12,
            replication: 1,
            cleanup_policy: "compact".to_owned(),
            retention_ms: None,
        };
        assert_eq!(compare(&wanted, &wanted), []);
        let found = TopicState {
            partitions: 4,
            cleanup_policy: "delete".to_owned(),
            retention_ms: Some(5),
            ..wanted.clone()
        };
        let lines: Vec<String> = compare(&wanted, &found).iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "trips: partitions is 4, should be 12",
                "trips: policy is delete, should be compact",
                "trips: retention is 5 ms, should be none"
            ]
        );
    }
}
