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
mod tests {
    use std::time::UNIX_EPOCH;

    use meshcore_keygen_gpu::Throttle;

    use super::*;
    use crate::batch::WorkerId;
    use crate::engine::Backend;
    use crate::health::fixtures::watched;
    use crate::health::probe::Readings;

    fn monitor(t: Thresholds) -> Monitor {
        Monitor::new(watched(1, 1), t, Duration::ZERO, UNIX_EPOCH)
    }

    fn pausing() -> Thresholds {
        Thresholds {
            gpu_pause_above: Some(80.0),
            ..Thresholds::default()
        }
    }

    fn at(celsius: f64) -> CardReadings {
        CardReadings {
            device: "gpu:0".to_owned(),
            celsius: Some(celsius),
            ..CardReadings::default()
        }
    }

    fn read(monitor: &mut Monitor, card: CardReadings, second: u64) -> Vec<String> {
        let readings = Readings {
            cards: vec![card],
            ..Readings::default()
        };
        let told = |decision: &Decision| match decision {
            Decision::Report(finding) => {
                assert_eq!(finding.worker, Some(2));
                format!("{} {}", finding.verdict, finding.action.name())
            }
            Decision::Rest { worker: 2, rest } => format!("rest {rest}"),
            Decision::Replace { worker: 2, .. } => "replace".to_owned(),
            other => format!("{other:?}"),
        };
        let decisions = monitor.readings(readings, Duration::from_secs(second));
        decisions.iter().map(told).collect()
    }

    #[test]
    fn a_hot_card_pauses_alone_and_continues_five_degrees_below() {
        let mut monitor = monitor(pausing());
        assert!(read(&mut monitor, at(80.0), 1).is_empty());
        assert_eq!(read(&mut monitor, at(81.0), 2), ["hot paused", "rest true"]);
        assert_eq!(
            monitor.states(),
            [WorkerState::Starting, WorkerState::Paused]
        );
        assert!(read(&mut monitor, at(76.0), 3).is_empty());
        // what can't be read any more is not cool
        let unknown = CardReadings {
            celsius: None,
            ..at(0.0)
        };
        assert_eq!(read(&mut monitor, unknown, 4), ["hot unreadable"]);
        assert_eq!(
            read(&mut monitor, at(75.0), 5),
            ["hot resumed", "rest false"]
        );
        assert_eq!(monitor.states(), [WorkerState::Starting; 2]);
    }

    #[test]
    fn a_new_worker_of_a_hot_card_rests_too_and_a_pause_of_all_outlasts_the_heat() {
        let mut monitor = monitor(pausing());
        read(&mut monitor, at(90.0), 1);
        let id = WorkerId {
            worker: 2,
            generation: 1,
        };
        monitor.replaced(id, Backend::OpenCl, Duration::from_secs(2));
        assert_eq!(read(&mut monitor, at(79.0), 3), ["hot over", "rest true"]);
        monitor.pause_by_user(true, Duration::from_secs(4));
        assert_eq!(
            read(&mut monitor, at(60.0), 5),
            ["hot resumed", "rest false"]
        );
        assert_eq!(monitor.states(), [WorkerState::Paused; 2]);
        monitor.pause_by_user(false, Duration::from_secs(6));
        assert_eq!(monitor.states(), [WorkerState::Starting; 2]);
    }

    #[test]
    fn heat_is_told_by_the_cards_own_limit_once_and_without_flapping() {
        let mut monitor = monitor(Thresholds::default());
        let card = |celsius| CardReadings {
            slowdown_celsius: Some(98.0),
            ..at(celsius)
        };
        let seen: Vec<_> = [90.0, 93.0, 92.0, 93.0, 98.0, 94.0, 88.0, 87.9]
            .into_iter()
            .zip(1..)
            .map(|(celsius, second)| read(&mut monitor, card(celsius), second).join(","))
            .collect();
        assert_eq!(
            seen,
            ["", "hot said", "", "", "hot said", "", "", "hot over"]
        );
        assert_eq!(monitor.states(), [WorkerState::Starting; 2]);
    }

    #[test]
    fn a_card_that_its_driver_slows_is_reported_with_the_reason_and_never_restarted_for_it() {
        let mut monitor = monitor(Thresholds::default());
        let slow = CardReadings {
            clock_mhz: Some(900.0),
            most_mhz: Some(1800.0),
            throttled: Some(vec![Throttle::PowerCap, Throttle::Heat]),
            ..at(70.0)
        };
        let capped = CardReadings {
            throttled: Some(vec![Throttle::PowerCap]),
            ..slow.clone()
        };
        let mut tick = |card: CardReadings, second: u64| {
            read(&mut monitor, card, second);
            monitor.slots[1].history.slow = 9;
            monitor.slots[1].alive(Duration::from_secs(second));
            let now = Duration::from_secs(second);
            let decisions = monitor.judge(1, now);
            monitor.slots[1].history.slow = 0;
            (decisions, monitor.states()[1])
        };
        let (told, state) = tick(slow, 1);
        assert!(
            matches!(&told[..], [Decision::Report(finding)] if finding.verdict == Verdict::ProcessorSlowed
                && finding.detail.contains("gpu:0 (heat): 70 °C, 900 of 1800 MHz")),
            "{told:?}"
        );
        assert_eq!(state, WorkerState::Degraded);
        // a power limit explains nothing
        let (told, _) = tick(capped, 2);
        assert!(
            told.iter()
                .any(|told| matches!(told, Decision::Replace { .. })),
            "{told:?}"
        );
    }

    #[test]
    fn memory_of_this_process_that_grows_on_the_card_replaces_its_worker() {
        let mut monitor = monitor(Thresholds::default());
        let holds = |own: u64| CardReadings {
            own_memory: Some(own),
            memory_used: Some(10 * own),
            ..at(50.0)
        };
        let growth = Thresholds::default().gpu_memory_growth;
        assert!(read(&mut monitor, holds(1 << 30), 1).is_empty());
        assert!(read(&mut monitor, holds((1 << 30) + growth - 1), 2).is_empty());
        assert_eq!(
            read(&mut monitor, holds((1 << 30) + growth), 3),
            ["memory-growth restarting", "replace"]
        );
        let id = WorkerId {
            worker: 2,
            generation: 1,
        };
        monitor.replaced(id, Backend::OpenCl, Duration::from_secs(4));
        assert!(read(&mut monitor, holds((1 << 30) + growth), 5).is_empty());
    }

    #[test]
    fn nothing_is_judged_of_what_is_unknown() {
        let mut monitor = monitor(Thresholds::default());
        let unknown = CardReadings::unreadable("gpu:0".to_owned(), "no library".to_owned());
        assert!(read(&mut monitor, unknown.clone(), 1).is_empty());
        let mut monitor = self::monitor(pausing());
        assert_eq!(read(&mut monitor, unknown.clone(), 1), ["hot unreadable"]);
        assert!(read(&mut monitor, unknown, 2).is_empty());
    }
}
