//! Feeds the history of one run: samples, incidents, what the run came to, and what was learned to be normal.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::incident;
use super::recall::{self, Recall, baseline};
use super::record::{Record, ResourceType, RunSummary};
use super::sample::{Numbers, Sampler};
use super::writer::{History, Notice};
use crate::event::Event;
use crate::health::{Learned, Thresholds, Vitals};
use crate::report::number::thousands;
use crate::session::checkpoint::Totals;
use crate::session::gap::Gap;

/// Records that wait until it is known that the search is not over soon.
const WAITING: usize = 512;

/// Whose history it is.
#[derive(Clone, Debug)]
pub struct About {
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
pub struct Chronicle {
    history: History,
    about: About,
    machine: String,
    sampler: Sampler,
    learned: Vec<Learned>,
    /// Alerts of this run that are not over: what they are about, which one, what kind.
    open: BTreeSet<(&'static str, String, String)>,
    /// What is not sent yet; `None` once everything goes at once.
    waiting: Option<Vec<Record>>,
}

impl Chronicle {
    /// A chronicle that sends nothing before it is told to begin.
    #[must_use]
    pub fn new(history: History, about: About) -> Self {
        let sampler = Sampler::new(
            about.session.clone(),
            about.output.clone(),
            about.thresholds.clone(),
        );
        Self {
            history,
            about,
            machine: recall::machine(),
            sampler,
            learned: Vec::new(),
            open: BTreeSet::new(),
            waiting: Some(Vec::new()),
        }
    }

    /// Asks what earlier runs learned.
    pub fn recall(&self, recall: Recall) {
        self.history.recall(recall);
    }

    /// From now on everything is sent at once.
    pub fn begin(&mut self) {
        let Some(waiting) = self.waiting.take() else {
            return;
        };
        self.history.send(Record::Begins {
            session: self.about.session.clone(),
            run: self.about.run,
            at: self.about.started,
        });
        waiting
            .into_iter()
            .for_each(|record| self.history.send(record));
    }

    /// Takes in what happened.
    pub fn event(
        &mut self,
        event: &Event,
        totals: impl FnOnce() -> Totals,
        rate: f64,
        at: Timestamp,
    ) {
        if let Event::Vitals(vitals) = event {
            self.vitals(vitals, &totals(), rate, at);
        }
        let records = incident::records(event, &self.about.session, at);
        records.into_iter().for_each(|record| self.send(record));
    }

    /// Takes in a time without search.
    pub fn gap(&mut self, gap: &Gap) {
        let record = incident::of_gap(gap, &self.about.session);
        self.send(record);
    }

    fn vitals(&mut self, vitals: &Vitals, totals: &Totals, rate: f64, at: Timestamp) {
        for metric in self.sampler.sample(vitals, Numbers { rate }, at) {
            self.send(Record::Metric(metric));
        }
        if vitals.learned != self.learned {
            self.learned.clone_from(&vitals.learned);
            for learned in &vitals.learned {
                self.send(Record::Baseline(baseline(learned, &self.machine)));
            }
        }
        let run = self.run("running", totals, at);
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
        self.follow(&record);
        match &mut self.waiting {
            Some(waiting) if waiting.len() < WAITING => waiting.push(record),
            Some(_) => {}
            None => self.history.send(record),
        }
    }

    /// Keeps account of the alerts that are open.
    fn follow(&mut self, record: &Record) {
        match record {
            Record::Alert(alert) if !alert.resolved => {
                let of = (alert.resource_type.name(), alert.resource_id.clone());
                self.open.insert((of.0, of.1, alert.alert_type.clone()));
            }
            Record::Over {
                resource_type,
                resource_id,
                alert_type,
                ..
            } => {
                let of = (resource_type.name(), resource_id.clone());
                self.open.remove(&(of.0, of.1, alert_type.clone()));
            }
            _ => {}
        }
    }

    /// Ends the alerts that can't outlive the process; what is wrong with the output may well go on.
    fn end_alerts(&mut self, at: Timestamp) {
        for (kind, resource_id, alert_type) in std::mem::take(&mut self.open) {
            let passing = [
                ResourceType::Worker,
                ResourceType::Session,
                ResourceType::System,
            ];
            if let Some(resource_type) = passing.into_iter().find(|r| r.name() == kind) {
                self.send(Record::Over {
                    resource_type,
                    resource_id,
                    alert_type,
                    at,
                });
            }
        }
    }

    /// What people should know of the history since the last call.
    pub fn notices(&self) -> Vec<String> {
        self.history.notices().map(said).collect()
    }

    /// Writes what the run came to and what is queued, within limits; gives what people should know.
    pub fn end(
        mut self,
        ending: &str,
        totals: &Totals,
        at: Timestamp,
        patience: Duration,
    ) -> Vec<String> {
        let mut lines = self.notices();
        if self.waiting.is_some() {
            // A search that was over soon leaves nothing.
            return lines;
        }
        self.end_alerts(at);
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

fn said(notice: Notice) -> String {
    match notice {
        Notice::SetAside(path) => format!(
            "WARNING: the history database was damaged. It is kept as {}, and a new one is begun.",
            path.display()
        ),
        Notice::Failing(reason) => format!(
            "WARNING: the history can't be written: {reason}. The search goes on; what is not written is counted."
        ),
        Notice::Recovered => "The history is written again.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{Finding, Step, Verdict};
    use crate::history::database::open_to_read;
    use crate::history::query;

    /// Long enough for any disk.
    const LONG: Duration = Duration::from_secs(60);

    fn chronicle(path: &std::path::Path) -> Chronicle {
        let about = About {
            session: "night".to_owned(),
            run: 1,
            started: Timestamp::UNIX_EPOCH,
            output: "/keys".to_owned(),
            thresholds: Thresholds::default(),
        };
        Chronicle::new(History::later(path).unwrap(), about)
    }

    fn finding(verdict: Verdict, worker: Option<usize>) -> Event {
        Event::Health(Finding {
            verdict,
            worker,
            fact: "a fact".to_owned(),
            step: Step::Said,
        })
    }

    #[test]
    fn a_search_that_is_over_soon_leaves_no_history() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut chronicle = chronicle(&path);
        let event = finding(Verdict::Contention, Some(1));
        chronicle.event(&event, Totals::default, 1.0, Timestamp::UNIX_EPOCH);
        let said = chronicle.end("found", &Totals::default(), Timestamp::UNIX_EPOCH, LONG);
        assert!(said.is_empty() && !path.exists());
    }

    #[test]
    fn what_a_killed_process_left_open_is_closed_by_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let start = |run, second| {
            let mut chronicle = chronicle(&path);
            chronicle.about.run = run;
            chronicle.about.started = Timestamp::from_second(second).unwrap();
            chronicle.begin();
            chronicle
        };
        let at = Timestamp::from_second(10).unwrap();
        let mut first = start(1, 5);
        first.event(
            &finding(Verdict::Contention, Some(1)),
            Totals::default,
            1.0,
            at,
        );
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
        let alerts = query::alerts(&connection, Timestamp::UNIX_EPOCH, false).unwrap();
        assert!(alerts.iter().all(|alert| alert.resolved));
    }

    #[test]
    fn what_came_before_it_began_is_kept_and_alerts_of_workers_end_with_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut chronicle = chronicle(&path);
        let at = Timestamp::from_second(10).unwrap();
        for event in [
            finding(Verdict::Contention, Some(1)),
            finding(Verdict::DiskLow, None),
        ] {
            chronicle.event(&event, Totals::default, 1.0, at);
        }
        chronicle.begin();
        assert!(
            chronicle
                .end("limit", &Totals::default(), at, LONG)
                .is_empty()
        );
        let connection = open_to_read(&path).unwrap();
        let alerts = query::alerts(&connection, Timestamp::UNIX_EPOCH, false).unwrap();
        let states: Vec<_> = alerts
            .iter()
            .map(|a| (a.alert_type.as_str(), a.resolved))
            .collect();
        assert_eq!(states, [("contention", true), ("disk-low", false)]);
        let runs = query::runs(&connection, Some("night"), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(runs[0].ending, "limit");
    }
}
