//! The summary of some hours: runs, metrics, restarts and their causes, incidents.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::Connection;
use serde::Serialize;

use super::query::{self, AlertRow, Measured};
use super::record::RunSummary;

/// What happened since a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub since: Timestamp,
    /// The runs that were active since then.
    pub runs: Vec<RunSummary>,
    pub measured: Vec<Measured>,
    /// Restarts of workers by cause.
    pub restarts: BTreeMap<String, u64>,
    /// What happened, oldest first.
    pub incidents: Vec<AlertRow>,
}

impl Summary {
    /// The summary of one session or of all since a moment.
    ///
    /// # Errors
    /// What SQLite said.
    pub(crate) fn read(
        connection: &Connection,
        session: Option<&str>,
        since: Timestamp,
    ) -> rusqlite::Result<Self> {
        let incidents = query::alerts(connection, session, since, false)?;
        let mut restarts = BTreeMap::new();
        for alert in &incidents {
            if alert.metadata["step"] == "restarting" {
                *restarts.entry(alert.alert_type.clone()).or_default() += 1;
            }
        }
        Ok(Self {
            since,
            runs: query::runs(connection, session, since)?,
            measured: query::measured(connection, session, since)?,
            restarts,
            incidents,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::state::{ResourceType, Status};
    use crate::history::record::{Metric, Record};
    use crate::history::{rows, schema};

    fn metric(resource_type: ResourceType, resource_id: &str, value: f64, second: i64) -> Record {
        Record::Metric(Metric {
            resource_type,
            resource_id: resource_id.to_owned(),
            name: "rate",
            value,
            warning: None,
            critical: None,
            at: Timestamp::from_second(second).unwrap(),
            unit: "candidates/s",
            status: if second > 2 {
                Status::Degraded
            } else {
                Status::Healthy
            },
        })
    }

    fn measured(session: Option<&str>, records: &[Record]) -> Vec<Measured> {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        rows::write_all(&mut connection, records).unwrap();
        let since = Timestamp::UNIX_EPOCH;
        Summary::read(&connection, session, since).unwrap().measured
    }

    #[test]
    fn values_of_a_resource_are_taken_together() {
        let values = [(10.0, 1), (30.0, 2), (20.0, 3), (f64::NAN, 4)];
        let records =
            values.map(|(value, second)| metric(ResourceType::Session, "night", value, second));
        let measured = measured(None, &records);
        let one = &measured[0];
        assert_eq!((measured.len(), one.samples), (1, 3));
        assert_eq!(
            (one.last, one.least, one.most, one.mean),
            (20.0, 10.0, 30.0, 20.0)
        );
        assert_eq!((one.at.as_second(), one.status.as_str()), (3, "degraded"));
    }

    #[test]
    fn a_session_has_its_workers_and_the_machine_and_not_those_of_others() {
        let records = [
            metric(ResourceType::Worker, "night/worker-1", 1.0, 1),
            metric(ResourceType::Worker, "night 2/worker-1", 1.0, 1),
            metric(ResourceType::System, "machine", 1.0, 1),
        ];
        let measured = measured(Some("night"), &records);
        let ids: Vec<_> = measured.iter().map(|m| m.resource_id.as_str()).collect();
        assert_eq!(ids, ["machine", "night/worker-1"]);
    }
}
