//! A search as the benchmarks need it: every lane at a start that stays the same.

use std::sync::Arc;

use meshcore_keygen::engine::table::{DEFAULT_POINTS, Table};
use meshcore_keygen::engine::{Backend, Sweeper};
use meshcore_keygen::testing::key::Start;

/// A sweeper on a table of the size that a search uses, or `None` where the processor lacks the backend.
pub fn sweeper(backend: Backend) -> Option<Sweeper> {
    let mut sweeper = Sweeper::new(backend, Arc::new(Table::new(DEFAULT_POINTS))).ok()?;
    for lane in 0..sweeper.lanes() {
        let start = Start::from_bytes(&[lane as u8 + 1; 32]);
        sweeper.set_start(lane, &start.public()).ok()?;
    }
    Some(sweeper)
}
