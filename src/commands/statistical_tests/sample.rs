//! Keys as a search produces them: the candidates of real sweeps from fresh starts, some of them recomputed exactly.

use std::sync::Arc;

use super::statistic::Statistic;
use super::{TestReport, keys_text};
use crate::engine::coarse::{Coarse, LOW_MASK, WordRule};
use crate::engine::table::{DEFAULT_POINTS, Table};
use crate::engine::{Backend, Survivor, Sweeper};
use crate::key::{KeyError, Start};
use crate::search::words::agree;
use crate::text::number::thousands;

/// One candidate in so many is recomputed exactly, by arithmetic that the engine does not share.
const RECOMPUTED: u64 = 1 << 10;

/// What a sample consisted of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeySample {
    pub backend: Backend,
    /// Candidates that counted.
    pub keys: u64,
    /// Candidates that were recomputed exactly.
    pub recomputed: u64,
    /// Those of them whose recomputation differed: errors of the engine.
    pub wrong: u64,
}

/// The first bytes of a public key, as a sweep knows them: six exact ones, byte 0 first.
pub(super) type Head = [u8; 6];

/// Gives the heads of candidates to `take` until it has let `keys` of them count.
///
/// # Errors
/// The operating system gives no random bytes, or the engine refuses its work.
pub(super) fn draw(keys: u64, mut take: impl FnMut(Head) -> bool) -> anyhow::Result<KeySample> {
    let backend = Backend::detect();
    let mut sweeper = Sweeper::new(backend, Arc::new(Table::new(DEFAULT_POINTS)))?;
    let starts = starts(&mut sweeper)?;
    let mut sample = KeySample {
        backend,
        keys: 0,
        recomputed: 0,
        wrong: 0,
    };
    let (mut seen, mut chosen) = (0_u64, Vec::new());
    while sample.keys < keys {
        sweeper.sweep(&everything(), &mut |survivor| {
            if sample.keys == keys {
                return;
            }
            if seen.is_multiple_of(RECOMPUTED) {
                chosen.push(survivor);
            }
            seen += 1;
            sample.keys += u64::from(take(head(&survivor)));
        });
        for survivor in chosen.drain(..) {
            sample.recomputed += 1;
            sample.wrong += u64::from(!is_right(&survivor, &starts)?);
        }
    }
    Ok(sample)
}

impl KeySample {
    /// The report on a test of this sample.
    pub(super) fn report(
        self,
        subject: &str,
        mut facts: Vec<String>,
        statistics: Vec<Statistic>,
    ) -> TestReport {
        let Self { backend, wrong, .. } = self;
        let recomputed = thousands(self.recomputed);
        facts.insert(
            0,
            format!(
                "candidates of real sweeps ({backend}), {recomputed} of them recomputed exactly"
            ),
        );
        let fault = format!("{wrong} recomputed keys differ from what the engine computed");
        TestReport {
            title: format!("{subject}, {}", keys_text(self.keys)),
            facts,
            statistics,
            faults: Vec::from_iter((wrong > 0).then_some(fault)),
        }
    }
}

/// A fresh start for every lane.
fn starts(sweeper: &mut Sweeper) -> anyhow::Result<Vec<Start>> {
    let lanes = 0..sweeper.lanes();
    let fresh = |lane| {
        let start = Start::fresh()?;
        sweeper.set_start(lane, &start.public())?;
        Ok(start)
    };
    lanes.map(fresh).collect()
}

/// Rules that let every candidate through.
fn everything() -> Coarse {
    Coarse {
        low: WordRule::Masked { mask: 0, value: 0 },
        ..Coarse::default()
    }
}

fn head(survivor: &Survivor) -> Head {
    let [head @ .., _, _] = (survivor.low & LOW_MASK).to_le_bytes();
    head
}

/// Whether the exact public key has the words that the sweep computed.
fn is_right(survivor: &Survivor, starts: &[Start]) -> Result<bool, KeyError> {
    let Some(start) = starts.get(survivor.lane) else {
        return Ok(false);
    };
    let public = start.candidate(survivor.offset)?.public();
    Ok(agree(survivor.low, survivor.high, &public))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_exactly_the_keys_that_were_asked_for() {
        let mut taken = 0;
        let sample = draw(100_000, |_| {
            taken += 1;
            true
        });
        let sample = sample.unwrap();
        assert_eq!((sample.keys, taken), (100_000, 100_000));
        assert_eq!((sample.recomputed, sample.wrong), (98, 0));
    }

    #[test]
    fn candidates_that_do_not_count_are_replaced() {
        let mut counted = 0;
        let take = |head: Head| {
            let even = head[0].is_multiple_of(2);
            counted += u64::from(even);
            even
        };
        assert_eq!(draw(1_000, take).unwrap().keys, 1_000);
        assert_eq!(counted, 1_000);
    }
}
