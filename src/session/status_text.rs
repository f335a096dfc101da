//! The status of a session for people.

use jiff::tz::TimeZone;

use super::status::{KeyStatus, Status};
use crate::event::FoundKind;
use crate::event::message::keys as count_keys;
use crate::text::number::{percent, rate, thousands};
use crate::text::span::seconds;

/// Gaps, keys and warnings that people see; JSON has them all.
const SHOWN: usize = 5;

impl Status {
    /// One line, as a list of sessions has it.
    pub(crate) fn headline(&self) -> String {
        let process = self.id.map(|id| format!(" (process {id})"));
        let reason = self.reason.as_ref().map(|reason| format!(", {reason}"));
        format!(
            "{}: {}{}{}: {}; {}, {} candidates in {}",
            self.session,
            self.state,
            process.unwrap_or_default(),
            reason.unwrap_or_default(),
            self.pattern,
            self.keys_found(),
            thousands(self.candidates),
            seconds(self.working_seconds),
        )
    }

    /// The whole status for people, in this time zone.
    pub(crate) fn text(&self, zone: &TimeZone) -> String {
        let mut lines = vec![self.headline()];
        lines.extend(self.key_lines());
        lines.push(format!(
            "  Work: {} in {} of searching, {}",
            rate(self.rate),
            seconds(self.working_seconds),
            if self.runs == 1 {
                "1 run".to_owned()
            } else {
                format!("{} runs", self.runs)
            }
        ));
        let cards = self.cards.iter();
        lines.extend(cards.map(|card| format!("  Card: {}", card.text())));
        lines.extend(self.gap_line(zone));
        if self.spot_checks > 0 || self.spot_checks_expected >= 25.0 {
            lines.push(format!(
                "  Proof of search: {} spot checks right, {:.0} expected{}",
                thousands(self.spot_checks),
                self.spot_checks_expected,
                if self.refuted > 0 {
                    format!(", {} refuted", thousands(self.refuted))
                } else {
                    String::new()
                }
            ));
        }
        if self.restarts > 0 {
            lines.push(format!("  Restarts of workers: {}", self.restarts));
        }
        lines.push(self.chances());
        let shown = self.warnings.iter().rev().take(SHOWN).rev();
        lines.extend(shown.map(|warning| format!("  Warning: {warning}")));
        lines.extend(self.next.iter().map(|next| format!("  Next: {next}")));
        lines.join("\n")
    }

    fn keys_found(&self) -> String {
        match self.limits.count {
            Some(count) => format!("{} of {}", thousands(self.found), count_keys(count)),
            None => count_keys(self.found),
        }
    }

    fn key_lines(&self) -> Vec<String> {
        let line = |key: &KeyStatus| {
            let watched = match key.kind {
                FoundKind::Wanted => "",
                FoundKind::Watched => "watchlist: ",
            };
            let file = key.files.first().map_or("", String::as_str);
            format!("  Key: {watched}{} {file}", key.public_key)
        };
        let skipped = self.keys.len().saturating_sub(SHOWN);
        let mut lines: Vec<_> = self.keys[skipped..].iter().map(line).collect();
        if skipped > 0 {
            lines.insert(0, format!("  Keys before these: {skipped} (all: --json)"));
        }
        lines
    }

    fn gap_line(&self, zone: &TimeZone) -> Option<String> {
        let described: Vec<_> = self
            .gaps
            .iter()
            .rev()
            .take(SHOWN)
            .rev()
            .map(|gap| gap.describe(zone))
            .collect();
        let more = self.gap_count.saturating_sub(described.len() as u64);
        let more = if more > 0 {
            format!("; {more} before these")
        } else {
            String::new()
        };
        (!described.is_empty()).then(|| format!("  Gaps: {}{more}", described.join("; ")))
    }

    fn chances(&self) -> String {
        let so_far = percent(self.chance_so_far);
        let within = self
            .chance_within_limit
            .map(|chance| format!(", {} within the limit", percent(chance)));
        format!("  Chance: {so_far} so far{}", within.unwrap_or_default())
    }
}
