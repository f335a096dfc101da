//! The Python tool's self-tests, as options at the top: they work, but the help does not list them.

use clap::Args;

use crate::config::number;

/// Self-tests that are asked for in the older tool's way.
#[derive(Args, Debug, Default)]
pub(crate) struct OldToolArgs {
    /// Check this program against known MeshCore keys
    #[arg(long, hide = true)]
    pub test_compatibility: bool,

    /// Test how the first two digits are distributed over MILLIONS of keys [default: 1]
    #[arg(long, hide = true, value_name = "MILLIONS", num_args = 0..=1, default_missing_value = "1", value_parser = number::millions)]
    pub test_distribution: Option<u64>,

    /// Test keys for repetition and their bytes for uniformity, THOUSANDS of keys [default: 10]
    #[arg(long, hide = true, value_name = "THOUSANDS", num_args = 0..=1, default_missing_value = "10", value_parser = number::thousands)]
    pub test_entropy: Option<u64>,

    /// Test the node IDs of THOUSANDS of keys [default: 1]
    #[arg(long, hide = true, value_name = "THOUSANDS", num_args = 0..=1, default_missing_value = "1", value_parser = number::thousands)]
    pub test_meshcore_id: Option<u64>,
}
