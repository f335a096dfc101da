//! In what state a worker is, and the whole search.

/// The state of one worker's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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
    /// It was abandoned and its thread still lives.
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
    pub const ALL: [Self; 9] = [
        Self::Starting,
        Self::Healthy,
        Self::Degraded,
        Self::Unresponsive,
        Self::Zombie,
        Self::Dead,
        Self::Restarting,
        Self::Paused,
        Self::Retired,
    ];

    /// The name, everywhere the same.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unresponsive => "unresponsive",
            Self::Zombie => "zombie",
            Self::Dead => "dead",
            Self::Restarting => "restarting",
            Self::Paused => "paused",
            Self::Retired => "retired",
        }
    }

    /// Whether it is searching.
    pub const fn works(self) -> bool {
        matches!(self, Self::Starting | Self::Healthy | Self::Degraded)
    }
}

/// The state of the whole search, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WholeState {
    /// All workers work, and nothing is wrong.
    Healthy,
    /// Something is slow, restarts, or came near a limit.
    Degraded,
    /// A worker is given up, or a resource is critical.
    Unhealthy,
    /// At most half of the workers work.
    Critical,
}

impl WholeState {
    /// The name, everywhere the same.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
            Self::Critical => "critical",
        }
    }

    /// The state that follows from those of the workers and from the worst resource.
    pub fn of(workers: &[WorkerState], resources: Self) -> Self {
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
    use super::*;

    #[test]
    fn the_whole_is_as_healthy_as_its_workers() {
        let of = |workers: &[WorkerState]| WholeState::of(workers, WholeState::Healthy);
        assert_eq!(of(&[Healthy, Starting]), WholeState::Healthy);
        assert_eq!(of(&[Healthy, Degraded]), WholeState::Degraded);
        assert_eq!(of(&[Healthy, Healthy, Restarting]), WholeState::Degraded);
        assert_eq!(of(&[Healthy, Healthy, Retired]), WholeState::Unhealthy);
        assert_eq!(of(&[Healthy, Retired]), WholeState::Critical);
        assert_eq!(of(&[Paused, Paused]), WholeState::Degraded);
    }

    #[test]
    fn a_critical_resource_outweighs_healthy_workers() {
        assert_eq!(
            WholeState::of(&[Healthy], WholeState::Unhealthy),
            WholeState::Unhealthy
        );
    }
}
