//! Why a search is paused: reasons come and go independently, and it goes on when none is left.

use jiff::Timestamp;

use crate::status::Pause;

/// The reason of a pause that somebody asked for.
pub(crate) const USER: &str = "user";

/// The reasons that hold now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pauses(Vec<Pause>);

/// What a reason that comes or goes makes of the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It pauses from now on.
    Began,
    /// It goes on.
    Ended,
    /// It stays as it is.
    None,
}

impl Pauses {
    /// A reason holds from now on.
    pub(crate) fn add(&mut self, reason: &str, why: String, now: Timestamp) -> Change {
        if let Some(known) = self.0.iter_mut().find(|pause| pause.reason == reason) {
            known.why = why;
            return Change::None;
        }
        self.0.push(Pause {
            reason: reason.to_owned(),
            why,
            since: now,
        });
        match self.0.len() {
            1 => Change::Began,
            _ => Change::None,
        }
    }

    /// A reason is gone.
    pub(crate) fn remove(&mut self, reason: &str) -> Change {
        let before = self.0.len();
        self.0.retain(|pause| pause.reason != reason);
        match (before, self.0.len()) {
            (1, 0) => Change::Ended,
            _ => Change::None,
        }
    }

    /// Whether a reason holds.
    #[must_use]
    pub(crate) fn has(&self, reason: &str) -> bool {
        self.0.iter().any(|pause| pause.reason == reason)
    }

    /// All reasons.
    #[must_use]
    pub(crate) fn all(&self) -> &[Pause] {
        &self.0
    }

    /// All reasons in words; `None` where there is none.
    #[must_use]
    pub(crate) fn why(&self) -> Option<String> {
        let whys: Vec<_> = self.0.iter().map(|pause| pause.why.as_str()).collect();
        (!whys.is_empty()).then(|| whys.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_goes_on_when_the_last_reason_is_gone() {
        let mut pauses = Pauses::default();
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(pauses.add(USER, "by command".into(), now), Change::Began);
        assert_eq!(pauses.add("hot", "95 °C".into(), now), Change::None);
        assert_eq!(pauses.add("hot", "96 °C".into(), now), Change::None);
        assert_eq!(pauses.why().unwrap(), "by command; 96 °C");
        assert_eq!(pauses.remove(USER), Change::None);
        assert_eq!(pauses.remove(USER), Change::None);
        assert_eq!(pauses.remove("hot"), Change::Ended);
        assert_eq!(pauses.why(), None);
    }
}
