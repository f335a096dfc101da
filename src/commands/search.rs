//! What the program does without a command: it searches, or does what hidden options ask for instead.

use super::first_run;
use super::node::searched::Waiting;
use super::statistical_tests;
use crate::app::start::{self, Outcome};
use crate::config::args::{CommandLine, SearchArgs};
use crate::config::{Environment, searching};
use crate::exit::Ending;
use crate::fault::compete;
use crate::report::streams::Streams;
use crate::session::state::Purpose;

/// Searches for keys, or runs the Python tool's self-tests, or takes the processor time of a core.
pub(super) fn run(
    line: &CommandLine,
    typed: &SearchArgs,
    environment: &Environment<'_>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let tests = statistical_tests::asked(typed)?;
    if !tests.is_empty() {
        return statistical_tests::run(&tests, streams);
    }
    if let Some((core, rhythm)) = typed.how.workers.compete_on_core.split_first() {
        compete::compete(*core, rhythm.try_into().ok())?;
        return Ok(Ending::Found);
    }
    start(line, Purpose::Search, environment, streams)
}

/// Begins or resumes a search.
pub(super) fn start(
    line: &CommandLine,
    purpose: Purpose,
    environment: &Environment<'_>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let settings = searching(line, purpose, environment)?;
    if line.is_bare() && first_run::is_wanted(&settings) {
        first_run::introduce(&settings, streams)?;
    }
    let typed = line.typed()?.into_search();
    let waiting = Waiting::prepare(&typed.node, &settings, streams)?;
    let Outcome { out, err, ending } = start::search(settings)?;
    streams.out.write_all(out.as_bytes())?;
    streams.out.flush()?;
    // There is nowhere to report that standard error is gone.
    let _ = streams.err.write_all(err.as_bytes());
    Ok(match waiting {
        Some(node) => node.finish(ending, streams),
        None => ending,
    })
}
