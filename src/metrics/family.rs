//! Metrics as data: families of samples with labels, and their way into the crate that writes them.

use std::borrow::Cow;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// A label and its value.
pub(crate) type Label = (&'static str, Cow<'static, str>);

/// A value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    /// A whole number.
    Whole(u64),
    /// Any number.
    Real(f64),
}

/// A value with its labels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// The labels.
    pub labels: Vec<Label>,
    /// The value.
    pub value: Value,
}

/// What a family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It only grows while the process lives; its samples' names end in `_total`.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// Samples of one name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Family {
    /// The name, of a counter without `_total`.
    pub name: &'static str,
    /// What it is, a sentence.
    pub help: &'static str,
    /// What kind of.
    pub kind: Kind,
    /// The samples; may be none.
    pub samples: Vec<Sample>,
}

impl Family {
    /// A gauge without samples.
    pub(crate) const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self::new(name, help, Kind::Gauge)
    }

    /// A counter without samples.
    pub(crate) const fn counter(name: &'static str, help: &'static str) -> Self {
        Self::new(name, help, Kind::Counter)
    }

    const fn new(name: &'static str, help: &'static str, kind: Kind) -> Self {
        Self {
            name,
            help,
            kind,
            samples: Vec::new(),
        }
    }

    /// With one more sample.
    #[must_use]
    pub(crate) fn with<const N: usize>(mut self, labels: [Label; N], value: Value) -> Self {
        self.samples.push(Sample {
            labels: labels.into(),
            value,
        });
        self
    }

    /// With a sample without labels.
    #[must_use]
    pub(crate) fn of(self, value: Value) -> Self {
        self.with([], value)
    }

    /// With a sample where there is a value.
    #[must_use]
    pub(crate) fn maybe(self, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.of(value),
            None => self,
        }
    }

    /// The name of its samples.
    pub(crate) fn full_name(&self) -> String {
        match self.kind {
            Kind::Counter => format!("{}_total", self.name),
            Kind::Gauge => self.name.to_owned(),
        }
    }

    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Counter => MetricType::Counter,
            Kind::Gauge => MetricType::Gauge,
        };
        let mut encoder = encoder.encode_descriptor(self.name, self.help, None, kind)?;
        if let [alone] = self.samples.as_slice()
            && alone.labels.is_empty()
        {
            return encode(self.kind, alone.value, encoder);
        }
        self.samples.iter().try_for_each(|sample| {
            let labels = sample.labels.as_slice();
            encode(self.kind, sample.value, encoder.encode_family(&labels)?)
        })
    }
}

fn encode(kind: Kind, value: Value, encoder: MetricEncoder<'_>) -> fmt::Result {
    match (kind, value) {
        (Kind::Counter, Value::Whole(value)) => ConstCounter::new(value).encode(encoder),
        (Kind::Counter, Value::Real(value)) => ConstCounter::new(value).encode(encoder),
        (Kind::Gauge, Value::Whole(value)) => ConstGauge::new(value).encode(encoder),
        (Kind::Gauge, Value::Real(value)) => ConstGauge::new(value).encode(encoder),
    }
}

/// All families of a moment.
#[derive(Debug)]
pub(super) struct Families(pub Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut families = self.0.iter().filter(|family| !family.samples.is_empty());
        families.try_for_each(|family| family.encode(&mut encoder))
    }
}
