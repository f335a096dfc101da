//! The list of tools: name, what it is for, what it takes and returns, whether it changes something.

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use rmcp::schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::arguments::{Session, Workers, holds_key};
use super::{Context, change, read};
use crate::commands::action::Action;

/// A tool that a client may call.
pub(super) struct Entry {
    /// As clients see it.
    pub tool: Tool,
    run: Run,
}

type Run = Box<dyn Fn(&Context, Value) -> Result<Value, Failure> + Send + Sync>;

/// Why a tool returns nothing.
#[derive(Debug, PartialEq)]
pub(super) enum Failure {
    /// The arguments don't fit its schema: an error of the protocol.
    Arguments(String),
    /// It can't be done: an error that the assistant reads.
    Tool(String),
}

impl Entry {
    /// A tool that only reads.
    fn new<A, R>(
        name: &'static str,
        description: &'static str,
        run: impl Fn(&Context, A) -> Result<R, String> + Send + Sync + 'static,
    ) -> Self
    where
        A: DeserializeOwned + JsonSchema + 'static,
        R: Serialize + JsonSchema + 'static,
    {
        let hints = ToolAnnotations::new().read_only(true).destructive(false);
        let tool = Tool::new(name, description, JsonObject::new())
            .with_input_schema::<A>()
            .with_output_schema::<R>()
            .with_annotations(hints.idempotent(true).open_world(false));
        let run = move |context: &Context, arguments: Value| {
            let arguments = serde_json::from_value(arguments);
            let arguments = arguments.map_err(|error| Failure::Arguments(error.to_string()))?;
            let answer = run(context, arguments).map_err(Failure::Tool)?;
            serde_json::to_value(answer).map_err(|error| Failure::Tool(error.to_string()))
        };
        Self {
            tool,
            run: Box::new(run),
        }
    }

    /// It changes something; `destructive`: work or a process ends.
    fn changing(mut self, destructive: bool) -> Self {
        let hints = ToolAnnotations::new().read_only(false).open_world(false);
        self.tool.annotations = Some(hints.destructive(destructive));
        self
    }

    /// A tool that acts on a running session.
    fn acting(name: &'static str, description: &'static str, action: Action) -> Self {
        let act =
            move |context: &Context, args: Session| change::act(context, args.session, action);
        Self::new(name, description, act)
    }

    /// Whether it changes something.
    pub(super) fn is_control(&self) -> bool {
        let hints = self.tool.annotations.as_ref();
        hints.is_none_or(|hints| hints.read_only_hint != Some(true))
    }

    /// Does what it is for.
    pub(super) fn call(&self, context: &Context, arguments: JsonObject) -> Result<Value, Failure> {
        let arguments = Value::Object(arguments);
        if holds_key(&arguments) {
            let why =
                "an argument is as long as a key (it is not repeated here); no tool takes one";
            return Err(Failure::Arguments(why.to_owned()));
        }
        (self.run)(context, arguments)
    }
}

/// All tools.
pub(super) fn all() -> Vec<Entry> {
    vec![
        Entry::new(
            "list_sessions",
            "List all searches of this user, running or not, with state, pattern, keys found, rate and chance so far.",
            read::list_sessions,
        ),
        Entry::new(
            "get_health",
            "Whether the process of a session is healthy, dead or a zombie; its id, memory, processor share, threads and \
             uptime. They are null where there is no process.",
            read::get_health,
        ),
        Entry::new(
            "check_responsiveness",
            "Ask the process of a session for its status within a time limit: whether it answers, and how fast.",
            read::check_responsiveness,
        ),
        Entry::new(
            "health_report",
            "Report on one session or all: process, workers, alerts, restarts, spot checks, gaps, warnings, and the \
             incidents of the last 24 hours.",
            read::health_report,
        ),
        Entry::new(
            "search_status",
            "All that is known about one search: pattern, state, candidates, rate, chances, keys, gaps, workers.",
            read::search_status,
        ),
        Entry::new(
            "list_keys",
            "The keys that a session has found: public key, what it fits, and the files that have it. Private keys are \
             only in those files.",
            read::list_keys,
        ),
        Entry::new(
            "odds",
            "The exact chance of a pattern, and how long a search for it takes at a rate; without a rate all processors \
             are measured for a third of a second. Without a pattern: a table.",
            read::odds,
        ),
        Entry::new(
            "free_ids",
            "Which node IDs are free, and which are taken by the nodes in the lists that the command line names.",
            read::free_ids,
        ),
        Entry::new(
            "start_search",
            "Begin a search as a new session in the background. Its keys are saved below the folder that the command \
             line allows.",
            change::start_search,
        )
        .changing(false),
        Entry::acting(
            "pause",
            "Pause a running session: its workers stop, its process stays, no time limit is used up.",
            Action::Pause,
        )
        .changing(false),
        Entry::acting(
            "resume",
            "Continue a session: unpause it, or start a new process for one that was interrupted or stopped.",
            Action::Resume,
        )
        .changing(false),
        Entry::acting(
            "stop",
            "End a session's process cleanly; resume continues it.",
            Action::Stop,
        )
        .changing(true),
        Entry::new(
            "restart_workers",
            "Replace the workers of a running session, or one of them; its counts are kept.",
            |context, Workers { session, worker }| {
                change::act(context, session, Action::RestartWorkers(worker))
            },
        )
        .changing(true),
        Entry::acting(
            "reclaim",
            "Make a running session rebuild its buffers and return freed memory.",
            Action::Reclaim,
        )
        .changing(false),
        Entry::acting(
            "restart_process",
            "End a session's process, by force if it does not answer, and continue it in a new one. Found keys and \
             counts are kept; at most ten seconds of work are lost.",
            Action::RestartProcess,
        )
        .changing(true),
    ]
}
