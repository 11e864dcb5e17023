//! Where a record lay, as the `_id` of its document: the same record always gets the same id.

use std::fmt;

/// An offset takes the lower 48 bits: at a million records a second a partition fills them in nine years.
const OFFSET_BITS: u32 = 48;

/// The first offset that does not fit.
const OFFSET_END: i64 = 1 << OFFSET_BITS;

/// Partition and offset of a record in one number; the collection says which topic.
///
/// Ids sort by partition, then by offset, so that inserts of one partition only ever append to the `_id` index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(i64);

/// Says why a place in a topic has no document id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "partition {partition}, offset {offset} has no document id: the partition is 0..32768, the offset 0..2^48"
)]
pub struct NotADocumentId {
    partition: i32,
    offset: i64,
}

impl DocumentId {
    /// The id of the record at this place.
    ///
    /// # Errors
    /// `NotADocumentId` if the partition takes more than 15 bits or the offset more than 48.
    pub fn new(partition: i32, offset: i64) -> Result<Self, NotADocumentId> {
        if !(0..=i32::from(i16::MAX)).contains(&partition) || !(0..OFFSET_END).contains(&offset) {
            return Err(NotADocumentId { partition, offset });
        }
        Ok(Self(i64::from(partition) << OFFSET_BITS | offset))
    }

    /// The id that a number stands for, if it stands for one.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        (number >= 0).then_some(Self(number))
    }

    /// As MongoDB stores it.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }

    /// The partition of the record.
    #[must_use]
    pub fn partition(self) -> i32 {
        i32::try_from(self.0 >> OFFSET_BITS).expect("15 bits are left")
    }

    /// The offset of the record.
    #[must_use]
    pub fn offset(self) -> i64 {
        self.0 & (OFFSET_END - 1)
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.partition(), self.offset())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_outside_the_bits_have_no_id() {
        for (partition, offset) in [(-1, 0), (32_768, 0), (0, -1), (0, OFFSET_END)] {
            assert!(DocumentId::new(partition, offset).is_err(), "{partition}@{offset}");
        }
        assert_eq!(DocumentId::new(32_767, OFFSET_END - 1).unwrap().number(), i64::MAX);
        assert_eq!(DocumentId::from_number(-1), None);
    }

    proptest! {
        #[test]
        fn an_id_gives_its_place_back_and_sorts_like_it(
            a in (0i32..32_768, 0i64..OFFSET_END), b in (0i32..32_768, 0i64..OFFSET_END)
        ) {
            let (id_a, id_b) = (DocumentId::new(a.0, a.1).unwrap(), DocumentId::new(b.0, b.1).unwrap());
            prop_assert_eq!((id_a.partition(), id_a.offset()), a);
            prop_assert_eq!(id_a.cmp(&id_b), a.cmp(&b));
            prop_assert_eq!(DocumentId::from_number(id_a.number()), Some(id_a));
        }
    }
}
