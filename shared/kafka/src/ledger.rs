//! Who dealt with how many records of each partition, kept in the metadata of the committed offset.
//!
//! The count is committed together with the offset (in a transaction even atomically with the effects), so it is
//! exact whatever dies: a record whose commit was lost is counted by whoever deals with it again.

use std::collections::BTreeMap;

/// A broker refuses a commit with more metadata an offset than 4,096 bytes (`offset.metadata.max.bytes`).
const MOST_BYTES: usize = 4_000;

/// Whoever is not told by name any more: in containers a member that is made anew has a new name, and in time there are
/// more names than fit.
const FORMER: &str = "former";

/// Records dealt with in one partition, by member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally(pub(crate) BTreeMap<String, u64>);

impl Tally {
    /// Adds records to a member's count.
    pub(crate) fn add(&mut self, member: &str, records: u64) {
        *self.0.entry(member.to_owned()).or_default() += records;
    }

    /// `member=count;member=count`. Where that is too long, those who did least are one.
    pub(crate) fn encode(&self) -> String {
        let text = self.join();
        if text.len() <= MOST_BYTES { text } else { self.folded().join() }
    }

    fn join(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(|(member, count)| format!("{member}={count}")).collect();
        parts.join(";")
    }

    /// The same sum in at most half the bytes, so that it is not folded anew at each commit.
    fn folded(&self) -> Self {
        let mut by_count: Vec<(&String, u64)> =
            self.0.iter().map(|(member, count)| (member, *count)).collect();
        by_count.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let (mut folded, mut bytes) = (Self::default(), 0);
        for (member, count) in by_count {
            bytes += format!("{member}={count};").len();
            folded.add(if bytes <= MOST_BYTES / 2 { member } else { FORMER }, count);
        }
        folded
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

    #[test]
    fn a_thousand_members_fit_the_metadata_and_no_record_is_forgotten() {
        let mut tally = Tally::default();
        for member in 0..1_000 {
            tally.add(&format!("matching-{member:012x}"), member);
            assert!(tally.encode().len() <= MOST_BYTES);
        }
        let read = Tally::decode(&tally.encode());
        assert_eq!(read.0.values().sum::<u64>(), 999 * 1_000 / 2);
        assert_eq!(read.0["matching-0000000003e7"], 999);
        assert!(read.0[FORMER] > 0);
    }
}
