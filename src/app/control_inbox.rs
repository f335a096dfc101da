//! What the loop does for those who steer the search from outside.

use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use serde_json::json;

use super::pauses::USER;
use crate::app::event_loop::Search;
use crate::app::reexec as anew;
use crate::control::protocol::Request;
use crate::control::{Answer, Ask, Server};
use crate::report::Reporter;
use crate::supervisor::command::Command;

/// Requests that may wait for the loop.
const QUEUE: usize = 16;

/// Where requests come in, once the session is on disk.
pub(super) struct Desk {
    sender: Sender<Ask>,
    asks: Receiver<Ask>,
    server: Option<Server>,
    failed: bool,
}

impl Default for Desk {
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

impl Desk {
    /// Requests as they come.
    pub(super) fn asks(&self) -> &Receiver<Ask> {
        &self.asks
    }

    /// Begins to listen once there is a folder to listen in; gives what people should know.
    fn open(&mut self, folder: Option<&std::path::Path>) -> Option<String> {
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
                    "WARNING: the search can't be steered from outside: {error}. It goes on; signals still work."
                ))
            }
        }
    }

    /// Nobody finds it any more.
    pub(super) fn close(&mut self) {
        self.server = None;
        self.failed = true;
    }
}

impl Search {
    /// Begins to listen for requests when it can.
    pub(super) fn open_desk(&mut self, reporter: &Reporter) {
        let folder = self.records.session().and_then(|session| session.folder());
        if let Some(said) = self.desk.open(folder) {
            reporter.warn(said);
        }
    }

    /// Does what somebody asks for, and answers.
    pub(super) fn asked(&mut self, ask: Ask, now: Duration, reporter: &Reporter) {
        let Ask { request, reply } = ask;
        if request != Request::Status {
            let fields = json!({"command": request.name()});
            let at = self.clock.timestamp();
            self.records.note("command", fields, at);
        }
        let answer = self.answer(&request, now, reporter);
        // Whoever does not wait any more needs no answer.
        let _ = reply.try_send(answer);
    }

    fn answer(&mut self, request: &Request, now: Duration, reporter: &Reporter) -> Answer {
        if self.control.should_stop() && *request != Request::Status {
            return Answer::Refused("the search ends".to_owned());
        }
        match request {
            Request::Status => Answer::Standing(Box::new(self.standing(now))),
            Request::Pause => self.pause_for_user(reporter),
            Request::Unpause => self.unpause_for_user(reporter),
            Request::Stop => {
                reporter.say("The search is stopped, as asked.");
                self.control.stop();
                self.keep_limits(now);
                Answer::Done("stops".to_owned())
            }
            Request::Check { full } => {
                let (answer, checks) = bounded(1);
                let full = *full;
                if !self.command(Command::Check { full, answer }) {
                    return no_supervisor();
                }
                Answer::Checks(Box::new(self.standing(now)), checks)
            }
            Request::RestartWorkers { worker } => self.restart_for_user(*worker),
            Request::Reclaim if self.command(Command::Reclaim) => {
                Answer::Done("rebuilds its buffers and gives freed memory back".to_owned())
            }
            Request::Reclaim => no_supervisor(),
        }
    }

    /// Pauses again where the program was executed anew while its user had paused the search.
    pub(super) fn pausing_again(mut self, reporter: &Reporter) -> Self {
        if anew::was_paused(self.records.session()) {
            self.pause_for_user(reporter);
        }
        self
    }

    fn pause_for_user(&mut self, reporter: &Reporter) -> Answer {
        if self.pauses.has(USER) {
            return Answer::Done("is paused already".to_owned());
        }
        if !self.command(Command::Pause(true)) {
            return no_supervisor();
        }
        reporter.say("The search is paused, as asked.");
        let why = "paused by command".to_owned();
        let change = self.pauses.add(USER, why, self.clock.timestamp());
        self.pauses_changed(change, reporter);
        Answer::Done("is paused".to_owned())
    }

    fn unpause_for_user(&mut self, reporter: &Reporter) -> Answer {
        if !self.pauses.has(USER) {
            let why = self.pauses.why();
            return why.map_or_else(
                || Answer::Done("is not paused".to_owned()),
                |why| Answer::Refused(format!("nobody paused it; it pauses by itself: {why}")),
            );
        }
        if !self.command(Command::Pause(false)) {
            return no_supervisor();
        }
        let change = self.pauses.remove(USER);
        self.pauses_changed(change, reporter);
        match self.pauses.why() {
            Some(why) => Answer::Done(format!("goes on as soon as it can: {why}")),
            None => {
                reporter.say("The search goes on, as asked.");
                Answer::Done("goes on".to_owned())
            }
        }
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

    /// Tells the supervisor; false where it takes no command: it ends, or its queue is full because it hangs.
    fn command(&self, command: Command) -> bool {
        self.commands.try_send(command).is_ok()
    }
}

fn no_supervisor() -> Answer {
    Answer::Refused("the supervisor ends, or does not answer".to_owned())
}
