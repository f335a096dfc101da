//! The sinks of a running search: which alert goes where, and whether it was delivered. Each is a thread behind a bounded
//! queue that delivers messages one after the other.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender as ReportSender, bounded};
use jiff::Timestamp;

use super::AlertSettings;
use super::command;
use super::http::Http;
use super::transport::{Failure, Transport, deliver};
use crate::alert::message::{Message, Sender};
use crate::alert::throttle::{COOLDOWN, Notice, Throttle};
use crate::alert::{Change, Severity, Subject, judge};
use crate::queue::Queue;
use crate::status::Deliveries;
use crate::text::number::counted;

/// The most messages that wait for a channel that does not respond.
const WAITING: usize = 256;

/// Time between two heartbeats.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(300);

/// How long the program waits at its end for messages that are not delivered yet.
pub(crate) const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// The same after an interrupt.
pub(crate) const INTERRUPTED_TIMEOUT: Duration = Duration::from_secs(1);

const POLL_INTERVAL: Duration = Duration::from_millis(20);

enum Sink {
    Channel(Transport),
    Command(String),
}

impl Sink {
    fn deliver(&self, message: &Message, http: &Http) -> Result<String, Failure> {
        match self {
            Self::Channel(transport) => deliver(|| transport.send(message, http), thread::sleep),
            // A command is never run twice for the same alert.
            Self::Command(line) => command::run(line, message, command::TIMEOUT),
        }
    }
}

/// What a sink gets.
#[derive(Debug)]
enum Filter {
    /// What its throttle lets through.
    Alerts(Box<Throttle>),
    /// The same without the keys that were searched for, which have a separate command.
    AlertsWithoutKeys(Box<Throttle>),
    /// Every key that was searched for.
    Keys,
    /// Heartbeats, the next one not before this time.
    Heartbeats(Duration),
}

impl Filter {
    fn take(&mut self, change: &Change, now: Duration) -> Option<Notice> {
        match self {
            Self::Alerts(throttle) => throttle.take(change, now),
            Self::AlertsWithoutKeys(throttle) if !change.is_wanted_key() => {
                throttle.take(change, now)
            }
            Self::Keys if change.is_wanted_key() => Some(Notice::first(change.clone())),
            _ => None,
        }
    }

    /// The notices that are due without a new change; `healthy`: progress was confirmed recently.
    fn tick(&mut self, healthy: bool, now: Duration, at: Timestamp) -> Vec<Notice> {
        match self {
            Self::Alerts(throttle) | Self::AlertsWithoutKeys(throttle) if throttle.waits() => {
                throttle.tick(now, at)
            }
            Self::Heartbeats(next) if healthy && now >= *next => {
                *next = now + HEARTBEAT_INTERVAL;
                vec![Notice::first(judge::of_heartbeat(at))]
            }
            _ => Vec::new(),
        }
    }
}

/// A change in whether messages to a sink are delivered.
#[derive(Debug)]
struct Report {
    /// Number of the sink, from 1.
    sink: usize,
    /// Why a message was not delivered; `None`: they are delivered again.
    failing: Option<String>,
}

#[derive(Debug)]
struct Outlet {
    label: String,
    filter: Filter,
    queue: Queue<Box<Message>>,
    sent: u64,
    latest: Option<(String, Timestamp)>,
    delivered: Arc<AtomicU64>,
}

impl Outlet {
    fn start(
        number: usize,
        (label, sink, filter): (String, Sink, Filter),
        reports: ReportSender<Report>,
    ) -> io::Result<Self> {
        let delivered = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&delivered);
        let name = format!("notify-{number}");
        let queue = Queue::start(&name, WAITING, move |messages, _| {
            run(number, &sink, &messages, &counter, &reports);
        })?;
        Ok(Self {
            label,
            filter,
            queue,
            sent: 0,
            latest: None,
            delivered,
        })
    }

    fn send(&mut self, notice: &Notice, sender: &Sender) {
        self.sent += 1;
        self.latest = Some((notice.change.name.to_string(), notice.change.at));
        self.queue.send(Box::new(Message::new(notice, sender)));
    }

    fn deliveries(&self) -> Deliveries {
        Deliveries {
            to: self.label.clone(),
            sent: self.sent,
            delivered: self.delivered.load(Ordering::Relaxed),
            latest: self.latest.as_ref().map(|(name, _)| name.clone()),
            at: self.latest.as_ref().map(|(_, at)| *at),
        }
    }

    /// A line about the messages that are not delivered yet, if any.
    fn undelivered(&self) -> Option<String> {
        let count = self.sent - self.delivered.load(Ordering::Relaxed);
        let (messages, label) = (counted(count, "message"), &self.label);
        (count > 0)
            .then(|| format!("WARNING: {messages} not delivered to {label} when the search ended."))
    }
}

fn run(
    number: usize,
    sink: &Sink,
    messages: &Receiver<Box<Message>>,
    delivered: &AtomicU64,
    reports: &ReportSender<Report>,
) {
    let http = Http::default();
    let mut was_failing = false;
    for message in messages {
        let failing = sink.deliver(&message, &http).err();
        if failing.is_none() {
            delivered.fetch_add(1, Ordering::Relaxed);
        }
        if std::mem::replace(&mut was_failing, failing.is_some()) || was_failing {
            // It fails only if the event loop no longer reads reports.
            let _ = reports.try_send(Report {
                sink: number,
                failing: failing.map(|failure| failure.reason),
            });
        }
    }
}

/// The sinks of a running search.
#[derive(Debug)]
pub(crate) struct Outlets {
    outlets: Vec<Outlet>,
    sender: Sender,
    reports: Receiver<Report>,
}

impl Outlets {
    /// Starts a thread for each sink of the settings.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(settings: &AlertSettings, session: Option<String>) -> io::Result<Self> {
        let (report_sender, reports) = bounded(WAITING);
        let outlets = (1..).zip(wanted(settings));
        let outlets = outlets.map(|(number, sink)| {
            let reports = report_sender.clone();
            Outlet::start(number, sink, reports)
        });
        Ok(Self {
            outlets: outlets.collect::<Result<_, _>>()?,
            sender: Sender::here(session),
            reports,
        })
    }

    /// What was sent to each sink, in their order.
    pub(crate) fn deliveries(&self) -> Vec<Deliveries> {
        self.outlets.iter().map(Outlet::deliveries).collect()
    }

    /// Sends a change to every sink whose filter lets it through; the failure of a sink is never sent through itself.
    pub(crate) fn tell(&mut self, change: &Change, now: Duration) {
        for (number, outlet) in (1..).zip(&mut self.outlets) {
            if change.subject == Subject::Channel(number) {
                continue;
            }
            if let Some(notice) = outlet.filter.take(change, now) {
                outlet.send(&notice, &self.sender);
            }
        }
    }

    /// Sends what is due; `healthy`: progress was confirmed recently. Returns failures and recoveries of sinks.
    pub(crate) fn tick(&mut self, healthy: bool, now: Duration, at: Timestamp) -> Vec<Change> {
        for outlet in &mut self.outlets {
            for notice in outlet.filter.tick(healthy, now, at) {
                outlet.send(&notice, &self.sender);
            }
        }
        self.reported(at)
    }

    /// Failures and recoveries of sinks since the last call.
    fn reported(&self, at: Timestamp) -> Vec<Change> {
        let change = |report: Report| {
            let outlet = self.outlets.get(report.sink.wrapping_sub(1))?;
            let failing = report.failing.as_deref();
            Some(judge::of_channel(report.sink, &outlet.label, failing, at))
        };
        self.reports.try_iter().filter_map(change).collect()
    }

    /// Waits until all is delivered, at most for `timeout` and until `is_enough`. Returns failures since the last call, and
    /// a line for each sink with undelivered messages.
    pub(crate) fn close(
        &mut self,
        timeout: Duration,
        mut is_enough: impl FnMut() -> bool,
    ) -> (Vec<Change>, Vec<String>) {
        let deadline = Instant::now() + timeout;
        self.outlets.iter_mut().for_each(|o| o.queue.close());
        let works = |outlet: &&Outlet| !outlet.queue.has_ended_within(Duration::ZERO);
        while Instant::now() < deadline && !is_enough() {
            let Some(outlet) = self.outlets.iter().find(works) else {
                break;
            };
            outlet.queue.has_ended_within(POLL_INTERVAL);
        }
        let changes = self.reported(Timestamp::now());
        let lines = self.outlets.iter().filter_map(Outlet::undelivered);
        (changes, lines.collect())
    }
}

/// The sinks of these settings, with label and filter.
fn wanted(settings: &AlertSettings) -> Vec<(String, Sink, Filter)> {
    let cooldown = settings.cooldown.unwrap_or(COOLDOWN);
    let throttle = |minimum| Box::new(Throttle::new(minimum, cooldown));
    let mut all = Vec::new();
    for channel in &settings.channels {
        let filter = Filter::Alerts(throttle(channel.minimum));
        let sink = Sink::Channel(channel.transport.clone());
        all.push((channel.label.clone(), sink, filter));
    }
    if let Some(line) = &settings.on_found {
        let sink = Sink::Command(line.clone());
        all.push(("--on-found".to_owned(), sink, Filter::Keys));
    }
    if let Some(line) = &settings.on_alert {
        let filter = Filter::AlertsWithoutKeys(throttle(Severity::Info));
        let sink = Sink::Command(line.clone());
        all.push(("--on-alert".to_owned(), sink, filter));
    }
    if let Some(channel) = &settings.heartbeat {
        let filter = Filter::Heartbeats(Duration::ZERO);
        let sink = Sink::Channel(channel.transport.clone());
        all.push((channel.label.clone(), sink, filter));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beats(filter: &mut Filter, second: u64, healthy: bool) -> Vec<Notice> {
        filter.tick(healthy, Duration::from_secs(second), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_heartbeat_comes_every_five_minutes_while_progress_is_confirmed() {
        let mut filter = Filter::Heartbeats(Duration::ZERO);
        let course = [
            (0, false, 0),
            (1, true, 1),
            (2, true, 0),
            (300, true, 0),
            (301, true, 1),
            (700, false, 0),
            (710, true, 1),
        ];
        for (second, healthy, count) in course {
            assert_eq!(beats(&mut filter, second, healthy).len(), count, "{second}");
        }
    }

    #[test]
    fn a_heartbeat_is_not_a_test_alert() {
        let notices = beats(&mut Filter::Heartbeats(Duration::ZERO), 1, true);
        let message = Message::new(&notices[0], &Sender::default());
        assert_eq!(message.name, "heartbeat");
        assert!(!message.message.contains("test"), "{}", message.message);
    }
}
