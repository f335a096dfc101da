//! The workers' threads: they are named, and however one ends, its last report and the reason come back.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::batch::{BatchReport, WorkerId};
use super::hit::HitSink;
use super::outbox::Outbox;
use super::shared::{Pulse, Shared};
use super::sweep::Sweep;
use super::target::Target;
use super::worker::{Finished, Task, Worker, WorkerError};
use crate::clock::Clock;
use crate::engine::EngineError;

/// Names of workers' threads begin with this.
pub const THREAD_NAME: &str = "worker-";

/// How a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerEnd {
    /// It was told to.
    Stopped,
    /// The number of candidates that was asked for has been tested.
    BudgetSpent,
    /// The operating system gives no random bytes: no worker may go on.
    NoRandomness(String),
    /// The engine could not be built or refused its work.
    EngineFailed(String),
    /// It panicked.
    Panicked(String),
}

/// A worker's last word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Who ended.
    pub id: WorkerId,
    /// How.
    pub end: WorkerEnd,
    /// What it had tested and not reported yet.
    pub last: Option<BatchReport>,
}

/// What all workers of a pool are given.
#[derive(Clone)]
pub struct Crew {
    /// What they look for.
    pub target: Arc<dyn Target>,
    /// What they share.
    pub shared: Arc<Shared>,
    /// Where their hits go.
    pub sink: HitSink,
    /// Their clock.
    pub clock: Arc<dyn Clock>,
    /// Candidates between two reports; `None`: about a quarter of a second's work.
    pub batch_size: Option<u64>,
}

/// A running worker as the pool sees it.
struct Member {
    id: WorkerId,
    pulse: Arc<Pulse>,
    thread: JoinHandle<()>,
}

/// Running workers, and what comes from them.
pub struct Pool {
    members: Vec<Member>,
    /// Batch reports; bounded, reports merge in the workers while it is full.
    pub reports: Receiver<BatchReport>,
    /// Last words, one a worker; disconnected once all workers have ended.
    pub ends: Receiver<Ended>,
}

impl Pool {
    /// Starts `workers` threads, each with an engine that `build` makes inside the thread.
    ///
    /// # Errors
    /// The system refuses a thread; those that were started already are told to stop.
    pub fn start<S, F>(workers: usize, crew: &Crew, build: F) -> io::Result<Self>
    where
        S: Sweep,
        F: Fn() -> Result<S, EngineError> + Send + Sync + 'static,
    {
        let build = Arc::new(build);
        let (report_sender, reports) = bounded(2 * workers + 2);
        let (end_sender, ends) = unbounded();
        let mut members = Vec::with_capacity(workers);
        for worker in 1..=workers {
            let id = WorkerId {
                worker,
                generation: 0,
            };
            let exits = (report_sender.clone(), end_sender.clone());
            let member = start_worker(id, crew, exits, Arc::clone(&build));
            members.push(member.inspect_err(|_| crew.shared.stop())?);
        }
        Ok(Self {
            members,
            reports,
            ends,
        })
    }

    /// The sign of life of each worker.
    pub fn pulses(&self) -> impl Iterator<Item = (WorkerId, &Pulse)> {
        self.members.iter().map(|m| (m.id, m.pulse.as_ref()))
    }

    /// Waits for the threads, all of which must have said their last word already.
    pub fn join(self) {
        for member in self.members {
            // A panic was caught inside the thread and is in its last word.
            let _ = member.thread.join();
        }
    }
}

type Exits = (Sender<BatchReport>, Sender<Ended>);

fn start_worker<S, F>(id: WorkerId, crew: &Crew, exits: Exits, build: Arc<F>) -> io::Result<Member>
where
    S: Sweep,
    F: Fn() -> Result<S, EngineError> + Send + Sync + 'static,
{
    let pulse = Arc::new(Pulse::default());
    let (reports, ends) = exits;
    let task = Task {
        id,
        target: Arc::clone(&crew.target),
        shared: Arc::clone(&crew.shared),
        pulse: Arc::clone(&pulse),
        sink: crew.sink.clone(),
        outbox: Outbox::new(reports),
        clock: Arc::clone(&crew.clock),
        batch_size: crew.batch_size,
    };
    let name = format!("{THREAD_NAME}{}", id.worker);
    let thread = Builder::new().name(name).spawn(move || {
        let (end, last) = work(task, build.as_ref());
        // Nobody may be listening any more; then nobody misses it.
        let _ = ends.send(Ended { id, end, last });
    })?;
    Ok(Member { id, pulse, thread })
}

/// Builds the engine and works until the end; everything the worker held is dropped (and wiped) on return.
fn work<S: Sweep>(
    task: Task,
    build: &dyn Fn() -> Result<S, EngineError>,
) -> (WorkerEnd, Option<BatchReport>) {
    let mut worker: Option<Worker<S>> = None;
    let end = catch_unwind(AssertUnwindSafe(|| {
        worker.insert(Worker::new(task, build()?)?).run()
    }));
    let end = match end {
        Ok(Ok(Finished::Stopped)) => WorkerEnd::Stopped,
        Ok(Ok(Finished::BudgetSpent)) => WorkerEnd::BudgetSpent,
        Ok(Err(WorkerError::Key(error))) => WorkerEnd::NoRandomness(error.to_string()),
        Ok(Err(WorkerError::Engine(error))) => WorkerEnd::EngineFailed(error.to_string()),
        Err(payload) => WorkerEnd::Panicked(panic_text(payload.as_ref())),
    };
    (end, worker.as_mut().and_then(Worker::last_report))
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
