//! People who do not keep to the plan: trips end all the same, for a stated reason.

use crate::city::{City, number};
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
}

fn drivers_never_answer(servers: &Servers) {
    let arguments = ["--for", "20s", "--silent-drivers", "0.5"];
    let env = [("TRIPS_OFFER_PATIENCE_MS", "1500")];
    let report = City::open_with(servers, "silent", &arguments, &env).finish_well();
    assert!(number(&report, "offers") > number(&report, "matched") + 20, "{report:#}");
}

fn drivers_vanish(servers: &Servers) {
    // A ride is waited for four times as long as it should take: forty seconds at this speed.
    let arguments = ["--for", "20s", "--vanishing-drivers", "0.2", "--speed", "60"];
    let patience = "200000";
    let env = [
        ("TRIPS_PICKUP_PATIENCE_MS", patience),
        ("TRIPS_BOARDING_PATIENCE_MS", patience),
        ("TRIPS_RIDE_PATIENCE_MS", patience),
    ];
    let report = City::open_with(servers, "vanish", &arguments, &env).finish_well();
    assert!(number(&report["cancelled_by"], "system") > 3, "{}", report["cancelled_by"]);
}
