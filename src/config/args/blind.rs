//! The options of blind search and of its commands.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::pattern::PatternArgs;
use super::session::PlaceArgs;
use super::values::full_path;
use crate::blind::{PublicStart, book};
use crate::config::{InvalidValue, number};
use crate::key::KeyFormat;

/// The starts of a blind search, as typed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(crate) struct BlindSearchArgs {
    /// Search from public starts: claims instead of keys
    ///
    /// For machines that are not trusted: keygen blind new draws a start on the owner's machine, and a claim says where
    /// beyond it a wanted key is. It opens no key; keygen blind finish makes the key of it on the owner's machine. Several
    /// starts, separated by commas, get a claim each with -n.
    #[arg(long, value_name = "START[,START...]", value_parser = public_start, value_delimiter = ',')]
    pub blind: Vec<PublicStart>,
}

/// What the owner of a blind search does.
#[derive(Subcommand, Debug)]
pub(crate) enum BlindTool {
    /// Draw a start that others can search from
    ///
    /// Its secret scalar is saved in the state folder, readable only by its owner, and its public half is printed for the
    /// others. One start serves one key: draw as many as keys are wanted.
    New(BlindNewArgs),
    /// Make keys of claims
    ///
    /// Checks each claim, computes its private key from the secret scalar of its start, checks that like every found key
    /// and saves it. The start is then used, and serves no other key.
    Finish(Box<BlindFinishArgs>),
    /// List starts, and which of them are used
    List(BlindListArgs),
}

/// Options of `keygen blind new`.
#[derive(Args, Debug, Default)]
pub(crate) struct BlindNewArgs {
    /// A name for the start [default: start- and its first 8 digits]
    #[arg(value_parser = start_name)]
    pub name: Option<String>,
    /// Starts to draw, one for each key that is wanted [default: 1]; NAME gets -1, -2, ... then
    #[arg(short = 'n', long, value_name = "N", value_parser = number::count, allow_hyphen_values = true)]
    pub count: Option<u64>,
    /// Print a JSON object for each start
    #[arg(long)]
    pub json: bool,
    /// Where the book of starts is.
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Options of `keygen blind finish`.
#[derive(Args, Debug, Default)]
pub(crate) struct BlindFinishArgs {
    /// Claims: files, folders with claim_*.json, or - for standard input
    #[arg(value_name = "CLAIM", required = true)]
    pub claims: Vec<PathBuf>,
    /// What the keys must fit; without a pattern, what the claims say.
    #[command(flatten)]
    pub pattern: PatternArgs,
    /// Folder for key files [default: the current one]
    #[arg(long, value_name = "DIR", value_parser = full_path())]
    pub output: Option<PathBuf>,
    /// How key files are written [default: text, with --json json]: text or json
    #[arg(long, value_name = "text|json", hide_possible_values = true)]
    pub format: Option<KeyFormat>,
    /// Print a JSON object for each key
    #[arg(long)]
    pub json: bool,
    /// Where the book of starts is.
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Options of `keygen blind list`.
#[derive(Args, Debug, Default)]
pub(crate) struct BlindListArgs {
    /// Print a JSON object for each start
    #[arg(long)]
    pub json: bool,
    /// Where the book of starts is.
    #[command(flatten)]
    pub place: PlaceArgs,
}

fn public_start(text: &str) -> Result<PublicStart, InvalidValue> {
    text.parse().map_err(|error| {
        InvalidValue::new(
            format!("{error}"),
            "A start is the 64 hex digits that keygen blind new printed.",
        )
    })
}

fn start_name(text: &str) -> Result<String, InvalidValue> {
    let good = book::check_name(text).map(|()| text.to_owned());
    good.map_err(|_| {
        InvalidValue::new(
            "no name for a start",
            "Allowed are letters, digits, '-', '_' and '.', not starting with a dot or a dash.",
        )
    })
}
