//! The runner on fakes: the order sink, dead letters, commit, and what happens when something fails in between.

use std::collections::BTreeMap;
use std::time::Duration;

use pipeline::fakes::{FakeSink, FakeSource, OwnedRecord, Step};
use pipeline::{
    AtLeastOnce, AtMostOnce, Counters, Decided, Delivered, Delivery, Handler, Outcome, Record, Reject,
    Rejected, Retry, Source, run,
};

/// Emits every payload in upper case and remembers it per partition; knows what is poison.
#[derive(Default)]
struct Shout {
    seen: BTreeMap<i32, Vec<String>>,
}

impl Handler for Shout {
    type Effect = String;

    fn assigned(&mut self, partition: i32) {
        self.seen.insert(partition, vec![]);
    }

    fn revoked(&mut self, partition: i32) {
        self.seen.remove(&partition);
    }

    fn observe(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        self.seen.entry(record.partition).or_default().push(text(record));
        Ok(())
    }

    fn handle(&mut self, record: &Record<'_>, effects: &mut Vec<String>) -> Result<Outcome, Reject> {
        let text = text(record);
        match text.as_str() {
            "poison" => return Err(Reject::new("poison", "it is poison")),
            "bug" => {
                effects.push("half an effect".to_owned());
                panic!("a bug");
            }
            "boring" => return Ok(Outcome::Skipped("boring")),
            _ => (),
        }
        let seen = self.seen.entry(record.partition).or_default();
        seen.push(text.clone());
        effects.push(format!("{}#{}", text.to_uppercase(), seen.len()));
        Ok(Outcome::Done)
    }
}

fn text(record: &Record<'_>) -> String {
    String::from_utf8_lossy(record.payload.unwrap_or_default()).into_owned()
}

fn records(payloads: &[&str]) -> Step {
    let record = |(offset, payload): (i64, &&str)| OwnedRecord::new("in", 0, offset, "key", payload);
    Step::Records((0..).zip(payloads).map(record).collect())
}

const PATIENT: Retry = Retry {
    first: Duration::from_millis(50),
    longest: Duration::from_secs(1),
    give_up: Duration::from_secs(10),
};

fn delivery(
    sink: &FakeSink<String>,
    dead: &FakeSink<Rejected>,
    counters: &Counters,
) -> AtLeastOnce<FakeSink<String>, FakeSink<Rejected>> {
    AtLeastOnce { sink: sink.clone(), dead_letters: dead.clone(), retry: PATIENT, counters: counters.clone() }
}

async fn play(
    steps: Vec<Step>,
    sink: &FakeSink<String>,
    dead: &FakeSink<Rejected>,
) -> (anyhow::Result<()>, FakeSource, Counters) {
    let (source, counters) = (FakeSource::new(steps), Counters::default());
    let result =
        run(Shout::default(), source.clone(), delivery(sink, dead, &counters), counters.clone(), || 0).await;
    (result, source, counters)
}

fn calls(source: &FakeSource) -> Vec<String> {
    source.with(|state| state.calls.clone())
}

#[tokio::test(start_paused = true)]
async fn poison_goes_to_the_dead_letters_and_the_batch_commits_once() {
    let (sink, dead) = (FakeSink::default(), FakeSink::default());
    let (result, source, counters) = play(vec![records(&["a", "poison", "boring", "b"])], &sink, &dead).await;
    result.unwrap();
    assert_eq!(sink.items(), ["A#1", "B#2"]);
    let letters = dead.items();
    assert_eq!((letters.len(), letters[0].offset, letters[0].reject.code), (1, 1, "poison"));
    assert_eq!(calls(&source), ["commit in/0@4", "close"]);
    let counts = counters.take();
    assert_eq!((counts.records, counts.skipped["boring"], counts.rejected["poison"]), (4, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_recovers_is_tried_again_before_the_commit() {
    let (sink, dead) = (FakeSink::failing(3), FakeSink::default());
    let (result, source, counters) = play(vec![records(&["a"])], &sink, &dead).await;
    result.unwrap();
    assert_eq!(sink.items(), ["A#1"]);
    assert_eq!(calls(&source), ["commit in/0@1", "close"]);
    assert_eq!(counters.take().retries, 3);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_stays_down_commits_nothing_and_ends_the_service() {
    let (sink, dead) = (FakeSink::failing(u32::MAX), FakeSink::default());
    let (result, source, _) = play(vec![records(&["a", "poison"])], &sink, &dead).await;
    assert!(format!("{:#}", result.unwrap_err()).contains("gave up"));
    assert_eq!(dead.items(), []);
    assert_eq!(calls(&source), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn dead_letters_that_can_not_be_written_commit_nothing() {
    let (sink, dead) = (FakeSink::default(), FakeSink::failing(u32::MAX));
    let (result, source, _) = play(vec![records(&["a", "poison"])], &sink, &dead).await;
    assert!(result.is_err());
    assert_eq!(calls(&source), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn at_most_once_commits_before_the_sink() {
    let (sink, dead) = (FakeSink::failing(u32::MAX), FakeSink::default());
    let (source, counters) = (FakeSource::new([records(&["a"])]), Counters::default());
    let delivery = AtMostOnce(delivery(&sink, &dead, &counters));
    let result = run(Shout::default(), source.clone(), delivery, counters, || 0).await;
    assert!(result.is_err());
    assert_eq!(calls(&source), ["commit in/0@1"]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_rejects_its_record_and_makes_the_partition_anew() {
    let (sink, dead) = (FakeSink::default(), FakeSink::default());
    let source = FakeSource::new([Step::Assigned(vec![0]), records(&["a", "bug", "b"])]);
    source.with(|state| state.tables.push(OwnedRecord::new("table", 0, 0, "key", "restored")));
    let counters = Counters::default();
    run(Shout::default(), source.clone(), delivery(&sink, &dead, &counters), counters.clone(), || 0)
        .await
        .unwrap();
    // The table holds one entry, so after each restore the count begins at two.
    assert_eq!(sink.items(), ["A#2", "B#2"]);
    let letters = dead.items();
    assert_eq!((letters.len(), letters[0].offset, letters[0].reject.code), (1, 1, "panic"));
    assert!(letters[0].reject.detail.contains("a bug"));
    assert_eq!(calls(&source), ["commit in/0@2", "commit in/0@3", "close"]);
    assert_eq!(counters.take().restored, 2);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_mostly_bad_stops_the_service() {
    let (sink, dead) = (FakeSink::default(), FakeSink::default());
    let (result, source, _) = play(vec![records(&["poison"; 120])], &sink, &dead).await;
    let error = format!("{:#}", result.unwrap_err());
    assert!(error.contains("in/0@0") && error.contains("120 of 120"), "{error}");
    assert_eq!(dead.items(), []);
    assert_eq!(calls(&source), Vec::<String>::new());
}

/// Aborts the first delivery and takes all later ones.
struct AbortsOnce(bool, FakeSink<String>);

impl Delivery<String> for AbortsOnce {
    async fn deliver<S: Source>(
        &mut self,
        decided: &Decided<String>,
        source: &mut S,
    ) -> anyhow::Result<Delivered> {
        if std::mem::take(&mut self.0) {
            return Ok(Delivered::Aborted);
        }
        pipeline::Sink::apply(&mut self.1, &decided.effects).await?;
        source.commit(&decided.progress).await?;
        Ok(Delivered::Done)
    }
}

#[tokio::test(start_paused = true)]
async fn an_aborted_transaction_rewinds_and_restores() {
    let sink = FakeSink::default();
    let batch = records(&["a", "b"]);
    let source = FakeSource::new([Step::Assigned(vec![0]), batch.clone(), batch]);
    let counters = Counters::default();
    run(Shout::default(), source.clone(), AbortsOnce(true, sink.clone()), counters.clone(), || 0)
        .await
        .unwrap();
    assert_eq!(sink.items(), ["A#1", "B#2"]);
    assert_eq!(calls(&source), ["rewind in/0@0", "commit in/0@2", "close"]);
    assert_eq!(counters.take().aborts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_partition_loses_its_state() {
    let (sink, dead) = (FakeSink::default(), FakeSink::default());
    let steps = vec![
        Step::Assigned(vec![0]),
        records(&["a"]),
        Step::Revoked(vec![0]),
        Step::Assigned(vec![0]),
        records(&["b"]),
    ];
    let (result, _, _) = play(steps, &sink, &dead).await;
    result.unwrap();
    assert_eq!(sink.items(), ["A#1", "B#1"]);
}

#[tokio::test(start_paused = true)]
async fn a_member_without_partitions_is_ready_once_it_knows_that_none_is_left() {
    let waiting = async |steps: Vec<Step>| {
        let (sink, dead) = (FakeSink::default(), FakeSink::default());
        let (result, _, counters) = play(steps, &sink, &dead).await;
        result.unwrap();
        counters.waiting_for()()
    };
    let (none, some) = (Step::Assigned(vec![]), Step::Assigned(vec![0]));
    let joining = Some("partitions to be assigned to it".to_owned());
    assert_eq!(waiting(vec![]).await, joining);
    assert_eq!(waiting(vec![none.clone()]).await, None);
    assert_eq!(waiting(vec![some.clone()]).await, None);
    assert_eq!(waiting(vec![some.clone(), Step::Revoked(vec![0])]).await, joining);
    assert_eq!(waiting(vec![some.clone(), Step::Revoked(vec![0]), none.clone()]).await, None);
    assert_eq!(waiting(vec![none, some]).await, None);
}
