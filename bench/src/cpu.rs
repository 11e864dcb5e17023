//! Processor time of processes over a while, a record's share of it.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Instant;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::figure::{Figure, Figures};

/// Processor seconds that a process has used so far with all its threads, in user and in kernel mode; `None` if it
/// is gone.
pub(crate) fn seconds(pid: u32) -> Option<f64> {
    Some(backends::process::cpu_time(pid)?.as_secs_f64())
}

/// The servers whose time is told: name and process id. None of servers that are not ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Servers(pub(crate) Vec<(String, u32)>);

impl Servers {
    /// As an argument of a worker, for `from_str`.
    pub(crate) fn to_text(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(name, pid)| format!("{name}={pid}")).collect();
        pairs.join(",")
    }
}

impl FromStr for Servers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let pair = |pair: &str| {
            let (name, pid) = pair.split_once('=')?;
            Some((name.to_owned(), pid.parse().ok()?))
        };
        let pairs: Option<Vec<_>> = text.split(',').filter(|part| !part.is_empty()).map(pair).collect();
        pairs.map(Self).ok_or_else(|| "expected name=pid,name=pid".to_owned())
    }
}

/// The time on the clock and on the processors at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    at: Instant,
    client_s: f64,
    servers_s: BTreeMap<String, f64>,
}

impl Sample {
    /// Looks now, at all processes of the client together; an error if one is gone.
    pub(crate) fn take(client: &[u32], servers: &Servers) -> anyhow::Result<Self> {
        let client_s: Option<f64> = client.iter().map(|pid| seconds(*pid)).sum();
        let client_s = client_s.context("failed to read the processor time of a process that has ended")?;
        let servers_s = servers.0.iter().filter_map(|(name, pid)| Some((name.clone(), seconds(*pid)?)));
        Ok(Self { at: Instant::now(), client_s, servers_s: servers_s.collect() })
    }

    /// Of the process that asks.
    pub(crate) fn of_self(servers: &Servers) -> anyhow::Result<Self> {
        Self::take(&[std::process::id()], servers)
    }

    /// What happened since an earlier sample, in which so many records were dealt with.
    pub(crate) fn since(&self, earlier: &Self, records: u64) -> Measured {
        let spent = |(name, now): (&String, &f64)| Some((name.clone(), now - earlier.servers_s.get(name)?));
        Measured {
            records,
            seconds: self.at.duration_since(earlier.at).as_secs_f64(),
            client_cpu_s: self.client_s - earlier.client_s,
            servers_cpu_s: self.servers_s.iter().filter_map(spent).collect(),
        }
    }
}

/// What some records have cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) records: u64,
    pub(crate) seconds: f64,
    pub(crate) client_cpu_s: f64,
    pub(crate) servers_cpu_s: BTreeMap<String, f64>,
}

impl Measured {
    /// A record's share of it, of the servers that matter here.
    pub(crate) fn figures(&self, servers: &[(&str, Figure)]) -> Figures {
        let records = self.records.max(1) as f64;
        let mut figures = Figures::from([
            (Figure::Records, self.records as f64),
            (Figure::Seconds, self.seconds),
            (Figure::RecordsPerS, records / self.seconds.max(f64::MIN_POSITIVE)),
            (Figure::ClientUs, self.client_cpu_s * 1e6 / records),
        ]);
        for (name, figure) in servers {
            figures.extend(self.servers_cpu_s.get(*name).map(|cpu_s| (*figure, cpu_s * 1e6 / records)));
        }
        figures
    }

    /// The same with the sum of what client and servers took.
    pub(crate) fn figures_in_all(&self, servers: &[(&str, Figure)]) -> Figures {
        let mut figures = self.figures(servers);
        let all = Figure::PROCESSOR.iter().filter_map(|figure| figures.get(figure)).sum();
        figures.insert(Figure::AllUs, all);
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_be_some_processes_all_of_which_have_to_be_there() {
        let own = std::process::id();
        assert!(Sample::take(&[own, own], &Servers::default()).is_ok());
        assert!(Sample::take(&[own, u32::MAX], &Servers::default()).is_err());
    }

    #[test]
    fn servers_are_read_as_they_are_written() {
        let servers = Servers(vec![("kafka".into(), 12), ("redis".into(), 13)]);
        assert_eq!(servers.to_text().parse(), Ok(servers));
        assert_eq!("".parse(), Ok(Servers::default()));
        assert!("kafka".parse::<Servers>().is_err());
    }

    #[test]
    fn a_record_has_its_share_of_all_time() {
        let measured = Measured {
            records: 1_000_000,
            seconds: 4.0,
            client_cpu_s: 1.5,
            servers_cpu_s: [("kafka".to_owned(), 0.5), ("redis".to_owned(), 9.0)].into(),
        };
        let figures = measured.figures(&[("kafka", Figure::KafkaUs), ("mongodb", Figure::MongodbUs)]);
        assert_eq!(figures[&Figure::RecordsPerS], 250_000.0);
        assert_eq!((figures[&Figure::ClientUs], figures[&Figure::KafkaUs]), (1.5, 0.5));
        assert_eq!(figures.len(), 5);
        let in_all = measured.figures_in_all(&[("kafka", Figure::KafkaUs), ("redis", Figure::RedisUs)]);
        assert_eq!(in_all[&Figure::AllUs], 11.0);
    }
}
