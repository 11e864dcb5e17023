//! The place of something in a trace, as it travels in the header `traceparent` (W3C Trace Context).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::{NonZeroU64, NonZeroU128};

use xxhash_rust::xxh3::Xxh3;

/// Length of a header of version 00, and of the part of later versions that is known.
const LENGTH: usize = 55;

/// Set in the flags of what is recorded.
const SAMPLED: u8 = 1;

/// A span that is recorded: below it goes on what it caused. What nobody records has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    /// Which trace.
    pub trace_id: NonZeroU128,
    /// Which span of it.
    pub span_id: NonZeroU64,
}

impl TraceParent {
    /// The name of the header.
    pub const HEADER: &str = "traceparent";

    /// The first span of a trace: its id is the second half of the trace's, so that whoever knows the trace knows it.
    /// `None` of ids that are none: all zero, or the second half of it.
    #[must_use]
    pub fn root(trace_id: u128) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "the second half is what is wanted")]
        let span_id = NonZeroU64::new(trace_id as u64)?;
        Some(Self { trace_id: NonZeroU128::new(trace_id)?, span_id })
    }

    /// The first span of the trace of a thing, always the same one.
    #[must_use]
    pub fn of(thing: impl Hash) -> Self {
        let mut hasher = Xxh3::new();
        thing.hash(&mut hasher);
        // One in 2^64 things hashes to no id and gets the smallest.
        Self::root(hasher.digest128())
            .unwrap_or(Self { trace_id: NonZeroU128::MIN, span_id: NonZeroU64::MIN })
    }

    /// The span below this one that a thing has, always the same one.
    #[must_use]
    pub fn child(self, thing: impl Hash) -> Self {
        let mut hasher = Xxh3::new();
        self.hash(&mut hasher);
        thing.hash(&mut hasher);
        Self { span_id: NonZeroU64::new(hasher.finish()).unwrap_or(NonZeroU64::MIN), ..self }
    }

    /// Whether this trace is the one of so many that is recorded.
    #[must_use]
    pub fn is_one_in(self, many: u128) -> bool {
        self.trace_id.get().is_multiple_of(many)
    }

    /// Reads a header. `None` if it is none, or says that nobody records the trace.
    #[must_use]
    pub fn read(header: &[u8]) -> Option<Self> {
        let known = header.get(..LENGTH)?;
        let (version, rest) = (hex(&known[..2])?, header.get(LENGTH));
        // Later versions may go on behind another dash; version ff will never be.
        let is_whole = if version == 0 { rest.is_none() } else { rest.is_none_or(|next| *next == b'-') };
        let has_dashes = [2, 35, 52].into_iter().all(|place| known[place] == b'-');
        if version == 0xff || !is_whole || !has_dashes {
            return None;
        }
        let trace_id = NonZeroU128::new(hex(&known[3..35])?)?;
        let span_id = NonZeroU64::new(u64::try_from(hex(&known[36..52])?).ok()?)?;
        let flags = u8::try_from(hex(&known[53..55])?).ok()?;
        (flags & SAMPLED != 0).then_some(Self { trace_id, span_id })
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{SAMPLED:02x}", self.trace_id, self.span_id)
    }
}

/// A number of up to 32 lower-case digits.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_header_is_read_as_it_is_written() {
        let read = TraceParent::read(HEADER.as_bytes()).unwrap();
        assert_eq!(read.trace_id.get(), 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
        assert_eq!(read.span_id.get(), 0xb7ad_6b71_6920_3331);
        assert_eq!(read.to_string(), HEADER);
        let later = HEADER.replacen("00", "cc", 1);
        assert_eq!(TraceParent::read(later.as_bytes()), Some(read), "what is known of a later version");
        assert_eq!(TraceParent::read(format!("{later}-more").as_bytes()), Some(read));
        let other_flags = format!("{}03", &HEADER[..53]);
        assert_eq!(TraceParent::read(other_flags.as_bytes()), Some(read));
    }

    #[test]
    fn what_is_no_header_or_not_recorded_is_ignored() {
        let changed =
            |place: usize, with: &str| format!("{}{with}{}", &HEADER[..place], &HEADER[place + with.len()..]);
        for bad in [
            String::new(),
            HEADER[..54].to_owned(),
            format!("{HEADER}-more"),
            format!("{}x", HEADER.replacen("00", "cc", 1)),
            changed(0, "ff"),
            changed(2, "_"),
            changed(35, "_"),
            changed(52, "_"),
            changed(3, "G"),
            changed(3, "A"),
            changed(3, &"0".repeat(32)),
            changed(36, &"0".repeat(16)),
            changed(53, "00"),
            "é".repeat(28),
        ] {
            assert_eq!(TraceParent::read(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(TraceParent::read(&[0xff; 55]), None);
    }

    #[test]
    fn the_first_span_of_a_trace_is_known_to_whoever_knows_the_trace() {
        let id = 0x0192_f0c1_2345_7abc_8def_0000_0000_0001;
        let root = TraceParent::root(id).unwrap();
        assert_eq!((root.trace_id.get(), root.span_id.get()), (id, 0x8def_0000_0000_0001));
        assert_eq!((TraceParent::root(0), TraceParent::root(1 << 64)), (None, None));
    }

    #[test]
    fn the_same_thing_has_the_same_span_and_another_one_another() {
        let root = TraceParent::of(("4711", 1_000));
        assert_eq!(root, TraceParent::of(("4711", 1_000)));
        assert_ne!(root, TraceParent::of(("4711", 1_001)));
        let child = root.child(("trips", 3, 17));
        assert_eq!(child, root.child(("trips", 3, 17)));
        assert_eq!(child.trace_id, root.trace_id);
        assert_ne!(child, root.child(("trips", 3, 18)));
        assert_ne!(child, child.child(("trips", 3, 17)));
    }

    #[test]
    fn about_one_in_so_many_traces_is_chosen() {
        let chosen = (0..100_000).filter(|number: &i32| TraceParent::of(number).is_one_in(100)).count();
        assert!((850..1_150).contains(&chosen), "{chosen}");
    }
}
