//! Reads this machine through sysinfo, and through cheaper system calls where there are any.

use std::path::PathBuf;

use sysinfo::{Components, Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use meshcore_keygen_gpu::CardReadings;

use super::cards::CardProbe;
use super::{Probe, Readings, Space, Temperature, User};

/// Programs that use less than this share of a core are not named.
const MINIMUM_SHARE: f64 = 0.05;

/// Programs that are named at most.
const NAMED: usize = 5;

/// Names of sensors that sit in the processor.
const PROCESSOR_SENSORS: [&str; 6] = ["coretemp", "k10temp", "package", "tctl", "cpu", "core"];

/// The real probe.
pub(crate) struct SystemProbe {
    system: Option<System>,
    components: Option<Components>,
    folder: PathBuf,
    cards: Option<CardProbe>,
}

impl SystemProbe {
    /// A probe of this machine and of the file system of `folder`.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            system: None,
            components: None,
            folder,
            cards: None,
        }
    }

    /// The same with the cards of a search.
    #[must_use]
    pub(crate) fn with_cards(self, cards: Option<CardProbe>) -> Self {
        Self { cards, ..self }
    }

    /// Created at the first reading: a short search needs none.
    fn system(&mut self) -> Option<&mut System> {
        if self.system.is_none() {
            self.system = System::new().ok();
        }
        self.system.as_mut()
    }

    fn memory(&mut self) -> Option<Space> {
        let system = self.system()?;
        system.refresh_memory();
        let total = system.total_memory();
        (total > 0).then(|| Space {
            total,
            free: system.available_memory(),
        })
    }
}

impl Probe for SystemProbe {
    fn resident(&mut self) -> Option<u64> {
        resident(self.system())
    }

    fn read(&mut self) -> Readings {
        Readings {
            resident: resident(self.system()),
            memory: self.memory(),
            disk: disk(&self.folder),
            temperature: self.temperature(),
            users: Vec::new(),
            cards: self.cards(),
        }
    }

    fn disk(&mut self) -> Option<Space> {
        disk(&self.folder)
    }

    fn temperature(&mut self) -> Option<Temperature> {
        if self.components.is_none() {
            self.components = Components::new_with_refreshed_list().ok();
        }
        let components = self.components.as_mut()?;
        components.refresh(false);
        let is_processor = |label: &str| {
            let label = label.to_lowercase();
            PROCESSOR_SENSORS.iter().any(|name| label.contains(name))
        };
        let sensors = components.iter().filter(|c| is_processor(c.label()));
        let read = sensors.filter_map(|c| {
            let celsius = f64::from(c.temperature()?);
            let critical = c.critical().map(f64::from).filter(|c| *c > 0.0);
            celsius
                .is_finite()
                .then_some(Temperature { celsius, critical })
        });
        read.max_by(|a, b| a.celsius.total_cmp(&b.celsius))
    }

    fn cards(&mut self) -> Vec<CardReadings> {
        self.cards.as_ref().map_or_else(Vec::new, CardProbe::latest)
    }

    fn users(&mut self) -> Vec<User> {
        let Some(system) = self.system() else {
            return Vec::new();
        };
        let kind = ProcessRefreshKind::nothing().with_cpu().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
        let own = Pid::from_u32(std::process::id());
        let others = system.processes().iter().filter(|(pid, _)| **pid != own);
        let mut users: Vec<_> = others
            .map(|(pid, process)| User {
                name: format!("{} ({pid})", process.name().to_string_lossy()),
                share: f64::from(process.cpu_usage()) / 100.0,
            })
            .filter(|user| user.share >= MINIMUM_SHARE)
            .collect();
        users.sort_by(|a, b| b.share.total_cmp(&a.share));
        users.truncate(NAMED);
        users
    }
}

/// Resident memory by /proc/self/statm, see proc(5): the second number is pages.
#[cfg(target_os = "linux")]
fn resident(_: Option<&mut System>) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(not(target_os = "linux"))]
fn resident(system: Option<&mut System>) -> Option<u64> {
    let system = system?;
    let own = Pid::from_u32(std::process::id());
    let kind = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, kind);
    system.process(own).map(sysinfo::Process::memory)
}

#[cfg(unix)]
fn disk(folder: &std::path::Path) -> Option<Space> {
    let info = rustix::fs::statvfs(folder).ok()?;
    Some(Space {
        total: info.f_blocks * info.f_frsize,
        free: info.f_bavail * info.f_frsize,
    })
}

#[cfg(not(unix))]
fn disk(folder: &std::path::Path) -> Option<Space> {
    let folder = std::fs::canonicalize(folder).ok()?;
    let disks = sysinfo::Disks::new_with_refreshed_list().ok()?;
    let holding = disks
        .iter()
        .filter(|disk| folder.starts_with(disk.mount_point()));
    let nearest = holding.max_by_key(|disk| disk.mount_point().as_os_str().len())?;
    Some(Space {
        total: nearest.total_space(),
        free: nearest.available_space(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_can_be_read() {
        let mut probe = SystemProbe::new(std::env::temp_dir());
        let readings = probe.read();
        assert!(readings.resident.is_some_and(|bytes| bytes > 100_000));
        assert!(readings.memory.is_some_and(|m| m.free <= m.total));
        assert!(
            readings
                .disk
                .is_some_and(|d| d.free <= d.total && d.total > 0)
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_unknown() {
        assert_eq!(disk(std::path::Path::new("/no/such/folder")), None);
    }
}
