//! How a member of a group comes to know that there is no partition for it, since there are enough other members.

use std::time::Duration;

use tokio::time::Instant;

/// A member that holds nothing for so long gets nothing: partitions come with the answer to the first heartbeat, or the
/// next after their last holder has let go of them; heartbeats are five seconds apart at most.
const PARTITIONS_COME: Duration = Duration::from_secs(5);

/// Whoever coordinates a group answers within seconds, also behind a restart of its broker. A broker that can't read a
/// partition of `__consumer_offsets` never does, and says so in its own log only.
const LONG_SILENCE: Duration = Duration::from_secs(30);

/// Since when a member has held nothing. The newer group protocol says nothing to a member that gets nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vacancy {
    /// None while it holds something, or when it is known that it gets nothing.
    since: Option<Instant>,
    /// Since when nobody has answered for the group, and whether that was told.
    silence: Option<(Instant, bool)>,
}

impl Vacancy {
    /// A member that has just asked for partitions.
    pub(crate) fn begins(now: Instant) -> Self {
        Self { since: Some(now), silence: None }
    }

    /// The member holds so many partitions now.
    pub(crate) fn holds(&mut self, partitions: usize, now: Instant) {
        *self = Self { since: (partitions == 0).then_some(now), silence: None };
    }

    /// Whether it is time to ask if this is still a member.
    pub(crate) fn is_long(&self, now: Instant) -> bool {
        self.since.is_some_and(|since| now >= since + PARTITIONS_COME)
    }

    /// It is a member: there is nothing for it.
    pub(crate) fn is_known(&mut self) {
        *self = Self { since: None, silence: None };
    }

    /// Nobody answered for the group; it is asked again later. Whether that is worth telling: once.
    pub(crate) fn is_unanswered(&mut self, now: Instant) -> bool {
        self.since = Some(now);
        let (since, is_told) = self.silence.get_or_insert((now, false));
        let is_news = !*is_told && now >= *since + LONG_SILENCE;
        *is_told |= is_news;
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_silence_is_told_once() {
        let start = Instant::now();
        let after = |s| start + Duration::from_secs(s);
        let mut vacancy = Vacancy::begins(start);
        let told: Vec<u64> =
            (0..20).map(|turn| turn * 6).filter(|s| vacancy.is_unanswered(after(*s))).collect();
        assert_eq!(told, [30]);
        assert!(!vacancy.is_long(after(118)) && vacancy.is_long(after(119)), "it is asked again");
        vacancy.holds(0, after(120));
        let told: Vec<u64> =
            (20..40).map(|turn| turn * 6).filter(|s| vacancy.is_unanswered(after(*s))).collect();
        assert_eq!(told, [150], "another silence");
    }

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
