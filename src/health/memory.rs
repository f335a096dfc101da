//! Growing memory: release it, check whether that helped, replace workers, and finally ask for a new process.

use std::cmp::Reverse;
use std::time::Duration;

use super::monitor::Monitor;
use super::probe::Readings;
use super::thresholds::Thresholds;
use super::verdict::{ActionTaken, Decision, Verdict, report};

/// Memory that was released to the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trimmed {
    /// Bytes by which the process had grown.
    pub grown: u64,
    /// Bytes that were released.
    pub released: u64,
}

/// How far the escalation went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Memory does not grow.
    #[default]
    Calm,
    /// Memory was released when the process had this many bytes.
    Reclaimed(u64),
    /// The bytes of the process when the last worker was replaced, and how many were.
    Replaced(u64, usize),
    /// Nothing helped.
    Exhausted,
}

/// What to do about memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemoryStep {
    /// Release it; it grew by this many bytes.
    Reclaim(u64),
    /// That helped: this many bytes were released.
    Helped(u64),
    /// It did not help: replace a worker; it grew by this many bytes.
    Replace(u64),
    /// It is still growing, by this many bytes since the start.
    RestartProcess(u64),
}

/// Watches the resident memory of the process.
#[derive(Clone, Debug, Default)]
pub(super) struct MemoryWatch {
    start: Option<u64>,
    stage: Stage,
    checked: Option<Duration>,
}

impl MemoryWatch {
    /// Checks the resident memory of a process with this many workers; the first check is the start.
    ///
    /// Growth outside of the workers' buffers can't be attributed to a worker: they are replaced one after another until
    /// it ends.
    pub(super) fn check(
        &mut self,
        resident: u64,
        workers: usize,
        t: &Thresholds,
        now: Duration,
    ) -> Option<MemoryStep> {
        if self.checked.is_some_and(|at| now < at + t.memory_interval) {
            return None;
        }
        self.checked = Some(now);
        let start = *self.start.get_or_insert(resident);
        let growth = resident.saturating_sub(start);
        let small = growth < t.memory_growth;
        let (stage, step) = match self.stage {
            Stage::Calm if small => (Stage::Calm, None),
            Stage::Calm => (
                Stage::Reclaimed(resident),
                Some(MemoryStep::Reclaim(growth)),
            ),
            Stage::Reclaimed(before) | Stage::Replaced(before, _) if small => {
                let released = before.saturating_sub(resident);
                (Stage::Calm, Some(MemoryStep::Helped(released)))
            }
            Stage::Reclaimed(_) => (
                Stage::Replaced(resident, 1),
                Some(MemoryStep::Replace(growth)),
            ),
            Stage::Replaced(before, replaced)
                if resident > before.saturating_add(t.memory_growth / 4) =>
            {
                if replaced < workers {
                    let stage = Stage::Replaced(resident, replaced + 1);
                    (stage, Some(MemoryStep::Replace(growth)))
                } else {
                    (Stage::Exhausted, Some(MemoryStep::RestartProcess(growth)))
                }
            }
            stage => (stage, None),
        };
        self.stage = stage;
        step
    }
}

/// Whether there may be freed memory to release: the process is larger than after the last time.
pub(crate) fn is_worth_trimming(resident: u64, after_last: u64, t: &Thresholds) -> bool {
    resident >= after_last.saturating_add(t.trim_growth)
}

/// Bytes for people, as the original tool wrote them.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1}MB", bytes as f64 / 1e6)
}

impl Monitor {
    /// What follows from the resident memory.
    pub(super) fn grown(&mut self, readings: &Readings, now: Duration) -> Vec<Decision> {
        let workers = self.slots.iter().filter(|slot| slot.is_judged()).count();
        let step = readings
            .resident
            .and_then(|r| self.memory.check(r, workers, &self.t, now));
        let verdict = Verdict::MemoryGrowth;
        match step {
            None => Vec::new(),
            Some(MemoryStep::Reclaim(growth)) => {
                self.account.noticed(verdict);
                let detail = format!("memory increased by {}", megabytes(growth));
                vec![
                    report(verdict, None, detail, ActionTaken::Reclaimed),
                    Decision::Reclaim,
                ]
            }
            Some(MemoryStep::Helped(released)) => {
                let detail = format!("released {}", megabytes(released));
                vec![report(verdict, None, detail, ActionTaken::Over)]
            }
            Some(MemoryStep::Replace(growth)) => {
                let detail = format!(
                    "memory has grown by {} since the start, and releasing it did not help",
                    megabytes(growth)
                );
                let worker = self.biggest();
                worker.map_or_else(Vec::new, |index| self.want(index, verdict, detail, now))
            }
            Some(MemoryStep::RestartProcess(growth)) => self.restart_process(format!(
                "memory has grown by {} since the start and is still growing",
                megabytes(growth)
            )),
        }
    }

    /// The working worker whose buffers grew most; among equals the one that was replaced least.
    fn biggest(&self) -> Option<usize> {
        let growth = |index: &usize| {
            let slot = &self.slots[*index];
            let growth = slot
                .buffers
                .map_or(0, |(start, now)| now.saturating_sub(start));
            (Reverse(growth), slot.id.generation)
        };
        (0..self.slots.len())
            .filter(|index| self.slots[*index].is_judged())
            .min_by_key(growth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps that follow from looks every ten seconds.
    fn steps(megabytes: &[u64]) -> Vec<Option<MemoryStep>> {
        let (mut watch, t) = (MemoryWatch::default(), Thresholds::default());
        let looks = (0..).zip(megabytes);
        looks
            .map(|(n, mb)| watch.check(mb * 1_000_000, 2, &t, Duration::from_secs(10 * n)))
            .collect()
    }

    #[test]
    fn growth_that_is_given_back_is_over() {
        assert_eq!(
            steps(&[50, 120, 160, 60, 60]),
            [
                None,
                None,
                Some(MemoryStep::Reclaim(110_000_000)),
                Some(MemoryStep::Helped(100_000_000)),
                None
            ]
        );
    }

    #[test]
    fn growth_that_nothing_gives_back_ends_in_a_new_process_once_all_workers_are_new() {
        let seen: Vec<_> = steps(&[50, 160, 200, 210, 250, 300, 400])
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(
            seen,
            [
                MemoryStep::Reclaim(110_000_000),
                MemoryStep::Replace(150_000_000),
                MemoryStep::Replace(200_000_000),
                MemoryStep::RestartProcess(250_000_000)
            ]
        );
    }

    #[test]
    fn memory_that_stays_where_it_is_after_a_replacement_is_left_alone() {
        let seen: Vec<_> = steps(&[50, 160, 200, 200, 201, 199])
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(seen.len(), 2);
    }

    #[test]
    fn looks_that_come_too_soon_are_left_out() {
        let (mut watch, t) = (MemoryWatch::default(), Thresholds::default());
        watch.check(0, 2, &t, Duration::ZERO);
        assert_eq!(watch.check(1 << 40, 2, &t, Duration::from_secs(9)), None);
        assert!(
            watch
                .check(1 << 40, 2, &t, Duration::from_secs(10))
                .is_some()
        );
    }
}
