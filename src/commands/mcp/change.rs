//! The tools that change something.

use jiff::Timestamp;

use super::Context;
use super::arguments::{Session, Workers};
use super::output::Done;
use crate::commands::action::{Action, act};
use crate::session::inspect::{Look, look_at};
use crate::session::service_dir;

/// The session of this name as its files have it; its process is not asked.
pub(super) fn look(context: &Context, name: &str) -> Result<Look, String> {
    let found = service_dir::find(context.own()?, Some(name));
    look_at(&found.place, name, Timestamp::now()).map_err(|error| found.wrong(error))
}

fn done(context: &Context, session: String, action: Action) -> Result<Done, String> {
    let done = act(context.own()?, &session, action, context.place.trust)?;
    let state = look(context, &session).ok().map(|look| look.state.name());
    Ok(Done {
        session,
        done,
        state,
    })
}

pub(super) fn pause(context: &Context, args: Session) -> Result<Done, String> {
    done(context, args.session, Action::Pause)
}

pub(super) fn resume(context: &Context, args: Session) -> Result<Done, String> {
    done(context, args.session, Action::Resume)
}

pub(super) fn stop(context: &Context, args: Session) -> Result<Done, String> {
    done(context, args.session, Action::Stop)
}

pub(super) fn restart_workers(context: &Context, args: Workers) -> Result<Done, String> {
    let worker = args.worker;
    done(context, args.session, Action::RestartWorkers(worker))
}

pub(super) fn reclaim(context: &Context, args: Session) -> Result<Done, String> {
    done(context, args.session, Action::Reclaim)
}

pub(super) fn restart_process(context: &Context, args: Session) -> Result<Done, String> {
    done(context, args.session, Action::RestartProcess)
}
