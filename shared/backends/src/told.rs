//! What servers that we start are told, for whoever writes down under what conditions something was measured.

use crate::kafka_settings::{self, HEAP, JVM};
use crate::native::{mongodb, redis};

/// Settings of the broker, options of its JVM, arguments of Redis and MongoDB: what is the same for processes and for
/// containers, so nothing of ports and folders.
#[must_use]
pub fn told() -> [(&'static str, Vec<String>); 4] {
    let broker = kafka_settings::common().into_iter().map(|(key, value)| format!("{key}={value}"));
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    [
        ("kafka", broker.collect()),
        ("jvm", owned(&[&HEAP[..], &JVM].concat())),
        ("redis", owned(&redis::ARGUMENTS)),
        ("mongodb", owned(&mongodb::ARGUMENTS)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_server_is_told_something_and_nothing_of_a_place() {
        for (server, told) in told() {
            assert!(!told.is_empty(), "{server}");
            assert!(told.iter().all(|one| !one.contains("127.0.0.1") && !one.contains("/tmp")), "{told:?}");
        }
    }
}
