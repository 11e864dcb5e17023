//! Who is found.

use domain::DriverId;
use live::{DriverUpdate, Report, SILENCE_MS, Search};

use crate::ends::{CENTRE, Ends, NOW, place, update, written};

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

/// What a search of the server takes, of a hundred that are made so, µs.
async fn cost_us(ends: &mut Ends, search: impl AsyncFn(&mut Ends)) -> f64 {
    ends.server.command(&["CONFIG", "RESETSTAT"]).await;
    for _ in 0..100 {
        search(ends).await;
    }
    let stats = ends.server.command(&["INFO", "commandstats"]).await;
    let searches = stats.lines().find(|line| line.starts_with("cmdstat_geosearch:calls=100,")).unwrap();
    searches.split("usec_per_call=").nth(1).and_then(|rest| rest.split(',').next()).unwrap().parse().unwrap()
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
    let narrow_us = cost_us(&mut ends, async |ends| drop(ends.found(10).await)).await;
    let all = [
        "GEOSEARCH",
        "t:idle",
        "FROMLONLAT",
        "-122.4194",
        "37.7749",
        "BYRADIUS",
        "15",
        "m",
        "ASC",
        "COUNT",
        "10",
    ];
    let wide_us = cost_us(&mut ends, async |ends| drop(ends.server.command(&all).await)).await;
    assert!(narrow_us * 5.0 < wide_us, "{narrow_us} µs, and {wide_us} to put all in order");
    // Who stands a little farther away is found all the same where the crowd is too small.
    assert_eq!(ends.found(500).await.len(), 500);
    let elsewhere = Search { position: place(100.0), count: 10 };
    let found = ends.reader.candidates(&[elsewhere], NOW).await.unwrap();
    assert!(found[0].iter().all(|candidate| candidate.driver.0 > 3000), "{found:?}");
}

#[tokio::test]
async fn a_view_that_is_stale_is_looked_at_once() {
    let mut ends = Ends::start().await;
    let updates: Vec<_> =
        (1..=3000).map(|id| update(id, id as f64, NOW - 2 * SILENCE_MS, id as i64)).collect();
    let mut writer = ends.writer();
    writer.apply(&updates, NOW).await.unwrap();
    ends.server.command(&["CONFIG", "RESETSTAT"]).await;
    assert_eq!(ends.found(10).await, [0; 0]);
    let stats = ends.server.command(&["INFO", "commandstats"]).await;
    assert!(stats.contains("cmdstat_geosearch:calls=1,"), "{stats}");
    writer.apply(&[update(1, 2_000.0, NOW, 4000)], NOW).await.unwrap();
    assert_eq!(ends.found(10).await, [1], "as soon as somebody is heard of, everybody is looked at");
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
