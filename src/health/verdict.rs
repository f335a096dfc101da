//! The verdicts, by the names that they have on the screen, in events and in the manual, and what follows from one.

use std::fmt;

use crate::engine::Backend;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The process was suspended, the clock was set, or the supervisor itself came late.
    ClockJump,
    /// A worker's thread ended or panicked.
    WorkerDead,
    /// A worker could run, but others take the processor.
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
    /// Too many restarts within a minute.
    BreakerOpen,
    /// Only a new process helps.
    RestartProcess,
}

impl Verdict {
    /// All verdicts, in the order in which they are tried.
    pub const ALL: [Self; 15] = [
        Self::ClockJump,
        Self::WorkerDead,
        Self::Contention,
        Self::WorkerUnresponsive,
        Self::WrongArithmetic,
        Self::ProcessorSlowed,
        Self::MachineSlowed,
        Self::WorkerDegraded,
        Self::MemoryGrowth,
        Self::DiskLow,
        Self::MemoryLow,
        Self::Hot,
        Self::WorkerRetired,
        Self::BreakerOpen,
        Self::RestartProcess,
    ];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClockJump => "clock-jump",
            Self::WorkerDead => "worker-dead",
            Self::Contention => "contention",
            Self::WorkerUnresponsive => "worker-unresponsive",
            Self::WrongArithmetic => "wrong-arithmetic",
            Self::ProcessorSlowed => "processor-slowed",
            Self::MachineSlowed => "machine-slowed",
            Self::WorkerDegraded => "worker-degraded",
            Self::MemoryGrowth => "memory-growth",
            Self::DiskLow => "disk-low",
            Self::MemoryLow => "memory-low",
            Self::Hot => "hot",
            Self::WorkerRetired => "worker-retired",
            Self::BreakerOpen => "breaker-open",
            Self::RestartProcess => "restart-process",
        }
    }

    /// What the user can do, or that nothing needs doing.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::ClockJump => "Measurements that span it are thrown away; nothing needs doing.",
            Self::WorkerDead => "Nothing needs doing; if it comes again, please report it.",
            Self::Contention => {
                "A restart could not help; end the other programs, or take fewer --workers."
            }
            Self::WorkerUnresponsive => "Nothing needs doing; if it comes again, please report it.",
            Self::WrongArithmetic => {
                "The processor or its memory computes wrong results (overclocked, overheated?) or the engine has a \
                 bug: try keygen self-test."
            }
            Self::ProcessorSlowed | Self::MachineSlowed => {
                "All code runs slower there, so a restart could not help: look at cooling, power settings and other \
                 programs."
            }
            Self::WorkerDegraded => "Nothing needs doing.",
            Self::MemoryGrowth => "Nothing needs doing; if it comes again, please report it.",
            Self::DiskLow => "Make room, or choose another folder with --output DIR.",
            Self::MemoryLow => "End other programs; the search itself needs little.",
            Self::Hot => "ThreadSample at cooling, or take fewer --workers.",
            Self::WorkerRetired => "The search goes on with the other workers, if any.",
            Self::BreakerOpen => "Restarting does not help for now; it is tried again in a minute.",
            Self::RestartProcess => {
                "Where it can, the program executes itself anew and goes on with its session; nothing needs doing."
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionTaken {
    /// It is only said.
    Said,
    /// A worker is restarted for the n-th time out of so many.
    Restarting {
        /// Restarts used up by now.
        restart: u32,
        /// Restarts there are.
        of: u32,
    },
    /// A restart waits until the breaker lets it through.
    Waiting,
    /// Memory was given back.
    Reclaimed,
    /// The pool has another size now.
    Resized {
        /// Workers that work now.
        workers: usize,
    },
    /// What was asked for can't be watched here.
    Unreadable,
    /// The search pauses.
    Paused,
    /// The search goes on.
    Resumed,
    /// It is over.
    Over,
}

/// Something that was found out, and what was done about it.
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
    /// Tell it.
    Say(Finding),
    /// Put a new worker in this place, gracefully if the old one works.
    Replace {
        /// Which place, from 1.
        worker: usize,
        /// The arithmetic of the new one.
        backend: Backend,
        /// Whether to leave the old one behind: it does not look at flags.
        abandon: bool,
    },
    /// Take calibration samples close together in the next second.
    Calibrate {
        /// Whose, from 1.
        worker: usize,
    },
    /// Stop the worker in this place for good.
    Retire {
        /// Which place, from 1.
        worker: usize,
        /// Whether it looks at no flags.
        abandon: bool,
    },
    /// Drop and rebuild buffers, and give freed memory back to the system.
    Reclaim,
    /// Let a worker rest, or work again.
    Rest {
        /// Whose, from 1.
        worker: usize,
        /// Whether it is to rest.
        rest: bool,
    },
    /// ThreadSample at once who takes the processor.
    SampleProcesses,
    /// Pause all workers.
    Pause,
    /// Go on.
    Resume,
    /// Execute the program anew.
    RestartProcess,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_manual_and_all_different() {
        let mut names: Vec<_> = Verdict::ALL.iter().map(|v| v.name()).collect();
        names.dedup();
        assert_eq!(names.len(), Verdict::ALL.len());
        assert_eq!(Verdict::WrongArithmetic.to_string(), "wrong-arithmetic");
    }

    #[test]
    fn every_verdict_says_what_the_user_can_do() {
        for verdict in Verdict::ALL {
            assert!(verdict.advice().ends_with('.'), "{verdict}");
        }
    }
}
