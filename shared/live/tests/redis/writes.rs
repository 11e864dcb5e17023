//! What is written, and what is not.

use domain::LatLng;
use live::{Applied, DriverUpdate, Report, SILENCE_MS, Search};

use crate::ends::{Ends, NOW, fenced, update, written};

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
    let updates: Vec<_> = (1..=12_000).rev().map(|id| update(id, id as f64, NOW, id as i64)).collect();
    assert_eq!(ends.writer().apply(&updates, NOW).await.unwrap(), written(12_000));
    assert_eq!(ends.census.all().await.unwrap().len(), 12_000);
    assert_eq!(ends.server.command(&["HGET", "t:watermarks", "0"]).await, format!("12001 {NOW}"));
    let stats = ends.server.command(&["INFO", "commandstats"]).await;
    assert!(stats.contains("cmdstat_geoadd:calls=3,"), "5,000 at a time: {stats}");
    assert!(stats.contains("cmdstat_watch:calls=4,"), "once, and then along with each transaction: {stats}");
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
