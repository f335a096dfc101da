//! What `keygen watch` is to do, and who is told of what it finds.

use crate::alert::settings::AlertSettings;
use crate::config::Surroundings;
use crate::config::alerts;
use crate::config::args::WatchSessionsArgs;
use crate::config::error::UsageError;

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
    around: &Surroundings<'_>,
) -> Result<WatchCommand, UsageError> {
    let mut notes = Vec::new();
    let alerts = if args.tool.is_some() {
        AlertSettings::default()
    } else {
        let (config, alerts) = (args.config.clone(), args.alerts.clone());
        alerts::of_tool(config, alerts, args.place.trust, around, &mut notes)?
    };
    Ok(WatchCommand {
        args,
        alerts,
        notes,
    })
}
