//! Metrics as data, families of samples with labels; and as text, in the OpenMetrics format, and in the older one that
//! node_exporter and `promtool check metrics` read.

use std::borrow::Cow;
use std::fmt;

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

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => number.fmt(f),
            // With a point, also where it is whole.
            Self::Real(number) => fmt::Debug::fmt(number, f),
        }
    }
}

/// What a family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
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
pub(super) fn write(families: &[Family], session: Option<&str>, format: Format) -> String {
    let own = session.map(|name| ("session", name.to_owned().into()));
    let mut text = String::new();
    for family in families.iter().filter(|family| !family.samples.is_empty()) {
        let (full, help, kind) = (family.full_name(), family.help, <&str>::from(family.kind));
        let described = match format {
            Format::OpenMetrics => family.name,
            Format::Prometheus => &full,
        };
        text += &format!("# HELP {described} {help}\n# TYPE {described} {kind}\n");
        for (labels, value) in &family.samples {
            let labels: Vec<_> = own.iter().chain(labels).map(label).collect();
            text += &match labels.is_empty() {
                true => format!("{full} {value}\n"),
                false => format!("{full}{{{}}} {value}\n", labels.join(",")),
            };
        }
    }
    if format == Format::OpenMetrics {
        text += "# EOF\n";
    }
    text
}

fn label((name, value): &Label) -> String {
    let value = value.replace('\\', r"\\").replace('"', "\\\"");
    format!("{name}=\"{}\"", value.replace('\n', r"\n"))
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
        let text = write(&families(), None, Format::OpenMetrics);
        assert_eq!(
            text,
            "# HELP a_things Things.\n# TYPE a_things counter\na_things_total 2\n\
             # HELP a_state State.\n# TYPE a_state gauge\n\
             a_state{state=\"on \\\"it\\\"\"} 0.5\na_state{state=\"off\"} 0\n# EOF\n"
        );
    }

    #[test]
    fn the_older_format_describes_counters_by_their_full_names() {
        let text = write(&families(), None, Format::Prometheus);
        assert!(text.starts_with(
            "# HELP a_things_total Things.\n# TYPE a_things_total counter\na_things_total 2\n"
        ));
        assert!(!text.contains("EOF"));
    }

    #[test]
    fn every_sample_has_the_label_of_the_session() {
        let text = write(&families(), Some("a \"b\""), Format::Prometheus);
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
