//! In what state a worker is, and the whole search.

use strum::VariantArray as _;

use super::resource::Status;

/// The state of one worker's place.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum WorkerState {
    /// It has not completed a window yet.
    #[default]
    Starting,
    /// Its last window was in order.
    Healthy,
    /// Slow for a reason that is watched.
    Degraded,
    /// It gives no sign of life.
    Unresponsive,
    /// It was abandoned, its thread still lives, and nobody has taken its place yet.
    Zombie,
    /// Its thread has ended.
    Dead,
    /// Its replacement is on the way, or waits for the breaker.
    Restarting,
    /// The search pauses.
    Paused,
    /// It was given up.
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

impl Status {
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

#[cfg(test)]
mod tests {
    use super::WorkerState::*;
    use super::{Status, WorkerState};

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
}
