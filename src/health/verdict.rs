//! The verdicts with name, severity, remedy and advice, and the decisions that follow from one.

use strum::VariantArray as _;

use super::state::Status;
use crate::engine::Backend;

/// What is wrong.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum::Display, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Verdict {
    /// The process was suspended, the clock was set, or the supervisor itself came late.
    ClockJump,
    /// A worker's thread ended or panicked.
    WorkerDead,
    /// A worker could run, but other programs use the processor.
    Contention,
    /// A worker gives no sign of life.
    WorkerUnresponsive,
    /// Results are wrong or missing.
    WrongArithmetic,
    /// One core runs everything slower.
    ProcessorSlowed,
    /// All cores do.
    MachineSlowed,
    /// A worker is slower than its core explains.
    WorkerDegraded,
    /// Memory grows.
    MemoryGrowth,
    /// The output's file system fills up.
    DiskLow,
    /// The system's memory fills up.
    MemoryLow,
    /// The processor is hot.
    Hot,
    /// A worker used up its restarts.
    WorkerRetired,
    /// Too many restarts in a short time.
    BreakerOpen,
    /// Only a new process helps.
    RestartProcess,
}

/// What helps against a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Nothing that concerns a worker.
    None,
    /// A new worker.
    Replace,
    /// A new worker; the old one does not respond to flags and is abandoned.
    Abandon,
    /// A new worker on the next backend.
    NextBackend,
}

impl Verdict {
    /// All verdicts, in the order in which they are tried.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name on the screen, in events, in metrics and in the manual.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What helps against it.
    pub(crate) const fn remedy(self) -> Remedy {
        self.row().1
    }

    /// Whether a worker is replaced because of it.
    pub(crate) fn replaces(self) -> bool {
        self.remedy() != Remedy::None
    }

    /// What the user can do, or that no action is needed.
    pub(crate) const fn advice(self) -> &'static str {
        self.row().2
    }

    /// How bad it is after what was done about it.
    pub(crate) const fn severity(self, action: ActionTaken) -> Status {
        match action {
            ActionTaken::Paused => Status::Critical,
            ActionTaken::Resized { .. } => Status::Healthy,
            ActionTaken::Reported
            | ActionTaken::Restarting { .. }
            | ActionTaken::Waiting
            | ActionTaken::Reclaimed
            | ActionTaken::Unreadable
            | ActionTaken::Resumed
            | ActionTaken::Over => self.row().0,
        }
    }

    #[rustfmt::skip] // A table: a row each.
    const fn row(self) -> (Status, Remedy, &'static str) {
        use Status::{Critical, Degraded, Healthy, Unhealthy};
        match self {
            Self::ClockJump => (Healthy, Remedy::None,
                "Measurements that span it are discarded; no action needed."),
            Self::WorkerDead => (Unhealthy, Remedy::Replace,
                "No action needed; if it happens again, please report it."),
            Self::Contention => (Degraded, Remedy::None,
                "A restart would not help; end the other programs, or use fewer --workers."),
            Self::WorkerUnresponsive => (Unhealthy, Remedy::Abandon,
                "No action needed; if it happens again, please report it."),
            Self::WrongArithmetic => (Unhealthy, Remedy::NextBackend,
                "The processor or its memory computes wrong results (overclocked, overheated?) or the engine has a \
                 bug: run keygen self-test."),
            Self::ProcessorSlowed | Self::MachineSlowed => (Degraded, Remedy::None,
                "All code runs slower there, so a restart would not help: check cooling, power settings and other \
                 programs."),
            Self::WorkerDegraded => (Degraded, Remedy::Replace,
                "No action needed."),
            Self::MemoryGrowth => (Degraded, Remedy::Replace,
                "No action needed; if it happens again, please report it."),
            Self::DiskLow => (Degraded, Remedy::None,
                "Free some space, or choose another folder with --output DIR."),
            Self::MemoryLow => (Degraded, Remedy::None,
                "End other programs; the search itself needs little."),
            Self::Hot => (Degraded, Remedy::None,
                "Check the cooling, or use fewer --workers."),
            Self::WorkerRetired => (Unhealthy, Remedy::None,
                "The search continues with the other workers, if any."),
            Self::BreakerOpen => (Unhealthy, Remedy::None,
                "Restarting does not help for now; one restart is tried after --breaker-open."),
            Self::RestartProcess => (Critical, Remedy::None,
                "The program restarts itself and resumes its session where it can; no action needed."),
        }
    }
}

/// What was done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ActionTaken {
    /// It is only reported.
    #[strum(serialize = "said")]
    Reported,
    /// A worker is restarted.
    Restarting {
        /// Restarts used up by now.
        restart: u32,
        /// Restarts it has in all.
        of: u32,
    },
    /// A restart waits until the breaker lets it through.
    Waiting,
    /// Memory was released.
    Reclaimed,
    /// The pool has another size now.
    Resized {
        /// Workers that work now.
        workers: usize,
    },
    /// What was asked for can't be monitored here.
    Unreadable,
    /// The search pauses.
    Paused,
    /// The search resumes.
    Resumed,
    /// It is over.
    Over,
}

impl ActionTaken {
    /// The name in events.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }

    /// Whether it ends something that was reported before.
    pub(crate) const fn ends(self) -> bool {
        match self {
            Self::Over | Self::Resumed => true,
            Self::Reported
            | Self::Restarting { .. }
            | Self::Waiting
            | Self::Reclaimed
            | Self::Resized { .. }
            | Self::Unreadable
            | Self::Paused => false,
        }
    }

    /// Whether it needs no later report of its end.
    pub(crate) const fn settles(self) -> bool {
        match self {
            Self::Restarting { .. }
            | Self::Reclaimed
            | Self::Resized { .. }
            | Self::Unreadable
            | Self::Resumed
            | Self::Over => true,
            Self::Reported | Self::Waiting | Self::Paused => false,
        }
    }
}

/// What was found, and what was done about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What.
    pub verdict: Verdict,
    /// Whose, from 1; `None`: the whole search's or the machine's.
    pub worker: Option<usize>,
    /// Figures for people.
    pub detail: String,
    /// What was done.
    pub action: ActionTaken,
}

/// What the search has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Report it.
    Report(Finding),
    /// Start a new worker in this slot, and stop the old one first if it works.
    Replace {
        /// Which slot, from 1.
        worker: usize,
        /// The arithmetic of the new one.
        backend: Backend,
        /// Whether to abandon the old one, which does not respond to flags.
        abandon: bool,
    },
    /// Take calibration samples close together in the next second.
    Calibrate {
        /// Whose, from 1.
        worker: usize,
    },
    /// Stop the worker in this slot for good.
    Retire {
        /// Which slot, from 1.
        worker: usize,
        /// Whether to abandon it, because it does not respond to flags.
        abandon: bool,
    },
    /// Drop and rebuild buffers, and release freed memory to the system.
    Reclaim,
    /// Let a worker rest, or wake it.
    Rest {
        /// Whose, from 1.
        worker: usize,
        /// Whether it rests from now on.
        rest: bool,
    },
    /// Sample which programs use the processor.
    SampleProcesses,
    /// Pause all workers.
    Pause,
    /// Resume all workers.
    Resume,
    /// Restart the process.
    RestartProcess,
}

/// The decision to report something.
pub(super) fn report(
    verdict: Verdict,
    worker: Option<usize>,
    detail: String,
    action: ActionTaken,
) -> Decision {
    Decision::Report(Finding {
        verdict,
        worker,
        detail,
        action,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_manual_and_all_different() {
        let names: Vec<_> = Verdict::ALL.iter().map(|v| v.name()).collect();
        assert_eq!(
            names.join(" "),
            "clock-jump worker-dead contention worker-unresponsive wrong-arithmetic processor-slowed machine-slowed \
             worker-degraded memory-growth disk-low memory-low hot worker-retired breaker-open restart-process"
        );
        assert_eq!(Verdict::WrongArithmetic.to_string(), "wrong-arithmetic");
    }

    #[test]
    fn every_verdict_says_what_the_user_can_do() {
        for verdict in Verdict::ALL {
            assert!(verdict.advice().ends_with('.'), "{verdict}");
        }
    }
}
