//! `keygen status` and `keygen session`: texts about sessions, and their removal.

use std::io::IsTerminal;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::{PlaceArgs, SessionTool, StatusArgs};
use crate::exit::Ending;
use crate::session::elsewhere;
use crate::session::look::{Look, look_at, look_at_all};
use crate::session::place::StateFolder;
use crate::session::process::look_at_process;
use crate::session::remove::{prune, remove};
use crate::session::status::Status;
use crate::settings::UsageError;
use crate::settings::session::{place, session_error};

/// Time between two looks of `keygen status --watch`.
const WATCH: Duration = Duration::from_secs(1);

/// What a terminal is told before each look: go to the top, and clear what is there.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// Prints the status once, or again and again.
pub fn show(
    args: &StatusArgs,
    print: &mut dyn FnMut(Result<String, UsageError>) -> Ending,
) -> Ending {
    let clears = args.watch && !args.json && std::io::stdout().is_terminal();
    loop {
        let text = status(args);
        let text = if clears {
            text.map(|text| CLEAR.to_owned() + &text)
        } else {
            text
        };
        let ending = print(text);
        if !args.watch || ending != Ending::Found {
            return ending;
        }
        std::thread::sleep(WATCH);
    }
}

/// The text of `keygen status`, lines; what can't be read of one session is a line in its place.
///
/// # Errors
/// The state folder can't be used, or the session that was named.
pub fn status(args: &StatusArgs) -> Result<String, UsageError> {
    let found = elsewhere::find(place(&args.place)?, args.name.as_deref());
    let place = found.place;
    let now = Timestamp::now();
    let looks = match &args.name {
        Some(name) => vec![look_at(&place, name, now)],
        None => look_at_all(&place, now).map_err(session_error)?,
    };
    if args.name.is_some()
        && let Some(Err(error)) = looks.first()
    {
        return Err(session_error(error));
    }
    let zone = TimeZone::system();
    let note = found.note.filter(|_| !args.json);
    let mut text = note.map_or_else(String::new, |note| note + "\n");
    let status = |look| Status::of(look, now).with_process(look_at_process(look));
    for look in &looks {
        match (look, args.json) {
            (Ok(look), true) => text += &status(look).json(),
            (Ok(look), false) => text += &status(look).text(&zone),
            (Err(error), true) => {
                text += &serde_json::json!({"error": error.to_string()}).to_string();
            }
            (Err(error), false) => text += &format!("WARNING: {error}"),
        }
        text.push('\n');
    }
    if looks.is_empty() && !args.json {
        text += &nothing(&place);
    }
    Ok(text)
}

fn nothing(place: &StateFolder) -> String {
    format!(
        "There are no sessions in {}. keygen --session NAME begins one.\n",
        place.path().display()
    )
}

/// Does what `keygen session` asks for; gives what to print, lines.
///
/// # Errors
/// The state folder or the session can't be used.
pub fn tool(tool: &SessionTool) -> Result<String, UsageError> {
    match tool {
        SessionTool::List(args) => list(&args.place),
        SessionTool::Rm(args) => {
            let place = place(&args.place)?;
            let look = look_at(&place, &args.name, Timestamp::now()).map_err(session_error)?;
            rm(&look)
        }
        // Those that run are asked elsewhere.
        SessionTool::Check(_) | SessionTool::RestartWorkers(_) | SessionTool::Reclaim(_) => {
            Ok(String::new())
        }
        SessionTool::Prune(args) => {
            let place = place(&args.place)?;
            let gone = prune(&place, Timestamp::now()).map_err(session_error)?;
            Ok(gone
                .iter()
                .map(|name| format!("{name} is removed.\n"))
                .collect())
        }
    }
}

fn list(args: &PlaceArgs) -> Result<String, UsageError> {
    let place = place(args)?;
    let now = Timestamp::now();
    let looks = look_at_all(&place, now).map_err(session_error)?;
    if looks.is_empty() {
        return Ok(nothing(&place));
    }
    let line = |look: &Result<Look, _>| match look {
        Ok(look) => Status::of(look, now).headline() + "\n",
        Err(error) => format!("WARNING: {error}\n"),
    };
    Ok(looks.iter().map(line).collect())
}

fn rm(look: &Look) -> Result<String, UsageError> {
    let name = &look.name;
    remove(&look.folder)
        .map_err(|error| session_error(format!("the session {name} can't be removed: {error}")))?;
    Ok(format!(
        "{name} is removed; its key files stay where they are.\n"
    ))
}
