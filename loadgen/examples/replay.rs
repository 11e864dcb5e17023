//! Replay.
#[path = "../tests/dispatcher/mod.rs"]
mod dispatcher;
use domain::*;
use loadgen::model::*;
use roads::*;
use std::sync::Arc;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (net, report) = RoadNetwork::load(a[1].as_ref()).unwrap();
    print!("{report}");
    let from = CityMs(1_211_587_200_000);
    let trips = TripsFile::read(a[2].as_ref(), Some(from)).unwrap();
    let path = trips.path.clone();
    let net = Arc::new(net);
    let d = Arc::new(Districts::uniform(&net));
    let speed = 60.0;
    let start = RealMs(1_700_000_000_000);
    let clock = CityClock::new(start, from, speed);
    let s = Settings {
        drivers: a[3].parse().unwrap(),
        demand: Demand::Recorded(trips),
        utc_offset_h: -7.0,
        ..Settings::default()
    };
    let mut c = City::new(1, s, net, d, clock, from);
    let mut disp = dispatcher::Dispatcher::new(clock);
    let mut out = Vec::new();
    let mut now = start;
    let t = std::time::Instant::now();
    let mut spent = std::time::Duration::ZERO;
    let mut reasons = std::collections::BTreeMap::new();
    while !c.finished() && now.since(start) < 800_000 {
        now = now.plus_ms(50);
        out.clear();
        let t0 = std::time::Instant::now();
        if now.since(start) >= 600_000 {
            c.close(clock.city_at(now));
        }
        c.step(clock.city_at(now), &mut out);
        spent += t0.elapsed();
        let events = disp.tick(now);
        let t0 = std::time::Instant::now();
        for e in events {
            if let domain::trip::TripFact::TripCancelled { by, reason, .. } = &e.fact {
                *reasons.entry(format!("{by:?} {reason}")).or_insert(0) += 1;
            }
            c.on_trip_event(&e, clock.city_at(now), &mut out);
        }
        spent += t0.elapsed();
        for o in &out {
            if let Output::Unroutable { line, what } = o
                && reasons.len() < 3
            {
                println!("{} line {line}: {what}", path.display());
            }
            disp.take(o, now);
        }
        disp.trips
            .retain(|_, trip| trip.state != dispatcher::State::Ended || now.since(trip.requested) < 300_000);
        if now.since(start) % 60_000 == 0 {
            println!("{} s: {:?} open {}", now.since(start) / 1000, c.census(), c.open_trips());
        }
    }
    println!(
        "{:?}\n{:?}\n{reasons:?} model {:?} all {:?} finished {} after {} s",
        c.counters(),
        c.census(),
        spent,
        t.elapsed(),
        c.finished(),
        now.since(start) / 1000
    );
}
