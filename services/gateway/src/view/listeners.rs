//! Who waits for news of one trip or driver, found by key: a record that nobody waits for costs a look.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::mpsc;

use super::About;

/// News that a listener may leave unread: some seconds of the liveliest trip.
const MOST_UNREAD: usize = 64;

/// All who listen to news of one kind.
#[derive(Debug)]
pub(super) struct Listeners<T: About>(Arc<Mutex<Registry<T>>>);

#[derive(Debug)]
struct Registry<T: About> {
    next_serial: u64,
    by_key: BTreeMap<T::Key, Vec<Ear<T>>>,
}

#[derive(Debug)]
struct Ear<T> {
    serial: u64,
    sender: mpsc::Sender<Arc<T>>,
}

/// The receiving end: news of one trip or one driver, in order.
#[derive(Debug)]
pub struct Listener<T: About> {
    receiver: mpsc::Receiver<Arc<T>>,
    key: T::Key,
    serial: u64,
    registry: Arc<Mutex<Registry<T>>>,
}

impl<T: About> Default for Listeners<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Registry { next_serial: 0, by_key: BTreeMap::new() })))
    }
}

impl<T: About> Listeners<T> {
    pub(super) fn listen(&self, key: T::Key) -> Listener<T> {
        let (sender, receiver) = mpsc::channel(MOST_UNREAD);
        let mut registry = locked(&self.0);
        let serial = registry.next_serial;
        registry.next_serial += 1;
        registry.by_key.entry(key).or_default().push(Ear { serial, sender });
        Listener { receiver, key, serial, registry: Arc::clone(&self.0) }
    }

    /// Tells each piece of news to those who listen to its key; it is made only if there is somebody.
    pub(super) fn tell_all<M: FnOnce() -> T>(&self, news: impl Iterator<Item = (T::Key, M)>) {
        let mut registry = locked(&self.0);
        if registry.by_key.is_empty() {
            return;
        }
        for (key, make) in news {
            if let Some(ears) = registry.by_key.get_mut(&key) {
                let news = Arc::new(make());
                // Who fell behind is let go: a gap in the middle would be worse than an end.
                ears.retain(|ear| ear.sender.try_send(Arc::clone(&news)).is_ok());
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        locked(&self.0).by_key.is_empty()
    }
}

impl<T: About> Listener<T> {
    /// The next news; `None` when this listener fell behind: what it has not read by then is all it gets.
    pub async fn recv(&mut self) -> Option<Arc<T>> {
        self.receiver.recv().await
    }
}

impl<T: About> Drop for Listener<T> {
    fn drop(&mut self) {
        let mut registry = locked(&self.registry);
        if let Some(ears) = registry.by_key.get_mut(&self.key) {
            ears.retain(|ear| ear.serial != self.serial);
            if ears.is_empty() {
                registry.by_key.remove(&self.key);
            }
        }
    }
}

fn locked<T: About>(registry: &Mutex<Registry<T>>) -> MutexGuard<'_, Registry<T>> {
    registry.lock().expect("nobody panics while holding it")
}
