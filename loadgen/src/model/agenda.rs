//! What is due when: one heap for the whole city, so that a step costs only what is due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

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
    heap: BinaryHeap<Reverse<(CityMs, u64, Wake)>>,
    written: u64,
}

impl Agenda {
    pub(crate) fn write(&mut self, at: CityMs, wake: Wake) {
        self.written += 1;
        self.heap.push(Reverse((at, self.written, wake)));
    }

    /// Takes what is due until and at `now`, one at a time.
    pub(crate) fn take_due(&mut self, now: CityMs) -> Option<(CityMs, Wake)> {
        let Reverse((at, _, _)) = self.heap.peek()?;
        if *at > now {
            return None;
        }
        self.heap.pop().map(|Reverse((at, _, wake))| (at, wake))
    }

    /// When something is due next.
    pub(crate) fn next_at(&self) -> Option<CityMs> {
        self.heap.peek().map(|Reverse((at, _, _))| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
