//! The schedule of readings of the machine, and of releasing freed memory to it.

use std::time::Duration;

use crate::health::probe::{Probe, Readings, User};
use crate::health::{Thresholds, Trimmed, is_worth_trimming};

/// The first reading of the machine, so late that it delays no short search.
const FIRST_READING: Duration = Duration::from_millis(500);

/// Time between the two samples that show which programs use the processor; sysinfo needs at least 0.2 s.
const SAMPLE: Duration = Duration::from_millis(500);

/// Reads the machine on schedule.
pub(crate) struct MachineWatch {
    probe: Box<dyn Probe>,
    t: Thresholds,
    readings: Readings,
    after_trim: Option<u64>,
    next_resident: Duration,
    next_reading: Duration,
    next_pause_look: Duration,
    next_trim: Duration,
    sample_at: Option<Duration>,
}

impl MachineWatch {
    /// A watch that begins now.
    pub(crate) fn new(probe: Box<dyn Probe>, t: Thresholds, now: Duration) -> Self {
        let first = now + FIRST_READING;
        Self {
            probe,
            readings: Readings::default(),
            after_trim: None,
            next_resident: first,
            next_reading: first,
            next_pause_look: first + t.pause_interval,
            next_trim: now + t.trim_interval,
            sample_at: None,
            t,
        }
    }

    /// What was read last.
    pub(crate) fn readings(&self) -> &Readings {
        &self.readings
    }

    /// Readings, if any are due.
    pub(crate) fn due(&mut self, now: Duration) -> Option<Readings> {
        let mut any = false;
        if now >= self.next_reading {
            self.next_reading = now + self.t.resource_interval;
            self.next_resident = now + self.t.memory_interval;
            self.next_pause_look = now + self.t.pause_interval;
            self.readings = self.probe.read();
            self.after_trim = self.after_trim.or(self.readings.resident);
            return Some(self.readings.clone());
        }
        if now >= self.next_resident {
            self.next_resident = now + self.t.memory_interval;
            self.readings.resident = self.probe.resident();
            any = true;
        }
        if now >= self.next_pause_look {
            self.next_pause_look = now + self.t.pause_interval;
            self.readings.disk = self.probe.disk();
            self.readings.cards = self.probe.cards();
            if self.t.pause_above.is_some() {
                self.readings.temperature = self.probe.temperature();
            }
            any = true;
        }
        any.then(|| self.readings.clone())
    }

    /// Takes the first sample of which programs use the processor.
    pub(crate) fn look_around(&mut self, now: Duration) {
        // Shares are over the time between two samples; the first one has none.
        self.probe.users();
        self.sample_at = Some(now + SAMPLE);
    }

    /// Which programs use the processor, once that is known.
    pub(crate) fn users_due(&mut self, now: Duration) -> Option<Vec<User>> {
        self.sample_at.take_if(|at| now >= *at)?;
        Some(self.probe.users())
    }

    /// Releases freed memory, if that is due and there is any.
    pub(crate) fn trim_due(&mut self, now: Duration) -> Option<Trimmed> {
        if now < self.next_trim {
            return None;
        }
        self.next_trim = now + self.t.trim_interval;
        let resident = self.probe.resident()?;
        let after_last = *self.after_trim.get_or_insert(resident);
        if !is_worth_trimming(resident, after_last, &self.t) {
            return None;
        }
        give_back();
        let left = self.probe.resident()?;
        self.after_trim = Some(left);
        Some(Trimmed {
            grown: resident - after_last,
            released: resident.saturating_sub(left),
        })
    }
}

/// Releases freed memory.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
pub(crate) fn give_back() {
    unsafe extern "C" {
        fn malloc_trim(pad: usize) -> std::ffi::c_int;
    }
    // SAFETY: malloc_trim(3) of the C library that this target links has this signature, takes no pointer, may be
    // called from any thread at any time, and touches only memory that is free.
    unsafe {
        malloc_trim(0);
    }
}

/// Other allocators release freed memory by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back() {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::health::probe::{Space, Temperature};

    /// A machine whose free space and memory the tests set.
    #[derive(Clone, Default)]
    struct Machine {
        free: Arc<AtomicU64>,
        resident: Arc<AtomicU64>,
        heat_looks: Arc<AtomicU64>,
        samples: Arc<AtomicU64>,
    }

    impl Probe for Machine {
        fn resident(&mut self) -> Option<u64> {
            Some(self.resident.load(Ordering::Relaxed))
        }

        fn read(&mut self) -> Readings {
            Readings {
                resident: self.resident(),
                disk: self.disk(),
                ..Readings::default()
            }
        }

        fn disk(&mut self) -> Option<Space> {
            let free = self.free.load(Ordering::Relaxed);
            Some(Space {
                total: 1 << 40,
                free,
            })
        }

        fn temperature(&mut self) -> Option<Temperature> {
            self.heat_looks.fetch_add(1, Ordering::Relaxed);
            None
        }

        fn users(&mut self) -> Vec<User> {
            let share = self.samples.fetch_add(1, Ordering::Relaxed) as f64;
            let name = "other".to_owned();
            vec![User { name, share }]
        }
    }

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn watch(machine: &Machine, t: Thresholds) -> MachineWatch {
        MachineWatch::new(Box::new(machine.clone()), t, ms(0))
    }

    #[test]
    fn free_space_is_looked_at_every_two_seconds_and_heat_only_if_it_is_to_pause_the_search() {
        let machine = Machine::default();
        let mut watch = watch(&machine, Thresholds::default());
        assert_eq!(watch.due(ms(250)), None);
        assert!(watch.due(ms(500)).is_some());
        machine.free.store(7, Ordering::Relaxed);
        assert_eq!(watch.due(ms(2250)), None);
        let readings = watch.due(ms(2500)).unwrap();
        assert_eq!(readings.disk.map(|disk| disk.free), Some(7));
        assert_eq!(machine.heat_looks.load(Ordering::Relaxed), 0);
        let t = Thresholds {
            pause_above: Some(80.0),
            ..Thresholds::default()
        };
        let mut watch = self::watch(&machine, t);
        assert!(watch.due(ms(500)).is_some() && watch.due(ms(2500)).is_some());
        assert_eq!(machine.heat_looks.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn who_takes_the_processor_is_known_half_a_second_after_the_question() {
        let machine = Machine::default();
        let mut watch = watch(&machine, Thresholds::default());
        assert_eq!(watch.users_due(ms(1000)), None);
        watch.look_around(ms(1000));
        assert_eq!(watch.users_due(ms(1250)), None);
        assert_eq!(watch.users_due(ms(1500)).unwrap()[0].share, 1.0);
        assert_eq!(watch.users_due(ms(1750)), None);
    }

    #[test]
    fn memory_is_given_back_every_half_minute_where_the_process_has_grown() {
        let machine = Machine::default();
        machine.resident.store(50_000_000, Ordering::Relaxed);
        let mut watch = watch(&machine, Thresholds::default());
        watch.due(ms(500));
        machine.resident.store(60_000_000, Ordering::Relaxed);
        assert_eq!(watch.trim_due(ms(29_750)), None);
        let trimmed = watch.trim_due(ms(30_000)).unwrap();
        assert_eq!((trimmed.grown, trimmed.released), (10_000_000, 0));
        assert_eq!(watch.trim_due(ms(60_000)), None);
    }

    #[test]
    fn memory_in_use_is_left_alone() {
        let kept = vec![7u8; 1 << 20];
        drop(vec![1u8; 1 << 20]);
        give_back();
        assert!(kept.iter().all(|byte| *byte == 7));
    }
}
