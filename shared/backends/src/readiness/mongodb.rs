//! Asks MongoDB: is it a writable primary? Makes it the one member of its replica set if it is in none yet,
//! and tells it its new address if it was moved to another port since.

use anyhow::{Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Answer;
use super::bson::{Scalar, Value, read, write};

/// The replica set's name, as given to every server at its start.
pub(crate) const REPLICA_SET: &str = "rs0";

const OP_MSG: u32 = 2013;
const HEADER: usize = 16;
/// Flags and section kind, between an OP_MSG's header and its document.
const PREFIX: usize = 5;
/// No answer to the commands here comes near it.
const MAX_REPLY: usize = 1024 * 1024;

/// Error codes of the server.
const ALREADY_INITIALIZED: f64 = 23.0;
const INVALID_REPLICA_SET_CONFIG: f64 = 93.0;
const NOT_YET_INITIALIZED: f64 = 94.0;

/// What a server that is no primary needs.
#[derive(Debug, PartialEq, Eq)]
enum Need {
    Time,
    ToBeInitiated,
    ToBeMoved,
}

pub(super) async fn ask(stream: &mut TcpStream, member: &str) -> Result<Answer> {
    let hello = call(stream, &[("hello", Value::Int(1))]).await?;
    if hello.is("isWritablePrimary") {
        return Ok(Answer::Ready);
    }
    let status = call(stream, &[("replSetGetStatus", Value::Int(1))]).await?;
    match need(&status) {
        Need::Time => {}
        Need::ToBeInitiated => {
            let reply = call(stream, &[("replSetInitiate", config(member))]).await?;
            if reply.code() != Some(ALREADY_INITIALIZED) {
                reply.check("replSetInitiate")?;
            }
        }
        Need::ToBeMoved => {
            let command = [("replSetReconfig", config(member)), ("force", Value::Bool(true))];
            call(stream, &command).await?.check("replSetReconfig")?;
        }
    }
    Ok(Answer::NotYet("mongodb is no writable primary".into()))
}

fn need(status: &Reply) -> Need {
    match status.code() {
        Some(NOT_YET_INITIALIZED) => Need::ToBeInitiated,
        Some(INVALID_REPLICA_SET_CONFIG) => Need::ToBeMoved,
        _ => Need::Time,
    }
}

/// A replica set of one member.
fn config(member: &str) -> Value<'_> {
    let member = Value::Document(vec![("_id", Value::Int(0)), ("host", Value::Text(member))]);
    Value::Document(vec![
        ("_id", Value::Text(REPLICA_SET)),
        ("version", Value::Int(1)),
        ("members", Value::Array(vec![member])),
    ])
}

/// The top-level scalars of a reply.
#[derive(Debug)]
struct Reply(Vec<(String, Scalar)>);

impl Reply {
    fn get(&self, name: &str) -> Option<&Scalar> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    fn is(&self, name: &str) -> bool {
        self.get(name) == Some(&Scalar::Bool(true))
    }

    fn code(&self) -> Option<f64> {
        match self.get("code") {
            Some(Scalar::Number(code)) => Some(*code),
            _ => None,
        }
    }

    fn check(&self, command: &str) -> Result<()> {
        if self.get("ok") == Some(&Scalar::Number(1.0)) {
            return Ok(());
        }
        bail!("mongodb refused {command}: {:?}", self.get("errmsg"))
    }
}

/// Runs one command on the admin database.
async fn call(stream: &mut TcpStream, command: &[(&str, Value<'_>)]) -> Result<Reply> {
    let mut fields = command.to_vec();
    fields.push(("$db", Value::Text("admin")));
    let document = write(&fields);
    let length = u32::try_from(HEADER + PREFIX + document.len())?;
    let (request_id, in_reply_to) = (1u32, 0u32);
    let mut message = Vec::new();
    for word in [length, request_id, in_reply_to, OP_MSG] {
        message.extend(word.to_le_bytes());
    }
    message.extend([0; PREFIX]);
    message.extend(document);
    stream.write_all(&message).await?;

    let length = usize::try_from(stream.read_u32_le().await?)?;
    ensure!((HEADER + PREFIX..=MAX_REPLY).contains(&length), "a reply of {length} bytes is not mongodb's");
    let mut reply = vec![0; length - 4];
    stream.read_exact(&mut reply).await?;
    Ok(Reply(read(&reply[HEADER - 4 + PREFIX..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: Option<f64>) -> Reply {
        Reply(code.map(|code| ("code".to_owned(), Scalar::Number(code))).into_iter().collect())
    }

    #[test]
    fn what_a_server_needs_follows_from_its_status() {
        let cases = [
            (None, Need::Time),
            (Some(94.0), Need::ToBeInitiated),
            (Some(93.0), Need::ToBeMoved),
            (Some(11600.0), Need::Time),
        ];
        for (code, expected) in cases {
            assert_eq!(need(&status(code)), expected, "{code:?}");
        }
    }

    #[test]
    fn a_refusal_carries_the_servers_message() {
        let message = ("errmsg".to_owned(), Scalar::Text("no such command".into()));
        let refusal = Reply(vec![("ok".into(), Scalar::Number(0.0)), message]);
        assert!(refusal.check("hello").unwrap_err().to_string().contains("no such command"));
    }
}
