//! Asks MongoDB: does it take writes?

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Answer;
use super::bson::{Scalar, Value, read, write};

const OP_MSG: u32 = 2013;
const HEADER: usize = 16;
/// Flags and section kind, between an OP_MSG's header and its document.
const PREFIX: usize = 5;
/// No answer to the command here comes near it.
const MAX_REPLY: usize = 1024 * 1024;

pub(super) async fn ask(stream: &mut TcpStream) -> Result<Answer> {
    let hello = call(stream, &[("hello", Value::Int(1))]).await?;
    // A server that stands alone takes writes, and so does the primary of a replica set.
    if is_true(&hello, "isWritablePrimary") {
        return Ok(Answer::Ready);
    }
    Ok(Answer::NotYet("mongodb takes no writes".into()))
}

fn is_true(reply: &[(String, Scalar)], name: &str) -> bool {
    reply.iter().any(|(field, value)| field == name && *value == Scalar::Bool(true))
}

/// Runs one command on the admin database.
async fn call(stream: &mut TcpStream, command: &[(&str, Value<'_>)]) -> Result<Vec<(String, Scalar)>> {
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
    Ok(read(&reply[HEADER - 4 + PREFIX..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_that_says_so_takes_writes() {
        let reply = |value| vec![("isWritablePrimary".to_owned(), Scalar::Bool(value))];
        assert!(is_true(&reply(true), "isWritablePrimary"));
        assert!(!is_true(&reply(false), "isWritablePrimary"));
        assert!(!is_true(&[], "isWritablePrimary"));
    }
}
