//! The OpenCL devices of this machine.

use std::fmt;

use cl3::device::{
    CL_DEVICE_EXTENSIONS, CL_DEVICE_GLOBAL_MEM_SIZE, CL_DEVICE_HOST_UNIFIED_MEMORY,
    CL_DEVICE_MAX_COMPUTE_UNITS, CL_DEVICE_MAX_MEM_ALLOC_SIZE, CL_DEVICE_MAX_WORK_GROUP_SIZE,
    CL_DEVICE_NAME, CL_DEVICE_TYPE, CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_GPU, CL_DEVICE_VENDOR,
    CL_DRIVER_VERSION,
};

use crate::GpuError;
use crate::cl::DeviceId;

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
    pub vendor: String,
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
        for (number, device) in devices.iter_mut().enumerate() {
            device.number = number;
        }
        Ok(devices)
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
            vendor: id.text(CL_DEVICE_VENDOR)?,
            driver: id.text(CL_DRIVER_VERSION)?,
            units: size(CL_DEVICE_MAX_COMPUTE_UNITS)?.max(1),
            memory: number(CL_DEVICE_GLOBAL_MEM_SIZE)?,
            largest_buffer: number(CL_DEVICE_MAX_MEM_ALLOC_SIZE)?,
            largest_group: size(CL_DEVICE_MAX_WORK_GROUP_SIZE)?,
            ptx: extensions.contains("cl_nv_compiler_options"),
        })
    }
}
