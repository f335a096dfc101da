//! Records the history of one run: samples, alerts, the outcome of the run, and baselines.

use std::time::Duration;

use jiff::Timestamp;

use super::record::{Record, RunSummary};
use super::sample::Sampler;
use super::writer::{History, Notice};
use crate::alert::Change;
use crate::event::Event;
use crate::health::{Learned, Thresholds, Vitals};
use crate::history::record::{self, BaselineQuery};
use crate::status::{Snapshot, Totals};
use crate::text::number::thousands;

/// Records that wait until the search has lasted long enough to be recorded.
const WAITING: usize = 512;

/// Whose history it is.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// The session's name.
    pub session: String,
    /// Number of the run, from 1.
    pub run: u32,
    /// When the run began.
    pub started: Timestamp,
    /// The folder for keys.
    pub output: String,
    /// The numbers by which workers and machine are judged.
    pub thresholds: Thresholds,
}

/// The history of one run.
pub(crate) struct Recorder {
    history: History,
    about: About,
    machine: String,
    sampler: Sampler,
    learned: Vec<Learned>,
    /// Records that are not sent yet; `None` once everything is sent at once.
    waiting: Option<Vec<Record>>,
}

impl Recorder {
    /// A recorder that sends everything `at_once`, or nothing before [`Recorder::begin`].
    pub(crate) fn start(history: History, about: About, at_once: bool) -> Self {
        let sampler = Sampler::new(
            about.session.clone(),
            about.output.clone(),
            about.thresholds.clone(),
        );
        let mut recorder = Self {
            history,
            about,
            machine: record::machine(),
            sampler,
            learned: Vec::new(),
            waiting: Some(Vec::new()),
        };
        if at_once {
            recorder.begin();
        }
        recorder
    }

    /// Asks for the baselines of earlier runs.
    pub(crate) fn ask(&self, question: BaselineQuery) {
        self.history.ask(question);
    }

    /// From now on everything is sent at once.
    pub(crate) fn begin(&mut self) {
        let Some(waiting) = self.waiting.take() else {
            return;
        };
        self.history.send(Record::RunStarted {
            session: self.about.session.clone(),
            run: self.about.run,
            at: self.about.started,
        });
        waiting
            .into_iter()
            .for_each(|record| self.history.send(record));
    }

    /// Records an event; all except samples come as alerts.
    pub(crate) fn event(
        &mut self,
        event: &Event,
        snapshot: impl FnOnce() -> Snapshot,
        at: Timestamp,
    ) {
        match event {
            Event::Vitals(vitals) => self.vitals(vitals, &snapshot(), at),
            Event::Batch(_)
            | Event::EngineError { .. }
            | Event::Repeated { .. }
            | Event::WorkerEnded { .. }
            | Event::Health(_)
            | Event::Suspected { .. }
            | Event::Resources(_)
            | Event::Checkup(_)
            | Event::Glance(_)
            | Event::ReplacedByUser { .. }
            | Event::RestartWanted
            | Event::HealthSummary(_)
            | Event::WorkersDone
            | Event::Found(_)
            | Event::Refused { .. }
            | Event::Unsaved { .. }
            | Event::AllSaved
            | Event::Enough
            | Event::NothingLeft
            | Event::SaverDone { .. }
            | Event::Gap(_)
            | Event::PausesChanged(_)
            | Event::Command(_) => {}
        }
    }

    /// Records a change of an alert.
    pub(crate) fn alert(&mut self, change: &Change) {
        self.send(Record::Alert(change.clone(), self.about.session.clone()));
    }

    fn vitals(&mut self, vitals: &Vitals, snapshot: &Snapshot, at: Timestamp) {
        for metric in self.sampler.sample(vitals, snapshot.rate, at) {
            self.send(Record::Metric(metric));
        }
        if vitals.learned != self.learned {
            self.learned.clone_from(&vitals.learned);
            for learned in &vitals.learned {
                self.send(Record::Learned(self.machine.clone(), learned.clone()));
            }
        }
        let run = self.run("running", &snapshot.totals, at);
        self.send(Record::Run(run));
    }

    fn run(&self, ending: &str, totals: &Totals, at: Timestamp) -> RunSummary {
        RunSummary {
            session: self.about.session.clone(),
            run: self.about.run,
            started: self.about.started,
            ended: at,
            ending: ending.to_owned(),
            found: totals.found,
            candidates: totals.candidates,
            working_seconds: totals.working_seconds,
        }
    }

    fn send(&mut self, record: Record) {
        match &mut self.waiting {
            Some(waiting) if waiting.len() < WAITING => waiting.push(record),
            Some(_) => {}
            None => self.history.send(record),
        }
    }

    /// Records on their way to the database.
    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.history.waiting()
    }

    /// What the user should know about the history since the last call.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.history.notices().collect()
    }

    /// Writes the outcome of the run and what is queued, within limits; returns what the user should know.
    pub(crate) fn end(
        mut self,
        ending: &str,
        totals: &Totals,
        at: Timestamp,
        patience: Duration,
    ) -> Vec<String> {
        let mut lines: Vec<_> = self.notices().into_iter().map(said).collect();
        if self.waiting.is_some() {
            // A short search leaves nothing.
            return lines;
        }
        let run = self.run(ending, totals, at);
        self.send(Record::Run(run));
        let lost = self.history.close(patience);
        if lost > 0 {
            lines.push(format!(
                "WARNING: {} records of the history were not written.",
                thousands(lost)
            ));
        }
        lines
    }
}

/// What the user should know.
pub(crate) fn said(notice: Notice) -> String {
    match notice {
        Notice::SetAside(path) => format!(
            "WARNING: the history database was damaged. It is kept as {}, and a new one is created.",
            path.display()
        ),
        Notice::Failing(reason) => format!(
            "WARNING: the history can't be written: {reason}. The search continues; lost records are counted."
        ),
        Notice::Recovered => "The history is written again.".to_owned(),
    }
}

#[cfg(test)]
#[cfg(feature = "history")]
mod tests {
    use super::*;
    use crate::alert::judge;
    use crate::health::{ActionTaken, Finding, Verdict};
    use crate::history::database::open_to_read;
    use crate::history::query;

    /// Long enough for any disk.
    const LONG: Duration = Duration::from_secs(60);

    fn recorder(path: &std::path::Path) -> Recorder {
        let about = About {
            session: "night".to_owned(),
            run: 1,
            started: Timestamp::UNIX_EPOCH,
            output: "/keys".to_owned(),
            thresholds: Thresholds::default(),
        };
        Recorder::start(History::later(path).unwrap(), about, false)
    }

    fn finding(verdict: Verdict, worker: Option<usize>, action: ActionTaken) -> Change {
        let event = Event::Health(Finding {
            verdict,
            worker,
            detail: "a fact".to_owned(),
            action,
        });
        judge::change(&event, Timestamp::from_second(10).unwrap()).unwrap()
    }

    #[test]
    fn a_search_that_is_over_soon_leaves_no_history() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut recorder = recorder(&path);
        recorder.alert(&finding(
            Verdict::Contention,
            Some(1),
            ActionTaken::Reported,
        ));
        let said = recorder.end("found", &Totals::default(), Timestamp::UNIX_EPOCH, LONG);
        assert!(said.is_empty() && !path.exists());
    }

    #[test]
    fn what_a_killed_process_left_open_is_closed_by_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let start = |run, second| {
            let mut recorder = recorder(&path);
            recorder.about.run = run;
            recorder.about.started = Timestamp::from_second(second).unwrap();
            recorder.begin();
            recorder
        };
        let at = Timestamp::from_second(10).unwrap();
        let mut first = start(1, 5);
        first.alert(&finding(
            Verdict::Contention,
            Some(1),
            ActionTaken::Reported,
        ));
        let run = first.run("running", &Totals::default(), at);
        first.send(Record::Run(run));
        // As if it were killed: what is queued is written, and no end.
        first.history.close(LONG);
        let second = start(2, 20);
        second.end("limit", &Totals::default(), at, LONG);
        let connection = open_to_read(&path).unwrap();
        let runs = query::runs(&connection, Some("night"), Timestamp::UNIX_EPOCH).unwrap();
        let endings: Vec<_> = runs.iter().map(|run| run.ending.as_str()).collect();
        assert!(endings.contains(&"process-gone"), "{endings:?}");
        assert!(!endings.contains(&"running"), "{endings:?}");
        let alerts = query::alerts(&connection, None, Timestamp::UNIX_EPOCH, false).unwrap();
        assert!(alerts.iter().all(|alert| alert.resolved));
    }

    #[test]
    fn what_came_before_it_began_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut recorder = recorder(&path);
        let at = Timestamp::from_second(10).unwrap();
        let restarting = ActionTaken::Restarting { restart: 1, of: 5 };
        for change in [
            finding(Verdict::DiskLow, None, ActionTaken::Reported),
            finding(Verdict::WorkerDead, Some(1), restarting),
        ] {
            recorder.alert(&change);
        }
        recorder.begin();
        assert!(
            recorder
                .end("limit", &Totals::default(), at, LONG)
                .is_empty()
        );
        let connection = open_to_read(&path).unwrap();
        let alerts = query::alerts(&connection, None, Timestamp::UNIX_EPOCH, false).unwrap();
        let states: Vec<_> = alerts
            .iter()
            .map(|a| (a.alert_type.as_str(), a.resolved))
            .collect();
        assert_eq!(states, [("disk-low", false), ("worker-dead", true)]);
        let runs = query::runs(&connection, Some("night"), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(runs[0].ending, "limit");
    }
}
