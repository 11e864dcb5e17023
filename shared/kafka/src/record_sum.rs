//! How many records there are and what is in them, as two numbers that do not depend on their order.

use xxhash_rust::xxh3::xxh3_64;

/// Checksums have 48 bits, so that they survive JSON numbers and sums over many processes.
const CHECKSUM_BITS: u64 = (1 << 48) - 1;

/// A count of records and the sum of their checksums, modulo 2^48.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordSum {
    /// How many records.
    pub records: u64,
    /// Sum of the XXH3 hashes of their payloads, modulo 2^48.
    pub checksum: u64,
}

impl RecordSum {
    /// Counts a record in.
    pub fn add(&mut self, payload: &[u8]) {
        self.merge(Self { records: 1, checksum: xxh3_64(payload) });
    }

    /// Counts other records in.
    pub fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.checksum = self.checksum.wrapping_add(other.checksum) & CHECKSUM_BITS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(payloads: &[&str]) -> RecordSum {
        let mut sum = RecordSum::default();
        payloads.iter().for_each(|payload| sum.add(payload.as_bytes()));
        sum
    }

    #[test]
    fn the_order_does_not_matter_and_the_content_does() {
        assert_eq!(sum(&["a", "b", "c"]), sum(&["c", "a", "b"]));
        assert_ne!(sum(&["a", "b"]), sum(&["a", "c"]));
        assert_ne!(sum(&["a"]), sum(&["a", "a"]));
        let mut halves = sum(&["a"]);
        halves.merge(sum(&["b", "c"]));
        assert_eq!(halves, sum(&["a", "b", "c"]));
        assert!(halves.checksum <= CHECKSUM_BITS);
    }
}
