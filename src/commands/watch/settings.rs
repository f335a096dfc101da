//! What `keygen watch` is to do, and who is told of what it finds.

use crate::alert::settings::AlertSettings;
use crate::config::args::{CommandLine, WatchSessionsArgs};
use crate::config::{Environment, alerts, layers};

/// What `keygen watch` is to do.
#[derive(Clone, Debug)]
pub(crate) struct WatchCommand {
    /// As typed.
    pub args: WatchSessionsArgs,
    /// Who is told.
    pub alerts: AlertSettings,
    /// What to tell the user first, each a whole sentence.
    pub notes: Vec<String>,
}

/// Reads who is told: the channels that a search would have.
///
/// # Errors
/// As [`alerts::resolve`].
pub(crate) fn resolve(
    args: WatchSessionsArgs,
    line: &CommandLine,
    environment: &Environment<'_>,
) -> anyhow::Result<WatchCommand> {
    let mut notes = Vec::new();
    let alerts = if args.tool.is_some() {
        AlertSettings::default()
    } else {
        let (all, origins) = layers::apply(line, None, environment, &mut notes)?;
        alerts::resolve(&all, &origins, environment, &mut notes)?
    };
    Ok(WatchCommand {
        args,
        alerts,
        notes,
    })
}
