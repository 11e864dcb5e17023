//! The broker's settings, one table for native processes and containers alike; docker-compose.yml is compared with it.

/// The node's id; there is but one.
pub(crate) const NODE_ID: u16 = 1;

/// Any 16 bytes in URL-safe base 64 serve: runs are told apart by their ports and folders.
pub(crate) const CLUSTER_ID: &str = "SGFpbHN0b3JtQ2l0eTAwMQ";

/// Caps the heap: some 330 MiB resident in all, and no collector is cheaper for so little.
pub(crate) const HEAP: [&str; 2] = ["-Xms256m", "-Xmx256m"];

/// The whole compiler takes a third off what a request costs the broker. Its threads step back for those that serve
/// (nice 10), and what waits for it runs in code that does not count (a third faster than code that does): a broker that
/// is loaded to the brim as soon as it is up falls behind less so, though more than with the first stage alone (ADR 12).
/// A broker out of memory ends rather than limps, and leaves no file in the temporary folder.
pub(crate) const JVM: [&str; 7] = [
    "-XX:+UseSerialGC",
    "-XX:ThreadPriorityPolicy=1",
    "-XX:CompilerThreadPriority=10",
    "-XX:Tier3DelayOn=0",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
];

/// What a single small node needs, whatever it runs in.
const COMMON: &[(&str, &str)] = &[
    // Topics are created on purpose only.
    ("auto.create.topics.enable", "false"),
    ("num.partitions", "12"),
    ("default.replication.factor", "1"),
    ("min.insync.replicas", "1"),
    // Internal topics: one replica, few partitions, the smallest segments, so that compaction keeps them short: all of
    // an offsets partition is read at each start. If its leader changes meanwhile, as behind a kill and a start at once,
    // the broker takes the end of the first reading for that of the second, and may not coordinate those groups again.
    ("offsets.topic.replication.factor", "1"),
    ("offsets.topic.num.partitions", "6"),
    ("offsets.topic.segment.bytes", "1048576"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("transaction.state.log.num.partitions", "6"),
    ("transaction.state.log.segment.bytes", "1048576"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
    // A frozen transaction holds back every read-committed reader: seek overdue ones each second, not each ten.
    ("transaction.max.timeout.ms", "60000"),
    ("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"),
    // Quick take-over. With the defaults a killed member of the new group protocol is missed for 45 s.
    ("group.consumer.min.session.timeout.ms", "1000"),
    ("group.consumer.session.timeout.ms", "4000"),
    ("group.consumer.min.heartbeat.interval.ms", "100"),
    ("group.consumer.heartbeat.interval.ms", "500"),
    ("group.min.session.timeout.ms", "1000"),
    ("group.initial.rebalance.delay.ms", "0"),
    // Compacted topics are small and read whole at each start: clean them soon, within a 256 MiB heap
    // (the default buffer alone is 128 MiB; 8 MiB hold some 300,000 keys a pass).
    ("log.cleaner.threads", "1"),
    ("log.cleaner.dedupe.buffer.size", "8388608"),
    ("log.cleaner.backoff.ms", "2000"),
    ("log.retention.check.interval.ms", "30000"),
    // Two cores: as few threads as keep the request queue short.
    ("num.network.threads", "2"),
    ("num.io.threads", "4"),
    ("num.replica.fetchers", "1"),
    ("num.recovery.threads.per.data.dir", "2"),
    ("background.threads", "2"),
    // A broker that was killed is let in again only when its former session has run out, by default after 9 s.
    ("broker.heartbeat.interval.ms", "500"),
    ("broker.session.timeout.ms", "4000"),
];

/// Where the broker listens and what it calls itself.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The address it binds, `127.0.0.1` or, within a container, all.
    pub bind: &'static str,
    /// The port it binds for clients.
    pub port: u16,
    /// The port it binds for itself as controller.
    pub controller_port: u16,
    /// `host:port` as clients see it.
    pub advertised: String,
    /// A port of the loopback address by which it reaches itself, where it can't by what clients see.
    pub own_port: Option<u16>,
    /// Its data folder.
    pub data: String,
}

/// All settings of a single-node broker and controller at this place.
pub(crate) fn settings(place: &Place) -> Vec<(&'static str, String)> {
    placed(place).into_iter().chain(common()).collect()
}

/// Those that are the same in every place.
pub(crate) fn common() -> Vec<(&'static str, String)> {
    COMMON.iter().map(|(key, value)| (*key, (*value).to_owned())).collect()
}

/// Those that say where the broker is.
pub(crate) fn placed(place: &Place) -> Vec<(&'static str, String)> {
    let Place { bind, port, controller_port, advertised, own_port, data } = place;
    let mut listeners = format!("PLAINTEXT://{bind}:{port},CONTROLLER://127.0.0.1:{controller_port}");
    let mut advertised = format!("PLAINTEXT://{advertised}");
    let mut protocols = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT".to_owned();
    let mut own = "PLAINTEXT";
    if let Some(port) = own_port {
        // A coordinator of transactions talks to the leaders of partitions as a broker among others, even if there is
        // but one: if it can't reach itself, no transaction ever comes to an end.
        own = "OWN";
        listeners.push_str(&format!(",OWN://127.0.0.1:{port}"));
        advertised.push_str(&format!(",OWN://127.0.0.1:{port}"));
        protocols.push_str(",OWN:PLAINTEXT");
    }
    vec![
        ("process.roles", "broker,controller".to_owned()),
        ("node.id", NODE_ID.to_string()),
        ("controller.quorum.voters", format!("{NODE_ID}@127.0.0.1:{controller_port}")),
        ("controller.listener.names", "CONTROLLER".to_owned()),
        ("listeners", listeners),
        ("advertised.listeners", advertised),
        ("listener.security.protocol.map", protocols),
        ("inter.broker.listener.name", own.to_owned()),
        ("log.dirs", data.clone()),
    ]
}

/// As a properties file; backslashes are that format's escape.
pub(crate) fn as_properties(settings: &[(&str, String)]) -> String {
    let line = |(key, value): &(&str, String)| format!("{key}={}\n", value.replace('\\', "\\\\"));
    settings.iter().map(line).collect()
}

/// As the variables that the `apache/kafka` image turns into settings.
pub(crate) fn as_environment(settings: &[(&str, String)]) -> Vec<(String, String)> {
    let variable = |key: &str| format!("KAFKA_{}", key.to_uppercase().replace('.', "_"));
    settings.iter().map(|(key, value)| (variable(key), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn sample() -> Vec<(&'static str, String)> {
        settings(&Place {
            bind: "127.0.0.1",
            port: 1111,
            controller_port: 2222,
            advertised: "127.0.0.1:3333".into(),
            own_port: None,
            data: "/d".into(),
        })
    }

    fn number(settings: &BTreeMap<&str, String>, key: &str) -> u64 {
        settings[key].parse().unwrap()
    }

    #[test]
    fn no_setting_is_given_twice() {
        let all = sample();
        let unique: BTreeMap<_, _> = all.iter().cloned().collect();
        assert_eq!(unique.len(), all.len());
    }

    #[test]
    fn a_killed_member_is_missed_for_two_to_six_seconds() {
        let all: BTreeMap<_, _> = sample().into_iter().collect();
        let session = number(&all, "group.consumer.session.timeout.ms");
        let heartbeat = number(&all, "group.consumer.heartbeat.interval.ms");
        assert!((2000..=6000).contains(&session));
        assert!(heartbeat * 3 <= session);
        assert!(number(&all, "group.consumer.min.session.timeout.ms") <= session);
        assert!(number(&all, "group.consumer.min.heartbeat.interval.ms") <= heartbeat);
    }

    #[test]
    fn both_forms_say_the_same() {
        let all = sample();
        let properties = as_properties(&all);
        let environment: BTreeMap<_, _> = as_environment(&all).into_iter().collect();
        assert_eq!(properties.lines().count(), environment.len());
        assert!(properties.contains("\nadvertised.listeners=PLAINTEXT://127.0.0.1:3333\n"));
        assert_eq!(environment["KAFKA_ADVERTISED_LISTENERS"], "PLAINTEXT://127.0.0.1:3333");
        assert_eq!(environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"], "false");
    }
}
