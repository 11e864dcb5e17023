//! Where people look at traces: the address of a page that shows one.

use std::fmt;
use std::str::FromStr;

use domain::TripId;
use events::origin;

/// What the id of a trace takes the place of.
const PLACE: &str = "{trace}";

/// The address of the page of a trace, with `{trace}` where its id goes; or nothing, if nobody shows traces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceUrl(String);

impl TraceUrl {
    /// The page of a trip's trace; none if nobody shows traces.
    #[must_use]
    pub fn of(&self, trip: TripId) -> Option<String> {
        let request = origin::of_trip(trip).filter(|_| !self.0.is_empty())?;
        Some(self.0.replace(PLACE, &format!("{:032x}", request.trace_id)))
    }
}

impl FromStr for TraceUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let is_address = ["http://", "https://"].iter().any(|start| text.starts_with(start));
        if text.is_empty() || (is_address && text.contains(PLACE)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("expected an address such as http://localhost:16686/trace/{PLACE}"))
        }
    }
}

impl fmt::Display for TraceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_trips_trace_is_known_by_its_uuid() {
        let trip: TripId = "8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab".parse().unwrap();
        let url: TraceUrl = "http://localhost:16686/trace/{trace}".parse().unwrap();
        let page = "http://localhost:16686/trace/0192f0c123457abc8def0123456789ab";
        assert_eq!(url.of(trip).as_deref(), Some(page));
        let nowhere: TraceUrl = "".parse().unwrap();
        assert_eq!(nowhere.of(trip), None);
        for bad in ["localhost:16686/trace/{trace}", "http://localhost:16686/", "javascript:{trace}"] {
            assert!(bad.parse::<TraceUrl>().unwrap_err().contains("such as http://"), "{bad}");
        }
    }
}
