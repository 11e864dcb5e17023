//! People who do not keep to the plan: trips end all the same, for a stated reason.

use std::collections::BTreeMap;

use crate::city::{City, number};
use crate::records::read_all;
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[
    ("riders_cancel_in_every_state", riders_cancel),
    ("drivers_never_answer", drivers_never_answer),
    ("drivers_vanish_on_a_trip", drivers_vanish),
];

fn riders_cancel(servers: &Servers) {
    let arguments = ["--for", "20s", "--rider-cancels", "0.15,0.15,0.15,0.15,0.15"];
    let report = City::open(servers, "cancel", &arguments).finish_well();
    assert!(number(&report["cancelled_by"], "rider") > 20, "{}", report["cancelled_by"]);
    let mut cancelled_after: BTreeMap<String, u32> = BTreeMap::new();
    let mut last = BTreeMap::new();
    for event in read_all(&servers.kafka("cancel"), "trip-events") {
        let [trip, fact] = ["trip", "event"].map(|field| event[field].as_str().expect("text").to_owned());
        if fact == "trip_cancelled" && event["by"] == "rider" {
            let before = last.get(&trip).cloned().expect("it was requested");
            *cancelled_after.entry(before).or_default() += 1;
        }
        last.insert(trip, fact);
    }
    for fact in ["trip_requested", "offer_made", "trip_matched", "driver_arrived"] {
        assert!(cancelled_after.contains_key(fact), "{fact}: {cancelled_after:?}");
    }
    assert!(!cancelled_after.contains_key("trip_started"), "too late by then: {cancelled_after:?}");
}

fn drivers_never_answer(servers: &Servers) {
    let arguments = ["--for", "20s", "--silent-drivers", "0.5"];
    let env = [("TRIPS_OFFER_PATIENCE_MS", "1500")];
    let report = City::open_with(servers, "silent", &arguments, &env).finish_well();
    assert!(number(&report, "offers") > number(&report, "matched") + 20, "{report:#}");
}

fn drivers_vanish(servers: &Servers) {
    // Far drop-offs have patience by their distance, in city time: at this speed it runs out before the books close.
    let arguments = ["--for", "20s", "--vanishing-drivers", "0.2", "--speed", "120", "--report-every", "30s"];
    let patience = "200000";
    let env = [
        ("TRIPS_PICKUP_PATIENCE_MS", patience),
        ("TRIPS_BOARDING_PATIENCE_MS", patience),
        ("TRIPS_RIDE_PATIENCE_MS", patience),
    ];
    let report = City::open_with(servers, "vanish", &arguments, &env).finish_well();
    assert!(number(&report["cancelled_by"], "system") > 3, "{}", report["cancelled_by"]);
}
