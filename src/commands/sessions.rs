//! `keygen status`, and `keygen session` for sessions on disk.

use std::fmt::Display;
use std::io::IsTerminal;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::config::args::{SessionCommand, StatusArgs};
use crate::config::error::UsageError;
use crate::config::session::place;
use crate::exit::Ending;
use crate::overview::{self, Folder};
use crate::report::streams::Streams;
use crate::session::inspect::{Look, look_at, look_at_all};
use crate::session::place::StateFolder;
use crate::session::remove::{prune, remove};
use crate::session::service_dir::{self, Found};
use crate::session::status::Status;

/// Time between two updates of `keygen status --watch`.
const WATCH: Duration = Duration::from_secs(1);

/// Moves a terminal's cursor to the top and clears the screen.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// Prints the status once, or repeatedly with `--watch`.
///
/// # Errors
/// The state folder or the named session can't be used.
pub(crate) fn status(args: &StatusArgs, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let clears = args.watch && !args.json && std::io::stdout().is_terminal();
    loop {
        let text = status_text(args)?;
        let clear = if clears { CLEAR } else { "" };
        write!(streams.out, "{clear}{text}")?;
        streams.out.flush()?;
        if !args.watch {
            return Ok(Ending::Found);
        }
        std::thread::sleep(WATCH);
    }
}

/// The lines of `keygen status`; a session that can't be read has a warning in its place.
fn status_text(args: &StatusArgs) -> Result<String, UsageError> {
    let gathered = overview::gather(place(&args.place)?, args.name.as_deref());
    let folders = gathered.map_err(UsageError::refused)?;
    Ok(folders
        .iter()
        .map(|folder| status_in(folder, args.json))
        .collect())
}

/// The same for one state folder.
fn status_in(folder: &Folder, json: bool) -> String {
    let zone = TimeZone::system();
    let mut text = if json {
        String::new()
    } else {
        folder.found.headed("")
    };
    for session in &folder.sessions {
        match (session, json) {
            (Ok(of), true) => text += &of.status.json(),
            (Ok(of), false) => text += &of.status.text(&zone),
            (Err(error), true) => text += &json!({"error": error.to_string()}).to_string(),
            (Err(error), false) => text += &format!("WARNING: {error}"),
        }
        text.push('\n');
    }
    if folder.sessions.is_empty() && !json {
        text += &nothing(&folder.found.place);
    }
    text
}

fn nothing(place: &StateFolder) -> String {
    format!(
        "There are no sessions in {}. keygen --session NAME begins one.\n",
        place.path().display()
    )
}

/// Runs a subcommand of `keygen session` on sessions on disk.
///
/// # Errors
/// The state folder or the session can't be used.
pub(crate) fn run(tool: &SessionCommand, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    write!(streams.out, "{}", text_of(tool)?)?;
    Ok(Ending::Found)
}

fn text_of(tool: &SessionCommand) -> Result<String, UsageError> {
    match tool {
        SessionCommand::List(args) => service_dir::all(place(args)?).iter().map(list).collect(),
        SessionCommand::Rm(args) => {
            let found = service_dir::find(place(&args.place)?, Some(&args.name));
            rm(&found, &args.name)
        }
        SessionCommand::Prune(args) => {
            let gone = prune(&place(args)?, Timestamp::now()).map_err(UsageError::refused)?;
            Ok(gone
                .iter()
                .map(|name| format!("{name} is removed.\n"))
                .collect())
        }
    }
}

fn list(found: &Found) -> Result<String, UsageError> {
    let now = Timestamp::now();
    let looks = look_at_all(&found.place, now).map_err(UsageError::refused)?;
    if looks.is_empty() {
        return Ok(found.headed(&nothing(&found.place)));
    }
    let line = |look: &Result<Look, _>| match look {
        Ok(look) => Status::of(look, now).headline() + "\n",
        Err(error) => format!("WARNING: {error}\n"),
    };
    Ok(found.headed(&looks.iter().map(line).collect::<String>()))
}

fn rm(found: &Found, name: &str) -> Result<String, UsageError> {
    let wrong = |error: &dyn Display| UsageError::refused(found.wrong(error));
    let look = look_at(&found.place, name, Timestamp::now()).map_err(|error| wrong(&error))?;
    let name = &look.name;
    remove(&look.folder)
        .map_err(|error| wrong(&format!("the session {name} can't be removed: {error}")))?;
    Ok(found.headed(&format!(
        "{name} is removed; its key files stay where they are.\n"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::inspect::tests::place_with;

    #[test]
    fn a_session_of_the_service_is_listed_and_removed_and_this_is_said() {
        let (service, _) = place_with("night");
        let empty = tempfile::tempdir().unwrap();
        let own = StateFolder::choose(None, None, Some(empty.path().to_owned())).unwrap();
        let find = |name| service_dir::find_in(own.clone(), service.path(), name);
        let heading = format!(
            "In the system service's folder {}:\nnight",
            service.path().display()
        );
        let listed = list(&find(None)).unwrap();
        assert!(listed.starts_with(&heading), "{listed}");
        let removed = rm(&find(Some("night")), "night").unwrap();
        assert!(
            removed.starts_with(&heading) && removed.contains("is removed"),
            "{removed}"
        );
        assert!(
            list(&find(None))
                .unwrap()
                .starts_with("There are no sessions")
        );
        let unknown = rm(&find(Some("night")), "night").unwrap_err().to_string();
        assert!(unknown.contains("there is no session"), "{unknown}");
    }
}
