//! The event loop of a search: updates the state, informs the subscribers, checks limits and ends the search.

use std::io;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, select};

use super::control_inbox::ControlInbox;
use super::process::{self, Awake};
use super::search_state::{Moment, SearchState};
use super::signals::{Command as Wish, Signals};
use super::subscribers::Subscribers;
use crate::clock::Clock;
use crate::clock::gap::Gap;
use crate::control::Ask;
use crate::event::Event;
use crate::event::message::keys;
use crate::exit::{Ending, Signal};
use crate::search::saver::Hurry;
use crate::search::shared::Shared;
use crate::session::active::ActiveSession;
use crate::supervisor::command::Command;

/// Longest time between two checks of signals and limits.
const TICK: Duration = Duration::from_millis(50);

/// Time between two snapshots, so that a display updated once a second is current.
const SNAPSHOT_INTERVAL: Duration = Duration::from_millis(200);

/// How long the loop waits for workers and saver after a signal.
const GRACE: Duration = Duration::from_millis(700);

/// How long it waits after any other ending.
const END_TIMEOUT: Duration = Duration::from_secs(10);

/// What the loop wakes up for.
pub(super) enum Wakeup {
    /// Something happened.
    Event(Event),
    /// A request from outside.
    Ask(Ask),
    /// Limits and signals are to be checked.
    Tick,
    /// All threads have ended.
    Over,
}

/// A search that runs.
pub(super) struct EventLoop {
    pub(super) state: SearchState,
    pub(super) subscribers: Subscribers,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shared: Arc<Shared>,
    pub(super) events: Receiver<Event>,
    pub(super) commands: Sender<Command>,
    pub(super) inbox: ControlInbox,
    pub(super) orders: Sender<Hurry>,
    /// Places for workers.
    pub(super) places: usize,
    pub(super) next_snapshot: Duration,
    /// When threads that have not ended are abandoned.
    pub(super) give_up_at: Option<Duration>,
    /// Whether the workers stop because the program is to restart itself.
    pub(super) restarting: bool,
    pub(super) awake: Option<Awake>,
}

impl EventLoop {
    /// Handles events until all threads have ended or have been abandoned.
    ///
    /// # Errors
    /// The program was to restart itself, and could not.
    pub(super) fn run(mut self, mut signals: Signals) -> io::Result<Ending> {
        while self.poll(&mut signals).is_continue() {}
        self.conclude(signals)
    }

    /// Waits for what comes next, and handles it; breaks where the loop is over.
    pub(super) fn poll(&mut self, signals: &mut Signals) -> ControlFlow<()> {
        let wakeup = select! {
            recv(self.events) -> event => event.map_or(Wakeup::Over, Wakeup::Event),
            recv(self.inbox.asks) -> ask => ask.map_or(Wakeup::Tick, Wakeup::Ask),
            default(self.until_tick()) => Wakeup::Tick,
        };
        self.handle(wakeup, signals)
    }

    /// Handles what came, and does what is due; breaks where the loop is over.
    pub(super) fn handle(&mut self, wakeup: Wakeup, signals: &mut Signals) -> ControlFlow<()> {
        let now = Moment::of(&*self.clock);
        let gaps = self.look(&now);
        self.tell_gaps(gaps, &now);
        match wakeup {
            Wakeup::Event(event) => self.event(&event, &now),
            Wakeup::Ask(ask) => self.answer(ask, &now),
            Wakeup::Tick => {}
            Wakeup::Over => return ControlFlow::Break(()),
        }
        match signals.poll(now.now) {
            Some(Wish::Stop(signal)) => self.interrupt(signal, &now),
            Some(Wish::Quit(_)) => return ControlFlow::Break(()),
            None => {}
        }
        if signals.status_wanted() {
            let snapshot = self.state.snapshot(&now);
            self.subscribers.say_status(&snapshot, &now);
        }
        self.keep_limits(&now);
        if !self.holds_keys() {
            signals.arm(now.now);
            // what the saver told of keys that are safe by now is still to be announced
            if self.give_up_at.is_some_and(|moment| now.now >= moment) && self.events.is_empty() {
                return ControlFlow::Break(());
            }
        }
        self.tick(&now);
        ControlFlow::Continue(())
    }

    fn event(&mut self, event: &Event, now: &Moment) {
        let paused = self.state.pauses().len();
        let gaps = self.state.event(event, now);
        match event {
            Event::WorkersDone => {
                // An abandoned thread may hold its end of the saver's channel for ever.
                let soon = now.now + GRACE;
                self.give_up_at = Some(self.give_up_at.map_or(soon, |at| at.min(soon)));
            }
            Event::RestartWanted => self.start_restart(now),
            _ => {}
        }
        self.subscribers.event(event, &self.state, now);
        self.tell_gaps(gaps, now);
        if self.state.pauses().len() != paused {
            self.pauses_changed(now);
        }
    }

    /// Updates the count of candidates; returns gaps in the search.
    fn look(&mut self, now: &Moment) -> Vec<Gap> {
        self.state.look(self.shared.tested(), now)
    }

    /// Reports gaps, which are no working time of the saver either.
    pub(super) fn tell_gaps(&mut self, gaps: Vec<Gap>, now: &Moment) {
        self.shared.set_idle(self.state.idle());
        for gap in gaps {
            self.subscribers.event(&Event::Gap(gap), &self.state, now);
        }
    }

    /// Reports why the search pauses now, or that it continues.
    pub(super) fn pauses_changed(&mut self, now: &Moment) {
        let event = Event::PausesChanged(self.state.pauses().to_vec());
        self.subscribers.event(&event, &self.state, now);
        self.next_snapshot = Duration::ZERO;
    }

    /// The first signal: the workers stop, and the saver hurries.
    fn interrupt(&mut self, signal: Signal, now: &Moment) {
        self.state.interrupt(signal);
        self.give_up_at = Some(now.now + GRACE);
        // A saver that has ended needs no order.
        let _ = self.orders.try_send(Hurry);
        let held = self.state.held() as u64;
        if held > 0 {
            self.subscribers.reporter().warn(format!(
                "WARNING: not saved yet, lost if the program ends now: {}. The search stops, saving continues; interrupt \
                 again to give up.",
                keys(held)
            ));
        }
    }

    /// Whether a found key is not safe on disk yet: then only a second signal ends the program.
    fn holds_keys(&self) -> bool {
        self.state.held() > 0 || self.shared.keys_in_flight() > 0
    }

    /// Tells the workers to stop if it is time to.
    pub(super) fn keep_limits(&mut self, now: &Moment) {
        self.state.check_time(now);
        if self.state.should_stop() {
            self.shared.stop();
            self.give_up_at.get_or_insert(now.now + END_TIMEOUT);
        }
    }

    /// Publishes a snapshot if one is due, and lets the subscribers do what is due.
    fn tick(&mut self, now: &Moment) {
        let folder = self.subscribers.session().and_then(|s| s.folder());
        let asleep = self.awake.as_mut().and_then(Awake::check);
        for line in self.inbox.open(folder).into_iter().chain(asleep) {
            self.subscribers.reporter().warn(line);
        }
        if now.now >= self.next_snapshot {
            self.next_snapshot = now.now + SNAPSHOT_INTERVAL;
            self.subscribers.tick(self.state.snapshot(now), now);
        }
    }

    /// The numbers of the workers, from 1.
    pub(super) fn workers(&self) -> RangeInclusive<usize> {
        1..=self.places
    }

    /// Time to wait for events: a tick, or less if a limit comes first.
    fn until_tick(&self) -> Duration {
        if self.state.should_stop() {
            return TICK;
        }
        let left = (self.state).time_left(self.clock.now(), self.clock.wall());
        left.map_or(TICK, |left| left.min(TICK))
    }

    /// Only a new process helps: stops the workers, so that the program restarts itself into its session.
    fn start_restart(&mut self, now: &Moment) {
        if self.state.should_stop() || self.restarting {
            return;
        }
        match self.subscribers.permit_restart(now) {
            Ok(()) => {
                self.restarting = true;
                self.shared.stop();
                self.give_up_at.get_or_insert(now.now + END_TIMEOUT);
            }
            Err(why) => self.subscribers.reporter().warn(format!(
                "WARNING: the program can't restart itself: {why}. The search continues as it is; to recover \
                 fully, stop it and start it again."
            )),
        }
    }

    /// Whether the program is to restart itself now.
    pub(super) fn restarts(&self) -> bool {
        self.restarting && !self.state.should_stop() && !self.holds_keys()
    }

    fn conclude(mut self, mut signals: Signals) -> io::Result<Ending> {
        self.shared.stop();
        self.inbox.close();
        if self.restarts() {
            let paused = self.state.is_paused_by_user();
            let for_node = self.subscribers.for_node();
            let session = self.hand_over(&mut signals)?;
            return Err(process::execute(&session, paused, &for_node));
        }
        let now = Moment::of(&*self.clock);
        let gaps = self.look(&now);
        self.tell_gaps(gaps, &now);
        let in_flight = self.shared.keys_in_flight();
        (self.state).conclude(usize::try_from(in_flight).unwrap_or(usize::MAX));
        let seen = self.shared.watch.seen_in_all();
        let summary = self.state.summary(now.now, seen);
        let clock = self.clock;
        let snapshot = self.state.snapshot(&now);
        self.subscribers.end(snapshot, &summary, &now, || {
            signals.poll(clock.now()).is_some()
        });
        Ok(summary.ending)
    }

    /// Records everything for the restarted program; returns its session.
    ///
    /// # Errors
    /// The session can't be written.
    pub(super) fn hand_over(mut self, signals: &mut Signals) -> io::Result<Box<ActiveSession>> {
        let now = Moment::of(&*self.clock);
        let mut gaps = self.look(&now);
        gaps.extend(self.state.end_pause(&now));
        self.tell_gaps(gaps, &now);
        let snapshot = self.state.snapshot(&now);
        let clock = self.clock;
        let is_enough = || signals.poll(clock.now()).is_some();
        self.subscribers.hand_over(&snapshot, &now, is_enough)
    }
}
