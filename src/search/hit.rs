//! A confirmed hit on its short way from the worker to the thread that checks and saves it.

use std::time::Duration;

use crossbeam_channel::Sender;

use crate::batch::WorkerId;
use crate::blind::Unchecked;

/// Hits that may wait to be saved; beyond them workers skip further ones, so that memory stays bounded.
pub(crate) const HIT_QUEUE: usize = 64;

/// Why a key is a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HitKind {
    /// It is wanted.
    Wanted {
        /// The pattern that it fits, for people.
        pattern: String,
    },
    /// It is on the watchlist.
    Watched {
        /// Index of the line.
        line: usize,
    },
}

/// A key whose public key was recomputed exactly and is wanted or watched.
pub struct Hit {
    /// Who found it.
    pub id: WorkerId,
    /// Why it is a hit.
    pub kind: HitKind,
    /// The public key that fits the pattern, in hex order.
    pub public: [u8; 32],
    /// The private key, or the claim of a blind search.
    pub(crate) found: Unchecked,
    /// Candidates that all workers had tested by then.
    pub candidates: u64,
    /// When, by the search's clock.
    pub at: Duration,
}

/// Where a worker's hits go.
#[derive(Clone, Debug)]
pub enum HitSink {
    /// To the saver.
    Save(Sender<Hit>),
    /// Nowhere, as for a measurement: no private key is even put together.
    Discard,
}

impl HitSink {
    /// Whether a hit would find no room now.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Save(sender) => sender.is_full(),
            Self::Discard => false,
        }
    }
}
