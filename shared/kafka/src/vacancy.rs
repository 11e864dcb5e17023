//! How a member of a group comes to know that there is no partition for it, since there are enough other members.

use std::time::Duration;

use tokio::time::Instant;

/// A member that holds nothing for so long gets nothing: partitions come with the answer to the first heartbeat, or the
/// next after their last holder has let go of them; heartbeats are five seconds apart at most.
const PARTITIONS_COME: Duration = Duration::from_secs(5);

/// Since when a member has held nothing. The newer group protocol says nothing to a member that gets nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vacancy {
    /// None while it holds something, or when it is known that it gets nothing.
    since: Option<Instant>,
}

impl Vacancy {
    /// A member that has just asked for partitions.
    pub(crate) fn begins(now: Instant) -> Self {
        Self { since: Some(now) }
    }

    /// The member holds so many partitions now.
    pub(crate) fn holds(&mut self, partitions: usize, now: Instant) {
        self.since = (partitions == 0).then_some(now);
    }

    /// Whether it is time to ask if this is still a member.
    pub(crate) fn is_long(&self, now: Instant) -> bool {
        self.since.is_some_and(|since| now >= since + PARTITIONS_COME)
    }

    /// It is a member: there is nothing for it.
    pub(crate) fn is_known(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_nothing_for_long_asks_once() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut vacancy = Vacancy::begins(start);
        assert!(!vacancy.is_long(after(4_999)) && vacancy.is_long(after(5_000)));
        vacancy.is_known();
        assert!(!vacancy.is_long(after(60_000)), "it is known");
        vacancy.holds(3, after(61_000));
        assert!(!vacancy.is_long(after(99_000)), "it has work");
        vacancy.holds(0, after(100_000));
        assert!(
            !vacancy.is_long(after(104_999)) && vacancy.is_long(after(105_000)),
            "its work was taken away"
        );
    }
}
