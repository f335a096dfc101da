//! The page of a process: its socket is opened before any work, then it is served until the process ends.

use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::sync::watch;

use super::access::{self, Access};
use super::link::{self, Opener};
use super::remembered::Remembered;
use super::settings::Settings;
use super::site::Site;
use super::source::Source;
use crate::http::listener::{self, Address, ListenError};
use crate::http::server;

/// How long the end waits until open pages have the last picture.
const LAST_PICTURE: Duration = Duration::from_millis(500);

/// Time between two looks whether they have.
const LOOK: Duration = Duration::from_millis(10);

/// Why there is no page.
#[derive(Debug, Error)]
pub(crate) enum PageError {
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Others could reach it.
    #[error(
        "{option} {address}: other machines could reach this address, where a link is not enough. Name a file with a token \
         with --dashboard-token-file FILE, or serve the page on this machine only: a port alone is 127.0.0.1"
    )]
    Outside {
        option: &'static str,
        address: Address,
    },
    /// The system has no random numbers.
    #[error("the page has no token: {0}")]
    Random(#[from] io::Error),
}

/// A page whose socket is open, not served yet.
pub(crate) struct Opened {
    listener: TcpListener,
    access: Access,
    remembered: Remembered,
    settings: Settings,
    /// The link with its token, for whoever started the program.
    link: String,
}

impl Opened {
    /// Opens the socket, at the port that the session in `folder` had before if any will do.
    ///
    /// # Errors
    /// The address can't be had, or others could reach it and there is no token.
    pub(crate) fn new(settings: &Settings, folder: Option<&Path>) -> Result<Self, PageError> {
        let settings = settings.clone();
        let mut remembered = Remembered::read(folder)?;
        let (option, address) = (settings.option, &settings.address);
        let before = Address {
            port: remembered.port,
            ..address.clone()
        };
        let again = (address.port == 0 && before.port != 0)
            .then(|| listener::listen(option, &before).ok())
            .flatten();
        let listener = again.map_or_else(|| listener::listen(option, address), Ok)?;
        let local = listener.local_addr()?;
        if !local.ip().is_loopback() && settings.token.is_none() {
            let address = address.clone();
            return Err(PageError::Outside { option, address });
        }
        remembered.port = local.port();
        let token = settings.token.as_ref().map(|(token, _)| token.clone());
        let access = Access::new(local.port(), &address.host, &remembered.key(), token);
        let once = access::draw()?;
        let link = link::to(local, Some(&once));
        access.allow(once);
        Ok(Self {
            listener,
            access,
            remembered,
            settings,
            link,
        })
    }

    /// The link that lets one browser in.
    pub(crate) fn link(&self) -> &str {
        &self.link
    }

    /// Shows the page in no browser: it restarted itself, and the browser has it.
    pub(crate) fn without_browser(mut self) -> Self {
        self.settings.open = false;
        self
    }

    /// What is said about the page: its link, which no log gets, and what it means that others can reach it.
    pub(crate) fn notes(&self, log: bool) -> Vec<String> {
        let local = self.listener.local_addr();
        let is_outside = local.as_ref().is_ok_and(|local| !local.ip().is_loopback());
        let shown = local.map_or_else(|_| String::new(), |local| link::to(local, None));
        let token = self.settings.token.as_ref();
        let Some((_, file)) = token.filter(|_| is_outside) else {
            return vec![match log {
                true => format!("Dashboard: {shown}, with the link that was printed"),
                false => format!("Dashboard (a link for one browser): {}", self.link),
            }];
        };
        let does = match self.settings.control {
            true => "see and control",
            false => "see",
        };
        let file = file.display();
        vec![
            format!("Dashboard: {shown}, with the token in {file}"),
            format!(
                "WARNING: whoever reaches this address and knows that token can {does} the search. Nothing is encrypted: \
                 who reads the traffic knows the token, too."
            ),
        ]
    }

    /// Serves it on a thread of its own, and opens a browser if that was asked for.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(self, source: Source) -> io::Result<Dashboard> {
        let Self {
            listener,
            access,
            remembered,
            settings,
            ..
        } = self;
        let (ended, watched) = watch::channel(false);
        let local = listener.local_addr()?;
        let opener = settings.open.then(|| {
            let once = access::draw()?;
            let opener = Opener::new(&link::to(local, Some(&once)))?;
            access.allow(once);
            Ok(opener)
        });
        let site = Site::new(access, Arc::new(source), settings.control, watched);
        server::start("dashboard", listener, site)?;
        let opened = opener.map(|opener| opener.and_then(|opener: Opener| opener.open()));
        let (opener, failed) = match opened {
            Some(Ok(opener)) => (Some(opener), None),
            Some(Err(error)) => (None, Some(error.to_string())),
            None => (None, None),
        };
        Ok(Dashboard {
            ended,
            remembered: Some(remembered),
            failed,
            _opener: opener,
        })
    }
}

/// A page that is served.
pub(crate) struct Dashboard {
    ended: watch::Sender<bool>,
    /// What is still to be written into the session's folder.
    remembered: Option<Remembered>,
    /// Why no browser was opened.
    failed: Option<String>,
    _opener: Option<Opener>,
}

impl Dashboard {
    /// Keeps port and key in the session's folder, once there is one.
    pub(crate) fn remember(&mut self, folder: Option<&Path>) {
        if let Some((remembered, folder)) = self.remembered.as_ref().zip(folder) {
            // Without it, an open page does not find the next process: no more.
            let _ = remembered.write(folder);
            self.remembered = None;
        }
    }

    /// Why no browser was opened, once.
    pub(crate) fn notice(&mut self) -> Option<String> {
        let why = self.failed.take()?;
        Some(format!(
            "WARNING: --open: no browser was opened: {why}. Open the link yourself."
        ))
    }

    /// Shows open pages the last picture.
    pub(crate) fn end(&self) {
        let _ = self.ended.send(true);
        let until = Instant::now() + LAST_PICTURE;
        // The site itself has one receiver, each open page another.
        while self.ended.receiver_count() > 1 && Instant::now() < until {
            thread::sleep(LOOK);
        }
    }
}
