//! The pages in a browser, against a city that lives: what people see and do, and that it goes on when things break.
//!
//! The scripts in `tests/browser` look at the pages; what the city has to do meanwhile stands here. Pictures of all
//! pages are kept in `target/pictures`.

use rustix::process::Signal;

use crate::api::Api;
use crate::browser::Visit;
use crate::city::{City, PATIENT, number, wait_until};
use crate::servers::{Servers, Test};

/// Several visits a city: it takes longer to open, live and close than to be looked at.
pub(crate) const TESTS: &[Test] = &[
    ("the_city_page_tells_stories_and_all_pages_fit_their_screens", what_is_shown),
    ("rides_and_shifts_in_the_pages_are_paid_and_outlive_their_gateway", what_is_done),
];

/// A city whose gateway is ready, and where that is.
fn open(servers: &Servers, namespace: &str) -> (City, String) {
    let city = City::open(servers, namespace, &PATIENT);
    let url = city.gateway(0);
    let api = Api::at(&url);
    wait_until("the gateway is ready", || api.is_ready());
    (city, url)
}

fn what_is_shown(servers: &Servers) {
    let (city, url) = open(servers, "pageshow");
    // Nothing to tell a story of before.
    city.wait_for_completed(1);
    Visit::start("city.mjs", &url, &["--drivers", "200"]).finish(&city);
    Visit::start("docs.mjs", &url, &[]).finish(&city);
    Visit::start("looks.mjs", &url, &[]).finish(&city);
    city.close_well();
}

fn what_is_done(servers: &Servers) {
    let (city, url) = open(servers, "pagedo");
    city.wait_for_completed(1);
    Visit::start("ride.mjs", &url, &[]).finish(&city);
    Visit::start("drive.mjs", &url, &[]).finish(&city);
    let visit = Visit::start("restart.mjs", &url, &[]);
    visit.wait_until_it_says("the gateway may die now");
    city.signal("gateway-1", Signal::KILL);
    visit.finish(&city);
    let report = city.close_well();
    assert_eq!(number(&report["restarts"], "gateway-1"), 1, "{}", report["restarts"]);
}
