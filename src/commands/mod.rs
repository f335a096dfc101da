//! The commands of the program, a file or folder each. A command checks its options before it does anything, then writes
//! its answer, as text or JSON, to the streams that it is given.

#[cfg(any(feature = "dashboard", feature = "mcp", feature = "top"))]
mod action;
pub(crate) mod alert_test;
pub(crate) mod bench;
mod blind;
mod cluster;
pub(crate) mod config;
pub(crate) mod dashboard;
#[cfg(feature = "history")]
pub(crate) mod diagnose;
pub(crate) mod doctor;
mod first_run;
pub(crate) mod health_test;
#[cfg(feature = "history")]
pub(crate) mod history;
pub(crate) mod ids;
pub(crate) mod key;
#[cfg(feature = "mcp")]
pub(crate) mod mcp;
mod new_file;
pub(crate) mod node;
pub(crate) mod odds;
mod output;
pub(crate) mod self_test;
pub(crate) mod sessions;
pub(crate) mod statistical_tests;
pub(crate) mod steer;
#[cfg(feature = "top")]
pub(crate) mod top;
pub(crate) mod watch;

use std::ffi::OsString;

use self::node::searched::Waiting;
use crate::app::{self, Outcome};
use crate::config::args::{
    AlertTool, CommandLine, HealthTool, RestartWorkersArgs, RunningCommand, SearchArgs,
    SessionTool, Tool, man,
};
use crate::config::{Environment, searching};
use crate::control::protocol::Request;
use crate::exit::Ending;
use crate::fault::compete;
use crate::report::streams::Streams;
use crate::session::state::Purpose;

/// Runs a command line; prints its error, if any.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> Ending {
    output::run(|streams| dispatch(arguments, streams))
}

fn dispatch(
    arguments: impl IntoIterator<Item = OsString>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let line = CommandLine::parse(arguments)?;
    let mut stdin = std::io::stdin();
    let environment = Environment::of_process(&mut stdin)?;
    let typed = line.typed()?;
    let call = &mut Call {
        line: &line,
        environment: &environment,
        streams: Streams {
            out: streams.out,
            err: streams.err,
        },
    };
    let Some(tool) = typed.tool else {
        return search_or_test(&typed.search, call);
    };
    match tool {
        Tool::Odds(args) => odds::run(&args, call),
        Tool::Ids(args) => ids::run(&args, call),
        Tool::Bench(args) => bench::run(&args, call),
        Tool::Key(tool) => key::run(tool, call),
        Tool::Node(tool) => node::run(tool, call),
        Tool::Blind(tool) => blind::run(&tool, call),
        Tool::Cluster(tool) => cluster::run(&tool, call),
        Tool::Resume(_) => search(Purpose::Resume, call),
        Tool::Status(args) => sessions::status(&args, &mut call.streams),
        Tool::Pause(args) => steer::ask(&Request::Pause, &args, &mut call.streams),
        Tool::Unpause(args) => steer::ask(&Request::Unpause, &args, &mut call.streams),
        Tool::Stop(args) => steer::ask(&Request::Stop, &args, &mut call.streams),
        Tool::Dashboard(args) => dashboard::run(args, call),
        #[cfg(feature = "history")]
        Tool::Diagnose(args) => diagnose::run(&args, call),
        #[cfg(feature = "top")]
        Tool::Top(args) => top::run(&args, &mut call.streams),
        #[cfg(feature = "mcp")]
        Tool::Mcp(args) => mcp::run(&args, &mut call.streams),
        Tool::Watch(args) => watch::run(&args, call),
        Tool::Session(SessionTool::Shelf(tool)) => sessions::run(&tool, &mut call.streams),
        Tool::Session(SessionTool::Running(RunningCommand::Check(args))) => {
            steer::check(&args, &mut call.streams)
        }
        Tool::Session(SessionTool::Running(RunningCommand::RestartWorkers(args))) => {
            let RestartWorkersArgs { session, worker } = args;
            steer::ask(
                &Request::RestartWorkers { worker },
                &session,
                &mut call.streams,
            )
        }
        Tool::Session(SessionTool::Running(RunningCommand::Reclaim(args))) => {
            steer::ask(&Request::Reclaim, &args, &mut call.streams)
        }
        Tool::SelfTest => self_test::run(&mut call.streams),
        Tool::Doctor(args) => doctor::run(&args, call),
        Tool::Config(tool) => config::run(tool, call),
        #[cfg(feature = "history")]
        Tool::Health(HealthTool::History(tool)) => history::run(&tool, &mut call.streams),
        Tool::Health(HealthTool::Test(args)) => health_test::run(&args, &mut call.streams),
        #[cfg(feature = "history")]
        Tool::Alert(AlertTool::List(args)) => history::list_alerts(&args, &mut call.streams),
        #[cfg(feature = "history")]
        Tool::Alert(AlertTool::Resolve(args)) => history::resolve_alert(&args, &mut call.streams),
        Tool::Alert(AlertTool::Test(_)) => alert_test::run(call),
        Tool::Completions { shell } => print(&man::completions(shell), &mut call.streams),
        Tool::Man => print(&man::page()?, &mut call.streams),
        #[cfg(not(all(feature = "history", feature = "mcp", feature = "top")))]
        absent => crate::config::error::refuse!("{}.", part_of(&absent)),
    }
}

/// The part that this build leaves out and that a command needs.
#[cfg(not(all(feature = "history", feature = "mcp", feature = "top")))]
fn part_of(tool: &Tool) -> crate::parts::Part {
    use crate::parts::{HISTORY, MCP, TOP};
    match tool {
        Tool::Mcp(_) => MCP,
        Tool::Top(_) => TOP,
        _ => HISTORY,
    }
}

/// What a command is given beside its own options.
pub(crate) struct Call<'a> {
    line: &'a CommandLine,
    environment: &'a Environment<'a>,
    streams: Streams<'a>,
}

impl<'a> Call<'a> {
    fn parts(&mut self) -> (&'a Environment<'a>, &mut Streams<'a>) {
        (self.environment, &mut self.streams)
    }
}

/// Says what was noticed about the settings.
fn say_notes(environment: &Environment<'_>, streams: &mut Streams<'_>) {
    let notes = environment.notes.take();
    notes.iter().for_each(|note| streams.say(note));
}

/// Without a command: searches, or does what hidden options ask for instead.
fn search_or_test(typed: &SearchArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    if statistical_tests::are_asked_for(typed)? {
        return statistical_tests::run(&typed.old_tool, &mut call.streams);
    }
    if let Some((core, rhythm)) = typed.how.workers.compete_on_core.split_first() {
        compete::compete(*core, rhythm.try_into().ok())?;
        return Ok(Ending::Found);
    }
    search(Purpose::Search, call)
}

/// Begins or resumes a search.
fn search(purpose: Purpose, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let line = call.line;
    let (environment, streams) = call.parts();
    let settings = searching(line, purpose, environment)?;
    if line.is_bare() && first_run::is_wanted(&settings) {
        first_run::introduce(&settings, streams)?;
    }
    let typed = line.typed()?.into_search();
    let waiting = Waiting::prepare(&typed.node, &settings, streams)?;
    let Outcome { out, err, ending } = app::search(settings)?;
    streams.out.write_all(out.as_bytes())?;
    streams.out.flush()?;
    // There is nowhere to report that standard error is gone.
    let _ = streams.err.write_all(err.as_bytes());
    Ok(match waiting {
        Some(node) => node.finish(ending, streams),
        None => ending,
    })
}

fn print(text: &[u8], streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    streams.out.write_all(text)?;
    Ok(Ending::Found)
}

/// Writes an answer as one JSON object.
fn write_json(answer: &impl serde::Serialize, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    // By way of a value, so that fields are sorted by name.
    writeln!(streams.out, "{:#}", serde_json::to_value(answer)?)?;
    Ok(())
}

/// Writes one fact per line, the names in a column of their own.
fn write_facts(
    facts: &[(impl AsRef<str>, String)],
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    for (name, text) in facts {
        writeln!(streams.out, "{:<14}{text}", name.as_ref())?;
    }
    Ok(())
}

/// The ending of a command that checks something.
fn ending_of(passed: bool) -> Ending {
    if passed {
        Ending::Found
    } else {
        Ending::Failed
    }
}
