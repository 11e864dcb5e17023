//! Asks Redis: PING.

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Answer;

pub(super) async fn ask(stream: &mut TcpStream) -> Result<Answer> {
    stream.write_all(b"PING\r\n").await?;
    let mut reply = [0; 5];
    stream.read_exact(&mut reply).await?;
    Ok(match &reply {
        b"+PONG" => Answer::Ready,
        // For instance "-LOADING Redis is loading the dataset in memory".
        other => Answer::NotYet(format!("redis answers {:?}", String::from_utf8_lossy(other))),
    })
}
