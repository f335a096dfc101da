//! The loop of the watch: checks every session, reports and records faults, tries to recover, and checks again soon.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::act::act;
use super::judge::judge;
use super::list::{Entry, Watched};
use super::probe::{Observation, probe};
use super::record::{Entries, FaultLog};
use super::recovery::{Next, Recovery};
use crate::alert::delivery::sinks::{INTERRUPTED_TIMEOUT, Outlets};
use crate::alert::{Change, State};
use crate::app::signals::{Command, Signals};
use crate::clock::{Clock, RealClock};
use crate::config::args::{Level, TrustArgs};
use crate::files;
use crate::health::state::Status;
use crate::history::writer::History;
use crate::report::streams::Streams;

/// Time between two checks while a recovery attempt is to be verified.
const VERIFY_INTERVAL: Duration = Duration::from_secs(2);

/// Time between two checks for signals.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Time for the history to be written at the end.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(2);

/// What `keygen watch status` reads.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// When it was written.
    pub at: Timestamp,
    /// The last observation of each session.
    pub sessions: Vec<serde_json::Value>,
}

/// Name of the file that `keygen watch status` reads.
pub(crate) const REPORT: &str = "status.json";

/// The watch.
pub(super) struct Watch<'a, 'b> {
    pub watched: Watched,
    /// Time between two checks of a healthy session.
    pub interval: Duration,
    pub level: Level,
    /// Passed on to new processes.
    pub trust: TrustArgs,
    /// The folder of the watch itself.
    pub folder: PathBuf,
    pub clock: RealClock,
    pub faults: FaultLog,
    pub recoveries: BTreeMap<Entry, Recovery>,
    pub history: Option<History>,
    pub outlets: Outlets,
    pub streams: &'a mut Streams<'b>,
}

impl Watch<'_, '_> {
    /// Watches until a signal comes.
    pub(crate) fn run(mut self, mut signals: Signals) -> crate::exit::Signal {
        let mut next = Duration::ZERO;
        let signal = loop {
            let now = self.clock.now();
            if let Some(Command::Stop(signal) | Command::Quit(signal)) = signals.poll(now) {
                break signal;
            }
            if now >= next {
                let soon = self.round();
                let pause = if soon { VERIFY_INTERVAL } else { self.interval };
                next = self.clock.now() + pause.min(self.interval);
            }
            self.keep_channels();
            std::thread::sleep(POLL_INTERVAL);
        };
        let (_, undelivered) = self.outlets.close(INTERRUPTED_TIMEOUT, || false);
        for line in undelivered {
            self.log(Level::Warn, line);
        }
        if let Some(history) = self.history.take() {
            history.close(HISTORY_TIMEOUT);
        }
        signal
    }

    /// Checks every session; whether one is to be checked again soon.
    fn round(&mut self) -> bool {
        let mut soon = false;
        let mut sessions = Vec::new();
        self.follow_list();
        for entry in self.watched.entries().to_vec() {
            let seen = probe(&entry, Timestamp::now());
            self.log(
                Level::Debug,
                format!("{}: {:?}", entry.session, seen.condition),
            );
            let faults = judge(&seen);
            let entries = self.faults.enter(&seen, &faults, self.clock.now());
            self.tell(entries);
            soon |= self.help(&seen);
            let started = (self.recoveries.get(&entry)).map_or(0, |r| r.started(self.clock.now()));
            let mut object = serde_json::to_value(&seen).unwrap_or_default();
            object["processes_started_last_hour"] = started.into();
            sessions.push(object);
        }
        self.report(sessions);
        soon
    }

    /// Applies what `keygen watch add` and `remove` changed.
    fn follow_list(&mut self) {
        let news = self.watched.refresh();
        if let Some(line) = news.line {
            let level = if news.is_wrong {
                Level::Warn
            } else {
                Level::Info
            };
            self.log(level, line);
        }
        for entry in news.gone {
            self.recoveries.remove(&entry);
            let entries = self.faults.leave(&entry, Timestamp::now());
            self.tell(entries);
        }
    }

    fn tell(&mut self, Entries { changes, records }: Entries) {
        let now = self.clock.now();
        for change in changes {
            self.outlets.tell(&change, now);
            self.log_change(change);
        }
        if let Some(history) = &self.history {
            records.into_iter().for_each(|record| history.send(record));
        }
    }

    fn log_change(&mut self, change: Change) {
        let level = match (change.state, change.status) {
            (State::Resolved, _) => Level::Info,
            (_, Some(Status::Critical)) => Level::Error,
            _ => Level::Warn,
        };
        self.log(level, change.message);
    }

    /// Takes the next recovery step; whether its outcome is still open.
    fn help(&mut self, observation: &Observation) -> bool {
        let now = self.clock.now();
        let name = observation.entry.session.clone();
        let recovery = self.recoveries.entry(observation.entry.clone());
        let next = recovery.or_default().next(&observation.condition, now);
        match next {
            Next::Nothing | Next::Verify => {}
            Next::Recovered(took) => {
                let took = took.as_secs_f64();
                self.log(Level::Info, format!("{name} is back after {took:.1} s"));
            }
            Next::GiveUp => {
                let why = "needed more than 5 new processes within an hour; giving up for now, please look into it";
                self.log(Level::Error, format!("{name} {why}"));
            }
            Next::Try(action) => {
                self.log(Level::Warn, format!("{name}: {}", action.describe()));
                if let Err(why) = act(action, &observation.entry, self.trust) {
                    self.log(Level::Warn, format!("{name}: that failed: {why}"));
                }
            }
        }
        matches!(next, Next::Verify | Next::Try(_))
    }

    /// Sends what is due, and logs channels that fail or work again. Heartbeats are sent while nothing is wrong.
    fn keep_channels(&mut self) {
        let (now, healthy) = (self.clock.now(), self.faults.is_clean());
        for change in self.outlets.tick(healthy, now, Timestamp::now()) {
            self.log_change(change);
        }
    }

    fn report(&mut self, sessions: Vec<serde_json::Value>) {
        let at = Timestamp::now();
        let written = serde_json::to_vec(&Report { at, sessions })
            .map_err(std::io::Error::from)
            .and_then(|text| files::replace(&self.folder.join(REPORT), &text));
        if let Err(error) = written {
            let line = format!("the watch's own status can't be written: {error}");
            self.log(Level::Warn, line);
        }
    }

    fn log(&mut self, level: Level, line: String) {
        if level <= self.level {
            let now = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S").to_string();
            self.streams.say(format_args!("{now} {line}"));
        }
    }
}
