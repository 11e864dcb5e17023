//! What waits for one gateway: the outputs of each owner in order, and the owners whose turn it is.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard};

use tokio::sync::Semaphore;

use super::call::Call;
use super::owner::Owner;
use crate::model::Output;

/// Outputs of many owners; any number of workers takes calls, never two of one owner at a time.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// One permit for each owner whose turn it is.
    turns: Semaphore,
}

/// An owner with an entry in `waiting` is either in `turns` or with a worker.
#[derive(Debug, Default)]
struct State {
    waiting: HashMap<Owner, VecDeque<Output>>,
    turns: VecDeque<Owner>,
}

impl Default for Queue {
    fn default() -> Self {
        Self { state: Mutex::default(), turns: Semaphore::new(0) }
    }
}

impl Queue {
    /// Appends to what an owner has to send.
    pub(super) fn push(&self, owner: Owner, output: Output) {
        let mut state = self.lock();
        let has_turn = state.waiting.contains_key(&owner);
        state.waiting.entry(owner).or_default().push_back(output);
        if !has_turn {
            self.give_turn(&mut state, owner);
        }
    }

    /// Waits for the next call; `done` has to be said of its owner afterwards. `None` once the queue is closed.
    pub(super) async fn next(&self) -> Option<(Owner, Call)> {
        loop {
            self.turns.acquire().await.ok()?.forget();
            let mut state = self.lock();
            let Some(owner) = state.turns.pop_front() else { continue };
            match state.waiting.get_mut(&owner).and_then(Call::next) {
                Some(call) => return Some((owner, call)),
                None => drop(state.waiting.remove(&owner)),
            }
        }
    }

    /// A call of this owner has come to its end: the owner's next one may be made, after those of others.
    pub(super) fn done(&self, owner: Owner) {
        let mut state = self.lock();
        if state.waiting.get(&owner).is_some_and(VecDeque::is_empty) {
            state.waiting.remove(&owner);
        } else {
            self.give_turn(&mut state, owner);
        }
    }

    /// Nobody gets a call any more.
    pub(super) fn close(&self) {
        self.turns.close();
    }

    fn give_turn(&self, state: &mut State, owner: Owner) {
        state.turns.push_back(owner);
        self.turns.add_permits(1);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding the queue")
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    use domain::trip::DriverStep;
    use domain::{CityMs, DriverId, LatLng, TripId, Zone};
    use events::driver_actions::DriverAction;
    use uuid::Uuid;

    use super::*;

    fn owner(id: u64) -> Owner {
        Owner::Driver(DriverId(id))
    }

    fn act(queue: &Queue, id: u64, attempt: u32) {
        let trip = TripId { zone: Zone::of(LatLng { lat: 37.77, lon: -122.42 }), uuid: Uuid::from_u128(7) };
        let action =
            DriverAction { trip, driver: DriverId(id), attempt, at: CityMs(1), step: DriverStep::Accept };
        queue.push(owner(id), Output::Action(action));
    }

    /// The owner of the call that can be made now, if there is one.
    fn now(queue: &Queue) -> Option<Owner> {
        let next = std::pin::pin!(queue.next());
        match next.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(call) => Some(call?.0),
            Poll::Pending => None,
        }
    }

    #[test]
    fn owners_take_turns_and_wait_for_their_own_calls() {
        let queue = Queue::default();
        for (id, attempt) in [(1, 1), (1, 2), (2, 1)] {
            act(&queue, id, attempt);
        }
        assert_eq!((now(&queue), now(&queue), now(&queue)), (Some(owner(1)), Some(owner(2)), None));
        act(&queue, 2, 2);
        assert_eq!(now(&queue), None, "both owners are at it");
        queue.done(owner(1));
        assert_eq!((now(&queue), now(&queue)), (Some(owner(1)), None));
        queue.done(owner(1));
        queue.done(owner(2));
        assert_eq!((now(&queue), now(&queue)), (Some(owner(2)), None));
        queue.done(owner(2));
        act(&queue, 1, 3);
        assert_eq!(now(&queue), Some(owner(1)), "who was gone comes back");
        queue.close();
        act(&queue, 3, 1);
        assert_eq!(now(&queue), None);
    }
}
