//! What users ask of the monitor: pauses, which add to those that the machine needs, and restarts that count towards
//! no limit.

use std::time::Duration;

use super::monitor::Monitor;
use super::slot_health::SlotHealth;
use super::state::WorkerState;
use super::verdict::Decision;

/// Why the search pauses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PauseReasons {
    /// A user asked for it.
    pub user: bool,
    /// The machine needs it: a full disk, heat.
    pub machine: bool,
}

impl PauseReasons {
    pub(super) fn any(self) -> bool {
        self.user || self.machine
    }
}

impl Monitor {
    /// A user pauses the search, or resumes it.
    pub fn pause_by_user(&mut self, paused: bool, now: Duration) -> Vec<Decision> {
        let reasons = PauseReasons {
            user: paused,
            ..self.pause_reasons
        };
        self.pause_for(reasons, now).into_iter().collect()
    }

    /// Workers pause with the first reason, and resume after the last.
    pub(super) fn pause_for(&mut self, reasons: PauseReasons, now: Duration) -> Option<Decision> {
        let was = std::mem::replace(&mut self.pause_reasons, reasons).any();
        let paused = reasons.any();
        if was == paused {
            return None;
        }
        self.account.paused(paused, now);
        for slot in &mut self.slots {
            if paused && slot.state.works() {
                slot.state = WorkerState::Paused;
            } else if !paused && slot.state == WorkerState::Paused && !slot.resting {
                slot.state = WorkerState::Starting;
                slot.jump(now);
            }
        }
        Some(if paused {
            Decision::Pause
        } else {
            Decision::Resume
        })
    }

    /// A user wants a worker replaced, or all workers.
    pub fn restart_by_user(&mut self, worker: Option<usize>) -> Vec<Decision> {
        let wanted = |slot: &SlotHealth| {
            let stays = matches!(slot.state, WorkerState::Restarting | WorkerState::Retired);
            worker.is_none_or(|worker| worker == slot.id.worker)
                && !stays
                && !slot.resting
                && !slot.finished
        };
        let wanted: Vec<_> = (0..self.slots.len())
            .filter(|index| wanted(&self.slots[*index]))
            .collect();
        let replace = |index| {
            let slot: &mut SlotHealth = &mut self.slots[index];
            let abandon = slot.state == WorkerState::Unresponsive;
            slot.state = WorkerState::Restarting;
            slot.wanted = None;
            let (worker, backend) = (slot.id.worker, slot.backend);
            if abandon {
                self.abandon(index);
            }
            Decision::Replace {
                worker,
                backend,
                abandon,
            }
        };
        wanted.into_iter().map(replace).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::batch::WorkerId;
    use crate::engine::Backend;
    use crate::health::Thresholds;
    use crate::health::fixtures::watched;
    use crate::health::probe::{Readings, Space};

    const NOW: Duration = Duration::from_secs(5);

    fn monitor() -> Monitor {
        Monitor::new(
            watched(2, 0),
            Thresholds::default(),
            Duration::ZERO,
            SystemTime::UNIX_EPOCH,
        )
    }

    fn free(bytes: u64) -> Readings {
        Readings {
            disk: Some(Space {
                free: bytes,
                total: 1 << 40,
            }),
            ..Readings::default()
        }
    }

    fn moves(decisions: &[Decision]) -> Vec<&Decision> {
        let is_move = |d: &&Decision| matches!(d, Decision::Pause | Decision::Resume);
        decisions.iter().filter(is_move).collect()
    }

    #[test]
    fn a_search_paused_by_a_user_and_a_full_disk_resumes_after_both() {
        let mut monitor = monitor();
        assert_eq!(monitor.pause_by_user(true, NOW), [Decision::Pause]);
        assert_eq!(monitor.states(), [WorkerState::Paused; 2]);
        assert!(monitor.pause_by_user(true, NOW).is_empty());
        assert!(moves(&monitor.readings(free(0), NOW)).is_empty());
        assert!(monitor.pause_by_user(false, NOW).is_empty());
        let decisions = monitor.readings(free(1 << 39), NOW);
        assert_eq!(moves(&decisions), [&Decision::Resume]);
        assert_eq!(monitor.states(), [WorkerState::Starting; 2]);
    }

    #[test]
    fn a_restart_by_a_user_uses_up_none_and_happens_once() {
        let mut monitor = monitor();
        let decisions = monitor.restart_by_user(None);
        assert_eq!(decisions.len(), 2);
        assert!(monitor.restart_by_user(None).is_empty());
        let id = WorkerId {
            worker: 2,
            generation: 1,
        };
        monitor.replaced(id, Backend::Portable, NOW);
        assert_eq!(monitor.restart_by_user(Some(2)).len(), 1);
        assert!(monitor.restart_by_user(Some(3)).is_empty());
        assert!(
            monitor
                .vitals(Duration::ZERO)
                .workers
                .iter()
                .all(|w| w.restarts == 0)
        );
    }

    #[test]
    fn a_worker_that_starts_during_a_pause_pauses_with_the_others() {
        let mut monitor = monitor();
        monitor.pause_by_user(true, NOW);
        monitor.restart_by_user(Some(1));
        let id = WorkerId {
            worker: 1,
            generation: 1,
        };
        monitor.replaced(id, Backend::Portable, NOW);
        assert_eq!(monitor.states()[0], WorkerState::Paused);
        assert_eq!(monitor.pause_by_user(false, NOW), [Decision::Resume]);
        assert_eq!(monitor.states(), [WorkerState::Starting; 2]);
    }
}
