//! Where a session stands when its next run begins: what the journal knows better than the checkpoint, and the gap between.

use jiff::Timestamp;

use super::checkpoint::{Checkpoint, Stage};
use super::journal::{Kind, Record};
use super::recover::{self, Fate, Key};
use crate::clock::gap::{Gap, GapKind};
use crate::session::active::ActiveSession;
use crate::status::Totals;

/// Where a session stands when its next run begins: what the journal knows better than the checkpoint counts.
#[must_use]
pub(super) fn continued(before: Checkpoint, keys: &[Key], now: Timestamp) -> Checkpoint {
    let mut next = before;
    if !matches!(next.stage, Stage::Ended { .. }) {
        next.gaps.add(Gap {
            kind: GapKind::ProcessGone,
            from: next.updated,
            to: now,
        });
    }
    let totals = &mut next.totals;
    // The journal is ahead of the checkpoint, unless it could not be written.
    totals.found = totals.found.max(recover::count(keys, Kind::Found));
    totals.watched = totals.watched.max(recover::count(keys, Kind::Watchlist));
    let there = keys.iter().filter(|key| key.fate != Fate::Lost);
    catch_up(totals, there.map(|key| &key.record));
    next.run += 1;
    next.process = std::process::id();
    next.updated = now;
    next.stage = Stage::Running;
    next
}

/// Raises sums to what records of keys prove.
pub(super) fn catch_up<'a>(totals: &mut Totals, records: impl Iterator<Item = &'a Record>) {
    for record in records {
        totals.candidates = totals.candidates.max(record.candidates);
        totals.working_seconds = totals.working_seconds.max(record.seconds);
        if record.kind == Kind::Found {
            totals.at_last_key = totals.at_last_key.max(record.candidates);
        }
    }
}

impl ActiveSession {
    /// The time without any process just before this run, if there was one that is worth telling.
    #[must_use]
    pub(crate) fn was_gone(&self) -> Option<Gap> {
        let last = self.checkpoint.gaps.latest.back();
        let just_now =
            |gap: &&Gap| gap.kind == GapKind::ProcessGone && gap.to == self.checkpoint.updated;
        last.filter(just_now).cloned()
    }
}
