//! A producer whose answers are taken by a thread of its own.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, ProducerContext};

/// How long the thread waits for answers before it looks whether it shall end. The library waits in whole
/// milliseconds and spins through what is left of the last one; its own `ThreadedProducer`, with slices of 100 ms, so
/// spends a hundredth of a core on nothing, in each process. The 20 µs are over when the thread wakes up.
const SLICE: Duration = Duration::from_micros(250_020);

/// A producer and its thread, which ends with it.
pub(crate) struct Polled<C: ProducerContext + 'static> {
    producer: Arc<BaseProducer<C>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl<C: ProducerContext + 'static> Polled<C> {
    /// Makes the producer and starts its thread.
    ///
    /// # Errors
    /// If the client can't be made with these settings, or there is no room for a thread.
    pub(crate) fn start(client: &ClientConfig, context: C) -> anyhow::Result<Self> {
        let producer: BaseProducer<C> =
            client.create_with_context(context).context("failed to make a Kafka producer")?;
        let (producer, stop) = (Arc::new(producer), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::Builder::new()
            .name("producer answers".to_owned())
            .spawn({
                let (producer, stop) = (Arc::clone(&producer), Arc::clone(&stop));
                move || {
                    while !stop.load(Ordering::Relaxed) {
                        producer.poll(SLICE);
                    }
                }
            })
            .context("failed to start a thread")?;
        Ok(Self { producer, stop, thread: Some(thread) })
    }
}

impl<C: ProducerContext + 'static> Deref for Polled<C> {
    type Target = BaseProducer<C>;

    fn deref(&self) -> &Self::Target {
        &self.producer
    }
}

impl<C: ProducerContext + 'static> Drop for Polled<C> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic in there was one of the context, and has been told.
            let _ = thread.join();
        }
    }
}
