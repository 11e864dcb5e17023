//! Whether a partition just taken over may still hold records from while nobody listened.
//!
//! Deadlines do not stop while a service is down, but an acceptance written in time must still count when it is
//! read late: so time-outs wait until the backlog is read.

use domain::RealMs;

/// A partition is taken as caught up after this long without an old record.
const QUIET_MS: i64 = 2_000;

/// A record older than this belongs to the backlog.
const OLD_MS: i64 = 1_000;

/// Time-outs wait no longer than this, whatever times the records carry.
const LONGEST_MS: i64 = 30_000;

/// Watches one partition from its assignment on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CatchUp {
    /// The first moment after the assignment, and from when on time-outs fire.
    span: Option<(RealMs, RealMs)>,
}

impl CatchUp {
    /// A record was read.
    pub(crate) fn saw(&mut self, written: RealMs, now: RealMs) {
        if let Some((began, timers_from)) = &mut self.span
            && now.since(written) > OLD_MS
        {
            *timers_from = now.plus_ms(QUIET_MS).min(began.plus_ms(LONGEST_MS)).max(*timers_from);
        }
    }

    /// Whether time-outs may fire now. The wait begins with the first call.
    pub(crate) fn is_over(&mut self, now: RealMs) -> bool {
        let (_, timers_from) = *self.span.get_or_insert((now, now.plus_ms(QUIET_MS)));
        timers_from <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_outs_wait_for_the_backlog_but_not_for_ever() {
        let mut catch_up = CatchUp::default();
        assert!(!catch_up.is_over(RealMs(100_000)));
        catch_up.saw(RealMs(100_900), RealMs(101_000));
        assert!(catch_up.is_over(RealMs(102_000)), "a fresh record is no backlog");
        let mut catch_up = CatchUp::default();
        assert!(!catch_up.is_over(RealMs(100_000)));
        for now in (100_000..129_000).step_by(1_000) {
            catch_up.saw(RealMs(50_000), RealMs(now));
            assert!(!catch_up.is_over(RealMs(now)), "{now}");
        }
        catch_up.saw(RealMs(50_000), RealMs(130_000));
        assert!(catch_up.is_over(RealMs(130_000)));
        catch_up.saw(RealMs(50_000), RealMs(200_000));
        assert!(
            catch_up.is_over(RealMs(200_000)),
            "late records do not stop the timers of a running service"
        );
    }
}
