//! The description of a fault on the command line: `slow:worker=1,factor=0.6,at=10s,for=30s`.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// The worker burns processor time beside its sweeps, so that it searches at this share of its speed.
    Slow {
        /// Share of the speed that is left.
        factor: f64,
    },
    /// The worker looks at no flag any more.
    Hang {
        /// Whether it spins; otherwise it blocks.
        spins: bool,
    },
    /// The worker panics.
    Panic,
    /// The worker forgets memory that it has touched.
    Leak {
        /// Bytes a second.
        rate: f64,
    },
    /// Bits of one lane, or of all lanes, flip.
    Wrong {
        /// Which lane, from 0; `None`: all.
        lane: Option<usize>,
        /// Share of the survivors that it hits.
        rate: f64,
    },
}

/// A fault of one worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// Whose, from 1.
    pub worker: usize,
    /// When it begins, since the worker's start.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
}

/// A description that says nothing that can be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no such kind of fault.
    #[error("'{0}' is no fault; allowed are slow, hang, panic, leak and wrong")]
    Kind(String),
    /// A part is no `name=value`, or has a name that this fault does not know.
    #[error("'{part}' means nothing here; {kind} knows {known}")]
    Part {
        /// The part.
        part: String,
        /// The kind of fault.
        kind: String,
        /// The names that it knows.
        known: &'static str,
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
    /// It does not say whose fault it is.
    #[error("it names no worker; say worker=1")]
    NoWorker,
}

const KNOWN: &str = "worker, at, for, and for slow factor, hang how=spin|block, leak rate (bytes a second), wrong lane and rate";

/// The values of a description.
struct Parts<'a> {
    parts: Vec<(&'a str, &'a str)>,
}

impl<'a> Parts<'a> {
    fn read(kind: &str, text: &'a str) -> Result<Self, FaultError> {
        let names = ["worker", "at", "for", "factor", "how", "rate", "lane"];
        let split = |part: &'a str| {
            let pair = part
                .split_once('=')
                .filter(|(name, _)| names.contains(name));
            pair.ok_or_else(|| FaultError::Part {
                part: part.to_owned(),
                kind: kind.to_owned(),
                known: KNOWN,
            })
        };
        let parts = text.split(',').filter(|part| !part.is_empty()).map(split);
        Ok(Self {
            parts: parts.collect::<Result<_, _>>()?,
        })
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.parts
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| *value)
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

    fn duration(&self, name: &str) -> Result<Option<Duration>, FaultError> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        let read = humantime::parse_duration(value);
        read.map(Some)
            .map_err(|_| wrong(name, value, "a time such as 10s"))
    }

    fn kind(&self, kind: &str) -> Result<Kind, FaultError> {
        let share = |x: &f64| *x > 0.0 && *x <= 1.0;
        let rate = || self.get("rate", share, "a share between 0 and 1");
        Ok(match kind {
            "slow" => Kind::Slow {
                factor: self
                    .get("factor", share, "a share between 0 and 1")?
                    .unwrap_or(0.6),
            },
            "hang" => match self.text("how") {
                None | Some("spin") => Kind::Hang { spins: true },
                Some("block") => Kind::Hang { spins: false },
                Some(other) => return Err(wrong("how", other, "spin or block")),
            },
            "panic" => Kind::Panic,
            "leak" => Kind::Leak {
                rate: self
                    .get("rate", |x: &f64| *x > 0.0, "bytes a second")?
                    .unwrap_or(20e6),
            },
            "wrong" => Kind::Wrong {
                lane: self.get("lane", |_| true, "a lane, from 0")?,
                rate: rate()?.unwrap_or(1.0),
            },
            other => return Err(FaultError::Kind(other.to_owned())),
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
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let parts = Parts::read(kind, rest)?;
        let worker = parts.get("worker", |n: &usize| *n > 0, "a number from 1")?;
        Ok(Self {
            kind: parts.kind(kind)?,
            worker: worker.ok_or(FaultError::NoWorker)?,
            at: parts.duration("at")?.unwrap_or_default(),
            lasts: parts.duration("for")?.unwrap_or(Duration::MAX),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read() {
        let fault: Fault = "slow:worker=1,factor=0.6,at=10s,for=30s".parse().unwrap();
        assert_eq!(fault.kind, Kind::Slow { factor: 0.6 });
        assert_eq!(
            (fault.worker, fault.at.as_secs(), fault.lasts.as_secs()),
            (1, 10, 30)
        );
        let fault: Fault = "wrong:worker=2,lane=3".parse().unwrap();
        assert_eq!(
            fault.kind,
            Kind::Wrong {
                lane: Some(3),
                rate: 1.0
            }
        );
        assert_eq!(fault.lasts, Duration::MAX);
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
    }
}
