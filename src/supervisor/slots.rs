//! The slots of the pool: the current worker of each, and its replacement.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::batch::WorkerId;
use crate::engine::Backend;
use crate::health::probe::thread;
use crate::health::slot_health::ThreadSample;
use crate::search::pool::Pool;
use crate::search::shared::{Shared, WorkerRequests};

/// A replacement that is being built, or waits.
struct Next {
    id: WorkerId,
    backend: Backend,
    ready: bool,
}

/// One slot.
#[derive(Default)]
struct Slot {
    current: Option<WorkerId>,
    next: Option<Next>,
    generation: u32,
    beats: u64,
    /// Beats and processor time when the search was told to stop.
    at_stop: Option<(u64, Option<Duration>)>,
}

/// What a worker was when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It worked in its slot, and there is no replacement.
    Current,
    /// It worked in its slot, and its replacement takes over.
    Replaced,
    /// It was a replacement.
    Next,
    /// It had been abandoned.
    Abandoned,
}

/// All slots of a pool.
pub struct Slots {
    pool: Pool,
    /// What all threads of the search share.
    pub shared: Arc<Shared>,
    slots: Vec<Slot>,
}

impl Slots {
    /// The slots of a pool whose first workers have just started.
    pub fn new(pool: Pool, shared: Arc<Shared>) -> Self {
        let slot = |(id, _)| Slot {
            current: Some(id),
            ..Slot::default()
        };
        let slots = pool.heartbeats().map(slot).collect();
        Self {
            pool,
            shared,
            slots,
        }
    }

    /// The pool.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Whether no slot has a worker or a replacement.
    pub fn is_empty(&self) -> bool {
        self.slots
            .iter()
            .all(|p| p.current.is_none() && p.next.is_none())
    }

    /// Builds a worker for a slot; it takes over once it is ready and its predecessor has stopped.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn replace(&mut self, worker: usize, backend: Backend, abandon: bool) -> io::Result<()> {
        let Some(slot) = self.slots.get_mut(worker.wrapping_sub(1)) else {
            return Ok(());
        };
        if let Some(old) = slot.current.filter(|_| abandon) {
            self.pool.abandon(old);
            slot.current = None;
        }
        slot.generation += 1;
        let id = WorkerId {
            worker,
            generation: slot.generation,
        };
        self.pool.add(id, backend)?;
        slot.next = Some(Next {
            id,
            backend,
            ready: false,
        });
        Ok(())
    }

    /// A replacement is ready: its predecessor is told to stop, or it takes over at once.
    pub fn ready(&mut self, id: WorkerId) -> Option<(WorkerId, Backend)> {
        let slot = self.slots.get_mut(id.worker.wrapping_sub(1))?;
        slot.next.as_mut().filter(|next| next.id == id)?.ready = true;
        match slot.current.and_then(|old| self.pool.heartbeat(old)) {
            Some(heartbeat) => {
                heartbeat.stop();
                None
            }
            None => self.swap(id.worker),
        }
    }

    /// A worker has ended; returns its role, and the replacement that has taken over.
    pub fn ended(&mut self, id: WorkerId) -> (Role, Option<(WorkerId, Backend)>) {
        let abandoned = self.pool.is_abandoned(id);
        self.pool.forget(id);
        let Some(slot) = self.slots.get_mut(id.worker.wrapping_sub(1)) else {
            return (Role::Abandoned, None);
        };
        if abandoned {
            return (Role::Abandoned, None);
        }
        if slot.current != Some(id) {
            slot.next = None;
            return (Role::Next, None);
        }
        slot.current = None;
        if slot.next.is_none() {
            return (Role::Current, None);
        }
        (Role::Replaced, self.swap(id.worker))
    }

    fn swap(&mut self, worker: usize) -> Option<(WorkerId, Backend)> {
        let slot = self.slots.get_mut(worker - 1)?;
        let next = slot.next.take_if(|next| next.ready)?;
        self.pool.open(next.id);
        slot.current = Some(next.id);
        slot.beats = 0;
        Some((next.id, next.backend))
    }

    /// Lets all waiting replacements start: the search ends, and they have to notice.
    pub fn release(&mut self) {
        let waiting: Vec<_> = self
            .slots
            .iter()
            .flat_map(|p| &p.next)
            .map(|next| next.id)
            .collect();
        waiting.into_iter().for_each(|id| self.pool.open(id));
    }

    /// Stops the worker in a slot for good.
    pub fn retire(&mut self, worker: usize, abandon: bool) {
        let Some(slot) = self.slots.get_mut(worker.wrapping_sub(1)) else {
            return;
        };
        let Some(id) = slot.current else { return };
        if abandon {
            self.pool.abandon(id);
            slot.current = None;
        } else if let Some(heartbeat) = self.pool.heartbeat(id) {
            heartbeat.stop();
        }
    }

    /// Sends requests to one worker, or to all.
    pub fn ask(&self, worker: Option<usize>, requests: WorkerRequests) {
        let asked = |id: &WorkerId| worker.is_none_or(|worker| worker == id.worker);
        for (_, heartbeat) in self.pool.heartbeats().filter(|(id, _)| asked(id)) {
            heartbeat.ask(requests);
        }
    }

    /// Asks one worker, or all, for calibration samples close together.
    pub fn ask_calibration(&self, worker: Option<usize>) {
        let requests = WorkerRequests {
            calibrate: true,
            ..WorkerRequests::default()
        };
        self.ask(worker, requests);
    }

    /// Lets the worker in a slot rest, or work again.
    pub fn set_resting(&self, worker: usize, resting: bool) {
        let slot = self.slots.get(worker.wrapping_sub(1));
        let current = slot.and_then(|slot| slot.current);
        if let Some(heartbeat) = current.and_then(|id| self.pool.heartbeat(id)) {
            heartbeat.set_resting(resting);
        }
    }

    /// Asks every worker for a sign of life between two sweeps.
    pub fn ask_pings(&self, now: Duration) {
        self.pool
            .heartbeats()
            .for_each(|(_, heartbeat)| heartbeat.ask_ping(now));
    }

    /// The time that each slot's worker took to answer, where it has.
    pub fn pings(&self) -> Vec<Option<Duration>> {
        let ping = |slot: &Slot| self.pool.heartbeat(slot.current?)?.ping();
        self.slots.iter().map(ping).collect()
    }

    /// The search was told to stop: what each worker has done until now.
    pub fn note_stop(&mut self) {
        let pool = &self.pool;
        for slot in &mut self.slots {
            let heartbeat = slot.current.and_then(|id| pool.heartbeat(id));
            slot.at_stop = heartbeat.map(|heartbeat| {
                let state = heartbeat.thread().and_then(thread::look);
                (heartbeat.beats(), state.map(|s| s.processor))
            });
        }
    }

    /// Abandons workers that have not ended since [`Slots::note_stop`] though they used `hung` of processor time without
    /// a sweep, or wait for something else; returns their slots, from 1.
    pub fn leave_hung(&mut self, hung: Duration) -> Vec<usize> {
        let hangs = |slot: &Slot| {
            let ((beats, then), heartbeat) =
                slot.at_stop.zip(self.pool.heartbeat(slot.current?))?;
            let state = heartbeat.thread().and_then(thread::look)?;
            let burnt = then.map_or(Duration::ZERO, |then| state.processor.saturating_sub(then));
            let stuck = state.blocked == Some(true) || burnt >= hung;
            (heartbeat.beats() == beats && stuck).then_some(slot.current?)
        };
        let left: Vec<_> = self.slots.iter().filter_map(hangs).collect();
        for id in &left {
            self.pool.abandon(*id);
            self.slots[id.worker - 1].current = None;
        }
        left.into_iter().map(|id| id.worker).collect()
    }

    /// A sample of each slot's worker. Only a thread without a beat since the last sample is inspected through the
    /// system, because that is what is expensive.
    pub fn thread_samples(&mut self) -> Vec<ThreadSample> {
        let pool = &self.pool;
        let look = |slot: &mut Slot| {
            let Some(heartbeat) = slot.current.and_then(|id| pool.heartbeat(id)) else {
                return ThreadSample::default();
            };
            let beats = heartbeat.beats();
            let silent = std::mem::replace(&mut slot.beats, beats) == beats;
            let state = heartbeat.thread().filter(|_| silent).and_then(thread::look);
            ThreadSample {
                beats,
                processor: state.map(|s| s.processor),
                blocked: state.and_then(|s| s.blocked),
            }
        };
        self.slots.iter_mut().map(look).collect()
    }

    /// Waits for all threads that were not abandoned.
    pub fn join(self) {
        self.pool.join();
    }
}
