//! The options that say what a wanted key looks like; `odds` and `bench` take them too.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::values::{id_bytes, vanity_digits};
use crate::config::{avoid, duration};
use crate::nodes::Role;
use crate::nodes::filter::Near;

/// Which nodes of the lists of --avoid-file matter.
#[derive(Args, Debug, Default, Clone, PartialEq)]
pub(crate) struct NodeFilterArgs {
    /// Of these lists only nodes within KM kilometres (16) of a place
    ///
    /// A node whose position the list does not tell counts as taken.
    #[arg(long, value_name = "LAT,LON[,KM]", value_parser = avoid::near, allow_hyphen_values = true, requires = "avoid_file")]
    pub avoid_near: Option<Near>,
    /// Of these lists only nodes of these roles: companion, repeater, room, sensor
    ///
    /// A node whose role the list does not tell counts as taken.
    #[arg(long, value_name = "ROLE[,ROLE...]", value_parser = avoid::role, value_delimiter = ',', requires = "avoid_file")]
    pub avoid_role: Vec<Role>,
    /// Of these lists only nodes that were seen within this time: 30d, 12h
    ///
    /// A node of which the list does not tell when it was seen counts as taken.
    #[arg(long, value_name = "T", value_parser = duration::hours, requires = "avoid_file")]
    pub avoid_seen: Option<Duration>,
}

/// What is wanted, as typed.
#[derive(Args, Debug, Default, Clone, PartialEq)]
#[command(next_help_heading = "Pattern")]
pub(crate) struct PatternArgs {
    /// Begins with HEX (1 to 16 digits, or a list: A1,B2)
    ///
    /// May be repeated, or a list with commas: any of them matches. The first digit is the high half of the key's first
    /// byte. MeshCore reserves keys that begin with 00 or FF, so these never match.
    #[arg(long, value_name = "HEX")]
    pub prefix: Vec<String>,

    /// Ends with HEX, likewise
    ///
    /// 1 to 16 digits; may be repeated, or a list with commas. With --prefix or --vanity both must match.
    #[arg(long, value_name = "HEX")]
    pub suffix: Vec<String>,

    /// First N digits equal the last N, or these reversed
    ///
    /// N is 2 to 16; may be repeated, or a list with commas. Without any pattern the default is --vanity 8.
    #[arg(long, value_name = "N", value_parser = vanity_digits, value_delimiter = ',')]
    pub vanity: Vec<u8>,

    /// As --vanity 2
    #[arg(long = "vanity-2", alias = "pattern-2")]
    pub vanity_2: bool,
    /// As --vanity 4
    #[arg(long = "vanity-4", alias = "pattern-4")]
    pub vanity_4: bool,
    /// As --vanity 6
    #[arg(long = "vanity-6", alias = "pattern-6")]
    pub vanity_6: bool,
    /// As --vanity 8
    #[arg(long = "vanity-8", alias = "pattern-8")]
    pub vanity_8: bool,

    /// Begins with ABCD and ends with EF12
    ///
    /// One side may be empty (ABCD... or ...EF12). May be repeated. A key matches if it satisfies one of each kind you
    /// give (--prefix, --suffix, --vanity), or any --match, or any line of a pattern file.
    #[arg(long = "match", value_name = "ABCD...EF12")]
    pub matches: Vec<String>,

    /// One pattern a line; - is standard input
    ///
    /// A line is ABCD...EF12 or a bare prefix, optionally followed by |description; # begins a comment. 100,000 lines
    /// are fine.
    #[arg(long, value_name = "FILE")]
    pub pattern_file: Vec<PathBuf>,

    /// Never report keys that begin with any of these
    ///
    /// Without a pattern, any other beginning matches. The keys of a search, over all its runs, then differ in as many bytes as
    /// the longest of these has (at most 3).
    #[arg(long, value_name = "HEX[,HEX...]")]
    pub avoid: Vec<String>,

    /// Likewise the IDs of the nodes in a list: a file, or a web address
    ///
    /// JSON, CSV, Markdown tables, what a console or client prints (neighbors, contacts), meshcore:// addresses, or a key or
    /// ID a line. Keys are cut to --id-bytes. A list that can't be read for certain is refused. - is standard input.
    #[arg(long, value_name = "FILE")]
    pub avoid_file: Vec<PathBuf>,

    /// Which nodes of these lists matter.
    #[command(flatten)]
    pub avoid_filter: NodeFilterArgs,

    /// Bytes of a node ID in --avoid-file, --distinct and --avoid [default: 1]
    ///
    /// With 1-byte IDs a mesh has room for 254 nodes; with 2 or 3 bytes fewer beginnings are taken.
    #[arg(long, value_name = "1|2|3", value_parser = id_bytes)]
    pub id_bytes: Option<u8>,

    /// Begins with these two digits (the Python tool's)
    #[arg(long, value_name = "HH", hide = true)]
    pub first_two: Option<String>,
    /// Only the first two digits count (the Python tool's, with --first-two)
    #[arg(long, hide = true)]
    pub simple: bool,
    /// As --vanity 4, also with --first-two (the Python tool's)
    #[arg(long, hide = true)]
    pub four_char: bool,
    /// As --prefix HEX --vanity 8 (the Python tool's, in its first versions)
    #[arg(long, value_name = "HEX", hide = true, alias = "prefix-pattern")]
    pub prefix_vanity: Option<String>,
}

impl PatternArgs {
    /// Whether there is no pattern and nothing to avoid; `--id-bytes` alone is neither.
    pub(crate) fn is_empty(&self) -> bool {
        let id_bytes = None;
        Self {
            id_bytes,
            ..self.clone()
        } == Self::default()
    }
}
