//! The instruction sets that the engine is written for: which one this processor has, and which to take.

use std::fmt;
use std::str::FromStr;

use super::field::Simd;
#[cfg(target_arch = "aarch64")]
use super::field::neon::Neon;
use super::field::portable::Portable;
#[cfg(target_arch = "x86_64")]
use super::field::{
    avx2::Avx2,
    ifma::{AvxIfma, Ifma},
};
use super::table::{Encoded, EntryOf};

/// An implementation of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Backend {
    /// AVX-512 with the 52-bit integer multiply-add: eight lanes a vector.
    Avx512Ifma,
    /// AVX-IFMA, the same multiply-add on processors without AVX-512: four lanes a vector.
    AvxIfma,
    /// AVX2: four lanes a vector.
    Avx2,
    /// NEON on 64-bit ARM: two lanes a vector.
    Neon,
    /// 64-bit limbs with 128-bit products: any processor.
    Portable,
    /// An OpenCL device, whose arithmetic is not in this crate: no processor has it.
    OpenCl,
}

/// A name that is none of the backends'.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown backend '{0}': allowed are {names}", names = names())]
pub struct UnknownBackend(String);

impl Backend {
    /// Those of processors, the fastest first; on ARM [`Self::supported`] measures which of the last two it is.
    pub const ALL: [Self; 5] = [
        Self::Avx512Ifma,
        Self::AvxIfma,
        Self::Avx2,
        Self::Neon,
        Self::Portable,
    ];

    /// The fastest one that this processor has.
    pub fn detect() -> Self {
        let supported = Self::supported();
        supported.first().copied().unwrap_or(Self::Portable)
    }

    /// Those that this processor has, the fastest first.
    pub fn supported() -> Vec<Self> {
        let all = Self::ALL.into_iter();
        #[cfg_attr(not(target_arch = "aarch64"), expect(unused_mut))]
        let mut supported: Vec<_> = all.filter(|backend| backend.is_supported()).collect();
        #[cfg(target_arch = "aarch64")]
        supported.sort_by_key(|backend| *backend != fastest());
        supported
    }

    /// Whether this processor has it.
    pub fn is_supported(self) -> bool {
        self.run(Nothing).is_some()
    }

    /// Runs a task with this instruction set; nothing where the processor lacks it.
    pub(crate) fn run<T: Task>(self, task: T) -> Option<T::Output> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Ifma => Ifma::detect().map(|simd| task.run(simd)),
            #[cfg(target_arch = "x86_64")]
            Self::AvxIfma => match AvxIfma::detect() {
                Some(simd) => Some(task.run(simd)),
                // few processors have it, but many that test it have the same arithmetic in another encoding
                #[cfg(test)]
                None => super::field::ifma::Avx512Vl::detect().map(|simd| task.run(simd)),
                #[cfg(not(test))]
                None => None,
            },
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::detect().map(|simd| task.run(simd)),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512Ifma | Self::AvxIfma | Self::Avx2 => None,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => Neon::detect().map(|simd| task.run(simd)),
            #[cfg(not(target_arch = "aarch64"))]
            Self::Neon => None,
            Self::Portable => Some(task.run(Portable)),
            Self::OpenCl => None,
        }
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512Ifma => "avx512ifma",
            Self::AvxIfma => "avxifma",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Portable => "portable",
            Self::OpenCl => "gpu",
        }
    }
}

/// What is written once for all instruction sets.
pub(crate) trait Task {
    type Output;

    fn run<S: Simd>(self, simd: S) -> Self::Output
    where
        EntryOf<S>: Encoded;
}

struct Nothing;

impl Task for Nothing {
    type Output = ();

    fn run<S: Simd>(self, _: S) {}
}

/// The faster one of those that every 64-bit ARM processor has, measured once.
#[cfg(target_arch = "aarch64")]
fn fastest() -> Backend {
    static FASTEST: std::sync::OnceLock<Backend> = std::sync::OnceLock::new();
    *FASTEST.get_or_init(|| super::race::faster_of(Backend::Neon, Backend::Portable))
}

/// "avx512ifma, avxifma, avx2, neon, portable".
fn names() -> String {
    Backend::ALL.map(Backend::name).join(", ")
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = UnknownBackend;

    fn from_str(name: &str) -> Result<Self, UnknownBackend> {
        Self::ALL
            .into_iter()
            .find(|backend| backend.name() == name)
            .ok_or_else(|| UnknownBackend(name.to_owned()))
    }
}
