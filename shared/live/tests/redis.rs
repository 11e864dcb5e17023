//! What the crate promises, against a real server.

#![allow(clippy::unwrap_used, reason = "all of this is tests")]

mod server;

use domain::{DriverId, LatLng};
use live::{Applied, Census, DriverUpdate, LiveDriver, Reader, Report, SILENCE_MS, Search, Sweeper, Writer};
use server::Server;

const CENTRE: LatLng = LatLng { lat: 37.7749, lon: -122.4194 };
const NOW: i64 = 1_800_000_000_000;

fn place(north_m: f64) -> LatLng {
    CENTRE.offset_m(north_m, 0.0)
}

/// Driver `id` at `north_m` metres north of the centre, reported at `seen_ms` with this offset of partition 0.
fn update(id: u64, north_m: f64, seen_ms: i64, offset: i64) -> DriverUpdate {
    let report = Some(Report { position: place(north_m), seen_ms, offset });
    DriverUpdate { driver: DriverId(id), partition: 0, epoch: 1, idle: true, report }
}

struct Ends {
    server: Server,
    reader: Reader,
    sweeper: Sweeper,
    census: Census,
}

impl Ends {
    async fn start() -> Self {
        let server = Server::start().await;
        let settings = server.settings();
        Self {
            reader: Reader::new(&settings, "t").unwrap(),
            sweeper: Sweeper::new(&settings, "t").unwrap(),
            census: Census::new(&settings, "t").unwrap(),
            server,
        }
    }

    fn writer(&self) -> Writer {
        Writer::new(&self.server.settings(), "t").unwrap()
    }

    async fn found(&mut self, count: usize) -> Vec<u64> {
        let found = self.reader.candidates(&[Search { position: CENTRE, count }], NOW).await.unwrap();
        found[0].iter().map(|candidate| candidate.driver.0).collect()
    }

    async fn driver(&mut self, id: u64) -> Option<LiveDriver> {
        self.census.all().await.unwrap().into_iter().find(|found| found.driver.0 == id)
    }

    /// Metres north of the centre, to the nearest ten.
    async fn north_m(&mut self, id: u64) -> f64 {
        let position = self.driver(id).await.unwrap().position.unwrap();
        (CENTRE.distance_m(position) / 10.0).round() * 10.0
    }
}

fn written(count: usize) -> Applied {
    Applied { written: count, ..Applied::default() }
}

fn fenced(count: usize) -> Applied {
    Applied { fenced: count, ..Applied::default() }
}

#[tokio::test]
async fn the_nearest_idle_drivers_are_found_in_rings_and_in_order() {
    let mut ends = Ends::start().await;
    let mut updates: Vec<_> = (1..=30).map(|id| update(id, 100.0 * id as f64, NOW, id as i64)).collect();
    updates[1].idle = false;
    updates.push(update(99, 7_900.0, NOW, 99));
    updates.push(update(100, 9_000.0, NOW, 100));
    assert_eq!(ends.writer().apply(&updates, NOW).await.unwrap(), written(32));
    assert_eq!(ends.found(3).await, [1, 3, 4]);
    assert_eq!(ends.found(50).await.last(), Some(&99), "nobody beyond 8 km");
    let searches =
        [Search { position: place(3_000.0), count: 1 }, Search { position: place(50_000.0), count: 5 }];
    let found = ends.reader.candidates(&searches, NOW).await.unwrap();
    assert_eq!((found[0][0].driver.0, found[1].len()), (30, 0));
    assert!(found[0][0].distance_m < 2.0);
    let positions = ends.reader.positions_of(&[DriverId(5), DriverId(777)]).await.unwrap();
    assert!(positions[0].unwrap().distance_m(place(500.0)) < 1.0 && positions[1].is_none());
    assert_eq!(ends.reader.count_seen(NOW).await.unwrap(), 32);
    assert_eq!(ends.reader.count_idle().await.unwrap(), 31);
}

#[tokio::test]
async fn nobody_is_nearer_than_who_is_found_however_dense_or_sparse_the_city_is() {
    let mut ends = Ends::start().await;
    let spread = |number: u64, side_m: f64| {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let share = |bits: u64| (bits & 0xffff) as f64 / 65_536.0 - 0.5;
        CENTRE.offset_m(share(mixed >> 8) * side_m, share(mixed >> 40) * side_m)
    };
    for (city, side_m) in [(0, 40_000.0), (1, 4_000.0), (2, 500.0), (3, 12_000.0)] {
        let one = |id: u64| DriverUpdate {
            report: Some(Report {
                position: spread(id, side_m),
                seen_ms: NOW,
                offset: (city * 1000 + id) as i64,
            }),
            ..update(id, 0.0, NOW, 0)
        };
        let updates: Vec<_> = (1..=1000).map(one).collect();
        ends.writer().apply(&updates, NOW).await.unwrap();
        let searches: Vec<_> =
            (5001..5251).map(|rider| Search { position: spread(rider, side_m), count: 10 }).collect();
        for _ in 0..2 {
            let found = ends.reader.candidates(&searches, NOW).await.unwrap();
            for (search, found) in searches.iter().zip(found) {
                let mut all: Vec<f64> =
                    updates.iter().map(|u| u.report.unwrap().position.distance_m(search.position)).collect();
                all.sort_unstable_by(f64::total_cmp);
                assert_eq!(found.len(), all.iter().filter(|m| **m <= 8_000.0).count().min(10));
                let same =
                    found.iter().zip(&all).all(|(near, m)| (near.distance_m - m).abs() < 5.0 + m / 100.0);
                assert!(same, "{found:?} instead of {:?}", &all[..10]);
            }
        }
    }
}

#[tokio::test]
async fn silent_drivers_are_never_found_and_are_swept_away() {
    let mut ends = Ends::start().await;
    let silent = NOW - SILENCE_MS - 1;
    let mut updates: Vec<_> = (1..=1200).map(|id| update(id, 10.0, silent, id as i64)).collect();
    updates.push(update(2000, 300.0, NOW - SILENCE_MS, 2000));
    let mut writer = ends.writer();
    writer.apply(&updates, NOW).await.unwrap();
    let found = ends.found(5).await;
    assert!(found.iter().all(|id| *id == 2000), "{found:?}");
    assert_eq!(ends.reader.count_seen(NOW).await.unwrap(), 1);
    writer.apply(&[update(7, 20.0, NOW, 3000)], NOW).await.unwrap();
    assert_eq!(ends.sweeper.sweep(NOW).await.unwrap(), 1199);
    let left: Vec<u64> = ends.census.all().await.unwrap().iter().map(|found| found.driver.0).collect();
    assert_eq!(left, [7, 2000]);
    assert_eq!(ends.found(5).await, [7, 2000]);
}

#[tokio::test]
async fn a_crowd_of_silent_drivers_hides_nobody() {
    let mut ends = Ends::start().await;
    let mut updates: Vec<_> = (1..=100).map(|id| update(id, 10.0, NOW - 2 * SILENCE_MS, id as i64)).collect();
    updates.push(update(500, 5_000.0, NOW, 500));
    ends.writer().apply(&updates, NOW).await.unwrap();
    assert_eq!(ends.found(10).await, [500], "the rings grow until somebody is found who is not silent");
}

#[tokio::test]
async fn of_a_crowd_at_one_place_redis_does_not_look_for_the_nearest() {
    let mut ends = Ends::start().await;
    // Two thousand within ten metres.
    let crowd = (1..=2000).map(|id| update(id, id as f64 / 200.0, NOW, id as i64));
    let aside = (3001..=3010).map(|id| update(id, 100.0, NOW, id as i64));
    ends.writer().apply(&crowd.chain(aside).collect::<Vec<_>>(), NOW).await.unwrap();
    // The second time the ring is as narrow as the first found it to do.
    for _ in 0..2 {
        let found = ends.found(10).await;
        assert!(found.len() == 10 && found.iter().all(|id| *id <= 2000), "{found:?}");
    }
    ends.server.command(&["CONFIG", "RESETSTAT"]).await;
    for _ in 0..100 {
        ends.found(10).await;
    }
    let stats = ends.server.command(&["INFO", "commandstats"]).await;
    let search = stats.lines().find(|line| line.starts_with("cmdstat_geosearch:")).unwrap();
    let us_a_search: f64 =
        search.split("usec_per_call=").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    println!("{us_a_search} µs a search among two thousand at one place");
    // Who stands a little farther away is found all the same where the crowd is too small.
    assert_eq!(ends.found(500).await.len(), 500);
    let elsewhere = Search { position: place(100.0), count: 10 };
    let found = ends.reader.candidates(&[elsewhere], NOW).await.unwrap();
    assert!(found[0].iter().all(|candidate| candidate.driver.0 > 3000), "{found:?}");
}

#[tokio::test]
async fn who_is_no_longer_idle_is_not_found_but_keeps_the_position() {
    let mut ends = Ends::start().await;
    let mut writer = ends.writer();
    writer.apply(&[update(1, 100.0, NOW, 1), update(2, 200.0, NOW, 2)], NOW).await.unwrap();
    let taken = DriverUpdate { idle: false, report: None, ..update(1, 0.0, NOW, 0) };
    writer.apply(&[taken], NOW).await.unwrap();
    assert_eq!(ends.found(5).await, [2]);
    assert_eq!(ends.north_m(1).await, 100.0);
    let positions = ends.reader.positions_of(&[DriverId(1)]).await.unwrap();
    assert!(positions[0].unwrap().distance_m(place(100.0)) < 1.0);
}

#[tokio::test]
async fn a_driver_is_in_one_set_whatever_becomes_of_them() {
    let mut ends = Ends::start().await;
    let mut writer = ends.writer();
    let busy = |update: DriverUpdate| DriverUpdate { idle: false, ..update };
    let without_report = |update: DriverUpdate| DriverUpdate { report: None, ..update };
    let steps = [
        (update(1, 100.0, NOW, 1), 100.0, true),
        (busy(update(1, 200.0, NOW, 2)), 200.0, false),
        (without_report(busy(update(1, 0.0, NOW, 0))), 200.0, false),
        (update(1, 300.0, NOW, 3), 300.0, true),
        (without_report(update(1, 0.0, NOW, 0)), 300.0, true),
        (without_report(busy(update(1, 0.0, NOW, 0))), 300.0, false),
        (without_report(busy(update(2, 0.0, NOW, 0))), 300.0, false),
    ];
    for (step, (update, north_m, idle)) in steps.into_iter().enumerate() {
        writer.apply(&[update], NOW).await.unwrap();
        let sets = [("t:idle", idle), ("t:busy", !idle)];
        for (set, is_member) in sets {
            let rank = ends.server.command(&["ZSCORE", set, "1"]).await;
            assert_eq!(!rank.is_empty(), is_member, "step {step}: {set} says {rank:?}");
        }
        assert_eq!(ends.north_m(1).await, north_m, "step {step}");
        assert!(ends.driver(2).await.is_none(), "nothing is known of where they are");
    }
}

#[tokio::test]
async fn a_member_that_wakes_up_late_writes_nothing_over_newer_positions() {
    let mut ends = Ends::start().await;
    let (mut frozen, mut owner) = (ends.writer(), ends.writer());
    frozen.apply(&[update(1, 100.0, NOW, 1)], NOW).await.unwrap();
    assert_eq!(owner.apply(&[update(1, 500.0, NOW + 9, 5)], NOW + 9).await.unwrap(), written(1));
    let other = DriverUpdate { partition: 1, ..update(8, 50.0, NOW, 1) };
    let late = [update(1, 200.0, NOW + 5, 2), update(3, 300.0, NOW + 5, 3), other];
    let expected = Applied { written: 1, fenced: 2, below_watermark: 0 };
    assert_eq!(
        frozen.apply(&late, NOW + 10).await.unwrap(),
        expected,
        "only the part of its own partition is written"
    );
    assert_eq!(ends.north_m(1).await, 500.0);
    assert!(ends.driver(3).await.is_none() && ends.driver(8).await.is_some());
    // Still believing in its assignment it takes the partition; the watermark keeps older positions out.
    let expected = Applied { written: 0, fenced: 0, below_watermark: 1 };
    assert_eq!(frozen.apply(&[update(1, 300.0, NOW + 6, 4)], NOW + 11).await.unwrap(), expected);
    assert_eq!(ends.north_m(1).await, 500.0);
    // The owner loses one batch and takes the partition back.
    assert_eq!(owner.apply(&[update(1, 600.0, NOW + 12, 6)], NOW + 12).await.unwrap(), fenced(1));
    assert_eq!(owner.apply(&[update(1, 700.0, NOW + 13, 7)], NOW + 13).await.unwrap(), written(1));
    assert_eq!(ends.north_m(1).await, 700.0);
}

#[tokio::test]
async fn a_restarted_member_does_not_write_again_what_was_written() {
    let mut ends = Ends::start().await;
    ends.writer().apply(&[update(1, 100.0, NOW, 10), update(2, 200.0, NOW, 11)], NOW).await.unwrap();
    let mut again = ends.writer();
    let replayed =
        [update(1, 50.0, NOW - 5_000, 8), DriverUpdate { idle: false, ..update(2, 200.0, NOW, 11) }];
    assert_eq!(
        again.apply(&replayed, NOW + 1).await.unwrap(),
        Applied { below_watermark: 2, ..Applied::default() }
    );
    assert_eq!(ends.north_m(1).await, 100.0);
    assert_eq!(ends.found(5).await, [1], "what is known about availability is never old");
    assert_eq!(again.apply(&[update(1, 300.0, NOW + 2, 12)], NOW + 2).await.unwrap(), written(1));
    // A second assignment of the same partition to the same member begins from its own watermark.
    let next = DriverUpdate { epoch: 2, ..update(1, 250.0, NOW + 1, 9) };
    assert_eq!(again.apply(&[next], NOW + 3).await.unwrap().below_watermark, 1);
    assert_eq!(ends.north_m(1).await, 300.0);
}

#[tokio::test]
async fn a_known_position_written_again_does_not_set_the_watermark_back() {
    let ends = Ends::start().await;
    let mut writer = ends.writer();
    writer.apply(&[update(1, 100.0, NOW, 10), update(2, 100.0, NOW, 90)], NOW).await.unwrap();
    assert_eq!(writer.apply(&[update(1, 100.0, NOW, 10)], NOW + 1).await.unwrap(), written(1));
    assert_eq!(ends.writer().apply(&[update(2, 50.0, NOW, 80)], NOW + 2).await.unwrap().below_watermark, 1);
}

#[tokio::test]
async fn a_topic_made_anew_is_read_although_the_watermark_is_far_above_it() {
    let mut ends = Ends::start().await;
    ends.writer().apply(&[update(1, 100.0, NOW, 1_000_000)], NOW).await.unwrap();
    let mut writer = ends.writer();
    assert_eq!(writer.apply(&[update(1, 400.0, NOW + 60_000, 0)], NOW + 60_001).await.unwrap(), written(1));
    assert_eq!(ends.north_m(1).await, 400.0);
    let again = ends.writer().apply(&[update(1, 300.0, NOW + 59_000, 0)], NOW + 60_002).await.unwrap();
    assert_eq!(again.below_watermark, 1, "the watermark now stands in the new topic");
}

#[tokio::test]
async fn redis_emptied_under_load_heals_with_the_next_reports() {
    let mut ends = Ends::start().await;
    let (mut frozen, mut writer) = (ends.writer(), ends.writer());
    frozen.apply(&[update(1, 10.0, NOW, 1)], NOW).await.unwrap();
    writer.apply(&[update(1, 100.0, NOW, 2)], NOW).await.unwrap();
    ends.server.command(&["FLUSHALL"]).await;
    assert_eq!(ends.found(5).await, [] as [u64; 0]);
    assert_eq!(writer.apply(&[update(1, 200.0, NOW, 3)], NOW).await.unwrap(), fenced(1));
    assert_eq!(writer.apply(&[update(1, 300.0, NOW, 4)], NOW).await.unwrap(), written(1));
    assert_eq!(ends.found(5).await, [1]);
    assert_eq!(
        frozen.apply(&[update(1, 20.0, NOW, 2)], NOW).await.unwrap(),
        fenced(1),
        "its token is from before"
    );
    assert_eq!(ends.north_m(1).await, 300.0);
}

#[tokio::test]
async fn scripts_and_connections_come_back_after_redis_lost_them() {
    let mut ends = Ends::start().await;
    let mut writer = ends.writer();
    writer.apply(&[update(1, 100.0, NOW, 1)], NOW).await.unwrap();
    assert_eq!(ends.found(1).await, [1]);
    ends.server.command(&["SCRIPT", "FLUSH"]).await;
    assert_eq!(ends.found(1).await, [1]);
    ends.server.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
    assert!(
        writer.apply(&[update(1, 200.0, NOW, 2)], NOW).await.is_err(),
        "the batch is tried again by the runner"
    );
    assert_eq!(writer.apply(&[update(1, 200.0, NOW, 2)], NOW).await.unwrap(), written(1));
}

#[tokio::test]
async fn members_that_come_and_go_do_not_disturb_the_writes_of_others() {
    let mut ends = Ends::start().await;
    let (mut steady, mut restless) = (ends.writer(), ends.writer());
    let writing = async {
        for offset in 1..=200 {
            assert_eq!(
                steady.apply(&[update(1, offset as f64, NOW, offset)], NOW).await.unwrap(),
                written(1)
            );
        }
    };
    let coming_and_going = async {
        for epoch in 1..=100 {
            let other = DriverUpdate { partition: 1, epoch, ..update(2, 5.0, NOW, 1_000 + epoch as i64) };
            assert_eq!(restless.apply(&[other], NOW).await.unwrap(), written(1));
        }
    };
    tokio::join!(writing, coming_and_going);
    assert_eq!(ends.north_m(1).await, 200.0);
}

#[tokio::test]
async fn large_batches_are_written_in_slices_and_whole() {
    let mut ends = Ends::start().await;
    let updates: Vec<_> = (1..=2500).rev().map(|id| update(id, id as f64, NOW, id as i64)).collect();
    assert_eq!(ends.writer().apply(&updates, NOW).await.unwrap(), written(2500));
    assert_eq!(ends.census.all().await.unwrap().len(), 2500);
    assert_eq!(ends.server.command(&["HGET", "t:watermarks", "0"]).await, format!("2501 {NOW}"));
}

#[tokio::test]
async fn places_that_redis_refuses_do_no_harm() {
    let mut ends = Ends::start().await;
    let pole = LatLng { lat: 89.0, lon: 0.0 };
    let mut polar = update(1, 0.0, NOW, 1);
    polar.report = polar.report.map(|report| Report { position: pole, ..report });
    ends.writer().apply(&[polar, update(2, 100.0, NOW, 2)], NOW).await.unwrap();
    let found = ends.reader.candidates(&[Search { position: pole, count: 5 }], NOW).await.unwrap();
    assert_eq!((found[0].len(), ends.found(5).await), (0, vec![2]));
}

#[tokio::test]
async fn nobody_is_seen_in_the_future() {
    let mut ends = Ends::start().await;
    ends.writer().apply(&[update(1, 100.0, NOW + 3_600_000, 1)], NOW).await.unwrap();
    assert_eq!(ends.driver(1).await.unwrap().seen_ms, Some(NOW));
    assert_eq!(ends.sweeper.sweep(NOW + SILENCE_MS + 1).await.unwrap(), 1);
}

#[tokio::test]
async fn what_an_update_and_a_search_cost_the_server_is_shown() {
    let mut ends = Ends::start().await;
    let mut writer = ends.writer();
    let batch = |round: u64| -> Vec<DriverUpdate> {
        let one = |id: u64| {
            let mixed = (id + round * 1000).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let position =
                CENTRE.offset_m((mixed % 12_000) as f64 - 6000.0, ((mixed >> 20) % 12_000) as f64 - 6000.0);
            let report = Some(Report { position, seen_ms: NOW, offset: (round * 1000 + id) as i64 });
            DriverUpdate {
                driver: DriverId((id * 20 + round) % 20_000),
                partition: 0,
                epoch: 1,
                idle: true,
                report,
            }
        };
        (0..1000).map(one).collect()
    };
    for round in 0..20 {
        writer.apply(&batch(round), NOW).await.unwrap();
    }
    let cpu_us = |info: String| -> f64 {
        let second = |name: &str| {
            info.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok()).unwrap()
        };
        (second("used_cpu_user:") + second("used_cpu_sys:")) * 1e6
    };
    let before = cpu_us(ends.server.command(&["INFO", "cpu"]).await);
    for round in 20..120 {
        writer.apply(&batch(round), NOW).await.unwrap();
    }
    let between = cpu_us(ends.server.command(&["INFO", "cpu"]).await);
    let searches: Vec<Search> =
        batch(7).iter().map(|u| Search { position: u.report.unwrap().position, count: 10 }).collect();
    let mut found = 0;
    for _ in 0..10 {
        found = ends.reader.candidates(&searches, NOW).await.unwrap().iter().map(Vec::len).sum();
    }
    let after = cpu_us(ends.server.command(&["INFO", "cpu"]).await);
    println!(
        "update {:.2} µs, search {:.1} µs of server time",
        (between - before) / 1e5,
        (after - between) / 1e4
    );
    assert!(found > 9_000, "{found} candidates for 1,000 searches for 10");
}
