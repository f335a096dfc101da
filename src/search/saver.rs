//! The thread that checks confirmed keys, saves them, and only then lets them be announced.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, never, select};

use super::hit::{HIT_QUEUE, Hit, HitKind};
use super::pool::PoolContext;
use super::shared::Shared;
use super::target::Target;
use crate::blind::{Checked, Unchecked};
use crate::clock::Clock;
use crate::event::{Event, Found, FoundKind, Revealed};
use crate::key::store::SaveError;
use crate::key::{Label, Saved};
use crate::pattern::Quota;

/// Hits within this time after [`Hurry`] are still saved; later ones are skipped as a flood.
pub(crate) const HURRY_WINDOW: Duration = Duration::from_millis(500);

/// A place for keys.
pub(crate) trait KeySink: Send {
    /// Saves a key or a claim; on return it is safe on disk. `found` describes it, without its files.
    ///
    /// # Errors
    /// No folder took it.
    fn keep(&mut self, checked: &Checked, label: &Label, found: &Found)
    -> Result<Saved, SaveError>;
}

/// The user wants to stop: the saver tries at once what it holds, and saves only what comes in the next moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hurry;

/// The saver's settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SaverSettings {
    /// Keys that were asked for; `None`: all.
    pub count: Option<u64>,
    /// Whether the user asked to see private keys.
    pub show_private: bool,
    /// Time between attempts to save what is held in memory.
    pub retry: Duration,
}

/// A key that no folder took.
struct Held {
    checked: Checked,
    label: Label,
    found: Found,
}

/// Saves keys; separate from its thread, so that tests need none.
pub(crate) struct Saver<K> {
    store: K,
    terms: SaverSettings,
    target: Arc<dyn Target>,
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    events: Sender<Event>,
    /// Wanted keys that are saved or held.
    accepted: u64,
    held: VecDeque<Held>,
    next_retry: Duration,
    deadline: Option<Duration>,
    /// Hits that were found after a command to stop, and not saved.
    skipped: u64,
    sent_enough: bool,
    /// What is left of the wanted keys, where not any key will do. Only this thread counts, so that of two keys that
    /// come at the same moment one is passed over.
    quota: Option<Quota>,
}

impl<K: KeySink + 'static> Saver<K> {
    /// A saver for what a crew finds, that has saved nothing yet.
    pub(crate) fn new(
        store: K,
        terms: SaverSettings,
        crew: &PoolContext,
        events: Sender<Event>,
    ) -> Self {
        Self {
            store,
            terms,
            target: Arc::clone(&crew.target),
            shared: Arc::clone(&crew.shared),
            clock: Arc::clone(&crew.clock),
            events,
            accepted: 0,
            held: VecDeque::new(),
            next_retry: Duration::ZERO,
            deadline: None,
            skipped: 0,
            sent_enough: false,
            quota: None,
        }
    }

    /// The same under a quota.
    #[must_use]
    pub(crate) fn with_quota(self, quota: Option<Quota>) -> Self {
        Self { quota, ..self }
    }

    /// Starts the thread; it ends when all workers have ended and nothing is held.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(
        mut self,
        hits: Receiver<Hit>,
        orders: Receiver<Hurry>,
    ) -> io::Result<JoinHandle<()>> {
        let name = "saver".to_owned();
        Builder::new().name(name).spawn(move || {
            self.pump(hits, orders);
            let skipped = self.skipped;
            self.send(Event::SaverDone { skipped });
        })
    }

    fn pump(&mut self, mut hits: Receiver<Hit>, mut orders: Receiver<Hurry>) {
        let mut open = true;
        while open || !self.held.is_empty() {
            let room = match self.held.len() < HIT_QUEUE {
                true => hits.clone(),
                false => never(),
            };
            select! {
                recv(room) -> hit => match hit {
                    Ok(hit) => {
                        self.take(hit);
                        self.shared.key_arrives();
                    }
                    Err(_) => (open, hits) = (false, never()),
                },
                recv(orders) -> order => match order {
                    Ok(Hurry) => self.hurry(),
                    Err(_) => orders = never(),
                },
                default(self.until_retry()) => self.retry(),
            }
        }
    }

    /// Checks a hit and saves its key, unless enough keys are there already.
    pub(crate) fn take(&mut self, hit: Hit) {
        if self.is_late() {
            self.skipped += 1;
            return;
        }
        let wanted = matches!(hit.kind, HitKind::Wanted { .. });
        if wanted && self.is_complete() || !self.fits_start(&hit) || !self.fits_quota(&hit) {
            return;
        }
        let (mut found, label) = self.describe(&hit);
        match hit.found.check(&hit.public) {
            Err(error) => self.send(Event::Refused {
                id: hit.id,
                reason: error.to_string(),
            }),
            Ok(checked) => {
                self.accepted += u64::from(wanted);
                if wanted {
                    self.count(&mut found);
                }
                if self.is_complete() || self.is_exhausted() {
                    self.shared.stop();
                }
                if let (Checked::Key(key), true) = (&checked, self.terms.show_private) {
                    found.private = Some(Revealed(key.private().hex()));
                }
                self.save(Held {
                    checked,
                    label,
                    found,
                });
                self.send_enough();
            }
        }
    }

    /// Whether the start of a wanted claim still lacks one.
    fn fits_start(&self, hit: &Hit) -> bool {
        match (&hit.found, &hit.kind) {
            (Unchecked::Claim(claim), HitKind::Wanted { .. }) => {
                self.shared.starts.takes(&claim.start)
            }
            _ => true,
        }
    }

    /// Whether the quota still has room for this key; where many have none, the workers get a narrower target.
    fn fits_quota(&mut self, hit: &Hit) -> bool {
        let Some(quota) = &mut self.quota else {
            return true;
        };
        match hit.kind {
            HitKind::Wanted { .. } => {
                let fits = quota.takes(&hit.public);
                if !fits {
                    self.narrow();
                }
                fits
            }
            HitKind::Watched { line } => {
                let fits = quota.is_new(&hit.public);
                if !fits {
                    self.shared.watch.release(line);
                }
                fits
            }
        }
    }

    /// Counts a wanted key that is about to be saved.
    fn count(&mut self, found: &mut Found) {
        if let Some(claim) = &found.claim {
            self.shared.starts.count(&claim.start);
        }
        let Some(quota) = &mut self.quota else {
            return;
        };
        if let Some(pattern) = quota.count(&found.public) {
            found.pattern = pattern.to_owned();
        }
        found.chance_left = self.narrow();
    }

    /// Gives the workers the remaining target, if it has been recomputed; returns its chance per candidate.
    fn narrow(&mut self) -> Option<f64> {
        let quota = self.quota.as_mut().filter(|quota| !quota.is_spent())?;
        if !quota.refresh() {
            return None;
        }
        let left = quota.left()?;
        if let Some(target) = self.target.narrowed(left) {
            self.shared.retarget.0.publish(target);
        }
        Some(left.probability())
    }

    /// Tries again to save what is held, oldest first, until one fails.
    pub(crate) fn retry(&mut self) {
        while let Some(held) = self.held.pop_front() {
            if !self.save(held) {
                break;
            }
        }
        if self.held.is_empty() {
            self.send(Event::AllSaved);
        }
        self.send_enough();
    }

    /// Saves a key and announces it, or holds it; returns whether it was saved.
    fn save(&mut self, mut held: Held) -> bool {
        match self.store.keep(&held.checked, &held.label, &held.found) {
            Ok(saved) => {
                held.found.files = saved.files;
                held.found.fallback = saved.fallback;
                held.found.mode_kept = saved.mode_kept;
                held.found.trouble = saved.trouble.iter().map(ToString::to_string).collect();
                self.send(Event::Found(Box::new(held.found)));
                true
            }
            Err(error) => {
                self.held.push_front(held);
                self.next_retry = self.clock.now() + self.terms.retry;
                self.send(Event::Unsaved {
                    reason: error.to_string(),
                    held: self.held.len(),
                    retry: self.terms.retry,
                });
                false
            }
        }
    }

    fn describe(&self, hit: &Hit) -> (Found, Label) {
        let (kind, pattern, label) = match &hit.kind {
            HitKind::Wanted { pattern } => (FoundKind::Wanted, pattern.clone(), Label::Found),
            HitKind::Watched { line } => {
                let line = self.target.watch_line(*line);
                let label = Label::Watchlist {
                    head: line.head,
                    tail: line.tail,
                };
                (FoundKind::Watched, line.text, label)
            }
        };
        let found = Found {
            kind,
            pattern,
            public: hit.public,
            files: Vec::new(),
            fallback: false,
            trouble: Vec::new(),
            mode_kept: true,
            candidates: hit.candidates,
            at: self.shared.working(hit.at),
            private: None,
            again: false,
            chance_left: None,
            claim: match &hit.found {
                Unchecked::Claim(claim) => Some(*claim),
                Unchecked::Key(_) => None,
            },
        };
        (found, label)
    }

    fn is_complete(&self) -> bool {
        self.terms.count.is_some_and(|count| self.accepted >= count)
    }

    /// Whether no key can be wanted any more, although not all were found.
    fn is_exhausted(&self) -> bool {
        !self.is_complete() && self.quota.as_ref().is_some_and(Quota::is_spent)
    }

    fn is_late(&self) -> bool {
        let now = self.clock.now();
        self.deadline.is_some_and(|deadline| now > deadline)
    }

    fn hurry(&mut self) {
        self.deadline.get_or_insert(self.clock.now() + HURRY_WINDOW);
        if !self.held.is_empty() {
            self.retry();
        }
    }

    fn until_retry(&self) -> Duration {
        if self.held.is_empty() {
            return Duration::from_secs(3600);
        }
        self.next_retry.saturating_sub(self.clock.now())
    }

    fn send_enough(&mut self) {
        let is_over = self.is_complete() || self.is_exhausted();
        if is_over && self.held.is_empty() && !self.sent_enough {
            self.sent_enough = true;
            self.send(match self.is_complete() {
                true => Event::Enough,
                false => Event::NothingLeft,
            });
        }
    }

    /// Sends an event; it is lost if the event loop has ended.
    fn send(&self, event: Event) {
        let _ = self.events.send(event);
    }
}

#[cfg(test)]
#[path = "saver_tests.rs"]
mod tests;
