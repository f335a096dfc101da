//! The public starts of a blind search: those that were typed, or those that its session stored.

use super::args::SearchArgs;
use super::error::{UsageError, refuse};
use crate::blind::PublicStart;
use crate::session::definition::Definition;

/// The starts; none: the search finds keys of its own.
///
/// # Errors
/// One is given twice, they are not those of the session, or an option needs a private key.
pub(super) fn resolve(
    args: &SearchArgs,
    stored: Option<&Definition>,
) -> Result<Vec<PublicStart>, UsageError> {
    let typed = &args.blind.blind;
    let twice = (1..)
        .zip(typed)
        .find(|(next, start)| typed[*next..].contains(start));
    if let Some((_, start)) = twice {
        refuse!("--blind {start}: given twice. Remove one.");
    }
    let starts = match stored {
        None => typed.clone(),
        Some(stored) => of_session(typed, stored)?,
    };
    if starts.is_empty() {
        return Ok(starts);
    }
    let option = match (args.how.output.show_private, &args.node.import_to) {
        (true, _) => "--show-private",
        (_, Some(_)) => "--import-to",
        _ => return Ok(starts),
    };
    refuse!(
        "{option} needs a private key, and a blind search (--blind) has none: its claims become keys on the owner's \
         machine, with keygen blind finish. Remove {option}."
    )
}

fn of_session(typed: &[PublicStart], stored: &Definition) -> Result<Vec<PublicStart>, UsageError> {
    let read = stored.blind.iter().map(|start| start.parse());
    let starts = match read.collect::<Result<Vec<PublicStart>, _>>() {
        Ok(starts) => starts,
        Err(error) => refuse!(
            "a start in the session's definition can't be read: {error}. Begin another --session NAME."
        ),
    };
    let same = typed.len() == starts.len() && typed.iter().all(|start| starts.contains(start));
    match typed.is_empty() || same {
        true => Ok(starts),
        false if starts.is_empty() => refuse!(
            "--blind: the session searches for keys of its own. Remove --blind to resume it, or give another --session NAME."
        ),
        false => refuse!(
            "--blind: the session searches from other starts. Remove --blind to resume it, or give another --session NAME."
        ),
    }
}
