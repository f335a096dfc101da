//! A search on a device: two halves of the lanes take turns, so that one half is searched while the host looks at what the
//! other one found.

use std::time::{Duration, Instant};

use meshcore_keygen_engine::Survivor;
use meshcore_keygen_engine::coarse::Coarse;
use meshcore_keygen_engine::known_answers::{self, START};
use meshcore_keygen_engine::point::Point;

use crate::machine::{Half, Machine, limbs_of, wait};
use crate::rules::Rules;
use crate::size::{LAUNCH, Size};
use crate::{Device, GpuError};

/// Independent searches side by side on a device, each from its own start.
pub struct GpuSweeper {
    machine: Machine,
    /// What the machine's rules were made from.
    coarse: Coarse,
    halves: [Half; 2],
    /// The half whose launch is looked at next.
    turn: usize,
}

impl GpuSweeper {
    /// A search on a device for these rules, or others later; every lane needs a start before its candidates mean anything.
    /// The device has passed its known answers.
    ///
    /// # Errors
    /// The device or its compiler refuses, or computes wrong results.
    pub fn new(device: &Device, size: Size, coarse: &Coarse) -> Result<Self, GpuError> {
        let mut machine = Machine::new(device, size)?;
        machine.take_rules(Rules::new(coarse))?;
        let base = limbs_of(&Point::base());
        let mut sweeper = Self {
            halves: [machine.half(&base)?, machine.half(&base)?],
            machine,
            coarse: coarse.clone(),
            turn: 0,
        };
        sweeper.check()?;
        if size.rounds == 0 {
            sweeper.measure()?;
        }
        Ok(sweeper)
    }

    /// The device.
    pub fn device(&self) -> &Device {
        &self.machine.device
    }

    /// The shape of the search.
    pub fn size(&self) -> Size {
        self.machine.size
    }

    /// Number of independent searches.
    pub fn lanes(&self) -> usize {
        2 * self.machine.size.lanes
    }

    /// Candidates that a call of [`GpuSweeper::sweep`] tests: those of half of the lanes.
    pub fn candidates_per_sweep(&self) -> u64 {
        let size = &self.machine.size;
        size.lanes as u64 * (2 * size.points as u64 + 1) * u64::from(size.rounds)
    }

    /// Bytes on the device.
    pub fn buffer_bytes(&self) -> usize {
        let halves = self.halves.iter();
        let halves: usize = halves
            .map(|half| half.from.len() + half.to.len() + half.found.len())
            .sum();
        let Machine {
            products,
            table,
            sets,
            ..
        } = &self.machine;
        (halves + products.len() + table.len() + sets.len()) * size_of::<u32>()
    }

    /// Begins a new search in a lane, from the public key of its start scalar s.
    ///
    /// # Errors
    /// [`GpuError::NotAPoint`] where the key is not the encoding of a point, or there is no such lane.
    pub fn set_start(&mut self, lane: usize, public: &[u8; 32]) -> Result<(), GpuError> {
        let point = Point::decompress(public).ok_or(GpuError::NotAPoint { lane })?;
        self.set_point(lane, &point)
    }

    /// The same from the point itself, without the square root that its encoding costs.
    ///
    /// # Errors
    /// [`GpuError::NotAPoint`] where there is no such lane.
    pub fn set_point(&mut self, lane: usize, point: &Point) -> Result<(), GpuError> {
        let lanes = self.machine.size.lanes;
        let half = self.halves.get_mut(lane / lanes);
        let half = half.ok_or(GpuError::NotAPoint { lane })?;
        half.recall()?;
        half.moved.push((lane % lanes, limbs_of(point)));
        half.offsets[lane % lanes] = 0;
        Ok(())
    }

    /// Tests the candidates of the half of the lanes whose turn it is, and calls `accept` for each that the coarse rules accept.
    /// The other half is searched meanwhile.
    ///
    /// # Errors
    /// The device fails, or does not answer.
    pub fn sweep(
        &mut self,
        coarse: &Coarse,
        accept: &mut dyn FnMut(Survivor),
    ) -> Result<(), GpuError> {
        if *coarse != self.coarse {
            self.use_rules(Rules::new(coarse))?;
            self.coarse = coarse.clone();
        }
        let (now, rounds) = (self.turn, self.machine.size.rounds);
        for number in [now, 1 - now] {
            if self.halves[number].running.is_none() {
                self.machine.launch(&mut self.halves[number], rounds)?;
            }
        }
        let first_lane = now * self.machine.size.lanes;
        self.machine
            .collect(&mut self.halves[now], &mut |survivor| {
                accept(Survivor {
                    lane: first_lane + survivor.lane,
                    ..survivor
                });
            })?;
        self.turn = 1 - now;
        Ok(())
    }

    /// Makes rules the kernel's; what runs under old ones is tested again.
    fn use_rules(&mut self, rules: Rules) -> Result<(), GpuError> {
        self.halves.iter_mut().try_for_each(Half::recall)?;
        self.machine.take_rules(rules)
    }

    /// Puts known answers to every lane of a launch, with the kernel that the search uses; the search goes on where it was.
    ///
    /// # Errors
    /// [`GpuError::WrongAnswer`], or the device fails.
    pub fn check(&mut self) -> Result<(), GpuError> {
        let Some(start) = Point::decompress(&START) else {
            return Err(GpuError::Internal("the known start is no point"));
        };
        let mut half = self.machine.half(&limbs_of(&start))?;
        let (own, look) = (self.machine.rules.clone(), self.machine.rules.look);
        for answer in known_answers::sample() {
            self.use_rules(Rules::for_one(answer, look))?;
            let mut right = 0;
            half.offsets.fill(0);
            self.machine.launch(&mut half, 1)?;
            let running = half.running.take();
            let words = running.as_ref().map_or(Ok(&[][..]), wait)?;
            // the centres are swapped only by those who go on from them
            self.machine.survivors(&half, words, &mut |survivor| {
                right += usize::from(known_answers::agrees(answer, &survivor));
            })?;
            let (found, lanes) = (
                words.first().map_or(0, |n| *n as usize),
                self.machine.size.lanes,
            );
            if (right, found) != (lanes, lanes) {
                return Err(GpuError::WrongAnswer {
                    device: self.machine.device.name.clone(),
                    what: format!(
                        "{right} of {lanes} lanes gave a known answer, and {found} gave any"
                    ),
                });
            }
        }
        self.use_rules(own)
    }

    /// Finds the number of rounds that take about [`LAUNCH`].
    fn measure(&mut self) -> Result<(), GpuError> {
        let mut took = Duration::ZERO;
        // the first launch wakes the device up
        for rounds in [1, 2] {
            let since = Instant::now();
            self.machine.launch(&mut self.halves[0], rounds)?;
            self.halves[0].recall()?;
            took = since.elapsed() / rounds;
        }
        let rounds = LAUNCH.as_secs_f64() / took.as_secs_f64().max(1e-6);
        self.machine.size.rounds = (rounds.round() as u32).clamp(1, 1 << 12);
        Ok(())
    }
}

#[cfg(test)]
#[path = "sweeper_tests.rs"]
mod tests;
