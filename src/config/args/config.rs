//! The file of settings: the option that names it, and the tool that shows, checks and writes it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::search::{OutputOptions, SearchOptions};
use super::session::TrustArgs;

/// The file of settings, as typed.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub(crate) struct ConfigArgs {
    /// Settings from FILE [default: meshcore-keygen/config.toml in the user's configuration folder]
    ///
    /// A TOML file; "keygen config init" writes one with every setting in comments. Options override environment
    /// variables (KEYGEN_ and the option's name in capitals, such as KEYGEN_BATCH_SIZE), and these override the file.
    /// What to search for is always given as options.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What can be done with settings.
#[derive(Subcommand, Debug)]
pub(crate) enum ConfigTool {
    /// Show every setting with its value and where that comes from
    ///
    /// Takes the options of a search that are settings, and shows their effect.
    Show(Box<ConfigShowArgs>),
    /// Check a file of settings
    Check(ConfigCheckArgs),
    /// Write a file with every setting in comments, readable only by you; never overwrites one
    Init(ConfigArgs),
}

/// Options of `keygen config show`.
#[derive(Args, Debug, Default)]
pub(crate) struct ConfigShowArgs {
    /// How it searches.
    #[command(flatten)]
    pub how: SearchOptions,
    /// What is told of it.
    #[command(flatten)]
    pub tell: OutputOptions,
    /// Whose files are trusted.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// Options of `keygen config check`.
#[derive(Args, Debug, Default)]
pub(crate) struct ConfigCheckArgs {
    /// The file to check [default: the one that a search would read]
    #[arg(value_name = "FILE", conflicts_with = "config")]
    pub file: Option<PathBuf>,
    /// The file of settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Whose files are trusted.
    #[command(flatten)]
    pub trust: TrustArgs,
}
