//! `keygen cluster plan`: what to expect of a search on several machines.

mod plan;

use serde::Serialize;

use self::plan::Plan;
use super::odds::{AssumedRate, rate};
use super::{Call, say_notes, write_facts, write_json};
use crate::config::args::{ClusterTool, PlanArgs};
use crate::config::error::refuse;
use crate::config::patterns;
use crate::exit::Ending;

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
pub(crate) fn run(tool: &ClusterTool, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let ClusterTool::Plan(args) = tool;
    plan(args, call)
}

fn plan(args: &PlanArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let (environment, streams) = call.parts();
    let Some(wanted) = patterns::of_command(&args.pattern, environment)? else {
        refuse!("keygen cluster plan needs a pattern, such as --prefix F8A1B2C3.");
    };
    say_notes(environment, streams);
    let rate = rate(args.rate, Some(&wanted))?;
    let machines = args.machines.unwrap_or(1);
    let plan = Plan::new(&wanted, rate.rate, machines, args.price, args.time);
    match args.json {
        true => write_json(&Answer { plan, rate }, streams)?,
        false => write_facts(&plan.facts(&rate.text), streams)?,
    }
    Ok(Ending::Found)
}
