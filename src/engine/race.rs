//! Which of two backends is the faster one where the instruction set does not tell.
//!
//! On 64-bit ARM, NEON takes more instructions a candidate (357) than 64-bit limbs do (253), and which of them is faster
//! depends on the multiplier: a Cortex-A72 begins a wide product every three or four cycles, larger cores one or two a cycle.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::backend::Backend;
use super::coarse::Coarse;
use super::sweeper::{EngineError, Sweeper};
use super::table::Table;

/// Points of the table: with the sweeps below some ten thousand candidates a backend, a few milliseconds.
const POINTS: usize = 128;

/// Sweeps of each, in turn; the best counts, since what other programs do only adds time.
const ROUNDS: usize = 8;

/// The backend that takes less time a candidate on this processor; the second one where either does not run.
pub(crate) fn faster_of(first: Backend, second: Backend) -> Backend {
    let table = Arc::new(Table::new(POINTS));
    match times(&table, [first, second]) {
        Ok([one, other]) if one < other => first,
        _ => second,
    }
}

/// The shortest time a candidate of each, in nanoseconds.
fn times(table: &Arc<Table>, backends: [Backend; 2]) -> Result<[f64; 2], EngineError> {
    let [first, second] = backends.map(|backend| Sweeper::new(backend, Arc::clone(table)));
    let mut sweepers = [first?, second?];
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        for (sweeper, best) in sweepers.iter_mut().zip(&mut best) {
            let begin = Instant::now();
            sweeper.sweep(&Coarse::default(), &mut |_| ());
            *best = begin.elapsed().min(*best);
        }
    }
    let candidates = sweepers.map(|sweeper| sweeper.candidates_per_sweep() as f64);
    Ok([0, 1].map(|one| best[one].as_secs_f64() * 1e9 / candidates[one]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_processor_lacks_never_wins() {
        for backend in Backend::ALL {
            assert!(faster_of(backend, Backend::Portable).is_supported());
        }
        assert_eq!(
            faster_of(Backend::OpenCl, Backend::Portable),
            Backend::Portable
        );
    }
}
