//! What the monitor does about a verdict: report it, ask for a restart, or escalate.

use std::time::Duration;

use super::detail;
use super::judge::{Observation, judge};
use super::monitor::Monitor;
use super::slot_health::{Cause, SlotHealth};
use super::state::WorkerState;
use super::verdict::{ActionTaken, Decision, Remedy, Verdict, report};
use crate::engine::Backend;
use crate::text::span::span;

/// How long a sample of the processes that use the processor is valid.
const PROCESS_SAMPLE_VALID: Duration = Duration::from_secs(10);

/// Contention is reported after this time even if it is not known which processes use the processor.
const PROCESS_SAMPLE_TIMEOUT: Duration = Duration::from_secs(2);

impl Monitor {
    /// Judges one worker.
    pub(super) fn judge(&mut self, index: usize, now: Duration) -> Vec<Decision> {
        let slot = &self.slots[index];
        if !slot.is_judged() {
            return Vec::new();
        }
        let seen = slot.observation(now, &self.t);
        let found = judge(&seen, &self.t);
        // Contention explains missing time, but not wrong results.
        let results_count = !self.watched.judging
            || matches!(found, Some(Verdict::WrongArithmetic | Verdict::Contention));
        if results_count && judge(&seen.results(), &self.t) == Some(Verdict::WrongArithmetic) {
            let detail = detail::wrong(slot.backend, &seen, self.t.refutation_span);
            return self.want(index, Verdict::WrongArithmetic, detail, now);
        }
        match found {
            Some(verdict) if self.watched.judging => self.act(index, verdict, &seen, now),
            Some(_) => Vec::new(),
            None => {
                let slot = &mut self.slots[index];
                slot.card.slow.well(&seen, &self.t);
                let state = &mut slot.state;
                if matches!(state, WorkerState::Unresponsive | WorkerState::Degraded) {
                    *state = WorkerState::Healthy;
                }
                Vec::new()
            }
        }
    }

    fn act(
        &mut self,
        index: usize,
        verdict: Verdict,
        seen: &Observation,
        now: Duration,
    ) -> Vec<Decision> {
        match verdict {
            Verdict::WorkerUnresponsive => {
                self.want(index, verdict, detail::unresponsive(seen), now)
            }
            Verdict::WorkerDegraded => self.degraded(index, seen, now),
            Verdict::Contention => self.contended(index, seen.processor_share, now),
            Verdict::ProcessorSlowed => {
                let of_card = self.slots[index].card.why_slow();
                let detail = of_card.unwrap_or_else(|| detail::slowed(seen.rate));
                self.notice(index, verdict, detail, now)
            }
            // The judge gives none of these for a working worker, or wrong results have been dealt with already.
            Verdict::ClockJump
            | Verdict::WorkerDead
            | Verdict::WrongArithmetic
            | Verdict::MachineSlowed
            | Verdict::MemoryGrowth
            | Verdict::DiskLow
            | Verdict::MemoryLow
            | Verdict::Hot
            | Verdict::WorkerRetired
            | Verdict::BreakerOpen
            | Verdict::RestartProcess => Vec::new(),
        }
    }

    /// Contention is reported once it is known which processes use the processor, or can't be known.
    fn contended(&mut self, index: usize, share: Option<f64>, now: Duration) -> Vec<Decision> {
        let recent = |at: Option<Duration>, span| at.is_some_and(|at| now < at + span);
        if !self.was_reported(index, Verdict::Contention, now)
            && !recent(self.process_sample.seen, PROCESS_SAMPLE_VALID)
        {
            if !recent(self.process_sample.asked, PROCESS_SAMPLE_VALID) {
                self.process_sample.asked = Some(now);
                return vec![Decision::SampleProcesses];
            }
            if recent(self.process_sample.asked, PROCESS_SAMPLE_TIMEOUT) {
                return Vec::new();
            }
        }
        let detail = detail::contention(share, &self.readings);
        self.notice(index, Verdict::Contention, detail, now)
    }

    /// Reports what a restart would not help against, and repeats that after a while.
    pub(super) fn notice(
        &mut self,
        index: usize,
        verdict: Verdict,
        detail: String,
        now: Duration,
    ) -> Vec<Decision> {
        let all_slowed = verdict == Verdict::ProcessorSlowed && self.machine_slowed.is_some();
        let reported = self.was_reported(index, verdict, now);
        let slot = &mut self.slots[index];
        slot.state = WorkerState::Degraded;
        if reported || all_slowed {
            return Vec::new();
        }
        slot.reported = Some((verdict, now));
        vec![self.noticed(verdict, Some(index + 1), detail)]
    }

    /// Whether this was reported of the worker a short while ago.
    fn was_reported(&self, index: usize, verdict: Verdict, now: Duration) -> bool {
        let reported = self.slots[index].reported;
        reported.is_some_and(|(v, at)| v == verdict && now < at + self.t.repeat_after)
    }

    /// Counts a finding that restarts no worker, and reports it.
    fn noticed(&mut self, verdict: Verdict, worker: Option<usize>, detail: String) -> Decision {
        self.account.noticed(verdict);
        report(verdict, worker, detail, ActionTaken::Reported)
    }

    /// Asks for a new worker because of a verdict.
    pub(super) fn want(
        &mut self,
        index: usize,
        verdict: Verdict,
        detail: String,
        now: Duration,
    ) -> Vec<Decision> {
        let slot = &mut self.slots[index];
        slot.score.verdict(verdict, &self.t.score);
        if verdict == Verdict::WorkerUnresponsive {
            slot.state = WorkerState::Unresponsive;
        }
        slot.wanted = Some(Cause {
            verdict,
            detail,
            announced: false,
        });
        if !slot.state.works() || verdict == Verdict::WrongArithmetic {
            let silent = match verdict {
                Verdict::WorkerUnresponsive => slot.beat_age(now),
                _ => Duration::ZERO,
            };
            self.account
                .lost_from(index + 1, now.saturating_sub(silent));
        }
        let mut decisions = Vec::new();
        if self.breaker.failed(now, &self.t) {
            decisions.push(self.breaker_opened("a worker failed while a restart was tried"));
        }
        decisions.extend(self.restart_if_wanted(index, now));
        decisions
    }

    /// Lets a wanted restart through, unless the breaker is open or the worker has used up its restarts.
    pub(super) fn restart_if_wanted(&mut self, index: usize, now: Duration) -> Vec<Decision> {
        let (worker, slot) = (index + 1, &mut self.slots[index]);
        if !self.breaker.allows(now) {
            let Some(cause) = slot.wanted.as_mut().filter(|cause| !cause.announced) else {
                return Vec::new();
            };
            cause.announced = true;
            let detail = cause.detail.clone();
            return vec![report(
                cause.verdict,
                Some(worker),
                detail,
                ActionTaken::Waiting,
            )];
        }
        let Some(cause) = slot.wanted.take() else {
            return Vec::new();
        };
        // there is no other arithmetic for a card: the second time it is given up
        let wrong_again = slot.backend == Backend::OpenCl
            && slot.allowance.used > 0
            && cause.verdict.remedy() == Remedy::NextBackend;
        let restart = (!wrong_again).then(|| slot.allowance.take(&self.t));
        let Some(restart) = restart.flatten() else {
            return self.retire(index, &cause);
        };
        slot.state = WorkerState::Restarting;
        let remedy = cause.verdict.remedy();
        let backend = match remedy {
            Remedy::NextBackend => self.next_backend(index),
            Remedy::None | Remedy::Replace | Remedy::Abandon => slot.backend,
        };
        let abandon = remedy == Remedy::Abandon;
        self.account.restarted(cause.verdict);
        if abandon {
            self.abandon(index);
        }
        let action = ActionTaken::Restarting {
            restart,
            of: self.t.restarts,
        };
        let mut decisions = vec![
            report(cause.verdict, Some(worker), cause.detail, action),
            Decision::Replace {
                worker,
                backend,
                abandon,
            },
        ];
        if self.breaker.restarted(now, &self.t) {
            let (restarts, within) = (self.t.breaker_restarts, span(self.t.breaker_span));
            decisions.push(self.breaker_opened(&format!("{restarts} restarts within {within}")));
        }
        decisions
    }

    fn retire(&mut self, index: usize, cause: &Cause) -> Vec<Decision> {
        let (worker, abandon) = (index + 1, cause.verdict.remedy() == Remedy::Abandon);
        self.slots[index].state = WorkerState::Retired;
        if abandon {
            self.abandon(index);
        }
        let (verdict, restarts) = (cause.verdict, self.slots[index].allowance.used);
        let detail = format!(
            "{verdict} again after {restarts} restarts: {}",
            cause.detail
        );
        vec![
            self.noticed(Verdict::WorkerRetired, Some(worker), detail),
            Decision::Retire { worker, abandon },
        ]
    }

    /// Counts a worker that does not respond to flags: its thread is not waited for.
    pub(super) fn abandon(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        slot.abandoned = true;
        // a thread that waits for a card costs nothing, and a new process would not free the card
        self.zombies += usize::from(slot.backend != Backend::OpenCl);
    }

    fn breaker_opened(&mut self, why: &str) -> Decision {
        let detail = format!("{why}; no restart for {}", span(self.t.breaker_open));
        self.noticed(Verdict::BreakerOpen, None, detail)
    }

    /// The backend after the one that computed wrong results; the last one stays.
    fn next_backend(&self, index: usize) -> Backend {
        let current = self.slots[index].backend;
        let mut slower = self.watched.backends.iter().skip_while(|b| **b != current);
        slower.nth(1).copied().unwrap_or(current)
    }

    /// Reports once that all workers' processors are slowed.
    pub(super) fn slowed_machine(&mut self, now: Duration) -> Vec<Decision> {
        let slowed = |slot: &&SlotHealth| {
            let verdict = slot.reported.map(|(verdict, _)| verdict);
            verdict == Some(Verdict::ProcessorSlowed) && slot.state == WorkerState::Degraded
        };
        let working: Vec<_> = self.slots.iter().filter(|slot| !slot.resting).collect();
        if !working.iter().all(slowed) {
            self.machine_slowed = None;
            return Vec::new();
        }
        let again = self.t.repeat_after;
        if self.slots.len() < 2 || self.machine_slowed.is_some_and(|at| now < at + again) {
            return Vec::new();
        }
        let (workers, heat) = (working.len(), detail::heat(&self.readings));
        self.machine_slowed = Some(now);
        let detail = format!("all {workers} workers are slowed{heat}");
        vec![self.noticed(Verdict::MachineSlowed, None, detail)]
    }

    /// Asks for a new process where too many workers are zombies.
    pub(super) fn escalate(&mut self) -> Vec<Decision> {
        let zombies = self.t.zombie_share.is_some_and(|share| {
            let limit = share * self.slots.len().max(2) as f64;
            self.zombies > 0 && self.zombies as f64 >= limit
        });
        if self.escalated || !zombies {
            return Vec::new();
        }
        self.restart_process(match self.zombies {
            1 => "1 abandoned thread is still running".to_owned(),
            zombies => format!("{zombies} abandoned threads are still running"),
        })
    }

    pub(super) fn restart_process(&mut self, detail: String) -> Vec<Decision> {
        self.escalated = true;
        vec![
            self.noticed(Verdict::RestartProcess, None, detail),
            Decision::RestartProcess,
        ]
    }
}
