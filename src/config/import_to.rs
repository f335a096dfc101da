//! What a search knows for the node of `--import-to`, also after its process restarted itself.

use std::env;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::key::{PublicKey, hex};

const FIRST_KEY: &str = "MESHCORE_KEYGEN_FIRST_KEY";
const SHOWN: &str = "MESHCORE_KEYGEN_NODE_SHOWN";

/// Each is set once.
#[derive(Debug, Default)]
pub(crate) struct ForNode {
    /// The file of the first wanted key.
    pub first_key: OnceLock<PathBuf>,
    /// The public key of the node that was shown before the search.
    pub shown: OnceLock<PublicKey>,
}

impl ForNode {
    /// What the program knew before it restarted itself.
    pub(super) fn handed_over() -> Self {
        let file = env::var_os(FIRST_KEY).map(PathBuf::from);
        let shown = env::var(SHOWN).ok();
        let shown = shown.and_then(|digits| hex::decode(&digits).ok());
        Self {
            first_key: file.map_or_else(OnceLock::new, OnceLock::from),
            shown: shown.map_or_else(OnceLock::new, OnceLock::from),
        }
    }

    /// The variables that hand it over to the program that restarts in place, which only Unix systems do.
    #[cfg(unix)]
    pub(crate) fn variables(
        &self,
    ) -> impl Iterator<Item = (&'static str, std::ffi::OsString)> + '_ {
        let file = self.first_key.get().map(|file| (FIRST_KEY, file.into()));
        let shown = self.shown.get();
        let shown = shown.map(|public| (SHOWN, hex::encode(public).into()));
        file.into_iter().chain(shown)
    }
}
