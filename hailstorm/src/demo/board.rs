//! What the supervisor knows of each process: the figures it writes, its lives, its memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

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
    /// When the newest figures came.
    pub(crate) told_at: Option<Instant>,
    /// How often it was started again.
    pub(crate) restarts: u32,
    /// Most memory seen, KiB.
    pub(crate) peak_rss_kib: u64,
    /// Memory now, KiB.
    pub(crate) rss_kib: u64,
}

/// What each member of a service had counted, and when it told that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(BTreeMap<String, (i64, Instant)>);

impl Tally {
    /// How much came a second since an earlier tally, all members together, and over how many seconds; `None` if no time
    /// lies between.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(crate) fn since(&self, earlier: &Self) -> Option<(f64, f64)> {
        let (mut per_s, mut longest_s) = (0.0, 0.0);
        for (member, (count, at)) in &self.0 {
            let Some((before, then)) = earlier.0.get(member) else { continue };
            let seconds = at.duration_since(*then).as_secs_f64();
            if seconds > 0.0 {
                per_s += (count - before) as f64 / seconds;
                longest_s = f64::max(longest_s, seconds);
            }
        }
        (longest_s > 0.0).then_some((per_s, longest_s))
    }
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
                member.told_at = Some(Instant::now());
            }
        });
    }

    /// A count of a service as each member has told it last.
    pub(crate) fn tally(&self, service: &str, name: &str) -> Tally {
        self.with(|state| {
            let members = state.members.iter().filter(|(_, member)| member.service == service);
            let counts = members.filter_map(|(id, member)| {
                let count = member.lines().filter_map(|line| line.values.get(name)).sum();
                Some((id.clone(), (count, member.told_at?)))
            });
            Tally(counts.collect())
        })
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
