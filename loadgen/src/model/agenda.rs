//! What is due when: one order for the whole city, so that a step costs only what is due.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use domain::CityMs;

/// Something to wake up for. Wakes with a number (`shift`, `step`) that is no longer current are stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wake {
    /// A driver comes on shift.
    ShiftStart { driver: u32 },
    /// A driver's shift ends.
    ShiftEnd { driver: u32, shift: u32 },
    /// A driver reports the position.
    Report { driver: u32, shift: u32 },
    /// A driver's job goes on.
    Step { driver: u32, step: u32 },
    /// The next ride is asked for.
    Request,
    /// A rider has waited for as long as patience lasts.
    Patience { rider: u64 },
    /// A rider changes plans.
    ChangeOfMind { rider: u64 },
    /// The time left to trips under way is over.
    ClosingTime,
}

/// Wakes in order of time and, at the same time, in the order they were written down.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    heap: BinaryHeap<Reverse<Note>>,
    /// Reports, nearly all of what is written: each driver's next one is as far ahead as everybody's, so they come in
    /// order already, and a queue needs neither comparisons nor jumps through memory.
    reports: VecDeque<Note>,
    written: u64,
}

/// When, in which order it was written down, and what.
type Note = (CityMs, u64, Wake);

impl Agenda {
    pub(crate) fn write(&mut self, at: CityMs, wake: Wake) {
        self.written += 1;
        let note = (at, self.written, wake);
        let is_report = matches!(wake, Wake::Report { .. });
        if is_report && self.reports.back().is_none_or(|last| *last < note) {
            self.reports.push_back(note);
        } else {
            self.heap.push(Reverse(note));
        }
    }

    /// Takes what is due until and at `now`, one at a time.
    pub(crate) fn take_due(&mut self, now: CityMs) -> Option<(CityMs, Wake)> {
        let next = self.next()?;
        if next.0 > now {
            return None;
        }
        let note = if self.reports.front() == Some(next) {
            self.reports.pop_front()
        } else {
            self.heap.pop().map(|Reverse(note)| note)
        };
        note.map(|(at, _, wake)| (at, wake))
    }

    /// When something is due next.
    pub(crate) fn next_at(&self) -> Option<CityMs> {
        self.next().map(|(at, _, _)| *at)
    }

    fn next(&self) -> Option<&Note> {
        self.reports.front().into_iter().chain(self.heap.peek().map(|Reverse(note)| note)).min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reports_keep_their_place_among_all_others(
            notes in prop::collection::vec((0i64..50, any::<bool>()), 0..60), until in 0i64..60
        ) {
            let mut agenda = Agenda::default();
            let mut expected = Vec::new();
            for (number, (at, is_report)) in (0u32..).zip(notes) {
                let wake = if is_report {
                    Wake::Report { driver: number, shift: 0 }
                } else {
                    Wake::Step { driver: number, step: 0 }
                };
                agenda.write(CityMs(at), wake);
                expected.push((CityMs(at), wake));
            }
            expected.sort_by_key(|(at, _)| *at);
            expected.retain(|(at, _)| *at <= CityMs(until));
            let due: Vec<_> = std::iter::from_fn(|| agenda.take_due(CityMs(until))).collect();
            prop_assert_eq!(due, expected);
        }
    }

    #[test]
    fn what_is_due_comes_in_order() {
        let mut agenda = Agenda::default();
        agenda.write(CityMs(20), Wake::Request);
        agenda.write(CityMs(10), Wake::ShiftStart { driver: 2 });
        agenda.write(CityMs(10), Wake::ShiftStart { driver: 1 });
        agenda.write(CityMs(30), Wake::ClosingTime);
        let due: Vec<Wake> =
            std::iter::from_fn(|| agenda.take_due(CityMs(20)).map(|(_, wake)| wake)).collect();
        assert_eq!(due, [Wake::ShiftStart { driver: 2 }, Wake::ShiftStart { driver: 1 }, Wake::Request]);
        assert_eq!(agenda.next_at(), Some(CityMs(30)));
    }
}
