//! The trace of a trip, as its lines name it.

/// Hexadecimal digits of the 128 bits of a trace id.
const DIGITS: usize = 32;

/// The id of a trip's trace: the 128 bits of the UUID in the trip's id, `<zone>.<uuid>`, in lowercase hexadecimal.
/// Nothing if the text is no id of a trip.
#[must_use]
pub fn trace_id(trip: &str) -> Option<String> {
    let (zone, uuid) = trip.split_once('.')?;
    let groups: Vec<&str> = uuid.split('-').collect();
    let is_uuid = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]);
    let id: String = groups.concat().to_ascii_lowercase();
    let is_hex = id.len() == DIGITS && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    // All zeros mean "no trace" to those who read them.
    (!zone.is_empty() && is_uuid && is_hex && id.bytes().any(|digit| digit != b'0')).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_of_a_trip_is_its_uuid() {
        for (trip, expected) in [
            (
                "8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab",
                Some("0192f0c123457abc8def0123456789ab"),
            ),
            (
                "8828308281fffff.0192F0C1-2345-7ABC-8DEF-0123456789AB",
                Some("0192f0c123457abc8def0123456789ab"),
            ),
            ("8828308281fffff.00000000-0000-0000-0000-000000000000", None),
            ("8828308281fffff.0192f0c123457abc8def0123456789ab", None),
            ("8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ag", None),
            ("8828308281fffff.", None),
            (".0192f0c1-2345-7abc-8def-0123456789ab", None),
            ("4711", None),
            ("", None),
        ] {
            assert_eq!(trace_id(trip).as_deref(), expected, "{trip}");
        }
    }
}
