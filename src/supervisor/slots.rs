//! The places of the pool: who works in each, and who is about to take over.

use std::io;
use std::time::Duration;

use crate::batch::WorkerId;
use crate::engine::Backend;
use crate::health::probe::thread;
use crate::health::slot::Look;
use crate::search::pool::Pool;
use crate::search::shared::Errands;

/// A replacement that is being built, or waits.
struct Next {
    id: WorkerId,
    backend: Backend,
    ready: bool,
}

/// One place.
#[derive(Default)]
struct Place {
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
    /// It worked in its place, and nobody is to take over.
    Current,
    /// It worked in its place, and somebody takes over.
    Replaced,
    /// It was to take over.
    Next,
    /// It had been left behind.
    Abandoned,
}

/// All places of a pool.
pub struct Places {
    pool: Pool,
    places: Vec<Place>,
}

impl Places {
    /// The places of a pool whose first workers have just started.
    pub fn new(pool: Pool) -> Self {
        let mut places = Vec::new();
        for (id, _) in pool.pulses() {
            places.push(Place {
                current: Some(id),
                ..Place::default()
            });
        }
        Self { pool, places }
    }

    /// The pool.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Whether nobody works or is about to.
    pub fn is_empty(&self) -> bool {
        self.places
            .iter()
            .all(|p| p.current.is_none() && p.next.is_none())
    }

    /// Builds a worker for a place; it takes over once it is ready and its predecessor has stopped.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn replace(&mut self, worker: usize, backend: Backend, abandon: bool) -> io::Result<()> {
        let Some(place) = self.places.get_mut(worker.wrapping_sub(1)) else {
            return Ok(());
        };
        if let Some(old) = place.current.filter(|_| abandon) {
            self.pool.abandon(old);
            place.current = None;
        }
        place.generation += 1;
        let id = WorkerId {
            worker,
            generation: place.generation,
        };
        self.pool.add(id, backend)?;
        place.next = Some(Next {
            id,
            backend,
            ready: false,
        });
        Ok(())
    }

    /// A replacement is ready: its predecessor is told to stop, or the place is its own at once.
    pub fn ready(&mut self, id: WorkerId) -> Option<(WorkerId, Backend)> {
        let place = self.places.get_mut(id.worker.wrapping_sub(1))?;
        place.next.as_mut().filter(|next| next.id == id)?.ready = true;
        match place.current.and_then(|old| self.pool.pulse(old)) {
            Some(pulse) => {
                pulse.stop();
                None
            }
            None => self.swap(id.worker),
        }
    }

    /// A worker has said its last word; returns what it was, and who has taken over.
    pub fn ended(&mut self, id: WorkerId) -> (Role, Option<(WorkerId, Backend)>) {
        let abandoned = self.pool.is_abandoned(id);
        self.pool.forget(id);
        let Some(place) = self.places.get_mut(id.worker.wrapping_sub(1)) else {
            return (Role::Abandoned, None);
        };
        if abandoned {
            return (Role::Abandoned, None);
        }
        if place.current != Some(id) {
            place.next = None;
            return (Role::Next, None);
        }
        place.current = None;
        if place.next.is_none() {
            return (Role::Current, None);
        }
        (Role::Replaced, self.swap(id.worker))
    }

    fn swap(&mut self, worker: usize) -> Option<(WorkerId, Backend)> {
        let place = self.places.get_mut(worker - 1)?;
        let next = place.next.take_if(|next| next.ready)?;
        self.pool.open(next.id);
        place.current = Some(next.id);
        place.beats = 0;
        Some((next.id, next.backend))
    }

    /// Lets all who wait begin: the search ends, and they are to notice.
    pub fn release(&mut self) {
        let waiting: Vec<_> = self
            .places
            .iter()
            .flat_map(|p| &p.next)
            .map(|next| next.id)
            .collect();
        waiting.into_iter().for_each(|id| self.pool.open(id));
    }

    /// Stops the worker in a place for good.
    pub fn retire(&mut self, worker: usize, abandon: bool) {
        let Some(place) = self.places.get_mut(worker.wrapping_sub(1)) else {
            return;
        };
        let Some(id) = place.current else { return };
        if abandon {
            self.pool.abandon(id);
            place.current = None;
        } else if let Some(pulse) = self.pool.pulse(id) {
            pulse.stop();
        }
    }

    /// Asks one worker, or all, for errands.
    pub fn ask(&self, worker: Option<usize>, errands: Errands) {
        let asked = |id: &WorkerId| worker.is_none_or(|worker| worker == id.worker);
        for (_, pulse) in self.pool.pulses().filter(|(id, _)| asked(id)) {
            pulse.ask(errands);
        }
    }

    /// Lets the worker in a place rest, or work again.
    pub fn set_resting(&self, worker: usize, resting: bool) {
        let place = self.places.get(worker.wrapping_sub(1));
        let current = place.and_then(|place| place.current);
        if let Some(pulse) = current.and_then(|id| self.pool.pulse(id)) {
            pulse.set_resting(resting);
        }
    }

    /// Asks every worker for a sign of life between two sweeps.
    pub fn ask_pings(&self, now: Duration) {
        self.pool
            .pulses()
            .for_each(|(_, pulse)| pulse.ask_ping(now));
    }

    /// The time that each place's worker took to answer, where it has.
    pub fn pings(&self) -> Vec<Option<Duration>> {
        let ping = |place: &Place| self.pool.pulse(place.current?)?.ping();
        self.places.iter().map(ping).collect()
    }

    /// The search was told to stop: what each worker has done until now.
    pub fn note_stop(&mut self) {
        let pool = &self.pool;
        for place in &mut self.places {
            let pulse = place.current.and_then(|id| pool.pulse(id));
            place.at_stop = pulse.map(|pulse| {
                let state = pulse.thread().and_then(thread::look);
                (pulse.beats(), state.map(|s| s.processor))
            });
        }
    }

    /// Leaves workers behind that have not ended since [`Places::note_stop`] though they used `hung` of processor time
    /// without a sweep, or wait for something else; returns their places, from 1.
    pub fn leave_hung(&mut self, hung: Duration) -> Vec<usize> {
        let hangs = |place: &Place| {
            let ((beats, then), pulse) = place.at_stop.zip(self.pool.pulse(place.current?))?;
            let state = pulse.thread().and_then(thread::look)?;
            let burnt = then.map_or(Duration::ZERO, |then| state.processor.saturating_sub(then));
            let stuck = state.blocked == Some(true) || burnt >= hung;
            (pulse.beats() == beats && stuck).then_some(place.current?)
        };
        let left: Vec<_> = self.places.iter().filter_map(hangs).collect();
        for id in &left {
            self.pool.abandon(*id);
            self.places[id.worker - 1].current = None;
        }
        left.into_iter().map(|id| id.worker).collect()
    }

    /// What is seen of each place's worker. Only a thread that has not beaten since the last look is looked at
    /// through the system: that is what costs something.
    pub fn looks(&mut self) -> Vec<Look> {
        let pool = &self.pool;
        let look = |place: &mut Place| {
            let Some(pulse) = place.current.and_then(|id| pool.pulse(id)) else {
                return Look::default();
            };
            let beats = pulse.beats();
            let silent = std::mem::replace(&mut place.beats, beats) == beats;
            let state = pulse.thread().filter(|_| silent).and_then(thread::look);
            Look {
                beats,
                processor: state.map(|s| s.processor),
                blocked: state.and_then(|s| s.blocked),
            }
        };
        self.places.iter_mut().map(look).collect()
    }

    /// Waits for all threads that were not left behind.
    pub fn join(self) {
        self.pool.join();
    }
}
