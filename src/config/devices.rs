//! The OpenCL devices that a search uses beside the processors.

use std::fmt;
use std::str::FromStr;

use meshcore_keygen_gpu::{Device, Kind, Vendor};

use super::Notes;
use super::error::{InvalidValue, UsageError, refuse};

/// One word of `--device`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceChoice {
    /// "gpu": the first card.
    First,
    /// "gpu:N": the device of this number, whatever it is.
    Number(usize),
    /// "all": every card that works.
    All,
}

impl FromStr for DeviceChoice {
    type Err = InvalidValue;

    fn from_str(word: &str) -> Result<Self, InvalidValue> {
        let number = word.strip_prefix("gpu:").map(str::parse);
        match (word, number) {
            ("gpu", _) => Ok(Self::First),
            ("all", _) => Ok(Self::All),
            (_, Some(Ok(number))) => Ok(Self::Number(number)),
            _ => Err(InvalidValue::new(
                "not a device",
                "Allowed are gpu, gpu:N with the number that keygen doctor shows, and all."
                    .to_owned(),
            )),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => f.write_str("gpu"),
            Self::Number(number) => write!(f, "gpu:{number}"),
            Self::All => f.write_str("all"),
        }
    }
}

/// A device that a search uses.
#[derive(Clone, Debug)]
pub(crate) struct ChosenDevice {
    /// The device.
    pub device: Device,
    /// Whether the search goes on without it where it fails: it was not named by itself.
    pub optional: bool,
}

/// The devices that are chosen, each once, in the order of their numbers. A process that restarted itself goes on without what
/// it can't reach any more.
pub(crate) fn resolve(
    choices: &[DeviceChoice],
    continued: bool,
    notes: &Notes,
) -> Result<Vec<ChosenDevice>, UsageError> {
    if choices.is_empty() {
        return Ok(Vec::new());
    }
    let none_is_fine = continued || choices == [DeviceChoice::All];
    let devices = match Device::all() {
        Ok(devices) => devices,
        Err(error) if none_is_fine => {
            notes.push(format!("No card searches: {error}."));
            return Ok(Vec::new());
        }
        Err(error) => refuse!(
            "{}: {error}. Without it the processors search.",
            as_typed(choices)
        ),
    };
    if choices == [DeviceChoice::All] && cards(&devices).next().is_none() {
        notes.push(format!("No card searches. {}", there_are(&devices)));
        return Ok(Vec::new());
    }
    let mut chosen: Vec<ChosenDevice> = Vec::new();
    for choice in choices {
        let (wanted, optional): (Vec<_>, _) = match choice {
            DeviceChoice::First => (cards(&devices).take(1).collect(), continued),
            DeviceChoice::All => (cards(&devices).collect(), true),
            DeviceChoice::Number(number) => (devices.get(*number).into_iter().collect(), continued),
        };
        if wanted.is_empty() && continued {
            notes.push(format!(
                "Device {choice} is gone since the program restarted itself; the search goes on without it."
            ));
        } else if wanted.is_empty() {
            let what = match choice {
                DeviceChoice::Number(_) => "such device",
                DeviceChoice::First | DeviceChoice::All => "graphics card",
            };
            let (typed, there) = (as_typed(&[*choice]), there_are(&devices));
            refuse!("{typed}: there is no {what}. {there}");
        }
        chosen.extend(wanted.into_iter().map(|device| ChosenDevice {
            device: device.clone(),
            optional,
        }));
    }
    chosen.sort_by_key(|chosen| (chosen.device.number, chosen.optional));
    chosen.dedup_by_key(|chosen| chosen.device.number);
    Ok(chosen)
}

/// The option as the user may have typed it: `--backend gpu` is the first card, too.
fn as_typed(choices: &[DeviceChoice]) -> String {
    let words: Vec<_> = choices.iter().map(ToString::to_string).collect();
    let or = match choices {
        [DeviceChoice::First] => " (or --backend gpu)",
        _ => "",
    };
    format!("--device {}{or}", words.join(","))
}

/// How to limit the power of each device, if that was asked for.
pub(super) fn power_advice(watts: Option<u32>, devices: &[ChosenDevice]) -> Vec<String> {
    let Some(watts) = watts else {
        return Vec::new();
    };
    if devices.is_empty() {
        return vec!["--gpu-power has no effect: no card searches.".to_owned()];
    }
    let advice = |chosen: &ChosenDevice| {
        let Device { name, address, .. } = &chosen.device;
        let how = match (chosen.device.vendor(), address) {
            (Vendor::Nvidia, Some(address)) => {
                format!("nvidia-smi --id={address} --power-limit={watts}")
            }
            (Vendor::Nvidia, None) => format!("nvidia-smi --power-limit={watts}"),
            (Vendor::Amd, Some(address)) => format!(
                "echo {watts}000000 > /sys/bus/pci/devices/{address}/hwmon/hwmon*/power1_cap"
            ),
            _ => return format!("{name}: its driver's own tools limit its power; nothing is set."),
        };
        format!("{name}: --gpu-power sets nothing. This limits it to {watts} W, as root: {how}")
    };
    devices.iter().map(advice).collect()
}

/// Devices whose readings may be another card's, since OpenCL does not tell where they sit.
pub(super) fn unplaced(devices: &[ChosenDevice]) -> impl Iterator<Item = String> {
    let unplaced = devices.iter().filter(|chosen| {
        let device = &chosen.device;
        device.address.is_none() && device.vendor() != Vendor::Other
    });
    unplaced.map(|chosen| {
        let (word, name) = (chosen.device.word(), &chosen.device.name);
        format!(
            "{word} ({name}): OpenCL does not tell where it sits; its readings are those of its maker's card of the same number."
        )
    })
}

fn cards(devices: &[Device]) -> impl Iterator<Item = &Device> {
    let card = |device: &&Device| device.kind == Kind::Card;
    devices.iter().filter(card)
}

/// What there is, for an error.
fn there_are(devices: &[Device]) -> String {
    if devices.is_empty() {
        return "OpenCL shows none here: is the card's driver installed?".to_owned();
    }
    let named =
        |device: &Device| format!("gpu:{} {} ({})", device.number, device.name, device.kind);
    let named: Vec<_> = devices.iter().map(named).collect();
    format!(
        "There are: {}. Only graphics cards are used without their number.",
        named.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_reads_back_as_it_is_written() {
        for word in ["gpu", "gpu:0", "gpu:17", "all"] {
            assert_eq!(word.parse::<DeviceChoice>().unwrap().to_string(), word);
        }
        for word in ["", "GPU", "gpu:", "gpu:x", "gpu:-1", "cpu", "0"] {
            assert!(word.parse::<DeviceChoice>().is_err(), "{word}");
        }
    }
}
