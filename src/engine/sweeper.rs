//! A search on the backend that was chosen at run time.

use std::sync::Arc;

use super::backend::{Backend, Task};
use super::centre::Centre;
use super::coarse::Coarse;
use super::field::Simd;
use super::scan::Survivor;
use super::sweep::{CHAINS, Sweep};
use super::table::{Encoded, EntryOf, Table};

/// What the engine can't do.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum EngineError {
    /// The processor lacks the instruction set.
    #[error("backend {0} is not supported by this processor")]
    Unsupported(Backend),
    /// No point of the curve has this encoding.
    #[error("the start of lane {lane} is not a point of the curve")]
    NotAPoint {
        /// The lane that was to be set.
        lane: usize,
    },
    /// A device fails.
    #[error("{0}")]
    Device(String),
    /// A known answer came out differently.
    #[error("backend {backend} computes wrong results: {what}")]
    WrongAnswer {
        /// The backend that failed.
        backend: Backend,
        /// What differs.
        what: String,
    },
}

/// The generic half of a search, behind one dispatch a sweep.
trait Lanes: Send {
    fn insert(&mut self, lane: usize, centre: &Centre);
    fn run(&mut self, coarse: &Coarse, accept: &mut dyn FnMut(Survivor));
    fn buffer_bytes(&self) -> usize;
}

impl<S: Simd> Lanes for Sweep<S>
where
    EntryOf<S>: Encoded,
{
    fn insert(&mut self, lane: usize, centre: &Centre) {
        Sweep::insert(self, lane, centre);
    }

    fn run(&mut self, coarse: &Coarse, accept: &mut dyn FnMut(Survivor)) {
        Sweep::run(self, coarse, accept);
    }

    fn buffer_bytes(&self) -> usize {
        Sweep::buffer_bytes(self)
    }
}

/// Makes a sweep over a table, and tells its lanes a chain.
struct NewSweep<'a>(&'a Table);

impl Task for NewSweep<'_> {
    type Output = (Box<dyn Lanes>, usize);

    fn run<S: Simd>(self, simd: S) -> Self::Output
    where
        EntryOf<S>: Encoded,
    {
        (Box::new(Sweep::new(simd, self.0)), S::LANES)
    }
}

/// Independent searches side by side, one a lane, each from its own start.
pub struct Sweeper {
    backend: Backend,
    lanes: Box<dyn Lanes>,
    /// Per lane, the offset of the next sweep's centre from the lane's start, in multiples of 8B.
    centres: Vec<i64>,
    points: usize,
}

impl Sweeper {
    /// A search over a table; every lane needs a start before its candidates mean anything.
    ///
    /// # Errors
    /// [`EngineError::Unsupported`] where the processor lacks the backend.
    pub fn new(backend: Backend, table: Arc<Table>) -> Result<Self, EngineError> {
        let (lanes, width) = backend
            .run(NewSweep(&table))
            .ok_or(EngineError::Unsupported(backend))?;
        let centres = vec![0; width * CHAINS];
        Ok(Self {
            backend,
            lanes,
            centres,
            points: table.points(),
        })
    }

    /// The backend in use.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Number of independent searches.
    pub fn lanes(&self) -> usize {
        self.centres.len()
    }

    /// Candidates that a sweep tests in each lane: 2N + 1 for a table of N points.
    pub fn candidates_per_lane(&self) -> u64 {
        2 * self.points as u64 + 1
    }

    /// Candidates that a sweep tests in all lanes.
    pub fn candidates_per_sweep(&self) -> u64 {
        self.candidates_per_lane() * self.lanes() as u64
    }

    /// Bytes of this search's own buffers; the table is shared and not counted.
    pub fn buffer_bytes(&self) -> usize {
        size_of::<Self>() + self.lanes.buffer_bytes()
    }

    /// Begins a new search in a lane, from the public key of its start scalar s: its sweeps test s + 8k for
    /// k = −N to N, then for the 2N + 1 next greater ones, and so on.
    ///
    /// # Errors
    /// [`EngineError::NotAPoint`] where the key is not the encoding of a point.
    pub fn set_start(&mut self, lane: usize, public: &[u8; 32]) -> Result<(), EngineError> {
        let centre = Centre::decompress(public).ok_or(EngineError::NotAPoint { lane })?;
        self.set_centre(lane, &centre);
        Ok(())
    }

    /// The same from a centre that was made before, which costs a tenth.
    pub fn set_centre(&mut self, lane: usize, centre: &Centre) {
        self.lanes.insert(lane, centre);
        self.centres[lane] = 0;
    }

    /// Tests [`Sweeper::candidates_per_sweep`] candidates and calls `accept` for each that the coarse rules accept.
    pub fn sweep(&mut self, coarse: &Coarse, accept: &mut dyn FnMut(Survivor)) {
        let centres = &mut self.centres;
        self.lanes.run(coarse, &mut |survivor| {
            let offset = centres[survivor.lane] + survivor.offset;
            accept(Survivor { offset, ..survivor });
        });
        let step = 2 * self.points as i64 + 1;
        for centre in centres {
            *centre += step;
        }
    }
}
