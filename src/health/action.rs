//! What the monitor does about a verdict: report it, ask for a restart, or escalate.

use std::time::Duration;

use super::judge::{Observation, judge};
use super::monitor::Monitor;
use super::policy::Permit;
use super::probe::Readings;
use super::proof::Silence;
use super::slot_health::{Cause, SlotHealth};
use super::state::WorkerState;
use super::verdict::{ActionTaken, Decision, Remedy, Verdict, say};
use crate::engine::Backend;
use crate::text::span::span;

/// A sample of the processes that take the processor is valid for so long.
const PROCESS_SAMPLE_VALID: Duration = Duration::from_secs(10);

/// Contention is reported after this time even if it is not known which processes take the processor.
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
        if !self.watched.judging
            || matches!(found, Some(Verdict::WrongArithmetic | Verdict::Contention))
        {
            // Contention explains missing time, but no wrong results.
            let results = judge(&seen.results(), &self.t);
            if results == Some(Verdict::WrongArithmetic) {
                let detail = wrong_text(slot, &seen, self.t.refutation_span);
                return self.want(index, Verdict::WrongArithmetic, detail, now);
            }
        }
        match found {
            Some(verdict) if self.watched.judging => self.act(index, verdict, &seen, now),
            Some(_) => Vec::new(),
            None => {
                self.calm(index);
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
                let detail = unresponsive_text(seen.beat_age, seen.burnt, seen.blocked);
                self.want(index, verdict, detail, now)
            }
            Verdict::WorkerDegraded => {
                let detail = degraded_text(seen.performance, seen.rate);
                self.want(index, verdict, detail, now)
            }
            Verdict::Contention => self.contended(index, seen.processor_share, now),
            Verdict::ProcessorSlowed => {
                let detail = slowed_text(seen.rate);
                self.notice(index, verdict, detail, now)
            }
            // The judge gives none of these for a worker that works, or results have settled it already.
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

    /// Contention is reported once it is known which processes take the processor, or can't be known.
    fn contended(&mut self, index: usize, share: Option<f64>, now: Duration) -> Vec<Decision> {
        let recent = |at: Option<Duration>, span| at.is_some_and(|at| now < at + span);
        if !self.is_said(index, Verdict::Contention, now)
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
        let detail = contention_text(share, &self.readings);
        self.notice(index, Verdict::Contention, detail, now)
    }

    fn calm(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        if slot.state == WorkerState::Unresponsive || slot.state == WorkerState::Degraded {
            slot.state = WorkerState::Healthy;
        }
    }

    /// A restart could not help: it is reported once, and again after a while.
    fn notice(
        &mut self,
        index: usize,
        verdict: Verdict,
        detail: String,
        now: Duration,
    ) -> Vec<Decision> {
        let all_slowed = verdict == Verdict::ProcessorSlowed && self.machine_slowed.is_some();
        let said = self.is_said(index, verdict, now);
        let slot = &mut self.slots[index];
        slot.state = WorkerState::Degraded;
        if said || all_slowed {
            return Vec::new();
        }
        slot.said = Some((verdict, now));
        self.account.noticed(verdict);
        vec![say(verdict, Some(index + 1), detail, ActionTaken::Said)]
    }

    /// Whether this was reported of the worker a short while ago.
    fn is_said(&self, index: usize, verdict: Verdict, now: Duration) -> bool {
        let said = self.slots[index].said;
        said.is_some_and(|(v, at)| v == verdict && now < at + self.t.repeat_after)
    }

    /// A verdict that only a new worker helps against.
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
            let last_sign = now.saturating_sub(silent);
            self.account.lost_from(index + 1, last_sign);
        }
        let mut decisions = Vec::new();
        if self.breaker.failed(now) {
            decisions.push(self.breaker_opened("a worker failed while a restart was tried"));
        }
        decisions.extend(self.restart_if_wanted(index, now));
        decisions
    }

    /// Lets a wanted restart through, unless the breaker is open or the worker has used up its restarts.
    pub(super) fn restart_if_wanted(&mut self, index: usize, now: Duration) -> Vec<Decision> {
        let Some(cause) = self.slots[index].wanted.clone() else {
            return Vec::new();
        };
        if !self.breaker.allows(now) {
            return self.wait(index, cause);
        }
        let slot = &mut self.slots[index];
        slot.wanted = None;
        let (worker, of) = (index + 1, slot.allowance.limit());
        let Permit::Restart(restart) = slot.allowance.ask() else {
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
            self.leave_behind(index);
        }
        let mut decisions = vec![
            say(
                cause.verdict,
                Some(worker),
                cause.detail,
                ActionTaken::Restarting { restart, of },
            ),
            Decision::Replace {
                worker,
                backend,
                abandon,
            },
        ];
        if self.breaker.restarted(now) {
            let (restarts, within) = (self.t.breaker_restarts, span(self.t.breaker_span));
            let why = format!("{restarts} restarts within {within}");
            decisions.push(self.breaker_opened(&why));
        }
        decisions
    }

    fn wait(&mut self, index: usize, cause: Cause) -> Vec<Decision> {
        if cause.announced {
            return Vec::new();
        }
        let said = say(
            cause.verdict,
            Some(index + 1),
            cause.detail.clone(),
            ActionTaken::Waiting,
        );
        self.slots[index].wanted = Some(Cause {
            announced: true,
            ..cause
        });
        vec![said]
    }

    fn retire(&mut self, index: usize, cause: &Cause) -> Vec<Decision> {
        let abandon = cause.verdict.remedy() == Remedy::Abandon;
        self.slots[index].state = WorkerState::Retired;
        if abandon {
            self.leave_behind(index);
        }
        self.account.noticed(Verdict::WorkerRetired);
        let detail = format!(
            "{} again after {} restarts: {}",
            cause.verdict, self.t.restarts, cause.detail
        );
        vec![
            say(
                Verdict::WorkerRetired,
                Some(index + 1),
                detail,
                ActionTaken::Said,
            ),
            Decision::Retire {
                worker: index + 1,
                abandon,
            },
        ]
    }

    /// A worker looks at no flag: nobody waits for its thread.
    pub(super) fn leave_behind(&mut self, index: usize) {
        self.slots[index].abandoned = true;
        self.zombies += 1;
    }

    fn breaker_opened(&mut self, why: &str) -> Decision {
        self.account.noticed(Verdict::BreakerOpen);
        let detail = format!("{why}; no restart for {}", span(self.t.breaker_open));
        say(Verdict::BreakerOpen, None, detail, ActionTaken::Said)
    }

    /// The backend after the one that computed wrong results; the last one stays.
    fn next_backend(&self, index: usize) -> Backend {
        let current = self.slots[index].backend;
        let mut slower = self.watched.backends.iter().skip_while(|b| **b != current);
        slower.nth(1).copied().unwrap_or(current)
    }

    /// Reports once that all workers' processors are slowed.
    pub(super) fn slowed_machine(&mut self, now: Duration) -> Vec<Decision> {
        let slowed = |slot: &SlotHealth| {
            slot.said
                .is_some_and(|(v, _)| v == Verdict::ProcessorSlowed)
                && slot.state == WorkerState::Degraded
        };
        let working: Vec<_> = self.slots.iter().filter(|slot| !slot.resting).collect();
        if !working.iter().all(|slot| slowed(slot)) {
            self.machine_slowed = None;
            return Vec::new();
        }
        let again = self.t.repeat_after;
        if self.slots.len() < 2 || self.machine_slowed.is_some_and(|at| now < at + again) {
            return Vec::new();
        }
        self.machine_slowed = Some(now);
        self.account.noticed(Verdict::MachineSlowed);
        let detail = format!(
            "all {} workers are slowed{}",
            working.len(),
            heat_text(&self.readings)
        );
        vec![say(Verdict::MachineSlowed, None, detail, ActionTaken::Said)]
    }

    /// The last step: too many of the workers are zombies, or memory grows and nothing gives it back.
    pub(super) fn escalate(&mut self) -> Vec<Decision> {
        let zombies = self.t.zombie_share.is_some_and(|share| {
            let limit = share * self.slots.len().max(2) as f64;
            self.zombies > 0 && self.zombies as f64 >= limit
        });
        if self.escalated || !zombies {
            return Vec::new();
        }
        let detail = match self.zombies {
            1 => "1 abandoned thread is still running".to_owned(),
            zombies => format!("{zombies} abandoned threads are still running"),
        };
        self.restart_process(detail)
    }

    pub(super) fn restart_process(&mut self, detail: String) -> Vec<Decision> {
        self.escalated = true;
        self.account.noticed(Verdict::RestartProcess);
        vec![
            say(Verdict::RestartProcess, None, detail, ActionTaken::Said),
            Decision::RestartProcess,
        ]
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "unknown".to_owned(), |s| format!("{:.0}%", 100.0 * s))
}

fn wrong_text(slot: &SlotHealth, seen: &Observation, refutation_span: Duration) -> String {
    let backend = slot.backend;
    match seen.silence {
        Some(Silence::Worker { expected }) => {
            format!("no spot check came out right while {expected:.0} were expected on {backend}")
        }
        Some(Silence::Lane { lane, expected }) => format!(
            "no spot check of lane {lane} came out right while {expected:.0} were expected on {backend}"
        ),
        None => format!(
            "{} hits within {} were refuted on {backend}",
            seen.refutations,
            span(refutation_span)
        ),
    }
}

fn unresponsive_text(age: Duration, burnt: Option<Duration>, blocked: Option<bool>) -> String {
    let how = match (burnt, blocked) {
        (_, Some(true)) => "its thread is blocked".to_owned(),
        (Some(burnt), _) => format!(
            "it used {:.1} s of processor time meanwhile",
            burnt.as_secs_f64()
        ),
        _ => "its thread can't be inspected here".to_owned(),
    };
    format!("no sign of life for {:.1} s; {how}", age.as_secs_f64())
}

fn degraded_text(performance: Option<f64>, rate: Option<f64>) -> String {
    let ratio = rate.zip(performance).map(|(r, p)| r / p.max(1e-9));
    let calibration = match ratio {
        Some(ratio) if (0.9..1.1).contains(&ratio) => "unchanged".to_owned(),
        ratio => percent(ratio),
    };
    format!(
        "{} of baseline, calibration {calibration}",
        percent(performance)
    )
}

fn slowed_text(rate: Option<f64>) -> String {
    format!(
        "this core runs all code at {} of its usual speed",
        percent(rate)
    )
}

fn heat_text(readings: &Readings) -> String {
    let celsius = readings.temperature.map(|t| t.celsius);
    celsius.map_or_else(String::new, |c| format!("; the processor is at {c:.0} °C"))
}

/// Which processes take the processor.
pub(super) fn users_text(readings: &Readings) -> String {
    let users: Vec<_> = readings
        .users
        .iter()
        .take(3)
        .map(|user| format!("{} takes {}", user.name, percent(Some(user.share))))
        .collect();
    if users.is_empty() {
        "it is unknown which programs take it".to_owned()
    } else {
        users.join(", ")
    }
}

fn contention_text(share: Option<f64>, readings: &Readings) -> String {
    let who = users_text(readings);
    match share {
        Some(share) => format!("it gets {} of a core; {who}", percent(Some(share))),
        None => format!("it gets next to no processor time; {who}"),
    }
}
