//! Who dealt with how many records of each partition, kept in the metadata of the committed offset.
//!
//! The count is committed together with the offset (in a transaction even atomically with the effects), so it is
//! exact whatever dies: a record whose commit was lost is counted by whoever deals with it again.

use std::collections::BTreeMap;

/// Records dealt with in one partition, by member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally(pub(crate) BTreeMap<String, u64>);

impl Tally {
    /// Adds records to a member's count.
    pub(crate) fn add(&mut self, member: &str, records: u64) {
        *self.0.entry(member.to_owned()).or_default() += records;
    }

    /// `member=count;member=count`.
    pub(crate) fn encode(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(|(member, count)| format!("{member}={count}")).collect();
        parts.join(";")
    }

    /// Reads what `encode` wrote; anything else (an offset set by hand) is an empty tally.
    pub(crate) fn decode(text: &str) -> Self {
        let pairs = text.split(';').filter_map(|part| part.rsplit_once('='));
        Self(pairs.filter_map(|(member, count)| Some((member.to_owned(), count.parse().ok()?))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_survives_the_metadata() {
        let mut tally = Tally::default();
        tally.add("matching-1", 3);
        tally.add("matching-2", 5);
        tally.add("matching-1", 4);
        assert_eq!(tally.encode(), "matching-1=7;matching-2=5");
        assert_eq!(Tally::decode(&tally.encode()), tally);
        assert_eq!(Tally::decode("set by hand"), Tally::default());
    }
}
