//! Where a card sits: what OpenCL tells, and how drivers write it.

use std::fmt;

/// An address on the PCI bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PciAddress {
    domain: u32,
    bus: u32,
    device: u32,
    function: u32,
}

impl PciAddress {
    /// From cl_device_pci_bus_info_khr: four numbers of 32 bits.
    pub(crate) fn of_khr(bytes: &[u8]) -> Option<Self> {
        let (words, []) = bytes.as_chunks::<4>() else {
            return None;
        };
        let [domain, bus, device, function] = *words else {
            return None;
        };
        Some(Self {
            domain: u32::from_ne_bytes(domain),
            bus: u32::from_ne_bytes(bus),
            device: u32::from_ne_bytes(device),
            function: u32::from_ne_bytes(function),
        })
    }

    /// From NVIDIA's bus and slot, which holds device and function.
    pub(crate) const fn of_nvidia(domain: u32, bus: u32, slot: u32) -> Self {
        Self {
            domain,
            bus,
            device: slot >> 3,
            function: slot & 7,
        }
    }

    /// From cl_device_topology_amd: a kind, 17 bytes of nothing, then bus, device and function.
    pub(crate) fn of_amd(bytes: &[u8]) -> Option<Self> {
        let [1, 0, 0, 0, .., bus, device, function] = *bytes else {
            return None;
        };
        (bytes.len() == 24).then_some(Self {
            domain: 0,
            bus: bus.into(),
            device: device.into(),
            function: function.into(),
        })
    }
}

impl fmt::Display for PciAddress {
    /// As in Linux's /sys/bus/pci and NVIDIA's tools: 0000:01:00.0.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            domain,
            bus,
            device,
            function,
        } = self;
        write!(f, "{domain:04x}:{bus:02x}:{device:02x}.{function}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_vendors_words_lead_to_the_same_address() {
        let khr: Vec<u8> = [0_u32, 0xc1, 2, 1]
            .iter()
            .flat_map(|n| n.to_ne_bytes())
            .collect();
        let mut amd = [0; 24];
        (amd[0], amd[21], amd[22], amd[23]) = (1, 0xc1, 2, 1);
        let all = [
            PciAddress::of_khr(&khr),
            PciAddress::of_amd(&amd),
            Some(PciAddress::of_nvidia(0, 0xc1, 2 << 3 | 1)),
        ];
        for address in all {
            assert_eq!(address.unwrap().to_string(), "0000:c1:02.1");
        }
        assert_eq!(PciAddress::of_khr(&khr[..12]), None);
        assert_eq!(PciAddress::of_amd(&amd[..23]), None);
        assert_eq!(PciAddress::of_amd(&[0; 24]), None);
    }
}
