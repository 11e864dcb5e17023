//! The running figures: totals since the start, rates and times of the last ten seconds.

use std::collections::VecDeque;

use axum::extract::ws::Message;
use domain::{CityClock, Currency, RealMs};
use serde::Serialize;

use crate::view::decimals::{number, rounded};
use crate::view::{Group, Mongodb, Quantiles, ServiceSummary, Times, Totals};

/// What is shown is about so long.
const WINDOW_MS: i64 = 10_000;

/// What figures are computed from, second by second.
#[derive(Debug)]
pub(crate) struct FiguresDesk {
    clock: CityClock,
    currency: Currency,
    past: VecDeque<Past>,
    /// Ages of reports when they came on the map, since the last second.
    present: Times,
}

#[derive(Debug)]
struct Past {
    at_ms: i64,
    totals: Totals,
    report_to_map: Times,
}

/// What the city and the gateway are at a moment.
#[derive(Debug)]
pub(crate) struct Present {
    pub(crate) now_ms: i64,
    /// Drivers by state as in frames; offline ones are not counted.
    pub(crate) drivers: [u32; 6],
    pub(crate) trips: [u32; 5],
    pub(crate) totals: Totals,
    pub(crate) services: ServiceSummary,
    pub(crate) viewers: usize,
}

#[derive(Serialize)]
struct Figures {
    r#type: &'static str,
    at_ms: i64,
    city_ms: i64,
    speed: f64,
    drivers: Drivers,
    trips: Trips,
    totals: Sums,
    rates: Rates,
    latency_ms: Latencies,
    mongodb: Option<Mongodb>,
    groups: Vec<Group>,
    viewers: usize,
}

#[derive(Serialize)]
struct Drivers {
    idle: u32,
    reserved: u32,
    to_pickup: u32,
    waiting: u32,
    on_trip: u32,
}

#[derive(Serialize)]
struct Trips {
    requested: u32,
    offered: u32,
    matched: u32,
    arrived: u32,
    started: u32,
}

#[derive(Serialize)]
struct Sums {
    reports: u64,
    requests: u64,
    completed: u64,
    cancelled: u64,
    unfulfilled: u64,
    fares_minor: i64,
    currency: Currency,
}

#[derive(Serialize)]
struct Rates {
    reports_per_s: f64,
    requests_per_min: f64,
    completed_per_min: f64,
}

#[derive(Serialize)]
struct Latencies {
    request_to_offer: Option<Quantiles>,
    report_to_redis: Option<Quantiles>,
    report_to_map: Option<Quantiles>,
}

impl FiguresDesk {
    pub(crate) fn new(clock: CityClock, currency: Currency) -> Self {
        Self { clock, currency, past: VecDeque::new(), present: Times::default() }
    }

    /// Takes note of the age that a report had when it came on the map.
    pub(crate) fn shown(&mut self, age_ms: i64) {
        self.present.record_ms(age_ms);
    }

    /// The figures now; call once a second.
    pub(crate) fn message(&mut self, present: Present) -> Message {
        let Present { now_ms, drivers, trips, totals, services, viewers } = present;
        let report_to_map = std::mem::take(&mut self.present);
        self.past.push_back(Past { at_ms: now_ms, totals, report_to_map });
        self.past.retain(|past| past.at_ms >= now_ms - WINDOW_MS);
        let [_, idle, reserved, to_pickup, waiting, on_trip] = drivers;
        let [requested, offered, matched, arrived, started] = trips;
        let figures = Figures {
            r#type: "figures",
            at_ms: now_ms,
            city_ms: self.clock.city_at(RealMs(now_ms)).0,
            speed: self.clock.speed(),
            drivers: Drivers { idle, reserved, to_pickup, waiting, on_trip },
            trips: Trips { requested, offered, matched, arrived, started },
            totals: self.sums(totals),
            rates: self.rates(totals, now_ms),
            latency_ms: Latencies {
                request_to_offer: services.request_to_offer,
                report_to_redis: services.report_to_redis,
                report_to_map: self.report_to_map(),
            },
            mongodb: services.mongodb,
            groups: services.groups,
            viewers,
        };
        Message::text(serde_json::to_string(&figures).expect("figures are plain data"))
    }

    fn sums(&self, totals: Totals) -> Sums {
        Sums {
            reports: totals.reports,
            requests: totals.requests,
            completed: totals.completed,
            cancelled: totals.cancelled,
            unfulfilled: totals.unfulfilled,
            fares_minor: totals.fares_minor,
            currency: self.currency,
        }
    }

    fn rates(&self, totals: Totals, now_ms: i64) -> Rates {
        let Some(oldest) = self.past.front() else { unreachable!("the present was just added") };
        let per_s = |now: u64, then: u64| {
            let span_ms = (now_ms - oldest.at_ms).max(1).unsigned_abs();
            rounded(number(now - then) * 1000.0 / number(span_ms))
        };
        Rates {
            reports_per_s: per_s(totals.reports, oldest.totals.reports),
            requests_per_min: per_s(60 * totals.requests, 60 * oldest.totals.requests),
            completed_per_min: per_s(60 * totals.completed, 60 * oldest.totals.completed),
        }
    }

    fn report_to_map(&self) -> Option<Quantiles> {
        let mut sum = Times::default();
        self.past.iter().for_each(|past| sum.add(&past.report_to_map));
        sum.quantiles()
    }
}

#[cfg(test)]
mod tests {
    use domain::CityMs;
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_779_000_000_000;

    fn present(second: u64, totals: Totals) -> Present {
        Present {
            now_ms: NOW + i64::try_from(second).unwrap() * 1000,
            drivers: [0, 5, 4, 3, 2, 1],
            trips: [1, 2, 3, 4, 5],
            totals,
            services: ServiceSummary::default(),
            viewers: 3,
        }
    }

    fn json(message: &Message) -> Value {
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    }

    #[test]
    fn rates_are_those_of_the_last_ten_seconds() {
        let mut desk = FiguresDesk::new(CityClock::REAL, Currency::USD);
        let mut last = Value::Null;
        for second in 0..=30u64 {
            // Twice as many from second 20 on.
            let reports = 4000 * (second + second.saturating_sub(20));
            let totals = Totals { reports, requests: 2 * second, completed: second, ..Totals::default() };
            desk.shown(if second < 20 { 900 } else { 120 });
            last = json(&desk.message(present(second, totals)));
        }
        let rates = json!({"reports_per_s": 8000.0, "requests_per_min": 120.0, "completed_per_min": 60.0});
        assert_eq!(last["rates"], rates);
        assert_eq!(last["latency_ms"]["report_to_map"], json!({"p50": 120, "p99": 120}));
        assert_eq!(last["totals"]["reports"], 4000 * 40);
    }

    #[test]
    fn figures_have_the_shape_that_pages_know() {
        let clock = CityClock::new(RealMs(NOW), CityMs(500_000), 60.0);
        let mut desk = FiguresDesk::new(clock, Currency::USD);
        let totals = Totals { cancelled: 1, unfulfilled: 2, fares_minor: 1234, ..Totals::default() };
        let group = Group { name: "fare".to_owned(), members: 2, lag_s: 0.5, records_per_s: 12.0 };
        let services = ServiceSummary {
            groups: vec![group],
            request_to_offer: Some(Quantiles { p50: 400, p99: 900 }),
            report_to_redis: None,
            mongodb: Some(Mongodb {
                documents_per_s: 100.0,
                documents_per_operation: 20.0,
                reports_per_operation: 50.0,
            }),
        };
        let message = desk.message(Present { services, ..present(1, totals) });
        let expected = json!({
            "type": "figures", "at_ms": NOW + 1000, "city_ms": 560_000, "speed": 60.0,
            "drivers": {"idle": 5, "reserved": 4, "to_pickup": 3, "waiting": 2, "on_trip": 1},
            "trips": {"requested": 1, "offered": 2, "matched": 3, "arrived": 4, "started": 5},
            "totals": {"reports": 0, "requests": 0, "completed": 0, "cancelled": 1, "unfulfilled": 2,
                "fares_minor": 1234, "currency": "USD"},
            "rates": {"reports_per_s": 0.0, "requests_per_min": 0.0, "completed_per_min": 0.0},
            "latency_ms": {"request_to_offer": {"p50": 400, "p99": 900}, "report_to_redis": null,
                "report_to_map": null},
            "mongodb": {"documents_per_s": 100.0, "documents_per_operation": 20.0,
                "reports_per_operation": 50.0},
            "groups": [{"name": "fare", "members": 2, "lag_s": 0.5, "records_per_s": 12.0}],
            "viewers": 3,
        });
        assert_eq!(json(&message), expected);
    }
}
