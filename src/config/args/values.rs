//! Options that take one of a few words.

use clap::ValueEnum;

/// Which arithmetic searches.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum BackendChoice {
    /// The fastest that this processor has.
    #[default]
    Auto,
    /// AVX-512 IFMA, 8 lanes.
    Avx512ifma,
    /// AVX2, 4 lanes.
    Avx2,
    /// Plain 64-bit arithmetic, everywhere.
    Portable,
}

/// How the scheduler treats the search.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Priority {
    /// Nice 10: a desktop stays usable.
    #[default]
    Low,
    /// Like any other program.
    Normal,
}

/// How a key file is written.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum KeyFormat {
    /// A pair of files, one hexadecimal line in each.
    #[default]
    Text,
    /// One file that the MeshCore app imports.
    Json,
}
