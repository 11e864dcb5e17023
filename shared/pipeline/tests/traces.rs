//! Traces through the runner, on fakes: effects go back to the span of their record, and without a tracer to nothing.

use pipeline::fakes::{FakeSink, FakeSource, OwnedRecord, Step};
use pipeline::{
    AtLeastOnce, Counters, Decided, Delivered, Delivery, Handler, Outcome, Record, Reject, Rejected, Retry,
    Source, run,
};
use traces::fakes::FakeSpans;
use traces::{Kind, MOST_LINKS, Span, TraceParent, Value};

/// Writes every payload again, and in which span.
struct Copy;

type Copied = (String, Option<TraceParent>);

impl Handler for Copy {
    type Effect = Copied;

    fn handle(&mut self, record: &Record<'_>, effects: &mut Vec<Copied>) -> Result<Outcome, Reject> {
        let text = String::from_utf8_lossy(record.payload.unwrap_or_default()).into_owned();
        match text.as_str() {
            "poison" => Err(Reject::new("poison", "it is poison")),
            "boring" => Ok(Outcome::Skipped("boring")),
            _ => {
                effects.push((text, None));
                Ok(Outcome::Done)
            }
        }
    }

    fn trace(effect: &mut Copied, span: TraceParent) {
        effect.1 = Some(span);
    }

    fn tick(&mut self, _now_ms: i64, effects: &mut Vec<Copied>) {
        effects.push(("tick".to_owned(), None));
    }
}

/// A record written at 2,000 ms that goes back to the span of a cause, if there is one.
fn record(offset: i64, payload: &str, cause: Option<TraceParent>) -> OwnedRecord {
    let record = OwnedRecord::new("in", 3, offset, "key", payload);
    OwnedRecord { timestamp_ms: 2_000, traceparent: cause, ..record }
}

fn source(records: Vec<OwnedRecord>, spans: Option<&FakeSpans>) -> FakeSource {
    let source = FakeSource::new([Step::Records(records)]);
    if let Some(spans) = spans {
        spans.set_now_ms(2_700);
        let tracer = spans.tracer().telling("messaging.consumer.group.name", "copy");
        source.with(|state| state.tracer = tracer);
    }
    source
}

async fn play(records: Vec<OwnedRecord>, spans: Option<&FakeSpans>) -> (Vec<Copied>, Vec<Rejected>) {
    let (sink, dead, counters) = (FakeSink::default(), FakeSink::default(), Counters::default());
    let delivery = AtLeastOnce {
        sink: sink.clone(),
        dead_letters: dead.clone(),
        retry: Retry::default(),
        counters: counters.clone(),
    };
    run(Copy, source(records, spans), delivery, counters, || 0).await.expect("nothing fails");
    (sink.items(), dead.items())
}

fn of_name(spans: &[Span], name: &str) -> Vec<Span> {
    spans.iter().filter(|span| span.name == name).cloned().collect()
}

#[tokio::test]
async fn effects_go_back_to_the_span_in_which_their_record_was_handled() {
    let spans = FakeSpans::default();
    let causes = ["x", "y"].map(TraceParent::of);
    let records =
        vec![record(0, "a", Some(causes[0])), record(1, "b", None), record(2, "c", Some(causes[1]))];
    let (effects, _) = play(records, Some(&spans)).await;
    let handled = of_name(&spans.taken(), "process in");
    assert_eq!(handled.len(), 2);
    for (span, cause) in handled.iter().zip(causes) {
        assert_eq!((span.context.trace_id, span.parent), (cause.trace_id, Some(cause.span_id)));
        assert_eq!(span.kind, Kind::Consumer);
        assert_eq!(span.told("hailstorm.waited_ms"), Some(&Value::Number(700)));
        assert_eq!(span.told("messaging.consumer.group.name"), Some(&Value::from("copy")));
        assert_eq!(span.told("messaging.destination.partition.id"), Some(&Value::from("3")));
        assert_eq!(span.start_ns, 2_700_000_000, "it begins when it is handled: the wait is a gap");
    }
    let carried: Vec<_> = effects.iter().map(|(text, span)| (text.as_str(), *span)).collect();
    let expected =
        [("a", Some(handled[0].context)), ("b", None), ("c", Some(handled[1].context)), ("tick", None)];
    assert_eq!(carried, expected);
}

#[tokio::test]
async fn the_delivery_hangs_below_the_first_span_of_its_batch_and_links_to_the_others() {
    let spans = FakeSpans::default();
    let many = MOST_LINKS as i64 + 10;
    let records = (0..many).map(|offset| record(offset, "a", Some(TraceParent::of(offset)))).collect();
    play(records, Some(&spans)).await;
    let (handled, deliveries) = (of_name(&spans.taken(), "process in"), of_name(&spans.taken(), "deliver"));
    assert_eq!(deliveries.len(), 1);
    let delivery = &deliveries[0];
    assert_eq!(delivery.parent, Some(handled[0].context.span_id));
    let others: Vec<TraceParent> = handled[1..].iter().map(|span| span.context).take(MOST_LINKS).collect();
    assert_eq!(delivery.links, others);
    assert_eq!(delivery.told("messaging.batch.message_count"), Some(&Value::Number(many)));
    let untraced = FakeSpans::default();
    play(vec![record(0, "a", None)], Some(&untraced)).await;
    assert_eq!(untraced.taken(), [], "nothing of it lies in a trace");
}

#[tokio::test]
async fn what_is_skipped_or_rejected_says_so_and_a_dead_letter_goes_back_to_it() {
    let spans = FakeSpans::default();
    let cause = TraceParent::of("x");
    let records =
        vec![record(0, "boring", Some(cause)), record(1, "poison", Some(cause)), record(2, "poison", None)];
    let (_, letters) = play(records, Some(&spans)).await;
    let handled = of_name(&spans.taken(), "process in");
    assert_eq!(handled[0].told("hailstorm.skipped"), Some(&Value::from("boring")));
    assert_eq!(handled[1].error.as_deref(), Some("poison: it is poison"));
    let parents: Vec<_> = letters.iter().map(|letter| letter.traceparent).collect();
    assert_eq!(parents, [Some(handled[1].context), None]);
}

#[tokio::test]
async fn without_a_tracer_nothing_is_added() {
    let cause = TraceParent::of("x");
    let (effects, letters) =
        play(vec![record(0, "a", Some(cause)), record(1, "poison", Some(cause))], None).await;
    assert!(effects.iter().all(|(_, span)| span.is_none()), "{effects:?}");
    assert_eq!(effects.len(), 2);
    assert_eq!(letters[0].traceparent, None);
}

/// Aborts the first batch that it is given.
#[derive(Default)]
struct AbortsOnce {
    aborted: Option<Vec<Copied>>,
    delivered: FakeSink<Copied>,
}

impl Delivery<Copied> for AbortsOnce {
    async fn deliver<S: Source>(
        &mut self,
        decided: &Decided<Copied>,
        _source: &mut S,
    ) -> anyhow::Result<Delivered> {
        if self.aborted.is_none() {
            self.aborted = Some(decided.effects.clone());
            return Ok(Delivered::Aborted);
        }
        pipeline::Sink::apply(&mut self.delivered, &decided.effects).await?;
        assert_eq!(self.aborted.as_ref(), Some(&decided.effects), "handled anew it has the same spans");
        Ok(Delivered::Done)
    }
}

#[tokio::test]
async fn what_is_aborted_leaves_no_span_and_has_the_same_ones_when_it_is_handled_anew() {
    let spans = FakeSpans::default();
    let batch = || vec![record(0, "a", Some(TraceParent::of("x")))];
    let source = source(batch(), Some(&spans));
    source.with(|state| state.steps.push_back(Step::Records(batch())));
    let delivery = AbortsOnce::default();
    let delivered = delivery.delivered.clone();
    run(Copy, source, delivery, Counters::default(), || 0).await.unwrap();
    let handled = of_name(&spans.taken(), "process in");
    assert_eq!(handled.len(), 1);
    assert_eq!(delivered.items()[0].1, Some(handled[0].context));
}
