//! `keygen dashboard`: a live page about sessions, until it is interrupted.

use anyhow::Context;

use super::Call;
use crate::config::args::{DashboardToolArgs, TrustArgs};
use crate::config::dashboard as settings;
use crate::config::error::UsageError;
use crate::config::session::place;
use crate::dashboard::server::Opened;
use crate::dashboard::source::{Resume, Source};
use crate::exit::Ending;
use crate::http::listener::Address;
use crate::overview;
use crate::parts::DASHBOARD;

/// Serves the page as long as the process lives.
///
/// # Errors
/// The session does not exist, or the address can't be had.
pub(crate) fn run(args: DashboardToolArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let (environment, streams) = call.parts();
    DASHBOARD
        .check()
        .map_err(|absent| UsageError::refused(format_args!("{absent}.")))?;
    let place = place(&args.place)?;
    // A session that does not exist, and a folder that can't be read, are said here and not by the page.
    overview::gather(place.clone(), args.name.as_deref()).map_err(UsageError::refused)?;
    let address = args.at.unwrap_or(Address {
        host: "127.0.0.1".to_owned(),
        port: 0,
    });
    let settings = settings::resolve("--at", address, &args.page, environment)?;
    let opened = Opened::new(&settings, None).map_err(UsageError::refused)?;
    for note in opened.notes(false) {
        writeln!(streams.out, "{note}")?;
    }
    writeln!(streams.out, "Ctrl-C ends it.")?;
    streams.out.flush()?;
    let (name, resume) = (args.name, resume(args.place.trust));
    let mut served = opened
        .start(Source::Sessions {
            place,
            name,
            resume,
        })
        .context("the page can't be served")?;
    if let Some(notice) = served.notice() {
        streams.say(&notice);
    }
    loop {
        std::thread::park();
    }
}

/// Continues a session as `keygen resume` does, in the background.
#[cfg(feature = "dashboard")]
fn resume(trust: TrustArgs) -> Resume {
    use super::action::{Action, act};
    Box::new(move |place, name| act(place, name, Action::Resume, trust))
}

/// Without a page nobody asks for it.
#[cfg(not(feature = "dashboard"))]
fn resume(_: TrustArgs) -> Resume {
    Box::new(|_, _| Err(DASHBOARD.to_string()))
}
