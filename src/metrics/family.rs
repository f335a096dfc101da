//! Metrics as data, families of samples with labels; and as text, in the OpenMetrics format, and in the older one that
//! node_exporter and `promtool check metrics` read.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

/// A label and its value.
pub(crate) type Label = (&'static str, Cow<'static, str>);

/// A value with its labels.
pub(crate) type Sample = (Vec<Label>, Value);

/// A value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    /// A whole number.
    Whole(u64),
    /// Any number.
    Real(f64),
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
    /// What kind of.
    pub kind: Kind,
    /// The name, of a counter without `_total`.
    pub name: &'static str,
    /// What it is, a sentence.
    pub help: &'static str,
    /// The samples; may be none.
    pub samples: Vec<Sample>,
}

#[cfg(test)]
impl Family {
    /// The name of its samples.
    pub(crate) fn full_name(&self) -> String {
        match self.kind {
            Kind::Counter => format!("{}_total", self.name),
            Kind::Gauge => self.name.to_owned(),
        }
    }
}

/// A format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// OpenMetrics 1.0, which Prometheus asks for.
    OpenMetrics,
    /// The text format 0.0.4 of Prometheus.
    Prometheus,
}

impl Format {
    /// The format for what a client says it accepts (the header `Accept`).
    pub(super) fn accepted(accept: Option<&str>) -> Self {
        match accept {
            Some(accept) if accept.contains("application/openmetrics-text") => Self::OpenMetrics,
            _ => Self::Prometheus,
        }
    }

    /// The media type.
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// Writes families; `session` is a label of every sample if it is given.
pub(super) fn write(families: Vec<Family>, session: Option<&str>, format: Format) -> String {
    let counters = families.iter().filter(|f| f.kind == Kind::Counter);
    let counters: BTreeSet<_> = counters.map(|family| family.name).collect();
    let label = |name: &str| ("session".into(), name.to_owned().into());
    let mut registry = Registry::with_labels(session.map(label).into_iter());
    registry.register_collector(Box::new(Families(families)));
    let mut open = String::new();
    // Writing to a string fails only if an encoder fails, and none of these does.
    let _ = text::encode(&mut open, &registry);
    match format {
        Format::OpenMetrics => open,
        Format::Prometheus => older(&open, &counters),
    }
}

/// All families of a moment.
#[derive(Debug)]
struct Families(Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut families = self.0.iter().filter(|family| !family.samples.is_empty());
        families.try_for_each(|family| family.encode(&mut encoder))
    }
}

impl Family {
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Counter => MetricType::Counter,
            Kind::Gauge => MetricType::Gauge,
        };
        let mut encoder = encoder.encode_descriptor(self.name, self.help, None, kind)?;
        if let [(labels, alone)] = self.samples.as_slice()
            && labels.is_empty()
        {
            return encode(self.kind, *alone, encoder);
        }
        self.samples.iter().try_for_each(|(labels, value)| {
            encode(
                self.kind,
                *value,
                encoder.encode_family(&labels.as_slice())?,
            )
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

/// The same in the older format: descriptions name counters in full, and there is no mark at the end.
fn older(open: &str, counters: &BTreeSet<&str>) -> String {
    let mut text = String::with_capacity(open.len());
    for line in open.lines().filter(|line| *line != "# EOF") {
        match described(line).filter(|(_, name, _)| counters.contains(name)) {
            Some((what, name, rest)) => text += &format!("# {what} {name}_total {rest}"),
            None => text += line,
        }
        text.push('\n');
    }
    text
}

/// The parts of a line that describes a family: "HELP" or "TYPE", the name, and the rest.
fn described(line: &str) -> Option<(&str, &str, &str)> {
    let (what, rest) = line.strip_prefix("# ")?.split_once(' ')?;
    let (name, rest) = rest.split_once(' ')?;
    Some((what, name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn families() -> Vec<Family> {
        let family = |kind, name, help, samples| Family {
            kind,
            name,
            help,
            samples,
        };
        let state = |state: &'static str, value| (vec![("state", state.into())], value);
        vec![
            family(
                Kind::Counter,
                "a_things",
                "Things.",
                vec![(Vec::new(), Value::Whole(2))],
            ),
            family(
                Kind::Gauge,
                "a_state",
                "State.",
                vec![
                    state("on \"it\"", Value::Real(0.5)),
                    state("off", Value::Whole(0)),
                ],
            ),
            family(Kind::Gauge, "a_nothing", "Nothing.", Vec::new()),
        ]
    }

    #[test]
    fn openmetrics_has_its_mark_at_the_end() {
        let text = write(families(), None, Format::OpenMetrics);
        assert_eq!(
            text,
            "# HELP a_things Things.\n# TYPE a_things counter\na_things_total 2\n\
             # HELP a_state State.\n# TYPE a_state gauge\n\
             a_state{state=\"on \\\"it\\\"\"} 0.5\na_state{state=\"off\"} 0\n# EOF\n"
        );
    }

    #[test]
    fn the_older_format_describes_counters_by_their_full_names() {
        let text = write(families(), None, Format::Prometheus);
        assert!(text.starts_with(
            "# HELP a_things_total Things.\n# TYPE a_things_total counter\na_things_total 2\n"
        ));
        assert!(!text.contains("EOF"));
    }

    #[test]
    fn every_sample_has_the_label_of_the_session() {
        let text = write(families(), Some("a \"b\""), Format::Prometheus);
        assert!(
            text.contains("a_things_total{session=\"a \\\"b\\\"\"} 2\n"),
            "{text}"
        );
        assert!(
            text.contains("a_state{session=\"a \\\"b\\\"\",state=\"off\"} 0\n"),
            "{text}"
        );
    }

    #[test]
    fn clients_get_what_they_ask_for() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3";
        assert_eq!(Format::accepted(Some(prometheus)), Format::OpenMetrics);
        assert_eq!(Format::accepted(Some("*/*")), Format::Prometheus);
        assert_eq!(Format::accepted(None), Format::Prometheus);
    }
}
