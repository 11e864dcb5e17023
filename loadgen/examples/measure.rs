//! Measures.
use domain::*;
use loadgen::model::*;
use roads::*;
use std::sync::Arc;
use std::time::Instant;
fn rss() -> u64 {
    std::fs::read_to_string("/proc/self/statm").unwrap().split(' ').nth(1).unwrap().parse::<u64>().unwrap()
        * 4096
}
fn main() {
    let o = CityOptions::default();
    let net = Arc::new(RoadNetwork::generate(1, &o));
    let d = Arc::new(Districts::generated(1, &o, &net));
    for n in [20_000u32, 100_000, 1_000_000] {
        let before = rss();
        let s = Settings {
            drivers: n,
            demand: Demand::Generated { requests_per_minute: 1200.0 },
            ..Settings::default()
        };
        let t = Instant::now();
        let mut c = City::new(1, s, net.clone(), d.clone(), CityClock::REAL, CityMs(1_700_000_000_000));
        println!("{n}: new {:?}", t.elapsed());
        let mut out = Vec::new();
        let t = Instant::now();
        let mut reports = 0;
        for k in 1..=400i64 {
            out.clear();
            c.step(CityMs(1_700_000_000_000 + k * 50), &mut out);
            reports += out.len();
        }
        println!(
            "20 s of city: {:?}, {reports} outputs, {} ns each, {} bytes a driver",
            t.elapsed(),
            t.elapsed().as_nanos() / reports as u128,
            (rss() - before) / n as u64
        );
    }
}
