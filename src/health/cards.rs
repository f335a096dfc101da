//! Cards: heat, throttling and growing memory of the device that a worker searches on.

use std::time::Duration;

use meshcore_keygen_gpu::CardReadings;

use super::card_slow::SlowRestarts;
use super::memory::megabytes;
use super::monitor::Monitor;
use super::resources::Level;
use super::state::WorkerState;
use super::thresholds::{Levels, Thresholds};
use super::verdict::{ActionTaken, Decision, Verdict, report};

/// Degrees below a card's own limit that are a warning: cards work near it by design.
const MARGIN: f64 = 5.0;

/// What is known of the card of a slot; of other slots nothing is.
#[derive(Clone, Debug, Default)]
pub struct CardWatch {
    /// What was read last.
    pub readings: Option<CardReadings>,
    /// How near the temperature is to its limit.
    pub(super) level: Level,
    /// Whether it is too hot to work on.
    hot: bool,
    reported_blind: bool,
    /// Whether its driver slows it.
    slowed: bool,
    /// What restarts did while it was slow.
    pub(super) slow: SlowRestarts,
    /// The least memory that this process held on it since the worker began.
    least: Option<u64>,
}

impl CardWatch {
    /// The same card under a new worker.
    pub(super) fn renewed(&self) -> Self {
        Self {
            least: None,
            ..self.clone()
        }
    }

    /// The share of its speed at which it runs while its driver slows it; 0 where that is unknown.
    pub(super) fn slowed_to(&self) -> Option<f64> {
        let card = self.readings.as_ref().filter(|_| self.slowed)?;
        Some(card.clock_share().unwrap_or(0.0))
    }

    /// What its driver slows it for, and how much.
    pub(super) fn why_slow(&self) -> Option<String> {
        let card = self.readings.as_ref().filter(|_| self.slowed)?;
        let reason = card.slowed_by()?.name();
        let device = &card.device;
        Some(format!(
            "the driver slows {device} ({reason}): {}",
            card.text()
        ))
    }

    /// Takes readings; returns what to say about heat.
    fn heat(&mut self, card: &CardReadings, t: &Thresholds) -> Vec<(ActionTaken, String)> {
        let device = &card.device;
        let Some(celsius) = card.celsius else {
            let first = t.gpu_pause_above.is_some() && !self.reported_blind;
            self.reported_blind |= first;
            let why = card.unreadable.as_deref().unwrap_or("the driver is silent");
            let detail = format!(
                "the temperature of {device} can't be read ({why}), so it will not pause for it"
            );
            return Vec::from_iter(first.then_some((ActionTaken::Unreadable, detail)));
        };
        let detail = format!("{device} is at {celsius:.0} °C");
        let level = next_level(self.level, celsius, card, t);
        let before = std::mem::replace(&mut self.level, level);
        let action = level.reported_after(before);
        let mut said = Vec::from_iter(action.map(|action| (action, detail.clone())));
        let was = self.hot;
        self.hot = t
            .gpu_pause_above
            .is_some_and(|limit| celsius > limit || (was && celsius > limit - t.pause_hysteresis));
        match (was, self.hot) {
            (false, true) => said.push((ActionTaken::Paused, detail)),
            (true, false) => said.push((ActionTaken::Resumed, detail)),
            _ => {}
        }
        said
    }

    /// By how much this process's memory on the card has grown, where that is too much.
    fn grown(&mut self, card: &CardReadings, t: &Thresholds) -> Option<u64> {
        let now = card.own_memory?;
        let least = self.least.get_or_insert(now);
        *least = now.min(*least);
        let growth = now - *least;
        (growth >= t.gpu_memory_growth).then_some(growth)
    }
}

/// The level of a temperature, which falls only some degrees below the limit that it rose at.
fn next_level(before: Level, celsius: f64, card: &CardReadings, t: &Thresholds) -> Level {
    let levels = card.slowdown_celsius.map_or(t.heat, |limit| Levels {
        warning: limit - MARGIN,
        critical: limit,
    });
    let rising = Level::of(celsius, levels);
    let falling = Level::of(celsius + t.pause_hysteresis, levels);
    rising.max(falling.min(before))
}

impl Monitor {
    /// What follows from the readings of the cards, in the order of their workers.
    pub(super) fn cards(&mut self, cards: &[CardReadings], now: Duration) -> Vec<Decision> {
        let first = self.slots.len() - self.watched.cards.min(self.slots.len());
        let workers = first..self.slots.len();
        let each = workers.zip(cards);
        each.flat_map(|(index, card)| self.card(index, card, now))
            .collect()
    }

    fn card(&mut self, index: usize, card: &CardReadings, now: Duration) -> Vec<Decision> {
        let slot = &mut self.slots[index];
        let slowed = card.slowed_by().is_some();
        if std::mem::replace(&mut slot.card.slowed, slowed) != slowed {
            // windows under another clock say nothing about those that follow
            slot.history.reset();
        }
        let said = slot.card.heat(card, &self.t);
        let grown = slot.card.grown(card, &self.t);
        slot.card.readings = Some(card.clone());
        let judged = self.watched.judging && slot.is_judged();
        let mut decisions: Vec<_> = said
            .into_iter()
            .map(|(action, detail)| {
                if action == ActionTaken::Reported {
                    self.account.noticed(Verdict::Hot);
                }
                report(Verdict::Hot, Some(index + 1), detail, action)
            })
            .collect();
        if let Some(growth) = grown.filter(|_| judged) {
            let (device, growth) = (&card.device, megabytes(growth));
            let detail = format!("memory on {device} has grown by {growth}");
            decisions.extend(self.want(index, Verdict::MemoryGrowth, detail, now));
        }
        decisions.extend(self.cool(index, now));
        decisions
    }

    /// Lets the worker of a card rest while that is too hot.
    fn cool(&mut self, index: usize, now: Duration) -> Option<Decision> {
        let paused = self.pause_reasons.any();
        let slot = &mut self.slots[index];
        let rest = slot.card.hot;
        let can_rest = slot.state.works() || slot.state == WorkerState::Paused;
        if rest == slot.resting || (rest && !can_rest) {
            return None;
        }
        if rest {
            slot.rest();
        } else {
            slot.wake(now);
            if paused {
                slot.state = WorkerState::Paused;
            }
        }
        let worker = index + 1;
        Some(Decision::Rest { worker, rest })
    }
}

#[cfg(test)]
#[path = "cards_tests.rs"]
mod tests;
