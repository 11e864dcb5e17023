//! A handler's state, by key.

use foldhash::fast::RandomState;
use indexmap::IndexMap;

/// State by key, in the order in which keys were first heard of.
///
/// Whoever reports at regular intervals is heard of in the same order over and over. With hundreds of thousands of keys
/// each value that lies somewhere else is a wait for memory; in this order the next one needed lies near the last.
pub type StateMap<K, V> = IndexMap<K, V, RandomState>;
