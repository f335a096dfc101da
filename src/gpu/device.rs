//! The OpenCL devices of this machine.

use std::fmt;

use cl3::device::{
    CL_DEVICE_EXTENSIONS, CL_DEVICE_GLOBAL_MEM_SIZE, CL_DEVICE_HOST_UNIFIED_MEMORY,
    CL_DEVICE_MAX_COMPUTE_UNITS, CL_DEVICE_MAX_MEM_ALLOC_SIZE, CL_DEVICE_MAX_WORK_GROUP_SIZE,
    CL_DEVICE_NAME, CL_DEVICE_PCI_BUS_ID_NV, CL_DEVICE_PCI_BUS_INFO_KHR, CL_DEVICE_PCI_SLOT_ID_NV,
    CL_DEVICE_TOPOLOGY_AMD, CL_DEVICE_TYPE, CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_GPU,
    CL_DEVICE_VENDOR, CL_DRIVER_VERSION,
};

use crate::GpuError;
use crate::cl::DeviceId;
use crate::pci::PciAddress;

/// What a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A graphics card with memory of its own.
    Card,
    /// A graphics unit that shares the processor's memory, and often its heat.
    Integrated,
    /// The processor itself.
    Processor,
    /// Something else.
    Other,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Card => "a graphics card",
            Self::Integrated => "an integrated graphics unit",
            Self::Processor => "the processor",
            Self::Other => "another kind of device",
        })
    }
}

/// Whose driver a device needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// NVIDIA's.
    Nvidia,
    /// AMD's.
    Amd,
    /// Another one's.
    Other,
}

/// An OpenCL device.
#[derive(Clone, Debug)]
pub struct Device {
    pub(crate) id: DeviceId,
    /// Its number among all devices, in the order of [`Device::all`]: cards first.
    pub number: usize,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub made_by: String,
    /// Where it sits, if OpenCL tells.
    pub address: Option<PciAddress>,
    /// Its number among the devices of its vendor.
    pub among_vendor: usize,
    /// Version of its driver.
    pub driver: String,
    /// Compute units: NVIDIA's multiprocessors, AMD's compute units, a processor's cores.
    pub units: usize,
    /// Bytes of its memory.
    pub memory: u64,
    /// Bytes of the largest buffer.
    pub largest_buffer: u64,
    /// Work-items of a group at most.
    pub largest_group: usize,
    /// Whether its compiler knows NVIDIA's instructions.
    pub(crate) ptx: bool,
}

impl Device {
    /// All devices: cards first, then integrated ones, processors and others, each in the library's order. One that does not
    /// tell what it is, is left out.
    ///
    /// # Errors
    /// [`GpuError::NoLibrary`], or the library fails.
    pub fn all() -> Result<Vec<Self>, GpuError> {
        let ids = DeviceId::all()?.into_iter();
        let mut devices: Vec<_> = ids.filter_map(|id| Self::new(id).ok()).collect();
        devices.sort_by_key(|device| device.kind as u8);
        for number in 0..devices.len() {
            let vendor = devices[number].vendor();
            let before = devices[..number].iter();
            devices[number].among_vendor = before.filter(|d| d.vendor() == vendor).count();
            devices[number].number = number;
        }
        Ok(devices)
    }

    /// The word for it, as `--device` takes it.
    pub fn word(&self) -> String {
        format!("gpu:{}", self.number)
    }

    /// Whose driver it needs.
    pub fn vendor(&self) -> Vendor {
        match self.made_by.as_str() {
            name if name.contains("NVIDIA") => Vendor::Nvidia,
            name if name.contains("Advanced Micro Devices") || name.contains("AMD") => Vendor::Amd,
            _ => Vendor::Other,
        }
    }

    fn new(id: DeviceId) -> Result<Self, GpuError> {
        let number = |what| id.number(what);
        let size = |what| Ok(usize::try_from(id.number(what)?).unwrap_or(usize::MAX));
        let kind = match number(CL_DEVICE_TYPE)? {
            kinds if kinds & CL_DEVICE_TYPE_GPU != 0 => {
                match number(CL_DEVICE_HOST_UNIFIED_MEMORY)? {
                    0 => Kind::Card,
                    _ => Kind::Integrated,
                }
            }
            kinds if kinds & CL_DEVICE_TYPE_CPU != 0 => Kind::Processor,
            _ => Kind::Other,
        };
        let extensions = id.text(CL_DEVICE_EXTENSIONS)?;
        Ok(Self {
            id,
            number: 0,
            kind,
            name: id.text(CL_DEVICE_NAME)?,
            made_by: id.text(CL_DEVICE_VENDOR)?,
            address: address(id, &extensions),
            among_vendor: 0,
            driver: id.text(CL_DRIVER_VERSION)?,
            units: size(CL_DEVICE_MAX_COMPUTE_UNITS)?.max(1),
            memory: number(CL_DEVICE_GLOBAL_MEM_SIZE)?,
            largest_buffer: number(CL_DEVICE_MAX_MEM_ALLOC_SIZE)?,
            largest_group: size(CL_DEVICE_MAX_WORK_GROUP_SIZE)?,
            ptx: extensions.contains("cl_nv_compiler_options"),
        })
    }
}

/// NVIDIA's number of the PCI domain, which `cl3` does not know.
const CL_DEVICE_PCI_DOMAIN_ID_NV: u32 = 0x400a;

/// Where a device sits, by what its driver tells.
fn address(id: DeviceId, extensions: &str) -> Option<PciAddress> {
    if extensions.contains("cl_khr_pci_bus_info") {
        return PciAddress::of_khr(&id.bytes(CL_DEVICE_PCI_BUS_INFO_KHR).ok()?);
    }
    if extensions.contains("cl_amd_device_attribute_query") {
        return PciAddress::of_amd(&id.bytes(CL_DEVICE_TOPOLOGY_AMD).ok()?);
    }
    if !extensions.contains("cl_nv_device_attribute_query") {
        return None;
    }
    let number = |what| u32::try_from(id.number(what).ok()?).ok();
    let domain = id.bytes(CL_DEVICE_PCI_DOMAIN_ID_NV).ok();
    let domain = domain.and_then(|bytes| Some(u32::from_ne_bytes(bytes.try_into().ok()?)));
    Some(PciAddress::of_nvidia(
        domain.unwrap_or(0),
        number(CL_DEVICE_PCI_BUS_ID_NV)?,
        number(CL_DEVICE_PCI_SLOT_ID_NV)?,
    ))
}
