//! The description of a fault on the command line: `slow:worker=1,factor=0.6,at=10s,for=30s`.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use super::{Fault, MachineFault, MachineKind, WorkerFault, WorkerKind};

/// A description that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FaultError {
    /// There is no such kind of fault.
    #[error("'{0}' is not a fault; allowed are {kinds}", kinds = kinds())]
    Kind(String),
    /// A part is not `name=value`, or its name is unknown for this fault.
    #[error("'{part}' is not valid here; {kind} takes {known}")]
    Part {
        /// The part.
        part: String,
        /// The kind of fault.
        kind: String,
        /// The names that it takes.
        known: String,
    },
    /// A value can't be read or is out of range.
    #[error("{name}={value} is not allowed: {allowed}")]
    Value {
        /// Its name.
        name: String,
        /// The value.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// It does not name the worker.
    #[error("no worker is named; give worker=1")]
    NoWorker,
    /// A required value is missing.
    #[error("it must say {0}")]
    Missing(&'static str),
}

/// Each kind of fault and the names that it takes besides `at` and `for`.
const KINDS: [(&str, &[&str]); 13] = [
    ("slow", &["worker", "factor"]),
    ("hang", &["worker", "how"]),
    ("panic", &["worker"]),
    ("lost", &["worker"]),
    ("leak", &["worker", "rate"]),
    ("wrong", &["worker", "lane", "rate"]),
    ("starve", &["worker", "programs"]),
    ("disk", &["free"]),
    ("memory", &["used"]),
    ("heat", &["celsius"]),
    ("clock", &["jump"]),
    ("suspend", &["sleep"]),
    ("answers", &["backend"]),
];

fn kinds() -> String {
    KINDS.map(|(kind, _)| kind).join(", ")
}

/// The values of a description.
struct Parts<'a> {
    parts: Vec<(&'a str, &'a str)>,
}

impl<'a> Parts<'a> {
    fn read(kind: &str, text: &'a str) -> Result<Self, FaultError> {
        let own = KINDS.iter().find(|(name, _)| *name == kind);
        let (_, own) = own.ok_or_else(|| FaultError::Kind(kind.to_owned()))?;
        let known: Vec<_> = own.iter().chain(&["at", "for"]).copied().collect();
        let split = |part: &'a str| {
            let pair = part
                .split_once('=')
                .filter(|(name, _)| known.contains(name));
            pair.ok_or_else(|| FaultError::Part {
                part: part.to_owned(),
                kind: kind.to_owned(),
                known: known.join(", "),
            })
        };
        let parts = text.split(',').filter(|part| !part.is_empty()).map(split);
        Ok(Self {
            parts: parts.collect::<Result<_, _>>()?,
        })
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        let part = self.parts.iter().find(|(n, _)| *n == name);
        part.map(|(_, value)| *value)
    }

    fn get<T: FromStr>(
        &self,
        name: &str,
        fits: impl Fn(&T) -> bool,
        allowed: &str,
    ) -> Result<Option<T>, FaultError>
    where
        T::Err: Display,
    {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        let read = value.parse::<T>().ok().filter(fits);
        read.map(Some).ok_or_else(|| wrong(name, value, allowed))
    }

    fn share(&self, name: &str) -> Result<Option<f64>, FaultError> {
        let fits = |x: &f64| *x > 0.0 && *x <= 1.0;
        self.get(name, fits, "a share between 0 and 1")
    }

    fn duration(&self, name: &str) -> Result<Option<Duration>, FaultError> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        let read = humantime::parse_duration(value);
        read.map(Some)
            .map_err(|_| wrong(name, value, "a time such as 10s"))
    }

    /// The fault of a worker that this kind is, if it is one.
    fn worker_kind(&self, kind: &str) -> Result<Option<WorkerKind>, FaultError> {
        Ok(Some(match kind {
            "slow" => WorkerKind::Slow {
                factor: self.share("factor")?.unwrap_or(0.6),
            },
            "hang" => match self.text("how") {
                None | Some("spin") => WorkerKind::Hang { spins: true },
                Some("block") => WorkerKind::Hang { spins: false },
                Some(other) => return Err(wrong("how", other, "spin or block")),
            },
            "panic" => WorkerKind::Panic,
            "lost" => WorkerKind::Lost,
            "leak" => WorkerKind::Leak {
                rate: self
                    .get("rate", |x: &f64| *x > 0.0, "bytes a second")?
                    .unwrap_or(20e6),
            },
            "wrong" => WorkerKind::Wrong {
                lane: self.get("lane", |_| true, "a lane, from 0")?,
                rate: self.share("rate")?.unwrap_or(1.0),
            },
            "starve" => WorkerKind::Starve {
                programs: self
                    .get("programs", |n| (1..=64).contains(n), "1 to 64")?
                    .unwrap_or(2),
            },
            _ => return Ok(None),
        }))
    }

    fn machine_kind(&self, kind: &str) -> Result<MachineKind, FaultError> {
        Ok(match kind {
            "disk" => MachineKind::Disk {
                free: self
                    .get("free", |_| true, "a number of bytes")?
                    .ok_or(FaultError::Missing("how much is free: free=10000000"))?,
            },
            "memory" => MachineKind::Memory {
                used: self
                    .share("used")?
                    .ok_or(FaultError::Missing("how much is used: used=0.97"))?,
            },
            "heat" => MachineKind::Heat {
                celsius: self
                    .get("celsius", |x: &f64| x.is_finite(), "degrees Celsius")?
                    .ok_or(FaultError::Missing("how hot it is: celsius=99"))?,
            },
            "clock" => MachineKind::Clock {
                jump: self
                    .duration("jump")?
                    .ok_or(FaultError::Missing("how far it jumps: jump=1h"))?,
            },
            _ => MachineKind::Suspend {
                sleep: self
                    .duration("sleep")?
                    .ok_or(FaultError::Missing("how long it sleeps: sleep=30s"))?,
            },
        })
    }
}

fn wrong(name: &str, value: &str, allowed: &str) -> FaultError {
    FaultError::Value {
        name: name.to_owned(),
        value: value.to_owned(),
        allowed: allowed.to_owned(),
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, rest) = text.split_once(':').unwrap_or((text, ""));
        let parts = Parts::read(name, rest)?;
        if name == "answers" {
            let backend = parts.get("backend", |_| true, "a backend")?;
            let backend = backend.ok_or(FaultError::Missing("whose: backend=avx2"))?;
            return Ok(Self::Answers(backend));
        }
        let at = parts.duration("at")?.unwrap_or_default();
        let lasts = parts.duration("for")?.unwrap_or(Duration::MAX);
        let worker = parts.get("worker", |n: &usize| *n > 0, "a number from 1")?;
        Ok(match parts.worker_kind(name)? {
            Some(kind) => Self::Worker(WorkerFault {
                kind,
                worker: worker.ok_or(FaultError::NoWorker)?,
                at,
                lasts,
            }),
            None => Self::Machine(MachineFault {
                kind: parts.machine_kind(name)?,
                at,
                lasts,
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker_fault(text: &str) -> WorkerFault {
        match text.parse().unwrap() {
            Fault::Worker(fault) => fault,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_description_is_read() {
        let fault = worker_fault("slow:worker=1,factor=0.6,at=10s,for=30s");
        assert_eq!(fault.kind, WorkerKind::Slow { factor: 0.6 });
        assert_eq!(
            (fault.worker, fault.at.as_secs(), fault.lasts.as_secs()),
            (1, 10, 30)
        );
        let fault = worker_fault("wrong:worker=2,lane=3");
        let (lane, rate) = (Some(3), 1.0);
        assert_eq!(fault.kind, WorkerKind::Wrong { lane, rate });
        assert_eq!(fault.lasts, Duration::MAX);
    }

    #[test]
    fn a_fault_of_the_machine_needs_no_worker() {
        let fault: Fault = "disk:free=1000,at=5s".parse().unwrap();
        let expected = MachineFault {
            kind: MachineKind::Disk { free: 1000 },
            at: Duration::from_secs(5),
            lasts: Duration::MAX,
        };
        assert_eq!(fault, Fault::Machine(expected));
        for text in [
            "memory:used=0.97",
            "heat:celsius=99",
            "clock:jump=1h",
            "suspend:sleep=30s",
        ] {
            let fault: Fault = text.parse().unwrap();
            assert!(matches!(fault, Fault::Machine(_)), "{text}");
        }
    }

    #[test]
    fn wrong_known_answers_are_those_of_a_backend() {
        let fault: Fault = "answers:backend=avx2".parse().unwrap();
        assert_eq!(fault, Fault::Answers(crate::engine::Backend::Avx2));
        for text in ["answers", "answers:backend=abacus"] {
            let refused = text.parse::<Fault>().unwrap_err().to_string();
            assert!(refused.contains("backend"), "{refused}");
        }
    }

    #[test]
    fn what_can_not_be_done_is_refused_with_what_is_allowed() {
        let refused = |text: &str| text.parse::<Fault>().unwrap_err().to_string();
        assert!(refused("melt:worker=1").contains("slow, hang, panic"));
        assert!(refused("hang").contains("worker=1"));
        assert!(refused("hang:worker=0").contains("from 1"));
        assert!(refused("slow:worker=1,factor=1.5").contains("between 0 and 1"));
        assert!(refused("slow:worker=1,speed=2").contains("speed=2"));
        assert!(refused("slow:worker=1,at=soon").contains("10s"));
        assert!(refused("disk:worker=1").contains("free, at, for"));
        assert!(refused("disk").contains("free=10000000"));
        assert!(refused("memory:used=97").contains("between 0 and 1"));
    }
}
