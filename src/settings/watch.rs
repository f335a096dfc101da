//! What `keygen watch` is to do, and who is told of what it finds.

use super::alerts::{self, AlertSettings};
use super::error::UsageError;
use super::{Surroundings, layers};
use crate::cli::{SearchArgs, WatchSessionsArgs};

/// What `keygen watch` is to do.
#[derive(Clone, Debug)]
pub struct WatchCommand {
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
pub fn resolve(
    args: WatchSessionsArgs,
    around: &Surroundings<'_>,
) -> Result<WatchCommand, UsageError> {
    let mut notes = Vec::new();
    let mut search = SearchArgs {
        config: args.config.clone(),
        alerts: args.alerts.clone(),
        ..SearchArgs::default()
    };
    let alerts = if args.tool.is_some() {
        AlertSettings::default()
    } else {
        let origins = layers::apply(&mut search, false, around, &mut notes)?;
        alerts::resolve(&search.alerts, &origins, around, &mut notes)?
    };
    Ok(WatchCommand {
        args,
        alerts,
        notes,
    })
}
