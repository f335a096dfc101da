//! The loop of the watch: looks at every session, says and records what is wrong, helps, and looks again soon.

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
use crate::alert::State;
use crate::alert::delivery::sinks::{INTERRUPTED_TIMEOUT, Outlets};
use crate::app::signals::{Command, Signals};
use crate::clock::{Clock, RealClock};
use crate::config::args::{Level, TrustArgs};
use crate::files;
use crate::health::state::Status;
use crate::history::record::Record;
use crate::history::writer::History;
use crate::report::streams::Streams;

/// An attempt to help is verified so often.
const VERIFY_INTERVAL: Duration = Duration::from_secs(2);

/// Signals are looked at so often.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The history gets so much time at the end.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(2);

/// What `keygen watch status` reads.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// When it was written.
    pub at: Timestamp,
    /// Each session as it was seen last.
    pub sessions: Vec<serde_json::Value>,
}

/// Name of the file that `keygen watch status` reads.
pub(crate) const REPORT: &str = "status.json";

/// The watch.
pub(super) struct Watch<'a, 'b> {
    pub watched: Watched,
    /// Time between two looks at a session that is well.
    pub interval: Duration,
    pub level: Level,
    /// Whether new processes look at permissions.
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
            self.say(Level::Warn, line);
        }
        if let Some(history) = self.history.take() {
            history.close(HISTORY_TIMEOUT);
        }
        signal
    }

    /// Looks at every session; true if one is to be looked at again soon.
    fn round(&mut self) -> bool {
        let mut soon = false;
        let mut seen = Vec::new();
        self.follow_list();
        for entry in self.watched.entries().to_vec() {
            let observation = probe(&entry, Timestamp::now());
            self.say(
                Level::Debug,
                format!("{}: {:?}", entry.session, observation.condition),
            );
            self.enter(&observation);
            soon |= self.help(&observation);
            let started = (self.recoveries.get(&entry)).map_or(0, |r| r.started(self.clock.now()));
            let mut object = serde_json::to_value(&observation).unwrap_or_default();
            object["processes_started_last_hour"] = started.into();
            seen.push(object);
        }
        self.report(seen);
        soon
    }

    /// Takes in what `keygen watch add` and `remove` did meanwhile.
    fn follow_list(&mut self) {
        let news = self.watched.refresh();
        if let Some(line) = news.line {
            let level = if news.is_wrong {
                Level::Warn
            } else {
                Level::Info
            };
            self.say(level, line);
        }
        for entry in news.gone {
            self.recoveries.remove(&entry);
            let entries = self.faults.leave(&entry, Timestamp::now());
            self.tell(entries);
        }
    }

    fn enter(&mut self, observation: &Observation) {
        let entries = self
            .faults
            .enter(observation, &judge(observation), self.clock.now());
        self.tell(entries);
    }

    fn tell(&mut self, entries: Entries) {
        let now = self.clock.now();
        let Entries {
            lines,
            changes,
            records,
        } = entries;
        for change in changes {
            self.outlets.tell(&change, now);
        }
        for (severity, line) in lines {
            let level = match severity {
                Status::Healthy => Level::Info,
                Status::Critical => Level::Error,
                _ => Level::Warn,
            };
            self.say(level, line);
        }
        self.write(records);
    }

    /// Tries what is due; true while the outcome is open.
    fn help(&mut self, observation: &Observation) -> bool {
        let now = self.clock.now();
        let name = observation.entry.session.clone();
        let recovery = self
            .recoveries
            .entry(observation.entry.clone())
            .or_default();
        match recovery.next(&observation.condition, now) {
            Next::Nothing => false,
            Next::Verify => true,
            Next::Recovered(took) => {
                let took = took.as_secs_f64();
                self.say(Level::Info, format!("{name} is back after {took:.1} s"));
                false
            }
            Next::GiveUp => {
                let said = "needed more than 5 new processes within an hour; giving up for now, please look into it";
                self.say(Level::Error, format!("{name} {said}"));
                false
            }
            Next::Try(action) => {
                self.say(Level::Warn, format!("{name}: {}", action.describe()));
                if let Err(why) = act(action, &observation.entry, self.trust) {
                    self.say(Level::Warn, format!("{name}: that failed: {why}"));
                }
                true
            }
        }
    }

    /// Says what became of messages; the heartbeat goes on while nothing is wrong.
    fn keep_channels(&mut self) {
        let (now, fresh) = (self.clock.now(), self.faults.is_clean());
        for change in self.outlets.tick(fresh, now, Timestamp::now()) {
            let level = match change.state {
                State::Raised | State::Occurred => Level::Warn,
                State::Resolved => Level::Info,
            };
            self.say(level, change.message);
        }
    }

    fn write(&self, records: Vec<Record>) {
        if let Some(history) = &self.history {
            records.into_iter().for_each(|record| history.send(record));
        }
    }

    fn report(&mut self, sessions: Vec<serde_json::Value>) {
        let at = Timestamp::now();
        let written = serde_json::to_vec(&Report { at, sessions })
            .map_err(std::io::Error::from)
            .and_then(|text| files::replace(&self.folder.join(REPORT), &text));
        if let Err(error) = written {
            self.say(
                Level::Warn,
                format!("the watch's own status can't be written: {error}"),
            );
        }
    }

    fn say(&mut self, level: Level, line: String) {
        if level <= self.level {
            let now = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S").to_string();
            self.streams.say(format_args!("{now} {line}"));
        }
    }
}
