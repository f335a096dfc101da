//! NVIDIA's management library, loaded at run time. Few of its functions are needed, and each may be missing: they are looked up
//! when they are called, so that a reading that an old driver does not know is unknown.

#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_void};
use std::ptr;

use dlopen2::raw::Library;

use crate::pci::PciAddress;
use crate::readings::{CardReadings, Throttle};

#[cfg(windows)]
const NAME: &str = "nvml.dll";
#[cfg(not(windows))]
const NAME: &str = "libnvidia-ml.so.1";

/// NVML_TEMPERATURE_GPU, NVML_TEMPERATURE_THRESHOLD_SLOWDOWN and NVML_CLOCK_SM.
const SENSOR: u32 = 0;
const SLOWDOWN: u32 = 1;
const SM: u32 = 1;

/// nvmlClocksThrottleReasons: of the hardware for any reason, and those that it names.
const HARDWARE: u64 = 0x8;
const REASONS: [(u64, Throttle); 3] = [
    (0x20 | 0x40, Throttle::Heat),
    (0x80, Throttle::PowerBrake),
    (0x4, Throttle::PowerCap),
];

/// Processes of which the memory is asked for.
const MOST_PROCESSES: usize = 64;

type Handle = *mut c_void;

/// nvmlMemory_t.
#[repr(C)]
#[derive(Default)]
struct Memory {
    total: u64,
    free: u64,
    used: u64,
}

/// nvmlProcessInfo_v2_t.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Process {
    pid: u32,
    used: u64,
    instances: [u32; 2],
}

/// A card of NVIDIA's.
pub(crate) struct Nvidia {
    card: Handle,
    library: Library,
}

// SAFETY: NVML may be called from any thread; the handle belongs to the library, not to a thread.
unsafe impl Send for Nvidia {}

impl Nvidia {
    /// The card at an address, or else the one of a number.
    ///
    /// # Errors
    /// There is no library, or it does not know the card.
    pub(crate) fn open(address: Option<PciAddress>, number: usize) -> Result<Self, String> {
        let library = Library::open(NAME).map_err(|_| format!("there is no {NAME}"))?;
        let mut nvidia = Self {
            card: ptr::null_mut(),
            library,
        };
        // SAFETY: the types are those of nvml.h.
        let status = unsafe {
            let init = nvidia.function::<unsafe extern "C" fn() -> i32>("nvmlInit_v2");
            init.map_or(-1, |init| init())
        };
        if status != 0 {
            return Err(format!("{NAME} does not start ({status})"));
        }
        nvidia.card = nvidia.find(address, number)?;
        Ok(nvidia)
    }

    fn find(&self, address: Option<PciAddress>, number: usize) -> Result<Handle, String> {
        let mut card = ptr::null_mut();
        // SAFETY: the types are those of nvml.h; the text lives until the call returns.
        let status = unsafe {
            if let Some(address) = address {
                type ByAddress = unsafe extern "C" fn(*const c_char, *mut Handle) -> i32;
                let text = CString::new(address.to_string()).unwrap_or_default();
                self.function::<ByAddress>("nvmlDeviceGetHandleByPciBusId_v2")
                    .map(|find| find(text.as_ptr(), &raw mut card))
            } else {
                type ByNumber = unsafe extern "C" fn(u32, *mut Handle) -> i32;
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                self.function::<ByNumber>("nvmlDeviceGetHandleByIndex_v2")
                    .map(|find| find(number, &raw mut card))
            }
        };
        match status {
            Some(0) if !card.is_null() => Ok(card),
            _ => Err(format!("{NAME} does not know the card")),
        }
    }

    /// A function, where the library has it.
    ///
    /// # Safety
    /// `T` must be the function's type.
    unsafe fn function<T>(&self, name: &str) -> Option<T> {
        // SAFETY: the caller vouches for the type.
        unsafe { self.library.symbol(name) }.ok()
    }

    /// What a function tells of the card.
    fn told<T: Default>(&self, name: &str) -> Option<T> {
        let mut value = T::default();
        // SAFETY: all functions that are asked for so take the card and a place for a T.
        let status = unsafe {
            self.function::<unsafe extern "C" fn(Handle, *mut T) -> i32>(name)?(
                self.card,
                &raw mut value,
            )
        };
        (status == 0).then_some(value)
    }

    /// What a function tells of one of the card's sensors, limits or clocks.
    fn told_of(&self, name: &str, which: u32) -> Option<f64> {
        let mut value = 0;
        // SAFETY: all functions that are asked for so take the card, which one, and a place for a number.
        let status = unsafe {
            self.function::<unsafe extern "C" fn(Handle, u32, *mut u32) -> i32>(name)?(
                self.card,
                which,
                &raw mut value,
            )
        };
        (status == 0).then_some(value.into())
    }

    /// Memory of this process.
    fn own_memory(&self) -> Option<u64> {
        type Ask = unsafe extern "C" fn(Handle, *mut u32, *mut Process) -> i32;
        let mut all = [Process::default(); MOST_PROCESSES];
        let mut count = MOST_PROCESSES as u32;
        // SAFETY: the types are those of nvml.h, and there is room for as many as `count` says.
        let status = unsafe {
            self.function::<Ask>("nvmlDeviceGetComputeRunningProcesses_v3")?(
                self.card,
                &raw mut count,
                all.as_mut_ptr(),
            )
        };
        let own = |process: &&Process| process.pid == std::process::id();
        let process = all.iter().take(count as usize).find(own)?;
        // all ones: the driver does not tell
        (status == 0 && process.used != u64::MAX).then_some(process.used)
    }

    pub(crate) fn read(&self) -> CardReadings {
        let number = |name| self.told::<u32>(name).map(f64::from);
        let watts = |name| number(name).map(|milliwatts| milliwatts / 1e3);
        let memory = self.told::<Memory>("nvmlDeviceGetMemoryInfo");
        let reasons = self.told::<u64>("nvmlDeviceGetCurrentClocksThrottleReasons");
        CardReadings {
            celsius: self.told_of("nvmlDeviceGetTemperature", SENSOR),
            slowdown_celsius: self
                .told_of("nvmlDeviceGetTemperatureThreshold", SLOWDOWN)
                .filter(|limit| *limit > 0.0),
            clock_mhz: self.told_of("nvmlDeviceGetClockInfo", SM),
            most_mhz: self.told_of("nvmlDeviceGetMaxClockInfo", SM),
            watts: watts("nvmlDeviceGetPowerUsage"),
            limit_watts: watts("nvmlDeviceGetEnforcedPowerLimit"),
            memory_used: memory.as_ref().map(|memory| memory.used),
            memory_total: memory.map(|memory| memory.total),
            own_memory: self.own_memory(),
            throttled: reasons.map(throttled),
            ..CardReadings::default()
        }
    }
}

fn throttled(bits: u64) -> Vec<Throttle> {
    let named = REASONS.into_iter().filter(|(mask, _)| bits & mask != 0);
    let mut reasons: Vec<_> = named.map(|(_, reason)| reason).collect();
    let known = |reason| matches!(reason, &Throttle::Heat | &Throttle::PowerBrake);
    if bits & HARDWARE != 0 && !reasons.iter().any(known) {
        reasons.push(Throttle::Hardware);
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_those_of_the_driver_and_idling_is_none() {
        assert_eq!(throttled(0x1 | 0x2 | 0x10 | 0x100), []);
        assert_eq!(throttled(0x4), [Throttle::PowerCap]);
        assert_eq!(throttled(0x8 | 0x40), [Throttle::Heat]);
        assert_eq!(throttled(0x20), [Throttle::Heat]);
        assert_eq!(throttled(0x8 | 0x80), [Throttle::PowerBrake]);
        assert_eq!(
            throttled(0x8 | 0x4),
            [Throttle::PowerCap, Throttle::Hardware]
        );
    }
}
