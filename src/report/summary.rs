//! What a search came to, in words.

use super::outlet::Unwritten;
use crate::event::message::keys;
use crate::exit::{Ending, Signal};
use crate::health::HealthSummary;
use crate::status::{CardStatus, Totals};
use crate::text::number::{about, counted, rate, thousands};
use crate::text::odds::Odds;
use crate::text::span::span;

/// What a search came to that has ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Summary {
    /// Why it ended.
    pub ending: Ending,
    /// Sums over all runs of the session.
    pub totals: Totals,
    /// Keys that were asked for; `None`: all.
    pub count: Option<u64>,
    /// The chance a candidate.
    pub odds: Odds,
    /// Found keys that failed the check.
    pub refused: u64,
    /// Keys on the watchlist that were seen, saved or not.
    pub watched_seen: u64,
    /// Keys that were given up unsaved.
    pub lost: usize,
    /// The health of all runs.
    pub health: Option<HealthSummary>,
    /// Its cards.
    pub cards: Vec<CardStatus>,
}

#[cfg(test)]
impl Default for Summary {
    fn default() -> Self {
        Self {
            ending: Ending::Found,
            totals: Totals::default(),
            count: None,
            odds: Odds::default(),
            refused: 0,
            watched_seen: 0,
            lost: 0,
            health: None,
            cards: Vec::new(),
        }
    }
}

impl Summary {
    /// The summary in words, one line a fact.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.headline()];
        let cards = self.cards.iter();
        lines.extend(cards.map(|card| format!("Card {}.", card.text())));
        let notes = [
            self.outlook(),
            self.proof(),
            self.watchlist(),
            self.flood(),
            self.errors(),
        ];
        lines.extend(notes.into_iter().flatten());
        if self.lost > 0 {
            lines.push(format!(
                "ERROR: lost, because no folder took them: {}.",
                keys(self.lost as u64)
            ));
        }
        lines
    }

    fn headline(&self) -> String {
        let found = match self.count {
            Some(count) if self.totals.found < count => {
                format!("found {} of {}", thousands(self.totals.found), keys(count))
            }
            _ => format!("found {}", keys(self.totals.found)),
        };
        format!(
            "{}: {found} in {}; {} candidates, {}.",
            reason(self.ending),
            span(self.totals.working()),
            thousands(self.totals.candidates),
            rate(self.totals.rate()),
        )
    }

    /// What to expect of going on, if not everything was found.
    fn outlook(&self) -> Option<String> {
        let open = self.count.is_some_and(|count| self.totals.found < count);
        (open && self.totals.rate() > 0.0).then(|| {
            let from_now = self.odds.times_from_now(self.totals.rate());
            format!(
                "Wanted is {}; {from_now}: a search has no memory.",
                self.odds.one_in()
            )
        })
    }

    fn proof(&self) -> Option<String> {
        // Less than one that is expected proves nothing.
        let least = if self.totals.spot_checks > 0 {
            1.0
        } else {
            25.0
        };
        (self.totals.spot_checks_expected >= least).then(|| {
            format!(
                "Proof of search: {} right, {} expected.",
                counted(self.totals.spot_checks, "spot check"),
                about(self.totals.spot_checks_expected)
            )
        })
    }

    fn watchlist(&self) -> Option<String> {
        (self.watched_seen > 0).then(|| {
            format!(
                "Watchlist: {} saved, about {} seen.",
                keys(self.totals.watched),
                thousands(self.watched_seen)
            )
        })
    }

    /// Skipped hits, unless enough keys were found anyway.
    fn flood(&self) -> Option<String> {
        let open = self.count.is_none_or(|count| self.totals.found < count);
        (open && self.totals.skipped > 0).then(|| {
            format!(
                "Skipped {} that came faster than they can be saved.",
                keys(self.totals.skipped)
            )
        })
    }

    fn errors(&self) -> Option<String> {
        (self.totals.refuted + self.refused > 0).then(|| {
            format!(
                "ERROR: the engine computed wrong results (hits refuted: {}, keys that failed their check: {}); none was \
                 saved. Try --backend portable and keygen self-test.",
                thousands(self.totals.refuted),
                thousands(self.refused)
            )
        })
    }
}

/// The lines that could not be shown, in words.
pub(crate) fn unwritten(unwritten: Unwritten) -> Vec<String> {
    let mut lines = Vec::new();
    if unwritten.results > 0 {
        lines.push(format!(
            "WARNING: {} of standard output not taken by its reader; all keys are saved in their files.",
            counted(unwritten.results, "line")
        ));
    }
    if unwritten.chatter > 0 {
        lines.push(format!(
            "{} of standard error dropped: its reader was too slow.",
            counted(unwritten.chatter, "line")
        ));
    }
    lines
}

fn reason(ending: Ending) -> String {
    match ending {
        Ending::Found | Ending::FoundInFallback => "Done".to_owned(),
        Ending::Failed => "Failed".to_owned(),
        Ending::BadInput => "Bad input".to_owned(),
        Ending::Limit(limit) => format!("Reached {}", limit.option()),
        Ending::Stopped => "Stopped by command".to_owned(),
        Ending::NoWorkerLeft => "No worker is left".to_owned(),
        Ending::Interrupted(Signal::HangUp) => "Stopped by hang-up".to_owned(),
        Ending::Interrupted(Signal::Interrupt) => "Stopped by interrupt".to_owned(),
        Ending::Interrupted(Signal::Terminate) => "Stopped by terminate".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::LimitKind;

    const TOTALS: Totals = Totals {
        candidates: 65_536,
        at_last_key: 0,
        found: 1,
        watched: 0,
        working_seconds: 0.5,
        spot_checks: 0,
        spot_checks_expected: 0.0,
        refuted: 0,
        skipped: 0,
        fallback: 0,
    };

    fn summary() -> Summary {
        Summary {
            totals: TOTALS,
            count: Some(1),
            odds: Odds(1.0 / 65_536.0),
            ..Summary::default()
        }
    }

    #[test]
    fn a_search_that_found_its_key_needs_one_line() {
        let lines = summary().lines();
        assert_eq!(
            lines,
            ["Done: found 1 key in 0.50 s; 65,536 candidates, 131.1 thousand/s."]
        );
    }

    #[test]
    fn what_a_card_did_is_told_below_what_all_did() {
        let card = CardStatus {
            worker: 2,
            device: "gpu:0".to_owned(),
            name: "H200".to_owned(),
            rate: Some(28e9),
            share: Some(0.98),
            ..CardStatus::default()
        };
        let lines = Summary {
            cards: vec![card],
            ..summary()
        }
        .lines();
        assert_eq!(
            lines[1],
            "Card gpu:0 H200 (worker 2): 28.0 billion/s, 98 % of the candidates."
        );
    }

    #[test]
    fn a_search_that_did_not_says_how_far_it_came_and_what_to_expect() {
        let lines = Summary {
            ending: Ending::Limit(LimitKind::Time),
            count: Some(3),
            ..summary()
        }
        .lines();
        assert!(lines[0].starts_with("Reached --time: found 1 of 3 keys in 0.50 s"));
        assert!(lines[1].starts_with("Wanted is 1 in 65,536 candidates; from now 50 % in 0.35 s"));
    }

    #[test]
    fn skipped_hits_are_said_only_while_keys_were_wanting() {
        let skipped = Summary {
            totals: Totals {
                skipped: 7,
                ..TOTALS
            },
            ..summary()
        };
        assert_eq!(skipped.lines().len(), 1);
        let all = Summary {
            count: None,
            ..skipped
        };
        assert!(all.lines()[1].starts_with("Skipped 7 keys"));
    }

    #[test]
    fn proof_errors_and_losses_are_told() {
        let lines = Summary {
            totals: Totals {
                spot_checks: 412,
                spot_checks_expected: 405.2,
                refuted: 2,
                watched: 1,
                ..TOTALS
            },
            lost: 1,
            watched_seen: 5,
            ..summary()
        }
        .lines();
        assert_eq!(
            lines[1],
            "Proof of search: 412 spot checks right, 405 expected."
        );
        assert_eq!(lines[2], "Watchlist: 1 key saved, about 5 seen.");
        assert!(lines[3].contains("hits refuted: 2"), "{}", lines[3]);
        assert!(lines[4].contains("no folder took them: 1 key."));
    }

    #[test]
    fn no_time_at_all_is_no_rate_rather_than_an_infinite_one() {
        let none = Totals {
            working_seconds: 0.0,
            ..TOTALS
        };
        assert_eq!(none.rate(), 0.0);
    }

    #[test]
    fn lines_that_were_not_written_are_told_by_stream() {
        assert!(unwritten(Unwritten::default()).is_empty());
        let lines = unwritten(Unwritten {
            results: 1,
            chatter: 1200,
        });
        assert!(lines[0].starts_with("WARNING: 1 line of standard output"));
        assert!(lines[1].starts_with("1,200 lines of standard error"));
    }
}
