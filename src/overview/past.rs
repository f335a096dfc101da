//! What the history has of a session: runs, values, restarts, incidents, and its rate over time.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::history::database;
use crate::history::query::{self, AlertRow, Measured, Point};
use crate::history::summary::Summary;

/// Points of a rate over time at most.
const POINTS: u32 = 480;

/// Incidents at most, the latest.
const INCIDENTS: usize = 200;

/// A session since a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Past {
    /// Runs, values of workers and machine, restarts, and the latest incidents.
    #[serde(flatten)]
    pub summary: Summary,
    /// Its rate in candidates a second, oldest first. A value that stands still is written every five minutes; where
    /// there is none for longer, it did not search.
    pub rates: Vec<Point>,
}

impl Past {
    /// Reads what the database has of a session since a moment.
    ///
    /// # Errors
    /// There is no database, or it can't be read.
    pub(crate) fn read(path: &Path, session: &str, since: Timestamp) -> anyhow::Result<Self> {
        let connection = database::open_to_read(path)?;
        let mut summary = Summary::read(&connection, Some(session), since)?;
        keep_latest(&mut summary.incidents);
        let rates = query::series(&connection, session, "rate", since, POINTS)?;
        Ok(Self { summary, rates })
    }

    /// A metric of session or machine over all its samples, such as "temperature" or "memory".
    pub(crate) fn last(&self, metric: &str) -> Option<&Measured> {
        let measured = self.summary.measured.iter();
        let of = measured.filter(|m| m.metric_name == metric && m.resource_type != "worker");
        of.max_by_key(|measured| measured.at)
    }
}

fn keep_latest(incidents: &mut Vec<AlertRow>) {
    let surplus = incidents.len().saturating_sub(INCIDENTS);
    incidents.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::state::ResourceType;
    use crate::history::record::{Metric, Record};
    use crate::history::writer::History;

    fn rate(session: &str, second: i64, value: f64) -> Record {
        let at = Timestamp::from_second(1_800_000_000 + second).unwrap();
        let of = (ResourceType::Session, session);
        Record::Metric(Metric::new(of, "rate", value, "candidates/s", at))
    }

    #[test]
    fn a_night_of_samples_becomes_as_many_points_as_a_chart_can_show() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let history = History::open(&path).unwrap();
        for second in 0..1000 {
            history.send(rate(
                "night",
                30 * second,
                if second < 500 { 1e8 } else { 2e8 },
            ));
        }
        history.send(rate("day", 0, 5.0));
        assert_eq!(history.close(std::time::Duration::from_secs(60)), 0);
        let past = Past::read(&path, "night", Timestamp::UNIX_EPOCH).unwrap();
        assert!(
            (100..=POINTS as usize).contains(&past.rates.len()),
            "{}",
            past.rates.len()
        );
        assert!(past.rates.is_sorted_by_key(|point| point.at));
        assert_eq!(
            (past.rates[0].mean, past.last("rate").unwrap().last),
            (1e8, 2e8)
        );
        let later = Timestamp::from_second(1_900_000_000).unwrap();
        assert_eq!(Past::read(&path, "night", later).unwrap().rates, []);
        assert!(Past::read(&folder.path().join("none"), "night", later).is_err());
    }
}
