//! The options of `keygen mcp`.

use std::path::PathBuf;

use clap::Args;

use super::session::PlaceArgs;
use super::values::full_path;

/// Options of `keygen mcp`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct McpArgs {
    /// Also offer the tools that change something: pause, resume, stop, restart, start
    #[arg(long)]
    pub allow_control: bool,
    /// Existing folder below which start_search may save keys [default: it may not]
    #[arg(long, value_name = "DIR", requires = "allow_control", value_parser = full_path())]
    pub root: Option<PathBuf>,
    /// List of nodes for free_ids: a file or a web address, as keygen ids reads it; may be repeated
    #[arg(long, value_name = "FILE")]
    pub nodes: Vec<PathBuf>,
    /// Where sessions are.
    #[command(flatten)]
    pub place: PlaceArgs,
}
