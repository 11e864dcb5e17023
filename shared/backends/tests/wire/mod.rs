//! The least that a client must say to put something into each server and to find it again.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// Sends one inline command to Redis and returns the first line of the reply.
pub(crate) fn redis(url: &str, command: &str) -> String {
    let mut stream = connect(url.strip_prefix("redis://").unwrap());
    stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
    let mut reply = [0; 64];
    let length = stream.read(&mut reply).unwrap();
    String::from_utf8_lossy(&reply[..length]).lines().next().unwrap().to_owned()
}

/// Creates a topic of one partition; returns the error code.
pub(crate) fn create_topic(bootstrap: &str, topic: &str) -> u16 {
    let mut body = vec![0, 0, 0, 1];
    body.extend(kafka_text(topic));
    body.extend([0, 0, 0, 1, 0, 1]); // one partition, one replica
    body.extend([0; 8]); // no assignments, no settings
    body.extend(10_000u32.to_be_bytes());
    body.push(0);
    let reply = kafka(bootstrap, 19, 4, &body);
    let code = 8 + 2 + topic.len();
    u16::from_be_bytes([reply[code], reply[code + 1]])
}

/// Whether the broker knows a topic.
pub(crate) fn has_topic(bootstrap: &str, topic: &str) -> bool {
    let mut body = vec![0, 0, 0, 1];
    body.extend(kafka_text(topic));
    body.push(0);
    let reply = kafka(bootstrap, 3, 4, &body);
    // Error code, then the name: 0 before it is "no error".
    let name = kafka_text(topic);
    let at = reply.windows(name.len()).position(|window| window == name).unwrap();
    reply[at - 2..at] == [0, 0]
}

fn kafka_text(text: &str) -> Vec<u8> {
    let mut bytes = u16::try_from(text.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

fn kafka(bootstrap: &str, kind: u16, version: u16, body: &[u8]) -> Vec<u8> {
    let mut request = Vec::new();
    request.extend(kind.to_be_bytes());
    request.extend(version.to_be_bytes());
    request.extend([0, 0, 0, 1]);
    request.extend(kafka_text("test"));
    request.extend(body);
    let mut stream = connect(bootstrap);
    stream.write_all(&u32::try_from(request.len()).unwrap().to_be_bytes()).unwrap();
    stream.write_all(&request).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut reply = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
    stream.read_exact(&mut reply).unwrap();
    reply.split_off(4)
}

/// Inserts `{_id: id}` into `test.things`; whether the server took it and has it in its journal, to outlive a kill.
pub(crate) fn mongodb_insert(uri: &str, id: i32) -> bool {
    let document = bson(&[(0x10, "_id", id.to_le_bytes().to_vec())]);
    let documents = bson(&[(0x03, "0", document)]);
    // A server that stands alone acknowledges "majority" from memory unless it is asked for its journal.
    let concern = bson(&[(0x02, "w", bson_text("majority")), (0x08, "j", vec![1])]);
    let reply = mongodb(
        uri,
        &[
            (0x02, "insert", bson_text("things")),
            (0x04, "documents", documents),
            (0x03, "writeConcern", concern),
        ],
    );
    contains(&reply, b"\x10n\x00\x01\x00\x00\x00") && !contains(&reply, b"writeErrors")
}

/// Whether `test.things` holds the document `{_id: id}`. Asked by a query: a count of the whole comes from metadata,
/// which is behind after a kill.
pub(crate) fn mongodb_has(uri: &str, id: i32) -> bool {
    let query = bson(&[(0x10, "_id", id.to_le_bytes().to_vec())]);
    let reply = mongodb(uri, &[(0x02, "count", bson_text("things")), (0x03, "query", query)]);
    contains(&reply, b"\x10n\x00\x01\x00\x00\x00")
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn bson_text(text: &str) -> Vec<u8> {
    let mut bytes = u32::try_from(text.len() + 1).unwrap().to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes.push(0);
    bytes
}

fn bson(fields: &[(u8, &str, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, name, value) in fields {
        body.push(*kind);
        body.extend(name.as_bytes());
        body.push(0);
        body.extend(value);
    }
    let mut document = u32::try_from(body.len() + 5).unwrap().to_le_bytes().to_vec();
    document.extend(body);
    document.push(0);
    document
}

fn mongodb(uri: &str, command: &[(u8, &str, Vec<u8>)]) -> Vec<u8> {
    let mut fields = command.to_vec();
    fields.push((0x02, "$db", bson_text("test")));
    let document = bson(&fields);
    let length = u32::try_from(21 + document.len()).unwrap();
    let mut stream = connect(uri.strip_prefix("mongodb://").unwrap().split('/').next().unwrap());
    for word in [length, 1, 0, 2013, 0] {
        stream.write_all(&word.to_le_bytes()).unwrap();
    }
    stream.write_all(&[0]).unwrap();
    stream.write_all(&document).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut reply = vec![0; usize::try_from(u32::from_le_bytes(length)).unwrap() - 4];
    stream.read_exact(&mut reply).unwrap();
    reply
}
