//! The states of workers, of resources and of the whole search, and the health score of a worker.

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use super::thresholds::ScorePoints;
use super::verdict::Verdict;

/// The state of one worker's slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum WorkerState {
    /// It has not completed a window yet.
    #[default]
    Starting,
    /// Its last window was in order.
    Healthy,
    /// Slow for a known reason.
    Degraded,
    /// It shows no sign of life.
    Unresponsive,
    /// It was abandoned, its thread is still running, and no other worker has taken over yet.
    Zombie,
    /// Its thread has ended.
    Dead,
    /// Its replacement is on the way, or waits for the breaker.
    Restarting,
    /// The search pauses.
    Paused,
    /// It used up its restarts.
    Retired,
}

impl WorkerState {
    /// Every state.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name, everywhere the same.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether it is searching.
    pub const fn works(self) -> bool {
        matches!(self, Self::Starting | Self::Healthy | Self::Degraded)
    }
}

/// What a metric or an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub(crate) enum ResourceType {
    /// A worker, or several of them taken together.
    Worker,
    /// A whole search.
    Session,
    /// The folder for keys.
    Output,
    /// This database.
    Database,
    /// The machine.
    System,
}

impl ResourceType {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}

/// The health of something, the best first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Healthy,
    /// Slow, restarting, or near a limit.
    Degraded,
    /// It needs attention: a worker was retired, or a resource is critical.
    Unhealthy,
    /// Hardly any worker works, or a value is past its critical threshold.
    Critical,
}

impl Status {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }

    /// The status of a value that should stay below both thresholds.
    pub(crate) fn of(value: f64, warning: Option<f64>, critical: Option<f64>) -> Self {
        let reaches = |threshold: Option<f64>| threshold.is_some_and(|limit| value >= limit);
        match (reaches(critical), reaches(warning)) {
            (true, _) => Self::Critical,
            (_, true) => Self::Degraded,
            _ => Self::Healthy,
        }
    }

    /// The state that follows from those of the workers and from the worst resource.
    pub fn of_search(workers: &[WorkerState], resources: Self) -> Self {
        let working = workers.iter().filter(|state| state.works()).count();
        let paused = workers.contains(&WorkerState::Paused);
        let own = if !paused && working * 2 <= workers.len() && working < workers.len() {
            Self::Critical
        } else if workers.contains(&WorkerState::Retired) {
            Self::Unhealthy
        } else if working < workers.len() || workers.contains(&WorkerState::Degraded) {
            Self::Degraded
        } else {
            Self::Healthy
        };
        own.max(resources)
    }
}

/// A score; every new generation starts at 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score(u32);

impl Default for Score {
    fn default() -> Self {
        Self(100)
    }
}

impl Score {
    /// The number.
    pub fn value(self) -> u8 {
        u8::try_from(self.0).unwrap_or(100)
    }

    /// Whether it is low, which is shown and not acted on.
    pub fn is_low(self, points: &ScorePoints) -> bool {
        self.0 < points.low
    }

    /// A healthy window.
    pub fn healthy(&mut self, points: &ScorePoints) {
        self.0 = (self.0 + points.healthy).min(100);
    }

    /// A slow window that nothing explains.
    pub fn slow(&mut self, points: &ScorePoints) {
        self.0 = self.0.saturating_sub(points.slow);
    }

    /// A verdict.
    pub fn verdict(&mut self, verdict: Verdict, points: &ScorePoints) {
        let loss = match verdict {
            Verdict::WorkerUnresponsive => points.unresponsive,
            Verdict::MemoryGrowth | Verdict::WrongArithmetic => points.wrong,
            Verdict::ClockJump
            | Verdict::WorkerDead
            | Verdict::Contention
            | Verdict::ProcessorSlowed
            | Verdict::MachineSlowed
            | Verdict::WorkerDegraded
            | Verdict::DiskLow
            | Verdict::MemoryLow
            | Verdict::Hot
            | Verdict::WorkerRetired
            | Verdict::BreakerOpen
            | Verdict::RestartProcess => 0,
        };
        self.0 = self.0.saturating_sub(loss);
    }
}

#[cfg(test)]
mod tests {
    use super::WorkerState::*;
    use super::*;
    use crate::health::Thresholds;

    #[test]
    fn the_whole_is_as_healthy_as_its_workers() {
        let of = |workers: &[WorkerState]| Status::of_search(workers, Status::Healthy);
        assert_eq!(of(&[Healthy, Starting]), Status::Healthy);
        assert_eq!(of(&[Healthy, Degraded]), Status::Degraded);
        assert_eq!(of(&[Healthy, Healthy, Restarting]), Status::Degraded);
        assert_eq!(of(&[Healthy, Healthy, Retired]), Status::Unhealthy);
        assert_eq!(of(&[Healthy, Retired]), Status::Critical);
        assert_eq!(of(&[Paused, Paused]), Status::Degraded);
    }

    #[test]
    fn a_critical_resource_outweighs_healthy_workers() {
        assert_eq!(
            Status::of_search(&[Healthy], Status::Unhealthy),
            Status::Unhealthy
        );
    }

    fn points() -> ScorePoints {
        Thresholds::default().score
    }

    #[test]
    fn it_stays_between_0_and_100() {
        let mut score = Score::default();
        score.healthy(&points());
        assert_eq!(score.value(), 100);
        (0..3).for_each(|_| score.verdict(Verdict::WrongArithmetic, &points()));
        assert_eq!(score.value(), 0);
    }

    #[test]
    fn verdicts_cost_what_the_manual_says() {
        let mut score = Score::default();
        score.verdict(Verdict::WorkerUnresponsive, &points());
        score.slow(&points());
        score.healthy(&points());
        score.verdict(Verdict::ProcessorSlowed, &points());
        score.verdict(Verdict::Contention, &points());
        assert_eq!(score.value(), 71);
        assert!(!score.is_low(&points()));
        score.verdict(Verdict::MemoryGrowth, &points());
        assert_eq!(score.value(), 21);
        assert!(score.is_low(&points()));
    }
}
