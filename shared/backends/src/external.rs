//! Servers that run already: their addresses from the environment, checked for reachability.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::endpoints::Endpoints;

/// How long a connection to an external server may take.
const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// Reads the three addresses; names the variables that are missing or empty.
pub(crate) fn endpoints(variable: impl Fn(&str) -> Option<String>) -> Result<Endpoints> {
    let given = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let [kafka, redis, mongodb] = Endpoints::VARIABLES.map(given);
    match (kafka, redis, mongodb) {
        (Some(kafka_bootstrap_servers), Some(redis_url), Some(mongodb_uri)) => {
            Ok(Endpoints { kafka_bootstrap_servers, redis_url, mongodb_uri })
        }
        _ => {
            let missing: Vec<&str> =
                Endpoints::VARIABLES.into_iter().filter(|name| given(name).is_none()).collect();
            bail!("external servers need {} to be set", missing.join(", "))
        }
    }
}

/// Checks that each server can be connected to.
pub(crate) async fn check(endpoints: &Endpoints) -> Result<()> {
    let [kafka, redis, mongodb] = Endpoints::VARIABLES;
    tokio::try_join!(
        reach(kafka, &endpoints.kafka_bootstrap_servers, 9092),
        reach(redis, &endpoints.redis_url, 6379),
        reach(mongodb, &endpoints.mongodb_uri, 27017),
    )?;
    Ok(())
}

/// Connects to any one of the hosts in an address. Those of a `mongodb+srv` address only its own client can find.
async fn reach(variable: &str, address: &str, default_port: u16) -> Result<()> {
    if address.starts_with("mongodb+srv://") {
        return Ok(());
    }
    let hosts = hosts(address, default_port).with_context(|| format!("{variable} has no host:port"))?;
    let mut last = anyhow!("no host");
    for (host, port) in hosts {
        match timeout(CONNECT_WAIT, TcpStream::connect((host.as_str(), port))).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => last = anyhow!(error).context(format!("could not connect to {host}:{port}")),
            Err(_) => last = anyhow!("no connection to {host}:{port} within {} s", CONNECT_WAIT.as_secs()),
        }
    }
    Err(last.context(format!("the server of {variable} cannot be reached")))
}

/// The hosts and ports of `[scheme://][user:password@]host[:port][,host[:port]…][/…][?…]`.
fn hosts(address: &str, default_port: u16) -> Result<Vec<(String, u16)>> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let list = authority.rsplit_once('@').map_or(authority, |(_, list)| list);
    list.split(',').map(str::trim).map(|item| host_and_port(item, default_port)).collect()
}

/// Errors do not quote the item: it may hold a part of a password.
fn host_and_port(item: &str, default_port: u16) -> Result<(String, u16)> {
    let bracketed_whole = item.starts_with('[') && item.ends_with(']');
    let (host, port) = match item.rsplit_once(':') {
        Some((host, port)) if !bracketed_whole => (host, port.parse().context("a port is not a number")?),
        _ => (item, default_port),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        bail!("a host is empty");
    }
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_missing_variables_are_named() {
        let only_redis = |name: &str| (name == "REDIS_URL").then(|| "redis://r".to_owned());
        let error = endpoints(only_redis).unwrap_err().to_string();
        assert_eq!(error, "external servers need KAFKA_BOOTSTRAP_SERVERS, MONGODB_URI to be set");
        assert!(endpoints(|_| Some(" ".into())).is_err());
        assert_eq!(endpoints(|name| Some(name.to_lowercase())).unwrap().redis_url, "redis_url");
    }

    #[test]
    fn hosts_are_found_in_addresses_of_every_form() {
        let cases: [(&str, &[(&str, u16)]); 6] = [
            ("a:1,b:2", &[("a", 1), ("b", 2)]),
            ("redis://h", &[("h", 9)]),
            ("redis://:p%40ss@h:7/0", &[("h", 7)]),
            ("mongodb://u:p@h1,h2:3/db?replicaSet=rs0", &[("h1", 9), ("h2", 3)]),
            ("redis://[::1]:6", &[("::1", 6)]),
            ("redis://[::1]", &[("::1", 9)]),
        ];
        for (address, expected) in cases {
            let expected: Vec<_> = expected.iter().map(|(host, port)| ((*host).to_owned(), *port)).collect();
            assert_eq!(hosts(address, 9).unwrap(), expected, "{address}");
        }
        assert!(hosts("redis://", 9).is_err());
        assert!(hosts("a:port", 9).is_err());
    }

    #[tokio::test]
    async fn an_unreachable_server_is_named_by_its_variable() {
        // Bound and not listening: nobody answers there, and nobody else can come to listen.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        let error = reach("REDIS_URL", &format!("redis://{address}"), 1).await.unwrap_err();
        assert!(error.to_string().contains("REDIS_URL"));
    }
}
