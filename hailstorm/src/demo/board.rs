//! What the supervisor knows of each process: the figures it writes, its lives, its memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use runtime::StatsLine;

/// Figures and lives of all processes; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Board(Arc<Mutex<State>>);

/// What is known.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Processes by member name.
    pub(crate) members: BTreeMap<String, MemberState>,
    /// Most memory of this process itself while the city ran, KiB.
    pub(crate) own_peak_rss_kib: u64,
    /// What happened that a person should see, oldest first.
    pub(crate) notices: Vec<String>,
    /// A process that died too often; the run has failed.
    pub(crate) given_up: Option<String>,
}

/// One member over all its lives.
#[derive(Debug, Default)]
pub(crate) struct MemberState {
    /// Which service it is.
    pub(crate) service: &'static str,
    /// Process id of the present life.
    pub(crate) pid: Option<u32>,
    /// Last figures of lives that are over.
    pub(crate) past: Vec<StatsLine>,
    /// Newest figures of the present life.
    pub(crate) present: Option<StatsLine>,
    /// How often it was started again.
    pub(crate) restarts: u32,
    /// Most memory seen, KiB.
    pub(crate) peak_rss_kib: u64,
    /// Memory now, KiB.
    pub(crate) rss_kib: u64,
}

impl MemberState {
    /// The figures of all lives.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &StatsLine> {
        self.past.iter().chain(self.present.as_ref())
    }
}

impl Board {
    /// Looks at or changes what is known.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.lock())
    }

    /// A member begins a life.
    pub(crate) fn born(&self, member: &str, service: &'static str, pid: u32) {
        self.with(|state| {
            let member = state.members.entry(member.to_owned()).or_default();
            member.service = service;
            member.pid = Some(pid);
        });
    }

    /// A member's life ended.
    pub(crate) fn died(&self, member: &str) {
        self.with(|state| {
            let member = state.members.entry(member.to_owned()).or_default();
            member.pid = None;
            member.past.extend(member.present.take());
        });
    }

    /// A member wrote its figures.
    pub(crate) fn wrote(&self, member: &str, line: StatsLine) {
        self.with(|state| {
            if let Some(member) = state.members.get_mut(member) {
                member.present = Some(line);
            }
        });
    }

    /// Something a person should see.
    pub(crate) fn notice(&self, text: String) {
        self.with(|state| state.notices.push(text));
    }

    /// Measures the memory of all processes.
    pub(crate) fn weigh(&self) {
        self.with(|state| {
            for member in state.members.values_mut() {
                let rss_kib = member.pid.and_then(backends::process::rss_kib).unwrap_or(0);
                member.rss_kib = rss_kib;
                member.peak_rss_kib = member.peak_rss_kib.max(rss_kib);
            }
            let own_rss_kib = backends::process::rss_kib(std::process::id()).unwrap_or(0);
            state.own_peak_rss_kib = state.own_peak_rss_kib.max(own_rss_kib);
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nobody panics while holding the board")
    }
}
