//! A machine with faults: wrappers around probe and clock that simulate them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use meshcore_keygen_gpu::CardReadings;

use super::Onsets;
use super::{MachineFault, MachineKind};
use crate::clock::Clock;
use crate::health::probe::{Probe, Readings, Space, Temperature, User};

/// The faults of a machine and which of them have begun.
#[derive(Clone)]
pub(crate) struct MachineFaults {
    faults: Vec<MachineFault>,
    begun: Arc<AtomicU64>,
    onsets: Onsets,
}

impl MachineFaults {
    /// At most 64 faults; later ones are left out.
    pub(crate) fn new(faults: Vec<MachineFault>, onsets: Onsets) -> Self {
        Self {
            faults,
            begun: Arc::default(),
            onsets,
        }
    }

    /// The faults that act at this time of the search.
    fn active(&self, now: Duration) -> impl Iterator<Item = MachineKind> + '_ {
        let acts = move |fault: &MachineFault| {
            let since = now.checked_sub(fault.at);
            since.is_some_and(|since| since < fault.lasts)
        };
        let faults = self.faults.iter().take(64).enumerate();
        faults
            .filter(move |(_, fault)| acts(fault))
            .map(|(at, fault)| {
                let begun = self.begun.fetch_or(1 << at, Ordering::Relaxed);
                if begun >> at & 1 == 0 {
                    self.onsets.note(fault.kind.into(), None);
                }
                fault.kind
            })
    }
}

/// A probe whose readings show the faults.
pub(crate) struct FaultyProbe<P> {
    probe: P,
    clock: Arc<dyn Clock>,
    faults: MachineFaults,
}

impl<P: Probe> FaultyProbe<P> {
    /// A probe on top of a real one.
    pub(crate) fn new(probe: P, clock: Arc<dyn Clock>, faults: MachineFaults) -> Self {
        Self {
            probe,
            clock,
            faults,
        }
    }

    fn simulated(&self, mut readings: Readings) -> Readings {
        for kind in self.faults.active(self.clock.now()) {
            match kind {
                MachineKind::Disk { free } => readings.disk = Some(with_free(readings.disk, free)),
                MachineKind::Memory { used } => {
                    let total = readings.memory.map_or(1 << 34, |memory| memory.total);
                    let free = ((1.0 - used) * total as f64).round() as u64;
                    readings.memory = Some(Space { total, free });
                }
                MachineKind::Heat { celsius } => {
                    let critical = readings.temperature.and_then(|t| t.critical);
                    readings.temperature = Some(Temperature { celsius, critical });
                }
                MachineKind::Clock { .. } | MachineKind::Suspend { .. } => {}
            }
        }
        readings
    }
}

fn with_free(disk: Option<Space>, free: u64) -> Space {
    let total = disk.map_or(1 << 40, |disk| disk.total);
    Space {
        total: total.max(free),
        free,
    }
}

impl<P: Probe> Probe for FaultyProbe<P> {
    fn resident(&mut self) -> Option<u64> {
        self.probe.resident()
    }

    fn read(&mut self) -> Readings {
        let readings = self.probe.read();
        self.simulated(readings)
    }

    fn disk(&mut self) -> Option<Space> {
        let disk = self.probe.disk();
        let readings = Readings {
            disk,
            ..Readings::default()
        };
        self.simulated(readings).disk
    }

    fn temperature(&mut self) -> Option<Temperature> {
        let temperature = self.probe.temperature();
        let readings = Readings {
            temperature,
            ..Readings::default()
        };
        self.simulated(readings).temperature
    }

    fn users(&mut self) -> Vec<User> {
        self.probe.users()
    }

    fn cards(&mut self) -> Vec<CardReadings> {
        self.probe.cards()
    }
}

/// A clock that jumps when the faults say so.
pub(crate) struct FaultyClock<C> {
    clock: C,
    faults: MachineFaults,
}

impl<C: Clock> FaultyClock<C> {
    /// A clock on top of a real one, which starts at zero.
    pub(crate) fn new(clock: C, faults: MachineFaults) -> Self {
        Self { clock, faults }
    }

    /// By how much the time since the start and the time of day are ahead.
    fn ahead(&self, now: Duration) -> (Duration, Duration) {
        let mut ahead = (Duration::ZERO, Duration::ZERO);
        for kind in self.faults.active(now) {
            match kind {
                MachineKind::Clock { jump } => ahead.1 += jump,
                MachineKind::Suspend { sleep } => {
                    ahead.0 += sleep;
                    ahead.1 += sleep;
                }
                MachineKind::Disk { .. }
                | MachineKind::Memory { .. }
                | MachineKind::Heat { .. } => {}
            }
        }
        ahead
    }
}

impl<C: Clock> Clock for FaultyClock<C> {
    fn now(&self) -> Duration {
        let now = self.clock.now();
        now + self.ahead(now).0
    }

    fn wall(&self) -> SystemTime {
        self.clock.wall() + self.ahead(self.clock.now()).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SimulatedClock;
    use crate::fault::Fault;

    struct Well;

    impl Probe for Well {
        fn resident(&mut self) -> Option<u64> {
            Some(10)
        }

        fn read(&mut self) -> Readings {
            let space = Some(Space {
                total: 1000,
                free: 900,
            });
            Readings {
                memory: space,
                disk: space,
                ..Readings::default()
            }
        }

        fn disk(&mut self) -> Option<Space> {
            self.read().disk
        }

        fn temperature(&mut self) -> Option<Temperature> {
            None
        }

        fn users(&mut self) -> Vec<User> {
            Vec::new()
        }
    }

    fn faults(texts: &[&str]) -> MachineFaults {
        let read = |text: &&str| match text.parse().unwrap() {
            Fault::Machine(fault) => fault,
            other => panic!("{other:?}"),
        };
        MachineFaults::new(texts.iter().map(read).collect(), Onsets::default())
    }

    #[test]
    fn readings_are_pretended_while_the_fault_lasts() {
        let clock = Arc::new(SimulatedClock::new());
        let all = [
            "disk:free=5,at=10s,for=10s",
            "memory:used=0.9",
            "heat:celsius=99",
        ];
        let mut probe = FaultyProbe::new(Well, Arc::clone(&clock) as _, faults(&all));
        assert_eq!(probe.disk().unwrap().free, 900);
        clock.advance(Duration::from_secs(10));
        let readings = probe.read();
        assert_eq!(
            (probe.disk(), readings.disk.unwrap().free),
            (readings.disk, 5)
        );
        assert_eq!(readings.memory.unwrap().free, 100);
        assert_eq!(probe.temperature().unwrap().celsius, 99.0);
        clock.advance(Duration::from_secs(10));
        assert_eq!(probe.disk().unwrap().free, 900);
    }

    #[test]
    fn a_set_clock_moves_the_time_of_day_only_and_sleep_moves_both() {
        let faults = faults(&["clock:jump=1h,at=5s", "suspend:sleep=30s,at=10s"]);
        let clock = FaultyClock::new(SimulatedClock::new(), faults);
        let reading = |clock: &FaultyClock<SimulatedClock>| {
            let wall = clock.wall().duration_since(SystemTime::UNIX_EPOCH);
            (clock.now().as_secs(), wall.unwrap().as_secs())
        };
        assert_eq!(reading(&clock), (0, 0));
        clock.clock.advance(Duration::from_secs(5));
        assert_eq!(reading(&clock), (5, 3605));
        clock.clock.advance(Duration::from_secs(5));
        assert_eq!(reading(&clock), (40, 3640));
    }
}
