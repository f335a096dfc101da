//! The memory of this process on a card, from what Linux tells of each open file of a graphics driver.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Where Linux describes the open files of this process.
pub(crate) const FDINFO: &str = "/proc/self/fdinfo";

/// Bytes that this process holds in the memory of the card at a PCI address such as "0000:03:00.0"; `None` where no open file
/// tells.
pub(crate) fn own_memory(fdinfo: &Path, address: &str) -> Option<u64> {
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
