//! A look at all processes of a city, and what happened between two of them.

use std::time::Instant;

use anyhow::Context;
use backends::process::{Child, rss_kib};

use crate::cpu;
use crate::crew::Crew;
use crate::figure::{Figure, Figures};
use crate::lab::Lab;

/// The only one of them without a table.
pub(super) const ARCHIVER: &str = "archiver";

/// The services that read reports, with the figures of each: processor time and memory.
pub(super) const READERS: [(&str, Figure, Figure); 5] = [
    ("live-location", Figure::LiveLocationUs, Figure::LiveLocationMib),
    (ARCHIVER, Figure::ArchiverUs, Figure::ArchiverMib),
    ("eta", Figure::EtaUs, Figure::EtaMib),
    ("fare", Figure::FareUs, Figure::FareMib),
    ("zones", Figure::ZonesUs, Figure::ZonesMib),
];

const SERVERS: [(&str, Figure, Figure); 3] = [
    ("kafka", Figure::KafkaUs, Figure::KafkaMib),
    ("redis", Figure::RedisUs, Figure::RedisMib),
    ("mongodb", Figure::MongodbUs, Figure::MongodbMib),
];

/// How things stand at one moment.
pub(super) struct Look {
    at: Instant,
    /// Reports written so far.
    written: u64,
    processes: Vec<Process>,
}

/// One process at that moment.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Process {
    us: Figure,
    mib: Figure,
    /// Reports that it has dealt with so far.
    reports: u64,
    /// Processor time so far.
    cpu_s: f64,
    rss_kib: u64,
}

impl Look {
    pub(super) fn now(lab: &Lab, crew: &Crew<'_>, loadgen: &Child) -> anyhow::Result<Self> {
        let (written, committed) = (crew.written()?, crew.committed()?);
        let mut processes =
            vec![Process::now(loadgen.pid(), Figure::LoadgenUs, Figure::LoadgenMib, written)?];
        for ((member, (_, us, mib)), reports) in crew.members().iter().zip(READERS).zip(&committed.0) {
            processes.push(Process::now(member.pid(), us, mib, *reports)?);
        }
        let servers = lab.servers();
        for (name, us, mib) in SERVERS {
            // Servers that run elsewhere are not counted.
            if let Some((_, pid)) = servers.0.iter().find(|(server, _)| server == name) {
                processes.push(Process::now(*pid, us, mib, written)?);
            }
        }
        Ok(Self { at: Instant::now(), written, processes })
    }

    /// What a report has cost since an earlier look, and what memory there is now. A group that was behind is judged
    /// by the reports that it has dealt with.
    pub(super) fn since(&self, earlier: &Self) -> Figures {
        let (records, seconds) =
            ((self.written - earlier.written) as f64, self.at.duration_since(earlier.at).as_secs_f64());
        let mut figures = Figures::from([
            (Figure::Records, records),
            (Figure::Seconds, seconds),
            (Figure::RecordsPerS, records / seconds.max(f64::MIN_POSITIVE)),
        ]);
        for (now, before) in self.processes.iter().zip(&earlier.processes) {
            let reports = now.reports.saturating_sub(before.reports).max(1) as f64;
            figures.insert(now.us, (now.cpu_s - before.cpu_s) * 1e6 / reports);
            figures.insert(now.mib, now.rss_kib as f64 / 1024.0);
        }
        figures
    }
}

impl Process {
    fn now(pid: u32, us: Figure, mib: Figure, reports: u64) -> anyhow::Result<Self> {
        let gone = "a process has ended while it was measured";
        let (cpu_s, rss_kib) = (cpu::seconds(pid).context(gone)?, rss_kib(pid).context(gone)?);
        Ok(Self { us, mib, reports, cpu_s, rss_kib })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_process_is_judged_by_the_reports_it_has_dealt_with() {
        let process = |us, mib, reports, cpu_s| Process { us, mib, reports, cpu_s, rss_kib: 2_048 };
        let at = Instant::now();
        let look = |after_s, written, committed, cpu_s| Look {
            at: at + Duration::from_secs(after_s),
            written,
            processes: vec![
                process(Figure::LoadgenUs, Figure::LoadgenMib, written, cpu_s),
                process(Figure::EtaUs, Figure::EtaMib, committed, cpu_s),
            ],
        };
        let figures = look(10, 300_000, 150_000, 2.0).since(&look(0, 100_000, 100_000, 1.0));
        assert_eq!(figures[&Figure::RecordsPerS], 20_000.0);
        assert_eq!((figures[&Figure::LoadgenUs], figures[&Figure::EtaUs]), (5.0, 20.0));
        assert_eq!(figures[&Figure::EtaMib], 2.0);
    }
}
