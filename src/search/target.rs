//! The target of a search: the compiled filter, the exact answers about one public key, and narrower targets.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::Backend;
use crate::engine::coarse::Coarse;
use crate::pattern::{Filter, Plausible, Wanted, Watchlist};

/// What an exact public key is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Class {
    /// The pattern by which it is wanted.
    pub wanted: Option<String>,
    /// The lines of the watchlist that it fits.
    pub watched: Vec<usize>,
    /// It is a spot check.
    pub spot_check: bool,
}

/// A line of the watchlist, as far as names of files and messages need it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchLine {
    /// Hex digits at the beginning, possibly none.
    pub head: String,
    /// Hex digits at the end, possibly none.
    pub tail: String,
    /// The line for people.
    pub text: String,
}

/// Judges candidates for a worker.
pub trait Target: Send + Sync {
    /// The rules of the vector compare.
    fn coarse(&self) -> &Coarse;

    /// What a candidate with these words may be; never rules out what it is.
    fn plausible(&self, low: u64, high: u64) -> Plausible;

    /// What the candidate with this public key is.
    fn classify(&self, public: &[u8; 32]) -> Class;

    /// The line of the watchlist with this index.
    fn watch_line(&self, index: usize) -> WatchLine;

    /// The same target for this narrower pattern, if it can be narrowed.
    fn narrowed(&self, _wanted: &Arc<Wanted>) -> Option<Arc<dyn Target>> {
        None
    }

    /// Whether it is a spot check, which is cheaper than [`Target::classify`].
    fn is_spot_check(&self, public: &[u8; 32]) -> bool {
        self.classify(public).spot_check
    }

    /// The lines of the watchlist that a public key fits.
    fn watched_lines(&self, public: &[u8; 32]) -> Vec<usize> {
        self.classify(public).watched
    }
}

/// The patterns of a user.
#[derive(Debug)]
pub struct PatternTarget {
    wanted: Arc<Wanted>,
    watchlist: Option<Watchlist>,
    filter: Filter,
    spot_check_bits: u32,
}

impl PatternTarget {
    /// Compiles the patterns, with a spot check of `spot_check_bits` bits beside them.
    pub fn new(
        wanted: impl Into<Arc<Wanted>>,
        watchlist: Option<Watchlist>,
        spot_check_bits: u32,
    ) -> Self {
        let wanted = wanted.into();
        let filter = Filter::compile(&wanted, watchlist.as_ref(), spot_check_bits);
        Self {
            wanted,
            watchlist,
            filter,
            spot_check_bits,
        }
    }

    /// What is wanted.
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// What is watched on the side.
    pub fn watchlist(&self) -> Option<&Watchlist> {
        self.watchlist.as_ref()
    }

    /// The compiled filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }
}

impl Target for PatternTarget {
    fn coarse(&self) -> &Coarse {
        self.filter.coarse()
    }

    fn plausible(&self, low: u64, high: u64) -> Plausible {
        self.filter.plausible(low, high)
    }

    fn classify(&self, public: &[u8; 32]) -> Class {
        Class {
            wanted: self.wanted.matches(public),
            watched: self.watched_lines(public),
            spot_check: self.is_spot_check(public),
        }
    }

    fn watch_line(&self, index: usize) -> WatchLine {
        let line = self.watchlist.as_ref().and_then(|list| list.line(index));
        line.map_or_else(WatchLine::default, |line| WatchLine {
            head: line.head.to_string(),
            tail: line.tail.to_string(),
            text: line.described(),
        })
    }

    fn narrowed(&self, wanted: &Arc<Wanted>) -> Option<Arc<dyn Target>> {
        let wanted = Arc::clone(wanted);
        let narrowed = Self::new(wanted, self.watchlist.clone(), self.spot_check_bits);
        Some(Arc::new(narrowed))
    }

    fn is_spot_check(&self, public: &[u8; 32]) -> bool {
        self.filter.spot_check().matches(public)
    }

    fn watched_lines(&self, public: &[u8; 32]) -> Vec<usize> {
        self.watchlist
            .as_ref()
            .map_or_else(Vec::new, |list| list.matches(public))
    }
}

/// The way of a narrower target to the workers: published by the saver, taken over by each between two sweeps.
#[derive(Default)]
pub(crate) struct Retarget {
    version: AtomicU64,
    target: Mutex<Option<Arc<dyn Target>>>,
}

impl Retarget {
    /// Makes this the target of all workers.
    pub(crate) fn publish(&self, target: Arc<dyn Target>) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = Some(target);
        self.version.fetch_add(1, Ordering::Release);
    }

    /// The latest target, if it is newer than `seen`, which then is the latest.
    #[inline]
    pub(crate) fn newer(&self, seen: &mut u64) -> Option<Arc<dyn Target>> {
        let version = self.version.load(Ordering::Acquire);
        if version == *seen {
            return None;
        }
        *seen = version;
        let target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        target.clone()
    }
}

impl fmt::Debug for Retarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Retarget").field(&self.version).finish()
    }
}

/// Bits of the spot check pattern: at a backend's usual rate each lane of a worker is to see about one a second, so that
/// 25 expected ones without any are together within 30 seconds. That makes 16 a second and worker with 16 lanes, and
/// 8 a second with 8. Each is recomputed from its scalar in some 17 microseconds: less than 0.03 % of the worker's time.
pub fn spot_check_bits(backend: Backend) -> u32 {
    match backend {
        Backend::Avx512Ifma => 23,
        Backend::AvxIfma | Backend::Avx2 => 22,
        Backend::Neon | Backend::Portable => 21,
        // 260 a second at 35 billion candidates: half a percent of a core for the thread that confirms them
        Backend::OpenCl => 27,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{PatternLine, Request};

    fn target() -> PatternTarget {
        let request = Request {
            prefixes: vec!["F8".to_owned()],
            ..Request::default()
        };
        let wanted = Wanted::new(request).unwrap().0;
        let lines = ["F8...01|a node", "AB"];
        let lines = lines.map(|line| PatternLine::parse_line(line, 1).unwrap().unwrap());
        let watchlist = Watchlist::new(lines.to_vec(), &wanted).0;
        PatternTarget::new(wanted, Some(watchlist), 24)
    }

    #[test]
    fn a_key_may_be_wanted_and_watched_at_once() {
        let mut public = [0x77; 32];
        (public[0], public[31]) = (0xF8, 0x01);
        let class = target().classify(&public);
        assert!(class.wanted.is_some());
        assert_eq!(class.watched, [0]);
        public[0] = 0xAB;
        let class = target().classify(&public);
        assert_eq!((class.wanted, class.watched), (None, vec![1]));
    }

    #[test]
    fn a_line_of_the_watchlist_is_told_with_its_description() {
        let line = target().watch_line(0);
        assert_eq!((line.head.as_str(), line.tail.as_str()), ("F8", "01"));
        assert_eq!(line.text, "F8...01 (a node)");
        assert_eq!(target().watch_line(7), WatchLine::default());
    }
}
