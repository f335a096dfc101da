//! What the tests of this crate share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Device;

/// The device that tests run on, one at a time: the last one, which is a processor where there is any,
/// or the one whose number `KEYGEN_TEST_DEVICE` tells.
pub(crate) fn device() -> Option<(MutexGuard<'static, ()>, Device)> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut devices = Device::all().unwrap_or_default();
    let wished = std::env::var("KEYGEN_TEST_DEVICE").ok();
    let device = match wished.and_then(|number| number.parse().ok()) {
        Some(number) => devices.into_iter().nth(number),
        None => devices.pop(),
    };
    if device.is_none() {
        eprintln!("skipped: no OpenCL device");
    }
    device.map(|device| (turn, device))
}
