//! Metrics as text: in the OpenMetrics format, and in the older one that node_exporter and `promtool check metrics` read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;

use super::family::{Families, Family};

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
    let counters: BTreeSet<_> = families
        .iter()
        .filter(|family| family.name != family.full_name())
        .map(|family| family.name)
        .collect();
    let label = |name: &str| (Cow::Borrowed("session"), Cow::Owned(name.to_owned()));
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
    use super::super::family::Value;
    use super::*;

    fn families() -> Vec<Family> {
        vec![
            Family::counter("a_things", "Things.").of(Value::Whole(2)),
            Family::gauge("a_state", "State.")
                .with([("state", "on \"it\"".into())], Value::Real(0.5))
                .with([("state", "off".into())], Value::Whole(0)),
            Family::gauge("a_nothing", "Nothing."),
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
