//! The loop that all events of a search end in: totals, limits, signals, records and output.

use std::io;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, select};

use super::awake::Awake;
use super::launch::Launched;
use super::outside::Outside;
use super::pauses::{Pauses, USER};
use super::records::Records;
use super::signals::{Command as Wish, Signals};
use crate::alert::delivery::sinks::Outlets;
use crate::app::control_inbox::Desk;
use crate::app::reexec as anew;
use crate::app::search_state::Control;
use crate::clock::Clock;
use crate::clock::gap::Watch;
use crate::control::Ask;
use crate::event::Event;
use crate::event::message::keys;
use crate::exit::{Ending, Signal};
use crate::limits::Limits;
use crate::report::Reporter;
use crate::report::progress::Progress;
use crate::search::saver::SaverCommand;
use crate::search::shared::Shared;
use crate::supervisor::command::Command;

/// The loop looks at signals and limits at least this often.
const TICK: Duration = Duration::from_millis(50);

/// After a signal the loop waits so long for the workers and the saver.
const GRACE: Duration = Duration::from_millis(700);

/// After any other ending it waits so long.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// What the loop wakes up for.
pub(super) enum News {
    /// Something happened.
    Event(Event),
    /// Somebody asks for something.
    Ask(Ask),
    /// It is time to look at limits and signals.
    Nothing,
    /// All threads have ended.
    Over,
}

/// A search that runs.
pub(super) struct Search {
    pub(super) control: Control,
    limits: Limits,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shared: Arc<Shared>,
    pub(super) events: Receiver<Event>,
    orders: Sender<SaverCommand>,
    /// Places for workers.
    places: usize,
    pub(super) records: Records,
    pub(super) outside: Outside,
    pub(super) pauses: Pauses,
    pub(super) commands: Sender<Command>,
    pub(super) desk: Desk,
    pub(super) watch: Watch,
    pub(super) progress: Progress,
    /// When threads that have not ended by then are left behind.
    pub(super) give_up_at: Option<Duration>,
    /// Whether the workers stop because the program is to execute itself anew.
    pub(super) anew: bool,
    awake: Option<Awake>,
}

impl Search {
    pub(super) fn new(launched: Launched, records: Records, outlets: Outlets) -> Self {
        let Launched {
            mut control,
            limits,
            clock,
            begun,
            shared,
            events,
            orders,
            identity,
            commands,
            places,
        } = launched;
        // A stop of the process while it starts must be a gap, too.
        let watch = Watch::new(begun, control.before());
        let outside = Outside::new(identity, outlets, Arc::clone(&clock));
        let progress = control.progress(clock.now(), clock.wall(), shared.tested());
        Self {
            control,
            limits,
            clock,
            shared,
            events,
            orders,
            places,
            records,
            outside,
            pauses: Pauses::default(),
            commands,
            desk: Desk::default(),
            watch,
            progress,
            give_up_at: None,
            anew: false,
            awake: None,
        }
    }

    /// The same, with the machine kept awake.
    pub(super) fn awake(self, awake: Option<Awake>) -> Self {
        Self { awake, ..self }
    }

    /// The loop: takes events until all threads have ended, or nobody has patience for them any more.
    ///
    /// # Errors
    /// The program was to execute itself anew, and could not.
    pub(super) fn attend(
        mut self,
        mut reporter: Reporter,
        mut signals: Signals,
    ) -> io::Result<Ending> {
        while self.round(&mut reporter, &mut signals).is_continue() {}
        self.conclude(reporter, signals)
    }

    /// Waits for what comes next, and takes it in; breaks where the loop is over.
    pub(super) fn round(
        &mut self,
        reporter: &mut Reporter,
        signals: &mut Signals,
    ) -> ControlFlow<()> {
        let news = self.wait();
        self.turn(news, reporter, signals)
    }

    /// Takes in what came, and does what is due; breaks where the loop is over.
    pub(super) fn turn(
        &mut self,
        news: News,
        reporter: &mut Reporter,
        signals: &mut Signals,
    ) -> ControlFlow<()> {
        match news {
            News::Event(event) => self.event(&event, reporter),
            News::Ask(ask) => self.asked(ask, self.clock.now(), reporter),
            News::Nothing => {}
            News::Over => return ControlFlow::Break(()),
        }
        self.keep_records(reporter);
        self.open_desk(reporter);
        let now = self.clock.now();
        match signals.poll(now) {
            Some(Wish::Stop(signal)) => self.interrupt(signal, now, reporter),
            Some(Wish::Quit(_)) => return ControlFlow::Break(()),
            None => {}
        }
        if signals.status_wanted() {
            self.tell_status(reporter);
        }
        self.keep_limits(now);
        if !self.holds_keys() {
            signals.arm(now);
            if self.give_up_at.is_some_and(|moment| now >= moment) {
                return ControlFlow::Break(());
            }
        }
        self.progress = self
            .control
            .progress(now, self.clock.wall(), self.shared.tested());
        reporter.progress(&self.progress);
        self.show(now);
        self.keep_alerts(reporter);
        ControlFlow::Continue(())
    }

    /// Waits for what comes next, but not for long.
    fn wait(&self) -> News {
        select! {
            recv(self.events) -> event => event.map_or(News::Over, News::Event),
            recv(self.desk.asks()) -> ask => ask.map_or(News::Nothing, News::Ask),
            default(self.until_tick()) => News::Nothing,
        }
    }

    fn event(&mut self, event: &Event, reporter: &mut Reporter) {
        let now = self.clock.now();
        self.control.event(event, now);
        self.outside.event(event, now);
        match event {
            Event::WorkersDone => {
                // An abandoned thread may hold its end of the saver's channel for ever.
                let soon = now + GRACE;
                self.give_up_at = Some(self.give_up_at.map_or(soon, |at| at.min(soon)));
            }
            Event::RestartWanted => self.start_anew(now, reporter),
            _ => {}
        }
        self.keep_pauses(event, reporter);
        let at = self.clock.timestamp();
        let said = self
            .records
            .event(event, &self.control, &self.progress, now, at);
        said.into_iter().for_each(|line| reporter.warn(line));
        reporter.event(event);
    }

    /// The first signal: the workers stop, and the saver hurries.
    fn interrupt(&mut self, signal: Signal, now: Duration, reporter: &Reporter) {
        self.control.interrupt(signal);
        self.give_up_at = Some(now + GRACE);
        // A saver that has ended needs no order.
        let _ = self.orders.try_send(SaverCommand::Hurry);
        let held = self.control.held() as u64;
        if held > 0 {
            reporter.warn(format!(
                "WARNING: not saved yet, lost if the program ends now: {}. The search stops, saving goes on; interrupt \
                 again to give up.",
                keys(held)
            ));
        }
    }

    /// Whether a found key is not safe on disk yet: then only a second signal ends the program.
    pub(super) fn holds_keys(&self) -> bool {
        self.control.held() > 0 || self.shared.keys_in_flight() > 0
    }

    fn conclude(mut self, reporter: Reporter, signals: Signals) -> io::Result<Ending> {
        self.shared.stop();
        self.desk.close();
        if self.goes_on_anew() {
            let paused = self.pauses.has(USER);
            let handed = self.hand_over(reporter, signals)?;
            return Err(anew::execute(&handed, paused));
        }
        let seen = self.shared.watch.seen_in_all();
        let mut summary = self.control.summary(self.clock.now(), seen);
        let in_flight = usize::try_from(self.shared.keys_in_flight()).unwrap_or(usize::MAX);
        summary.lost = summary.lost.max(self.control.held() + in_flight);
        self.end_alerts(summary.ending);
        self.end_records(&reporter, summary.ending);
        self.show_end(summary.ending);
        self.close_alerts(&reporter, signals);
        reporter.finish(&summary, self.control.is_interrupted());
        Ok(summary.ending)
    }

    /// Books gaps, and keeps the records that are due.
    fn keep_records(&mut self, reporter: &Reporter) {
        let now = self.clock.reading();
        for gap in self.watch.look(now) {
            self.book(gap, reporter);
        }
        let (control, clock) = (&self.control, &self.clock);
        let totals = || control.session_totals(clock.now());
        let said = self.records.tick(now, &self.progress, totals);
        let asleep = self.awake.as_mut().and_then(Awake::check);
        said.into_iter()
            .chain(asleep)
            .chain(self.outside.notices())
            .for_each(|line| reporter.warn(line));
    }

    /// The numbers of the workers, from 1.
    pub(super) fn workers(&self) -> RangeInclusive<usize> {
        1..=self.places
    }

    /// SIGUSR1: what `keygen status` would say, or at least where the search stands.
    fn tell_status(&mut self, reporter: &Reporter) {
        let totals = self.control.session_totals(self.clock.now());
        let status = self.records.status(totals, self.clock.timestamp());
        reporter.warn(status.unwrap_or_else(|| self.progress.line()));
    }

    /// Writes the last records, and says how to go on.
    fn end_records(&mut self, reporter: &Reporter, ending: Ending) {
        let totals = self.control.session_totals(self.clock.now());
        let said = self.records.end(self.clock.reading(), totals, ending);
        said.into_iter().for_each(|line| reporter.warn(line));
        let goes_on = matches!(ending, Ending::Interrupted(_) | Ending::Stopped);
        let session = self.records.session().filter(|s| s.folder().is_some());
        if let Some(session) = session.filter(|_| goes_on) {
            reporter.say(format!(
                "To go on: keygen resume {}",
                session.name().quoted()
            ));
        }
    }

    /// Tells the workers to stop if it is time to.
    pub(super) fn keep_limits(&mut self, now: Duration) {
        self.control.check_time(now, self.clock.wall());
        if self.control.should_stop() {
            self.shared.stop();
            self.give_up_at.get_or_insert(now + PATIENCE);
        }
    }

    /// Time to wait for events: a tick, or less if a limit comes first.
    fn until_tick(&self) -> Duration {
        if self.control.should_stop() {
            return TICK;
        }
        let elapsed = self.control.elapsed(self.clock.now());
        let left = self.limits.time_left(elapsed, self.clock.wall());
        left.map_or(TICK, |left| left.min(TICK))
    }
}
