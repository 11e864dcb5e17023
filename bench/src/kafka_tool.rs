//! Kafka's own performance tools, as a yardstick that everybody has.

use backends::process::Command;

use crate::cpu::Sample;
use crate::figure::{Figure, Figures};
use crate::lab::Lab;

/// A tool by its class; none, and a word about it, if Java or Kafka's jars are not on this machine.
pub(crate) async fn find(class: &str, lab: &Lab) -> Option<Command> {
    let tool = backends::kafka_tool(class, lab.folder()).await;
    if tool.is_none() {
        eprintln!("  {class} is left out: Java or Kafka's jars are not here (native servers bring both)");
    }
    tool
}

/// Records in a second, as a tool says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate(pub(crate) f64);

impl Rate {
    /// Its last line: `1000 records sent, 12345.6 records/sec (1.2 MB/sec), ...`.
    pub(crate) fn of_producer(said: &str) -> Option<Self> {
        let line = said.lines().rfind(|line| line.contains(" records sent, "))?;
        let (_, rest) = line.split_once(" records sent, ")?;
        rest.split_whitespace().next()?.parse().ok().map(Self)
    }

    /// The last column of its last line, records in a second of fetching; the wait for partitions is not in it.
    pub(crate) fn of_consumer(said: &str) -> Option<Self> {
        let line = said.lines().rfind(|line| line.split(',').count() == 10 && line.starts_with('2'))?;
        line.rsplit(',').next()?.trim().parse().ok().map(Self)
    }
}

/// The figures of two runs of a tool: of what the second did more than the first.
pub(crate) fn figures(records: u64, rate: Rate, cpu_s: f64, [start, middle, end]: [Sample; 3]) -> Figures {
    let (short, long) = (middle.since(&start, records), end.since(&middle, records));
    let mut more = long.clone();
    more.client_cpu_s = cpu_s;
    for (name, cpu_s) in &mut more.servers_cpu_s {
        // Little work is lost in what else the server does.
        *cpu_s = (*cpu_s - short.servers_cpu_s.get(name).copied().unwrap_or(0.0)).max(0.0);
    }
    let mut figures = more.figures(&crate::produce::SERVERS);
    figures.insert(Figure::RecordsPerS, rate.0);
    figures.insert(Figure::Seconds, records as f64 / rate.0.max(f64::MIN_POSITIVE));
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_from_what_the_tools_say() {
        let said = "50000 records sent, 90000.0 records/sec (9 MB/sec), 1.0 ms avg latency, 2.0 ms max latency.\n\
                    210000 records sent, 420000.5 records/sec (44.8 MB/sec), 300 ms avg latency.\n";
        assert_eq!(Rate::of_producer(said), Some(Rate(420_000.5)));
        assert_eq!(Rate::of_producer("nothing"), None);
        let said = "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n\
                    2026-11-21 10:00:00:000, 2026-11-21 10:00:04:000, 20.0, 5.0, 200000, 50000.0, 3000, 1000, 20.0, 200000.0\n";
        assert_eq!(Rate::of_consumer(said), Some(Rate(200_000.0)));
    }
}
