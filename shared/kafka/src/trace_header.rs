//! The header `traceparent` of records, and the spans of sending what apps made.

use events::{Origin, OutRecord};
use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Header, Headers, OwnedHeaders};
use traces::{Kind, Span, TraceParent, Tracer};

/// What the header of a message says; not even looked at unless somebody takes spans.
pub(crate) fn read(tracer: &Tracer, message: &BorrowedMessage<'_>) -> Option<TraceParent> {
    if !tracer.is_on() {
        return None;
    }
    let header = message.headers()?.iter().find(|header| header.key == TraceParent::HEADER)?;
    TraceParent::read(header.value?)
}

/// The headers of a record that goes back to this span; none unless somebody takes spans.
pub(crate) fn of(tracer: &Tracer, span: Option<TraceParent>) -> Option<OwnedHeaders> {
    let span = span.filter(|_| tracer.is_on())?;
    Some(with(OwnedHeaders::new_with_capacity(1), span))
}

/// Headers with this one.
pub(crate) fn with(headers: OwnedHeaders, span: TraceParent) -> OwnedHeaders {
    headers.insert(Header { key: TraceParent::HEADER, value: Some(&span.to_string()) })
}

/// Begins the span of sending a record that an app made, if it is one that is traced. What the record goes back to is
/// the app's own doing, of another trace: a link.
pub(crate) fn begin_sending(tracer: &Tracer, record: &OutRecord) -> Option<Span> {
    if !tracer.is_on() {
        return None;
    }
    let Origin { context, parent } = Origin::of(record)?;
    let topic = record.topic.name;
    let mut span = tracer.begin(context, parent, Kind::Producer, format!("send {topic}"))?;
    span.links.extend(record.traceparent);
    span.tell("messaging.system", "kafka");
    span.tell("messaging.operation.type", "send");
    span.tell("messaging.operation.name", "send");
    span.tell("messaging.destination.name", topic);
    if let Ok(key) = str::from_utf8(&record.key) {
        span.tell("messaging.kafka.message.key", key.to_owned());
    }
    Some(span)
}

#[cfg(test)]
mod tests {
    use domain::{CityMs, LatLng, RiderId, TripId, Zone};
    use events::Contract;
    use events::ride_requests::{RideRequest, Wish};
    use traces::fakes::FakeSpans;

    use super::*;

    #[test]
    fn the_first_span_of_a_trip_links_to_that_of_who_asked() {
        let here = LatLng { lat: 46.0, lon: 0.5 };
        let trip = TripId { zone: Zone::of(here), uuid: uuid::Uuid::from_u128(7) };
        let wish = Wish::Ride { pickup: here, dropoff: here };
        let request = RideRequest { trip, rider: RiderId(17), at: CityMs(0), wish }.to_record();
        let caller = TraceParent::of("a program of somebody's");
        let spans = FakeSpans::default();
        for (traceparent, links) in [(Some(caller), vec![caller]), (None, vec![])] {
            let record = OutRecord { traceparent, ..request.clone() };
            let span = begin_sending(&spans.tracer(), &record).unwrap();
            assert_eq!((span.context, span.parent), (events::origin::of_trip(trip).unwrap(), None));
            assert_eq!(span.links, links);
            assert_eq!(begin_sending(&Tracer::default(), &record), None);
        }
    }
}
