//! The machine: processor, rate, memory, disk, clock and sleep.

use std::path::Path;

use meshcore_keygen_gpu::{Device, Sensor};
use sysinfo::{CpuRefreshKind, System};

use super::{Finding, Grade};
use crate::commands::odds::measured_rate;
use crate::config::SearchSettings;
use crate::health::probe::cards::SYS;
use crate::health::probe::{Probe, Space, SystemProbe};
use crate::text::number;

const MIB: u64 = 1 << 20;

/// Free memory below which a search is likely to be pushed out to disk, or ended by the system.
const LITTLE_MEMORY: u64 = 128 * MIB;

/// Before this program was written no clock is right: its times would be nonsense, and so would certificates.
const EARLIEST_YEAR: i16 = 2026;

/// System and processor; `usable` is how many of its cores this process may use.
pub(super) fn processor(usable: usize) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Ok(name) = System::long_os_version() {
        let kernel = System::kernel_version().unwrap_or_default();
        found.push(Finding::fine("system", format!("{name}, {kernel}")));
    }
    let brand = brand().unwrap_or_else(|| "of unknown name".to_owned());
    found.push(Finding::fine(
        "processor",
        format!("{brand}, {usable} usable"),
    ));
    found
}

fn brand() -> Option<String> {
    let mut system = System::new().ok()?;
    system.refresh_cpu_list(CpuRefreshKind::nothing());
    let brand = system.cpus().first()?.brand().trim().to_owned();
    (!brand.is_empty()).then_some(brand)
}

/// The OpenCL devices, each with its number for `--device`. None is no trouble: few machines need one.
pub(super) fn devices() -> Vec<Finding> {
    let devices = match Device::all() {
        Ok(devices) => devices,
        Err(error) => return vec![Finding::fine("graphics cards", format!("none: {error}"))],
    };
    if devices.is_empty() {
        return vec![Finding::fine(
            "graphics cards",
            "OpenCL shows none".to_owned(),
        )];
    }
    let told = |device: Device| {
        let memory = device.memory >> 20;
        let text = format!(
            "{} {}, {}: {} compute units, {memory} MiB, driver {}; {}",
            device.word(),
            device.name,
            device.kind,
            device.units,
            device.driver,
            Sensor::new(&device, Path::new(SYS)).read().text()
        );
        Finding::fine("OpenCL device", text)
    };
    devices.into_iter().map(told).collect()
}

/// What all processors reach together.
pub(super) fn rate() -> Finding {
    match measured_rate(None) {
        Ok((rate, how)) => Finding::fine("rate", format!("{} ({how})", number::rate(rate))),
        Err(error) => Finding::wrong(
            "rate",
            format!("{error:#}"),
            "No search runs here; add this output to a report.",
        ),
    }
}

/// Memory, and room and temperature where they are known.
pub(super) fn resources(settings: &SearchSettings) -> Vec<Finding> {
    let folder = settings.store.folder();
    let there = folder.ancestors().find(|part| part.exists());
    let read = SystemProbe::new(there.unwrap_or(folder).to_owned()).read();
    let pause = settings.thresholds.disk_pause;
    let mut found = vec![
        space("memory", read.memory, LITTLE_MEMORY)
            .advise_if_low("End other programs: a search itself needs less than 100 MiB."),
        space("disk for keys", read.disk, pause).advise_if_low(
            "Make room or name another folder with --output DIR: a search pauses there.",
        ),
    ];
    found.extend(read.temperature.map(|temperature| {
        let critical = temperature
            .critical
            .map(|limit| format!(", critical at {limit:.0} °C"));
        let text = format!(
            "{:.0} °C{}",
            temperature.celsius,
            critical.unwrap_or_default()
        );
        Finding::fine("temperature", text)
    }));
    found
}

fn space(about: &str, space: Option<Space>, least: u64) -> Finding {
    let Some(Space { total, free }) = space else {
        return Finding::new(about, Grade::Unknown, "the system does not tell");
    };
    let mib = |bytes: u64| number::thousands(bytes / MIB);
    let text = format!("{} of {} MiB free", mib(free), mib(total));
    let grade = if free < least {
        Grade::Attention
    } else {
        Grade::Fine
    };
    Finding::new(about, grade, text)
}

impl Finding {
    fn advise_if_low(self, advice: &'static str) -> Self {
        match self.grade {
            Grade::Attention => self.advise(advice),
            _ => self,
        }
    }
}

/// Local time and zone, and whether something keeps the clock right.
pub(super) fn clock(now: &jiff::Zoned) -> Finding {
    let zone = now.time_zone().iana_name().unwrap_or("no named zone");
    let text = format!("{} ({zone})", now.strftime("%Y-%m-%d %H:%M:%S %:z"));
    if now.year() < EARLIEST_YEAR {
        return Finding::wrong(
            "clock",
            text,
            "Set the clock: times of keys and --until depend on it.",
        );
    }
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        return Finding::fine("clock", format!("{text}, synchronised"));
    }
    Finding::fine(
        "clock",
        format!("{text}; whether it is synchronised is unknown"),
    )
}

/// Whether the machine may sleep, and whether a search can hold that off.
pub(super) fn sleep() -> Finding {
    let helper = match () {
        () if cfg!(target_os = "linux") => "systemd-inhibit",
        () if cfg!(target_os = "macos") => "caffeinate",
        () => {
            let text = "not known on this system";
            return Finding::new("sleep", Grade::Unknown, text)
                .advise("Switch sleep off in the settings of the system for long searches.");
        }
    };
    let states = std::fs::read_to_string("/sys/power/state");
    if states.is_ok_and(|states| states.trim().is_empty()) {
        return Finding::fine("sleep", "this machine cannot sleep");
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|folder| folder.join(helper).exists()) {
        return Finding::fine("sleep", format!("--keep-awake holds it off, by {helper}"));
    }
    Finding::new(
        "sleep",
        Grade::Attention,
        format!("--keep-awake can't hold it off: there is no {helper}"),
    )
    .advise("Switch sleep off in the settings of the system for long searches.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_worth_a_look_and_unknown_room_is_unknown() {
        let room = |free| {
            let space = Space {
                total: 1 << 30,
                free,
            };
            super::space("memory", Some(space), 1 << 20).grade
        };
        assert_eq!(
            (room(1 << 19), room(1 << 21)),
            (Grade::Attention, Grade::Fine)
        );
        assert_eq!(space("memory", None, 1).grade, Grade::Unknown);
    }

    #[test]
    fn a_clock_from_before_the_program_is_wrong() {
        let at = |text: &str| clock(&text.parse().unwrap()).grade;
        assert_eq!(at("1970-01-01T00:00:00+00:00[UTC]"), Grade::Wrong);
        assert_eq!(at("2026-12-01T00:00:00+00:00[UTC]"), Grade::Fine);
    }
}
