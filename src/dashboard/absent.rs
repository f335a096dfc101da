//! The live page of a build without it: there is none.

pub(crate) mod settings;

/// Tokens.
pub(crate) mod access {
    /// What proves that somebody may see the page.
    pub(crate) type Secret = zeroize::Zeroizing<String>;
}

/// What the page is made from.
pub(crate) mod source {
    use std::path::PathBuf;

    use crate::session::name::SessionName;
    use crate::session::place::StateFolder;
    use crate::status::LatestSnapshot;

    /// The search of this process.
    pub(crate) struct Own;

    impl Own {
        pub(crate) fn new(
            _: LatestSnapshot,
            _: Option<(StateFolder, SessionName)>,
            _: Option<PathBuf>,
        ) -> Self {
            Self
        }
    }

    /// Continues a session.
    pub(crate) type Resume = Box<dyn Fn(StateFolder, &str) -> Result<String, String> + Send + Sync>;

    /// Where the facts come from.
    pub(crate) enum Source {
        Own(Box<Own>),
        Sessions {
            place: StateFolder,
            name: Option<String>,
            resume: Resume,
        },
    }
}

/// The page itself.
pub(crate) mod server {
    use std::io;
    use std::path::Path;

    use super::settings::Settings;
    use super::source::Source;
    use crate::parts::{DASHBOARD, Part};

    /// Why there is no page.
    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    pub(crate) struct PageError(Part);

    /// A page whose socket is open; there is none.
    pub(crate) enum Opened {}

    impl Opened {
        /// # Errors
        /// Always.
        pub(crate) fn new(_: &Settings, _: Option<&Path>) -> Result<Self, PageError> {
            Err(PageError(DASHBOARD))
        }

        pub(crate) fn link(&self) -> &str {
            match *self {}
        }

        pub(crate) fn without_browser(self) -> Self {
            self
        }

        pub(crate) fn notes(&self, _: bool) -> Vec<String> {
            match *self {}
        }

        /// # Errors
        /// Never: there is no page to serve.
        pub(crate) fn start(self, _: Source) -> io::Result<Dashboard> {
            match self {}
        }
    }

    /// A page that is served; there is none.
    pub(crate) enum Dashboard {}

    impl Dashboard {
        pub(crate) fn remember(&mut self, _: Option<&Path>) {
            match *self {}
        }

        pub(crate) fn notice(&mut self) -> Option<String> {
            match *self {}
        }

        pub(crate) fn end(&self) {
            match *self {}
        }
    }
}
