//! What came of a record, in a few words.

use events::OutRecord;
use pipeline::{Outcome, Reject};

/// What payloads are told by, in this order.
const TELLING: [&str; 7] = ["event", "command", "phase", "by", "status", "reply", "reason"];

/// The records written, then why the one handed over was skipped or rejected.
#[must_use]
pub fn told(outcome: &Result<Outcome, Reject>, effects: &[OutRecord]) -> Vec<String> {
    let mut lines: Vec<String> = effects.iter().map(written).collect();
    match outcome {
        Ok(Outcome::Done) => {}
        Ok(Outcome::Skipped(reason)) => lines.push(format!("skipped {reason}")),
        Err(reject) => lines.push(format!("rejected {}", reject.code)),
    }
    lines
}

/// The topic of a record and what its payload says: `drivers reserved`, `trips tombstone`.
///
/// # Panics
/// If the payload is not JSON.
#[must_use]
pub fn written(record: &OutRecord) -> String {
    let Some(payload) = &record.payload else { return format!("{} tombstone", record.topic.name) };
    let payload: serde_json::Value = serde_json::from_slice(payload).expect("payloads are JSON");
    let words = TELLING.iter().filter_map(|name| payload[*name].as_str());
    let words: Vec<&str> = words.chain(payload["status"]["state"].as_str()).collect();
    format!("{} {}", record.topic.name, words.join(" "))
}

#[cfg(test)]
mod tests {
    use events::Contract;
    use events::driver_shifts::{self, DriverShift};
    use events::trips;

    use super::*;

    #[test]
    fn records_and_outcomes_are_told_in_words() {
        let trip: domain::trip::Trip = serde_json::from_str(trips::EXAMPLE).unwrap();
        let shift: DriverShift = serde_json::from_str(driver_shifts::EXAMPLE).unwrap();
        let effects = [trip.to_record(), trip.tombstone(), shift.to_record()];
        let lines = told(&Ok(Outcome::Skipped("repeated")), &effects);
        assert_eq!(lines, ["trips offered", "trips tombstone", "driver-shifts ", "skipped repeated"]);
        assert_eq!(told(&Err(Reject::new("too_old", "")), &[]), ["rejected too_old"]);
    }
}
