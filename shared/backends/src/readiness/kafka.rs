//! Asks Kafka: metadata must name the broker, and groups and transactions must have a coordinator.
//!
//! Asking for the coordinators also makes the broker create its two internal topics, so that the first member
//! and the first transaction need not wait for that.

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Answer;

/// Request kinds and versions, all of them older than flexible encoding and still served by Kafka 4.
const METADATA: (u16, u16) = (3, 4);
const FIND_COORDINATOR: (u16, u16) = (10, 2);
const GROUP: u8 = 0;
const TRANSACTION: u8 = 1;
/// No answer to these questions is longer on a single broker.
const MAX_REPLY: usize = 64 * 1024;

pub(super) async fn ask(stream: &mut TcpStream, port: u16) -> Result<Answer> {
    // No topics asked for, none to be created.
    let reply = call(stream, METADATA, &[0, 0, 0, 0, 0]).await?;
    let Some(broker_port) = first_broker_port(&reply) else {
        return Ok(Answer::NotYet("metadata names no broker".into()));
    };
    ensure!(broker_port == port, "another broker answers, which calls itself port {broker_port}");
    for (kind, what) in [(GROUP, "groups"), (TRANSACTION, "transactions")] {
        let mut question = vec![0, 9];
        question.extend(b"readiness");
        question.push(kind);
        let reply = call(stream, FIND_COORDINATOR, &question).await?;
        match Reader(&reply).skip(4).and_then(|mut rest| rest.u16()) {
            Some(0) => {}
            code => return Ok(Answer::NotYet(format!("no coordinator for {what}, error {code:?}"))),
        }
    }
    Ok(Answer::Ready)
}

/// Sends one request and returns the body of the reply.
async fn call(stream: &mut TcpStream, (kind, version): (u16, u16), body: &[u8]) -> Result<Vec<u8>> {
    const CORRELATION_ID: u32 = 7;
    let mut request = Vec::new();
    request.extend(kind.to_be_bytes());
    request.extend(version.to_be_bytes());
    request.extend(CORRELATION_ID.to_be_bytes());
    request.extend([0, 9]);
    request.extend(b"hailstorm");
    request.extend(body);
    stream.write_u32(u32::try_from(request.len())?).await?;
    stream.write_all(&request).await?;

    let length = usize::try_from(stream.read_u32().await?)?;
    ensure!((4..=MAX_REPLY).contains(&length), "a reply of {length} bytes is not kafka's");
    let mut reply = vec![0; length];
    stream.read_exact(&mut reply).await?;
    ensure!(reply[..4] == CORRELATION_ID.to_be_bytes(), "the reply is to another request");
    Ok(reply.split_off(4))
}

/// The port of the first broker in a metadata reply, if it names one.
fn first_broker_port(reply: &[u8]) -> Option<u16> {
    let throttle_ms = 4;
    let mut rest = Reader(reply).skip(throttle_ms)?;
    let brokers = rest.u32()?;
    if brokers == 0 {
        return None;
    }
    let _node_id = rest.u32()?;
    let host_length = rest.u16()?;
    let mut rest = rest.skip(usize::from(host_length))?;
    u16::try_from(rest.u32()?).ok()
}

/// The bytes not read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn skip(self, count: usize) -> Option<Reader<'a>> {
        self.0.get(count..).map(Reader)
    }

    fn u16(&mut self) -> Option<u16> {
        let (value, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*value))
    }

    fn u32(&mut self) -> Option<u32> {
        let (value, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(brokers: &[(&str, u32)]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 0, 0];
        bytes.extend(u32::try_from(brokers.len()).unwrap().to_be_bytes());
        for (host, port) in brokers {
            bytes.extend(1u32.to_be_bytes());
            bytes.extend(u16::try_from(host.len()).unwrap().to_be_bytes());
            bytes.extend(host.as_bytes());
            bytes.extend(port.to_be_bytes());
        }
        bytes
    }

    #[test]
    fn the_first_brokers_port_is_found() {
        assert_eq!(first_broker_port(&reply(&[("127.0.0.1", 21234), ("b", 2)])), Some(21234));
    }

    #[test]
    fn an_empty_or_cut_reply_names_no_broker() {
        assert_eq!(first_broker_port(&reply(&[])), None);
        let whole = reply(&[("127.0.0.1", 21234)]);
        for length in 0..whole.len() {
            assert_eq!(first_broker_port(&whole[..length]), None, "{length}");
        }
    }
}
