//! The options of `keygen top`.

use clap::Args;

use super::session::PlaceArgs;

/// Options of `keygen top`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TopArgs {
    /// The session [default: all]
    pub name: Option<String>,
    /// Where sessions are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Panic once something is drawn, to test that the terminal is left as it was.
    #[arg(long, hide = true)]
    pub panic: bool,
}
