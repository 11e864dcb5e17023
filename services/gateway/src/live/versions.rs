//! When a part of the map changed, what a viewer who was told of it at some tick is owed, and frames that are made
//! once for all who are owed the same.

use axum::extract::ws::Message;

/// Counts pictures of the city from 1; 0 is before the first.
pub(crate) type Tick = u32;

/// The last two ticks at which a part changed: changes are kept for the last one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Versions {
    changed: Tick,
    before: Tick,
}

/// What a viewer needs to be up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owed {
    Nothing,
    /// The changes of the last tick at which there were any.
    Changes,
    /// Everything.
    Whole,
}

/// Frames of one tick.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    tick: Tick,
    frames: Vec<Message>,
}

impl Versions {
    /// The part changes at this tick; whether it is the first change of it.
    pub(crate) fn touch(&mut self, tick: Tick) -> bool {
        let is_first = self.changed != tick;
        if is_first {
            self.before = self.changed;
            self.changed = tick;
        }
        is_first
    }

    /// What a viewer is owed who was last told at that tick, or never.
    pub(crate) fn owed(self, told: Option<Tick>) -> Owed {
        match told {
            None => Owed::Whole,
            Some(told) if told >= self.changed => Owed::Nothing,
            Some(told) if told >= self.before => Owed::Changes,
            Some(_) => Owed::Whole,
        }
    }

    pub(crate) fn changed(self) -> Tick {
        self.changed
    }
}

impl Shared {
    /// The frames of this tick, made by whoever asks first.
    pub(crate) fn get(&mut self, tick: Tick, make: impl FnOnce() -> Vec<Message>) -> &[Message] {
        if self.frames.is_empty() || self.tick != tick {
            self.frames = make();
            self.tick = tick;
        }
        &self.frames
    }

    /// Lets go of frames of other ticks.
    pub(crate) fn forget(&mut self) {
        self.frames = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_up_to_date_is_owed_nothing_and_who_missed_a_change_everything() {
        let mut versions = Versions::default();
        assert_eq!(versions.owed(None), Owed::Whole);
        assert_eq!(versions.owed(Some(0)), Owed::Nothing);
        assert!(versions.touch(3));
        assert!(!versions.touch(3));
        assert!(versions.touch(6));
        for (told, owed) in [
            (None, Owed::Whole),
            (Some(2), Owed::Whole),
            (Some(3), Owed::Changes),
            (Some(5), Owed::Changes),
            (Some(6), Owed::Nothing),
            (Some(9), Owed::Nothing),
        ] {
            assert_eq!(versions.owed(told), owed, "{told:?}");
        }
    }

    #[test]
    fn frames_are_made_once_a_tick() {
        let mut shared = Shared::default();
        let mut made = 0;
        for (tick, expected) in [(1, 1), (1, 1), (2, 2), (2, 2)] {
            let frames = shared.get(tick, || {
                made += 1;
                vec![Message::text("x")]
            });
            assert_eq!(frames.len(), 1);
            assert_eq!(made, expected);
        }
    }
}
