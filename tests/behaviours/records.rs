//! Records of a run, read whole, made by hand, sent; and single commands to Redis.

use std::io::{Read, Write};
use std::net::TcpStream;

use backends::Server;
use events::{OutRecord, Placement, Topic};
use kafka::{Outbox, Settings, TopicReader};
use pipeline::Batch;
use serde_json::Value;
use traces::fakes::FakeSpans;

use crate::servers::Servers;

/// The payloads of a topic that can be read, each partition in its order.
pub(crate) fn read_all(settings: &Settings, topic: &str) -> Vec<Value> {
    let mut reader = TopicReader::open(settings, topic).expect("the topic is there");
    let (mut batch, mut payloads, mut more) = (Batch::new(), Vec::new(), true);
    while more {
        batch.clear();
        more = reader.next_chunk(1000, &mut batch).expect("the broker answers");
        let read = batch.iter().filter_map(|record| serde_json::from_slice(record.payload?).ok());
        payloads.extend(read);
    }
    payloads
}

/// Of how many records of a topic a header says in which trace they lie, and how many there are.
pub(crate) fn traced(settings: &Settings, topic: &str) -> (usize, usize) {
    // Headers are read only if somebody takes spans.
    let settings = Settings { tracer: FakeSpans::default().tracer(), ..settings.clone() };
    let mut reader = TopicReader::open(&settings, topic).expect("the topic is there");
    let (mut batch, mut more) = (Batch::new(), true);
    while more {
        more = reader.next_chunk(1000, &mut batch).expect("the broker answers");
    }
    (batch.iter().filter(|record| record.traceparent.is_some()).count(), batch.len())
}

/// A record whose key decides on its partition, or the zone of the trip that its key names.
pub(crate) fn record(topic: &'static Topic, key: &str, payload: Option<&str>) -> OutRecord {
    let zone = key.parse::<domain::TripId>().map(|trip| trip.zone);
    let placement = zone.map_or(Placement::Key, Placement::Zone);
    OutRecord {
        topic,
        key: key.into(),
        placement,
        payload: payload.map(|text| text.as_bytes().to_vec()),
        traceparent: None,
    }
}

/// The record of a payload that belongs to a trip.
pub(crate) fn trip_record(topic: &'static Topic, payload: &Value) -> OutRecord {
    record(topic, payload["trip"].as_str().expect("a trip"), Some(&payload.to_string()))
}

/// Sends records and waits until the broker has them.
pub(crate) fn send(servers: &Servers, namespace: &str, records: &[OutRecord]) {
    let outbox = Outbox::new(&Settings::new(&servers.address(Server::Kafka), namespace), "tests", 0)
        .expect("a producer");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        outbox.send_all(records).await.expect("the client takes them");
        outbox.settled().await.expect("the broker takes them");
    });
}

/// Sends one inline command to Redis; gives what comes back, which is short.
pub(crate) fn redis(servers: &Servers, command: &str) -> String {
    let mut connection = TcpStream::connect(servers.address(Server::Redis)).expect("redis answers");
    write!(connection, "{command}\r\n").expect("redis listens");
    let mut reply = [0; 256];
    let length = connection.read(&mut reply).expect("redis answers");
    String::from_utf8_lossy(&reply[..length]).into_owned()
}
