//! Requests from outside, and what the event loop does for them.

use crossbeam_channel::{Receiver, Sender, bounded, never};

use super::event_loop::EventLoop;
use super::process;
use super::search_state::Moment;
use crate::control::protocol::Request;
use crate::control::{Answer, Ask, Server};
use crate::event::{Event, PauseReason, why_paused};
use crate::supervisor::command::Command;

/// Length of the queue of requests.
const QUEUE: usize = 16;

/// Where requests come in, once the session is on disk.
pub(super) struct ControlInbox {
    sender: Sender<Ask>,
    /// Requests as they come.
    pub asks: Receiver<Ask>,
    server: Option<Server>,
    failed: bool,
}

impl Default for ControlInbox {
    fn default() -> Self {
        let (sender, asks) = bounded(QUEUE);
        Self {
            sender,
            asks,
            server: None,
            failed: false,
        }
    }
}

impl ControlInbox {
    /// Begins to listen once there is a folder to listen in; returns a warning if it can't.
    pub(super) fn open(&mut self, folder: Option<&std::path::Path>) -> Option<String> {
        if self.server.is_some() || self.failed {
            return None;
        }
        match Server::open(folder?, self.sender.clone()) {
            Ok(server) => {
                self.server = Some(server);
                None
            }
            Err(error) => {
                self.failed = true;
                Some(format!(
                    "WARNING: the search can't be controlled from outside: {error}. It continues; signals still work."
                ))
            }
        }
    }

    /// Stops listening, and refuses what waits.
    pub(super) fn close(&mut self) {
        let asks = std::mem::replace(&mut self.asks, never());
        asks.try_iter().for_each(|ask| ask.answer(ending()));
        self.server = None;
        self.failed = true;
    }
}

impl EventLoop {
    /// Handles a request and answers it.
    pub(super) fn answer(&mut self, ask: Ask, now: &Moment) {
        if ask.request != Request::Status {
            let event = Event::Command(ask.request.name());
            self.subscribers.event(&event, &self.state, now);
        }
        let answer = self.carry_out(&ask.request, now);
        ask.answer(answer);
    }

    fn carry_out(&mut self, request: &Request, now: &Moment) -> Answer {
        if self.state.should_stop() && *request != Request::Status {
            return ending();
        }
        let snapshot = |search: &Self| {
            let snapshot = search.state.snapshot(now);
            Box::new(search.subscribers.complete(snapshot))
        };
        match *request {
            Request::Status => Answer::Snapshot(snapshot(self)),
            Request::Pause => self.pause_for_user(now),
            Request::Unpause => self.unpause_for_user(now),
            Request::Stop => {
                let reporter = self.subscribers.reporter();
                reporter.say("The search is stopped, as asked.");
                self.state.stop();
                self.keep_limits(now);
                Answer::Done("stops".to_owned())
            }
            Request::Check { full } => {
                let (answer, checks) = bounded(1);
                if !self.command(Command::Check { full, answer }) {
                    return no_supervisor();
                }
                Answer::Checks(snapshot(self), checks)
            }
            Request::RestartWorkers { worker } => self.restart_for_user(worker),
            Request::Reclaim if self.command(Command::Reclaim) => {
                Answer::Done("rebuilds its buffers and gives freed memory back".to_owned())
            }
            Request::Reclaim => no_supervisor(),
        }
    }

    /// Pauses again if the program restarted itself while its user had paused the search.
    pub(super) fn pausing_again(mut self) -> Self {
        if process::was_paused(self.subscribers.session()) {
            self.pause_for_user(&Moment::of(&*self.clock));
        }
        self
    }

    fn pause_for_user(&mut self, now: &Moment) -> Answer {
        if self.state.is_paused_by_user() {
            return Answer::Done("is paused already".to_owned());
        }
        if !self.command(Command::Pause(true)) {
            return no_supervisor();
        }
        let reporter = self.subscribers.reporter();
        reporter.say("The search is paused, as asked.");
        let why = "paused by command".to_owned();
        let gaps = self.state.pause(PauseReason::User, why, now);
        self.tell_gaps(gaps, now);
        self.pauses_changed(now);
        Answer::Done("is paused".to_owned())
    }

    fn unpause_for_user(&mut self, now: &Moment) -> Answer {
        if !self.state.is_paused_by_user() {
            let why = why_paused(self.state.pauses());
            return why.map_or_else(
                || Answer::Done("is not paused".to_owned()),
                |why| Answer::Refused(format!("nobody paused it; it pauses by itself: {why}")),
            );
        }
        if !self.command(Command::Pause(false)) {
            return no_supervisor();
        }
        let gaps = self.state.unpause(PauseReason::User, now);
        self.tell_gaps(gaps, now);
        self.pauses_changed(now);
        if let Some(why) = why_paused(self.state.pauses()) {
            return Answer::Done(format!("continues as soon as it can: {why}"));
        }
        let reporter = self.subscribers.reporter();
        reporter.say("The search continues, as asked.");
        Answer::Done("continues".to_owned())
    }

    fn restart_for_user(&mut self, worker: Option<usize>) -> Answer {
        let workers = self.workers();
        if let Some(unknown) = worker.filter(|worker| !workers.contains(worker)) {
            return Answer::Refused(format!(
                "there is no worker {unknown}; allowed are {} to {}",
                workers.start(),
                workers.end()
            ));
        }
        let (answer, replaced) = bounded(1);
        if !self.command(Command::Restart { worker, answer }) {
            return no_supervisor();
        }
        Answer::Replaced(replaced)
    }

    /// Sends a command to the supervisor; false if it takes none: it is ending, or its queue is full because it hangs.
    fn command(&self, command: Command) -> bool {
        self.commands.try_send(command).is_ok()
    }
}

fn ending() -> Answer {
    Answer::Refused("the search ends".to_owned())
}

fn no_supervisor() -> Answer {
    Answer::Refused("the supervisor ends, or does not answer".to_owned())
}
