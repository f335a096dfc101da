//! `keygen cluster plan`: what to expect of a search on several machines.

mod plan;

use serde::Serialize;

use self::plan::Plan;
use super::odds::{AssumedRate, rate};
use super::{write_facts, write_json};
use crate::config::args::{ClusterTool, PlanArgs, SpreadArgs};
use crate::config::error::refuse;
use crate::config::{Environment, patterns};
use crate::exit::Ending;
use crate::report::streams::Streams;

/// A plan as JSON, and the rate behind it.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    plan: Plan,
    #[serde(flatten)]
    rate: AssumedRate,
}

/// Does what a `cluster` command asks for.
///
/// # Errors
/// An invalid pattern, none at all, the rate can't be measured, or standard output can't be written.
pub(crate) fn run(
    tool: &ClusterTool,
    environment: &Environment<'_>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let ClusterTool::Plan(args) = tool;
    plan(args, environment, streams)
}

fn plan(
    args: &PlanArgs,
    environment: &Environment<'_>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    let (mut notes, spread) = (Vec::new(), SpreadArgs::default());
    let wanted = patterns::typed(&args.pattern, &spread, false, environment, &mut notes)?;
    let Some(wanted) = wanted else {
        refuse!("keygen cluster plan needs a pattern, such as --prefix F8A1B2C3.");
    };
    notes.iter().for_each(|note| streams.say(note));
    let rate = rate(args.rate, Some(&wanted))?;
    let machines = args.machines.unwrap_or(1);
    let plan = Plan::new(&wanted, rate.rate, machines, args.price, args.time);
    match args.json {
        true => write_json(&Answer { plan, rate }, streams)?,
        false => write_facts(&plan.facts(&rate.text), streams)?,
    }
    Ok(Ending::Found)
}
