//! The files in which Linux's driver amdgpu shows a card.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::pci::PciAddress;
use crate::readings::{CardReadings, Throttle};

/// Where Linux describes the open files of this process.
const FDINFO: &str = "/proc/self/fdinfo";

/// Bits of gpu_metrics' throttle status: limits of power and current, and temperatures.
const POWER: u64 = 0xff_ffff;
const HEAT: u64 = 0xffff << 32;

/// A card of AMD's: the folder of its files, below /sys.
pub(crate) struct Amd {
    files: PathBuf,
}

impl Amd {
    /// The card at an address, or else the one of a number in the order of the addresses; `sys` is /sys.
    ///
    /// # Errors
    /// The driver does not show it.
    pub(crate) fn open(
        sys: &Path,
        address: Option<PciAddress>,
        number: usize,
    ) -> Result<Self, String> {
        let files = match address {
            Some(address) => Some(sys.join("bus/pci/devices").join(address.to_string())),
            None => cards(sys).into_iter().nth(number),
        };
        let shown = |files: &PathBuf| files.join("hwmon").is_dir();
        let files = files.filter(shown);
        files
            .map(|files| Self { files })
            .ok_or_else(|| "the driver amdgpu does not show the card".to_owned())
    }

    pub(crate) fn read(&self) -> CardReadings {
        let hwmon = first_folder(&self.files.join("hwmon")).unwrap_or_default();
        let scaled = |name: &str, unit: f64| Some(number(&hwmon.join(name))? as f64 / unit);
        let watts = |name| scaled(name, 1e6);
        let (celsius, slowdown_celsius) = nearest(scaled).unzip();
        CardReadings {
            celsius,
            slowdown_celsius: slowdown_celsius.flatten(),
            clock_mhz: scaled("freq1_input", 1e6),
            most_mhz: self.highest_clock(),
            watts: watts("power1_average").or_else(|| watts("power1_input")),
            limit_watts: watts("power1_cap"),
            memory_used: number(&self.files.join("mem_info_vram_used")),
            memory_total: number(&self.files.join("mem_info_vram_total")),
            own_memory: self.own_memory(Path::new(FDINFO)),
            throttled: self.throttled(),
            ..CardReadings::default()
        }
    }

    /// What this process holds of the card's memory; the driver names the folder by the card's address.
    fn own_memory(&self, fdinfo: &Path) -> Option<u64> {
        let address = self.files.file_name()?.to_str()?;
        own_memory(fdinfo, address)
    }

    /// The last of the steps of the clock, such as "2: 2475Mhz *".
    fn highest_clock(&self) -> Option<f64> {
        let steps = fs::read_to_string(self.files.join("pp_dpm_sclk")).ok()?;
        let clock = |line: &str| {
            let (_, clock) = line.split_once(": ")?;
            let digits = clock.split(|c: char| !c.is_ascii_digit()).next()?;
            digits.parse().ok()
        };
        steps.lines().filter_map(clock).max_by(f64::total_cmp)
    }

    /// Of gpu_metrics version 1.3, whose throttle status has the same bits for every card; other versions tell too little.
    fn throttled(&self) -> Option<Vec<Throttle>> {
        let metrics = fs::read(self.files.join("gpu_metrics")).ok()?;
        let [120, 0, 1, 3, ..] = *metrics else {
            return None;
        };
        let bits = u64::from_le_bytes(metrics.get(112..120)?.try_into().ok()?);
        let reasons = [(HEAT, Throttle::Heat), (POWER, Throttle::PowerCap)];
        // all ones: this card does not tell
        (bits != u64::MAX).then(|| {
            let holds = reasons.into_iter().filter(|(mask, _)| bits & mask != 0);
            holds.map(|(_, reason)| reason).collect()
        })
    }
}

/// The folders of the driver's cards.
fn cards(sys: &Path) -> Vec<PathBuf> {
    let folder = sys.join("bus/pci/drivers/amdgpu");
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let is_card = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        name.as_encoded_bytes().contains(&b':') && path.is_dir()
    };
    let mut cards: Vec<_> = entries.map(|entry| entry.path()).filter(is_card).collect();
    cards.sort();
    cards
}

fn first_folder(folder: &Path) -> Option<PathBuf> {
    let mut entries = fs::read_dir(folder).ok()?.flatten();
    entries.next().map(|entry| entry.path())
}

fn number(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// The sensor that is nearest to its own limit, with that; or the first one.
fn nearest(scaled: impl Fn(&str, f64) -> Option<f64>) -> Option<(f64, Option<f64>)> {
    let sensor = |n: u32| {
        let celsius = scaled(&format!("temp{n}_input"), 1e3)?;
        let limit = scaled(&format!("temp{n}_crit"), 1e3).filter(|limit| *limit > 0.0);
        Some((celsius, limit))
    };
    let margin = |(celsius, limit): &(f64, Option<f64>)| limit.map_or(f64::MAX, |l| l - celsius);
    (1..=3)
        .filter_map(sensor)
        .min_by(|a, b| margin(a).total_cmp(&margin(b)))
}

/// Bytes that this process holds in the memory of the card at a PCI address such as "0000:03:00.0"; `None` where no open file
/// tells.
fn own_memory(fdinfo: &Path, address: &str) -> Option<u64> {
    let entries = fs::read_dir(fdinfo).ok()?.flatten();
    let texts = entries.filter_map(|entry| fs::read_to_string(entry.path()).ok());
    // several descriptors of one client tell the same
    let clients: BTreeMap<_, _> = texts.filter_map(|text| client(&text, address)).collect();
    (!clients.is_empty()).then(|| clients.values().sum())
}

/// Number and bytes of a client of the card.
fn client(text: &str, address: &str) -> Option<(u64, u64)> {
    let value = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| *key == name).map(|(_, v)| v.trim())
    };
    (value("drm-pdev")? == address).then_some(())?;
    let number = value("drm-client-id")?.parse().ok()?;
    Some((number, bytes(value("drm-memory-vram")?)?))
}

/// "1024 KiB" in bytes.
fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let shift = match unit {
        "" => 0,
        "KiB" => 10,
        "MiB" => 20,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder /sys with a card that has these files.
    fn sys(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let sys = tempfile::tempdir().unwrap();
        let card = sys.path().join("bus/pci/devices/0000:03:00.0");
        fs::create_dir_all(card.join("hwmon/hwmon4")).unwrap();
        for (name, content) in files {
            fs::write(card.join(name), content).unwrap();
        }
        sys
    }

    fn address() -> Option<PciAddress> {
        Some(PciAddress::of_nvidia(0, 3, 0))
    }

    #[test]
    fn a_card_is_read_with_the_sensor_that_is_nearest_to_its_limit() {
        let mut metrics = [0; 120];
        metrics[..4].copy_from_slice(&[120, 0, 1, 3]);
        metrics[112..].copy_from_slice(&(1_u64 << 36 | 1 << 2).to_le_bytes());
        let sys = sys(&[
            ("hwmon/hwmon4/temp1_input", b"61000\n"),
            ("hwmon/hwmon4/temp1_crit", b"100000\n"),
            ("hwmon/hwmon4/temp2_input", b"88000\n"),
            ("hwmon/hwmon4/temp2_crit", b"110000\n"),
            ("hwmon/hwmon4/freq1_input", b"2100000000\n"),
            ("hwmon/hwmon4/power1_average", b"187000000\n"),
            ("hwmon/hwmon4/power1_cap", b"203000000\n"),
            ("mem_info_vram_used", b"1073741824\n"),
            ("mem_info_vram_total", b"17163091968\n"),
            ("pp_dpm_sclk", b"0: 500Mhz\n1: 2475Mhz *\n"),
            ("gpu_metrics", &metrics),
        ]);
        let read = Amd::open(sys.path(), address(), 0).unwrap().read();
        assert_eq!(
            (read.celsius, read.slowdown_celsius),
            (Some(88.0), Some(110.0))
        );
        assert_eq!(
            (read.clock_mhz, read.most_mhz),
            (Some(2100.0), Some(2475.0))
        );
        assert_eq!((read.watts, read.limit_watts), (Some(187.0), Some(203.0)));
        assert_eq!(read.memory_used, Some(1 << 30));
        assert_eq!(
            read.throttled,
            Some(vec![Throttle::Heat, Throttle::PowerCap])
        );
        assert_eq!(read.own_memory, None);
    }

    #[test]
    fn memory_of_this_process_is_that_of_the_cards_own_address() {
        let sys = sys(&[]);
        let (folder, card) = (
            sys.path().join("fdinfo"),
            Amd::open(sys.path(), address(), 0),
        );
        fs::create_dir(&folder).unwrap();
        let client = "drm-client-id: 9\ndrm-pdev: 0000:03:00.0\ndrm-memory-vram: 5 KiB\n";
        fs::write(folder.join("7"), client).unwrap();
        assert_eq!(card.unwrap().own_memory(&folder), Some(5 << 10));
    }

    #[test]
    fn what_is_missing_or_nonsense_is_unknown() {
        let sys = sys(&[
            ("hwmon/hwmon4/temp1_input", b"warm\n"),
            ("gpu_metrics", &[96, 0, 1, 1]),
        ]);
        let read = Amd::open(sys.path(), address(), 0).unwrap().read();
        assert_eq!(read, CardReadings::default());
    }

    #[cfg(unix)]
    #[test]
    fn without_an_address_the_order_decides_and_a_card_that_is_not_there_is_an_error() {
        let sys = sys(&[("hwmon/hwmon4/temp1_input", b"50000")]);
        let driver = sys.path().join("bus/pci/drivers/amdgpu");
        fs::create_dir_all(driver.join("module")).unwrap();
        let device = sys.path().join("bus/pci/devices/0000:03:00.0");
        std::os::unix::fs::symlink(device, driver.join("0000:03:00.0")).unwrap();
        let card = Amd::open(sys.path(), None, 0).unwrap();
        assert_eq!(card.read().celsius, Some(50.0));
        assert!(Amd::open(sys.path(), None, 1).is_err());
        let other = Some(PciAddress::of_nvidia(0, 4, 0));
        assert!(Amd::open(sys.path(), other, 0).is_err());
    }

    const ADDRESS: &str = "0000:03:00.0";

    fn told(texts: &[&str]) -> Option<u64> {
        let folder = tempfile::tempdir().unwrap();
        for (number, text) in texts.iter().enumerate() {
            fs::write(folder.path().join(number.to_string()), text).unwrap();
        }
        own_memory(folder.path(), ADDRESS)
    }

    #[test]
    fn the_memory_of_every_client_of_the_card_counts_once() {
        let first = "pos:\t0\ndrm-driver:\tamdgpu\ndrm-client-id:\t9\ndrm-pdev:\t0000:03:00.0\n\
                     drm-memory-vram:\t1024 KiB\ndrm-memory-gtt:\t7 KiB\n";
        let second = first
            .replace("\t9\n", "\t10\n")
            .replace("1024 KiB", "2 MiB");
        let other = second.replace("03:00.0", "04:00.0");
        let file = "pos:\t0\nflags:\t02\n";
        assert_eq!(told(&[first, first, &second, &other, file]), Some(3 << 20));
    }

    #[test]
    fn what_nothing_tells_is_unknown() {
        assert_eq!(told(&["pos:\t0\n"]), None);
        let strange = "drm-client-id: 9\ndrm-pdev: 0000:03:00.0\ndrm-memory-vram: 5 pages\n";
        assert_eq!(told(&[strange]), None);
        assert_eq!(own_memory(Path::new("/nowhere"), ADDRESS), None);
    }
}
