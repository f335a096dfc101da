//! How large a search on a device is.

use std::time::Duration;

use crate::{Device, GpuError, Kind};

/// Bytes of a product that a lane keeps for each point of the table.
pub(crate) const PRODUCT_BYTES: u64 = 32;

/// Time that a launch aims at: a desktop stays usable, and a stop takes effect within a second.
pub(crate) const LAUNCH: Duration = Duration::from_millis(80);

/// The shape of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Lanes of a launch, a multiple of `group`; a search has twice as many.
    pub lanes: usize,
    /// Work-items of a group, a power of two.
    pub group: usize,
    /// So many of a group invert, for all of it: a power of two, at most `group`.
    pub inverted: usize,
    /// Points of the table: a launch tests 2N + 1 candidates a lane and round.
    pub points: usize,
    /// Rounds of a launch; 0: as many as take about 80 ms.
    pub rounds: u32,
}

impl Size {
    /// What suits a device.
    ///
    /// A card runs 768 lanes on a multiprocessor, about as many as its registers hold, and the table is as long as half of its memory
    /// allows, up to 512 points, from where on inverting and stepping cost few percent. A processor needs lanes only to fill its
    /// vectors.
    ///
    /// # Errors
    /// [`GpuError::TooSmall`] where not even 16 points fit.
    pub fn of(device: &Device) -> Result<Self, GpuError> {
        let (a_unit, group, inverted, points) = match device.kind {
            Kind::Processor => (64, 64, 16, 128),
            _ => (768, 128, 32, 512),
        };
        let group = group.min(previous_power_of_two(device.largest_group));
        let lanes = (device.units * a_unit).next_multiple_of(group);
        let room = device.largest_buffer.min(device.memory / 2);
        let fit = room / (lanes as u64 * PRODUCT_BYTES);
        if fit < 16 {
            return Err(GpuError::TooSmall {
                device: device.name.clone(),
                has: room >> 20,
                needs: (16 * lanes as u64 * PRODUCT_BYTES).div_ceil(1 << 20),
            });
        }
        Ok(Self {
            lanes,
            group,
            inverted: inverted.min(group),
            points: points.min(usize::try_from(fit).unwrap_or(points)),
            rounds: 0,
        })
    }
}

fn previous_power_of_two(n: usize) -> usize {
    1 << n.max(1).ilog2()
}

#[cfg(test)]
#[path = "size_tests.rs"]
mod tests;
