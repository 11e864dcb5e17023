//! The pages in a browser, against a city that lives: what people see and do, and that it goes on when things break.
//!
//! The scripts in `tests/browser` look at the pages; what the city has to do meanwhile stands here. Pictures of all
//! pages are kept in `target/pictures`.

use rustix::process::Signal;

use crate::api::Api;
use crate::browser::Visit;
use crate::city::{City, PATIENT, number, wait_until};
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[
    ("the_city_page_shows_drivers_who_move_and_their_stories", city_page),
    ("a_ride_asked_for_in_the_page_is_completed_and_paid", ride_page),
    ("a_driver_takes_an_offer_in_the_page_and_earns", drive_page),
    ("all_pages_go_on_when_their_gateway_was_killed", gateway_killed),
    ("all_pages_fit_their_screens_and_the_api_is_explained", looks),
];

/// A city whose gateway is ready, and where that is.
fn open(servers: &Servers, namespace: &str) -> (City, String) {
    let city = City::open(servers, namespace, &PATIENT);
    let url = city.gateway(0);
    let api = Api::at(&url);
    wait_until("the gateway is ready", || api.is_ready());
    (city, url)
}

fn city_page(servers: &Servers) {
    let (city, url) = open(servers, "pagecity");
    // Nothing to tell a story of before.
    city.wait_for_completed(1);
    Visit::start("city.mjs", &url, &["--drivers", "200"]).finish(&city);
    city.close_well();
}

fn ride_page(servers: &Servers) {
    let (city, url) = open(servers, "pageride");
    city.wait_for_completed(1);
    Visit::start("ride.mjs", &url, &[]).finish(&city);
    city.close_well();
}

fn drive_page(servers: &Servers) {
    let (city, url) = open(servers, "pagedrive");
    city.wait_for_completed(1);
    Visit::start("drive.mjs", &url, &[]).finish(&city);
    city.close_well();
}

fn gateway_killed(servers: &Servers) {
    let (city, url) = open(servers, "pagekill");
    city.wait_for_completed(1);
    let visit = Visit::start("restart.mjs", &url, &[]);
    visit.wait_until_it_says("the gateway may die now");
    city.signal("gateway-1", Signal::KILL);
    visit.finish(&city);
    let report = city.close_well();
    assert_eq!(number(&report["restarts"], "gateway-1"), 1, "{}", report["restarts"]);
}

fn looks(servers: &Servers) {
    let (city, url) = open(servers, "pagelooks");
    city.wait_for_completed(1);
    Visit::start("docs.mjs", &url, &[]).finish(&city);
    Visit::start("looks.mjs", &url, &[]).finish(&city);
    city.close_well();
}
