//! `--background`: the search runs in a process of its own, without a terminal, with a log in its session's folder.
//!
//! The first process checks everything and starts the second one, which detaches, opens the session and the log, reports
//! that it is ready, and closes its streams. The first process prints earlier errors and has their exit code.

use std::io;
use std::path::Path;

use crate::report::outlet::Outlet;
use crate::report::{Reporter, Style, log};
use crate::session::active::ActiveSession;
use crate::session::announcements::SharedAnnounced;
use crate::session::remove::LOG;

#[cfg(unix)]
pub(crate) use self::unix::start;

/// The variable that tells a process that it is the one in the background.
const CHILD: &str = "MESHCORE_KEYGEN_BACKGROUND";

/// How the line begins by which the process in the background says that it is ready; name, log and the link of the
/// page follow.
#[cfg(unix)]
const READY: &str = "background-ready\t";

/// Whether this is the process in the background.
pub(crate) fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// The reporter of a search: on this process's streams, or in the background on the session's log.
///
/// # Errors
/// The log can't be opened, or the system refuses a thread.
pub(crate) fn reporter(
    style: Style,
    announced: SharedAnnounced,
    session: Option<&ActiveSession>,
    page: Option<&str>,
) -> io::Result<Reporter> {
    let folder = session
        .and_then(ActiveSession::folder)
        .filter(|_| is_child());
    let Some((session, folder)) = session.zip(folder) else {
        return Reporter::new(style, announced);
    };
    let path = folder.join(LOG);
    let outlet = Outlet::start("log", Box::new(log::Log::open(&path)?), announced)?;
    let style = Style {
        terminal: false,
        results_on_terminal: false,
        ..style
    };
    let reporter = Reporter::with_outlets(style, outlet, None);
    say_ready(session.name.as_str(), &path, page.unwrap_or_default())?;
    Ok(reporter)
}

#[cfg(unix)]
fn say_ready(name: &str, log: &Path, page: &str) -> io::Result<()> {
    use std::io::Write;
    // A program that restarted itself writes it again, when nobody waits for it any more.
    let _ = writeln!(io::stderr(), "{READY}{name}\t{}\t{page}", log.display());
    let nowhere = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nowhere)?;
    rustix::stdio::dup2_stdout(&nowhere)?;
    rustix::stdio::dup2_stderr(&nowhere)?;
    Ok(())
}

#[cfg(not(unix))]
fn say_ready(_: &str, _: &Path, _: &str) -> io::Result<()> {
    Ok(())
}

/// Detaches the process in the background from its terminal.
pub(crate) fn detach() {
    #[cfg(unix)]
    if is_child() {
        // It fails only where it has happened already.
        let _ = rustix::process::setsid();
    }
}

#[cfg(unix)]
mod unix {
    use std::io::{self, Read};
    use std::process::{Command, ExitStatus, Stdio};

    use super::{CHILD, READY};
    use crate::app::Outcome;
    use crate::app::process::program;
    use crate::exit::Ending;

    /// Starts the process in the background and waits until it is ready, or has ended and said why.
    ///
    /// # Errors
    /// The system refuses.
    pub(crate) fn start() -> io::Result<Outcome> {
        let mut child = Command::new(program()?)
            .args(std::env::args_os().skip(1))
            .env(CHILD, "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut said = String::new();
        if let Some(mut stderr) = child.stderr.take() {
            stderr.read_to_string(&mut said)?;
        }
        match said.lines().find_map(|line| line.strip_prefix(READY)) {
            Some(ready) => Ok(Outcome {
                out: runs(ready, child.id()),
                err: String::new(),
                ending: Ending::Found,
            }),
            None => Ok(Outcome {
                out: String::new(),
                err: said,
                ending: ending_of(child.wait()?),
            }),
        }
    }

    fn ending_of(status: ExitStatus) -> Ending {
        if status.code() == Some(Ending::BadInput.code().into()) {
            Ending::BadInput
        } else {
            Ending::Failed
        }
    }

    fn runs(ready: &str, process: u32) -> String {
        let mut words = ready.split('\t');
        let mut word = || words.next().unwrap_or_default();
        let (name, log, page) = (word(), word(), word());
        let page = match page {
            "" => String::new(),
            link => format!("Dashboard (a link for one browser): {link}\n"),
        };
        let name = if name.contains(' ') {
            format!("'{name}'")
        } else {
            name.to_owned()
        };
        format!(
            "The session {name} runs in the background, as process {process}.\n\
             Status: keygen status {name} --watch\nStop: kill {process}\nResume after that: keygen resume {name}\n\
             Log: {log}\n{page}"
        )
    }
}
