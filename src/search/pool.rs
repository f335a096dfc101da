//! The workers' threads: named, and however one ends, its last report and the reason come back.

use std::any::Any;
use std::collections::HashSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle, available_parallelism};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::hit::HitSink;
use super::outbox::Outbox;
use super::shared::{Heartbeat, Shared};
use super::sweep::Sweep;
use super::target::Target;
use super::worker::{Finished, Task, Worker, WorkerError};
use crate::batch::{BatchReport, WorkerEnd, WorkerId};
use crate::clock::Clock;
use crate::engine::{Backend, EngineError};
use crate::health::probe::thread;

/// Names of workers' threads begin with this.
pub(crate) const THREAD_NAME: &str = "worker-";

/// Bytes of a worker's stack. A build without optimisation keeps every vector of the arithmetic in a place of its own
/// there, which the usual 2 MB do not hold; what is not touched takes no memory.
const STACK: usize = 64 << 20;

/// More workers a processor than this are a crowd. They build their engines one after the other: hundreds at once would
/// each be preempted while they hold a lock of the allocator that all others, and the threads that watch limits and
/// signals, then wait for. When they search they yield to all other threads, which would wait for a turn of hundreds
/// of workers each time they wake up.
const CROWD: usize = 16;

/// The end of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Who ended.
    pub id: WorkerId,
    /// How.
    pub end: WorkerEnd,
    /// What it had tested and not reported yet.
    pub last: Option<BatchReport>,
}

/// What all workers of a pool share.
#[derive(Clone)]
pub struct PoolContext {
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
    heartbeat: Arc<Heartbeat>,
    thread: JoinHandle<()>,
    gate: Option<Sender<()>>,
}

/// Starts a worker's thread; behind a gate if it is to wait until it may begin.
type Spawn = Box<dyn Fn(WorkerId, Backend, bool) -> io::Result<Member> + Send>;

/// Running workers, and what comes from them.
pub struct Pool {
    members: Vec<Member>,
    /// Also those whose end was reported: a report of theirs may be read after it.
    abandoned: HashSet<WorkerId>,
    spawn: Spawn,
    /// Batch reports; bounded, reports merge in the workers while it is full.
    pub reports: Receiver<BatchReport>,
    /// One end per worker.
    pub ends: Receiver<Ended>,
    /// Workers that are ready and wait at their gate.
    pub ready: Receiver<WorkerId>,
}

/// Where a worker's messages go.
#[derive(Clone)]
struct Channels {
    reports: Sender<BatchReport>,
    ends: Sender<Ended>,
    ready: Sender<WorkerId>,
    /// Whose turn it is to build an engine, in a crowd.
    crowd: Option<Arc<Mutex<()>>>,
}

impl Pool {
    /// Starts a thread for each of `backends`, with an engine on it that `build` makes inside the thread; later ones may
    /// be on others.
    ///
    /// # Errors
    /// The system refuses a thread; those that were started already are told to stop.
    pub fn start_on<F>(backends: &[Backend], crew: &PoolContext, build: F) -> io::Result<Self>
    where
        F: Fn(WorkerId, Backend) -> Result<Box<dyn Sweep>, EngineError> + Send + Sync + 'static,
    {
        let build = Arc::new(build);
        let workers = backends.len();
        let (report_sender, reports) = bounded(2 * workers + 2);
        let (end_sender, ends) = unbounded();
        let (ready_sender, ready) = unbounded();
        let crowded = available_parallelism().is_ok_and(|n| workers > CROWD * n.get());
        let crowd = crowded.then(Arc::default);
        let channels = Channels {
            reports: report_sender,
            ends: end_sender,
            ready: ready_sender,
            crowd: crowd.clone(),
        };
        let own = crew.clone();
        let spawn: Spawn = Box::new(move |id, backend, gated| {
            start_worker(id, backend, &own, &channels, Arc::clone(&build), gated)
        });
        let mut members = Vec::with_capacity(workers);
        let all_started = crowd.as_deref().map(turn);
        for (worker, backend) in (1..).zip(backends) {
            let id = WorkerId {
                worker,
                generation: 0,
            };
            let member = spawn(id, *backend, false);
            members.push(member.inspect_err(|_| crew.shared.stop())?);
        }
        drop(all_started);
        Ok(Self {
            members,
            abandoned: HashSet::new(),
            spawn,
            reports,
            ends,
            ready,
        })
    }

    /// Starts a worker that waits at its gate once it is ready.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn add(&mut self, id: WorkerId, backend: Backend) -> io::Result<()> {
        self.members.push((self.spawn)(id, backend, true)?);
        Ok(())
    }

    /// Lets a worker begin.
    pub fn open(&mut self, id: WorkerId) {
        let member = self.members.iter_mut().find(|m| m.id == id);
        if let Some(gate) = member.and_then(|m| m.gate.take()) {
            // If the worker has died meanwhile, its end is reported.
            let _ = gate.send(());
        }
    }

    /// Abandons a worker: it is told to stop, and nobody waits for it.
    pub fn abandon(&mut self, id: WorkerId) {
        if let Some(member) = self.members.iter_mut().find(|m| m.id == id) {
            member.heartbeat.stop();
            self.abandoned.insert(id);
        }
    }

    /// Whether a worker was abandoned: its counts are ignored from then on.
    pub fn is_abandoned(&self, id: WorkerId) -> bool {
        self.abandoned.contains(&id)
    }

    /// Removes a worker whose end was reported, and waits for its thread.
    pub fn forget(&mut self, id: WorkerId) {
        let Some(index) = self.members.iter().position(|m| m.id == id) else {
            return;
        };
        // A panic was caught inside the thread and is reported in its end.
        let _ = self.members.swap_remove(index).thread.join();
    }

    /// The sign of life of a worker.
    pub fn heartbeat(&self, id: WorkerId) -> Option<&Heartbeat> {
        let member = self.members.iter().find(|m| m.id == id);
        member.map(|m| m.heartbeat.as_ref())
    }

    /// The sign of life of each worker.
    pub fn heartbeats(&self) -> impl Iterator<Item = (WorkerId, &Heartbeat)> {
        self.members.iter().map(|m| (m.id, m.heartbeat.as_ref()))
    }

    /// Waits for the threads, whose ends must all have been reported already; not for abandoned ones.
    pub fn join(self) {
        let waited = |member: &Member| !self.abandoned.contains(&member.id);
        for member in self.members.into_iter().filter(waited) {
            drop(member.gate);
            let _ = member.thread.join();
        }
    }
}

fn start_worker<F>(
    id: WorkerId,
    backend: Backend,
    crew: &PoolContext,
    channels: &Channels,
    build: Arc<F>,
    gated: bool,
) -> io::Result<Member>
where
    F: Fn(WorkerId, Backend) -> Result<Box<dyn Sweep>, EngineError> + Send + Sync + 'static,
{
    let heartbeat = Arc::new(Heartbeat::default());
    let task = Task {
        id,
        target: Arc::clone(&crew.target),
        shared: Arc::clone(&crew.shared),
        heartbeat: Arc::clone(&heartbeat),
        sink: crew.sink.clone(),
        outbox: Outbox::new(channels.reports.clone()),
        clock: Arc::clone(&crew.clock),
        batch_size: crew.batch_size,
        backend,
    };
    let (open, opened) = bounded(1);
    let gate = gated.then(|| Gate {
        ready: channels.ready.clone(),
        opened,
    });
    let channels = channels.clone();
    let name = format!("{THREAD_NAME}{}", id.worker);
    let thread = Builder::new().name(name).stack_size(STACK).spawn(move || {
        let crowd = channels.crowd.as_deref();
        let (end, last) = work(task, &|| build(id, backend), gate, crowd);
        // Nobody may be listening any more; then nobody misses it.
        let _ = channels.ends.send(Ended { id, end, last });
    })?;
    Ok(Member {
        id,
        heartbeat,
        thread,
        gate: gated.then_some(open),
    })
}

fn turn(crowd: &Mutex<()>) -> MutexGuard<'_, ()> {
    crowd.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a replacement waits until its predecessor has stopped.
struct Gate {
    ready: Sender<WorkerId>,
    opened: Receiver<()>,
}

/// Builds the engine and works until the end; everything the worker held is dropped (and wiped) on return.
fn work(
    task: Task,
    build: &dyn Fn() -> Result<Box<dyn Sweep>, EngineError>,
    gate: Option<Gate>,
    crowd: Option<&Mutex<()>>,
) -> (WorkerEnd, Option<BatchReport>) {
    let mut worker: Option<Worker> = None;
    let end = catch_unwind(AssertUnwindSafe(|| {
        begin(&mut worker, task, build, gate, crowd)
    }));
    let end = match end {
        Ok(Ok(Finished::Stopped)) => WorkerEnd::Stopped,
        Ok(Ok(Finished::BudgetSpent)) => WorkerEnd::BudgetSpent,
        Ok(Err(WorkerError::Key(error))) => WorkerEnd::NoRandomness(error.to_string()),
        Ok(Err(WorkerError::Engine(EngineError::WrongAnswer { backend, what }))) => {
            WorkerEnd::WrongAnswers(format!("{backend}: {what}"))
        }
        Ok(Err(WorkerError::Engine(error))) => WorkerEnd::EngineFailed(error.to_string()),
        Err(payload) => WorkerEnd::Panicked(panic_text(payload.as_ref())),
    };
    (end, worker.as_mut().and_then(Worker::last_report))
}

/// A replacement proves that it computes right before it says that it is ready.
fn begin(
    worker: &mut Option<Worker>,
    task: Task,
    build: &dyn Fn() -> Result<Box<dyn Sweep>, EngineError>,
    gate: Option<Gate>,
    crowd: Option<&Mutex<()>>,
) -> Result<Finished, WorkerError> {
    let turn = crowd.map(turn);
    if task.is_stopped() {
        return Ok(Finished::Stopped);
    }
    let id = task.id;
    let mut engine = build()?;
    if gate.is_some() {
        engine.check()?;
    }
    let worker = worker.insert(Worker::new(task, engine)?);
    if turn.is_some() {
        thread::yield_to_others();
    }
    drop(turn);
    if let Some(gate) = gate {
        let waits = gate.ready.send(id).is_ok();
        if !waits || gate.opened.recv().is_err() {
            return Ok(Finished::Stopped);
        }
    }
    worker.run()
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
