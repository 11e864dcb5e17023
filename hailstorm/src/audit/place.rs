//! Where a record lies.

use std::fmt;

use pipeline::Record;

/// Topic, partition and offset of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The topic, without namespace.
    pub topic: &'static str,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

impl Place {
    /// Where a record lies, if its topic is one of the contracts'.
    #[must_use]
    pub fn of(record: &Record<'_>) -> Option<Self> {
        Self::new(record.topic, record.partition, record.offset)
    }

    /// A place in one of the contracts' topics.
    #[must_use]
    pub fn new(topic: &str, partition: i32, offset: i64) -> Option<Self> {
        let known = events::ALL.iter().find(|known| known.name == topic)?;
        Some(Self { topic: known.name, partition, offset })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}@{}", self.topic, self.partition, self.offset)
    }
}
