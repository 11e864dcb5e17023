//! Traces, as a collector gets them: a trip is one, from the rider's request to the receipt.

mod collector;

use std::collections::{BTreeMap, BTreeSet};

use domain::TripId;

use crate::city::{City, number};
use crate::records::{read_all, traced};
use crate::servers::{Servers, Test};

use collector::{Collector, Span};

pub(crate) const TESTS: &[Test] =
    &[("a_trip_is_one_trace_from_the_request_to_the_receipt", trip_is_one_trace)];

/// What a trip goes through, by the names of its spans' processes.
const SERVICES: [&str; 8] =
    ["loadgen", "trips", "matching", "drivers", "fare", "archiver", "live-location", "gateway"];

fn trip_is_one_trace(servers: &Servers) {
    let collector = Collector::start();
    let arguments = ["--for", "6s", "--otlp-endpoint", collector.url()];
    let report = City::open(servers, "traces", &arguments).finish_well();
    let spans = collector.spans();
    let settings = servers.kafka("traces");
    let (with_header, facts) = traced(&settings, events::trip_events::TOPIC.name);
    assert_eq!(with_header, facts, "every fact lies in its trip's trace");
    let completed: Vec<TripId> = read_all(&settings, events::trip_events::TOPIC.name)
        .iter()
        .filter(|fact| fact["event"] == "trip_completed")
        .map(|fact| fact["trip"].as_str().expect("a trip").parse().expect("its id"))
        .collect();
    assert_eq!(completed.len() as u64, number(&report, "completed"));
    for trip in completed {
        check_trip(trip, &spans);
    }
    check_deliveries(&spans);
    check_reports(&spans, number(&report, "reports_acknowledged"));
}

/// All of it hangs together below the request, and goes on to the receipt in the archive.
fn check_trip(trip: TripId, spans: &[Span]) {
    let trace = trip.uuid.as_u128();
    let of_trip: BTreeMap<u64, &Span> =
        spans.iter().filter(|span| span.trace == trace).map(|span| (span.id, span)).collect();
    let told = || of_trip.values().map(|span| format!("{span:?}\n")).collect::<String>();
    let services: BTreeSet<&str> = of_trip.values().map(|span| span.service.as_str()).collect();
    for service in SERVICES {
        assert!(services.contains(service), "{trip} has no span of {service}:\n{}", told());
    }
    let roots: Vec<&&Span> = of_trip.values().filter(|span| span.parent == 0).collect();
    assert_eq!(roots.len(), 1, "{}", told());
    assert_eq!(roots[0].name, "send ride-requests");
    for span in of_trip.values().filter(|span| span.parent != 0) {
        let parent = of_trip.get(&span.parent);
        let parent = parent.unwrap_or_else(|| panic!("{span:?} hangs below nothing:\n{}", told()));
        assert!(parent.start_ns <= span.start_ns, "{span:?} began before {parent:?}");
        if span.name.starts_with("process ") {
            assert!(span.number("hailstorm.waited_ms").is_some_and(|waited| waited >= 0), "{span:?}");
            assert!(span.end_ns >= span.start_ns, "{span:?}");
        }
    }
    let receipt = of_trip.values().find(|span| span.service == "archiver" && span.name == "process fares");
    let receipt = receipt.unwrap_or_else(|| panic!("no receipt was archived:\n{}", told()));
    let mut way = vec![format!("{} {}", receipt.service, receipt.name)];
    let mut parent = of_trip.get(&receipt.parent);
    while let Some(span) = parent {
        way.push(format!("{} {}", span.service, span.name));
        parent = of_trip.get(&span.parent);
    }
    let expected = [
        "archiver process fares",
        "fare process trip-events",
        "trips process driver-actions",
        "loadgen send driver-actions",
        "loadgen send ride-requests",
    ];
    assert_eq!(way, expected);
}

/// What is delivered together hangs below one of its records and links to the others.
fn check_deliveries(spans: &[Span]) {
    let all: BTreeSet<(u128, u64)> = spans.iter().map(|span| (span.trace, span.id)).collect();
    for service in ["trips", "archiver"] {
        let is_delivery = |span: &&Span| span.service == service && span.name == "deliver";
        let deliveries: Vec<&Span> = spans.iter().filter(is_delivery).collect();
        assert!(deliveries.iter().any(|delivery| !delivery.links.is_empty()), "{deliveries:?}");
        for delivery in deliveries {
            assert!(all.contains(&(delivery.trace, delivery.parent)), "{delivery:?}");
            assert!(delivery.links.iter().all(|link| all.contains(link)), "{delivery:?}");
        }
    }
}

/// About one report in a thousand has a trace, which goes through all who read reports.
fn check_reports(spans: &[Span], reports: u64) {
    let sent: Vec<&Span> = spans.iter().filter(|span| span.name == "send driver-locations").collect();
    let many = sent.len() as u64 * events::origin::REPORTS_PER_TRACE as u64;
    assert!((reports / 5..reports * 5).contains(&many), "{} of {reports}", sent.len());
    for report in sent {
        let name = "process driver-locations";
        let readers: BTreeSet<&str> = spans
            .iter()
            .filter(|span| span.trace == report.trace && span.name == name)
            .map(|span| span.service.as_str())
            .collect();
        let expected = ["archiver", "eta", "fare", "live-location", "zones"];
        assert!(expected.iter().all(|reader| readers.contains(reader)), "{readers:?}");
    }
}
