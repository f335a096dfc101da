//! The real clock of the core that a thread runs on: how fast a chain of dependent multiplications goes.
//!
//! No counter that a program may read tells it: the time stamp counter ticks at a fixed rate while the core speeds up
//! and slows down. Each multiplication of the chain waits for the one before, so the chain takes its number of
//! multiplications times their latency in cycles of the core, whatever else the core could do beside.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::clock::thread_time;

/// Rounds of the chain in one reading: about 0.2 ms, short enough that the clock of the work before still holds.
const ROUNDS: u32 = 50_000;

/// Multiplications a round.
const UNROLLED: u32 = 4;

/// Readings of which the fastest counts: an interrupt can only slow one down.
const READINGS: usize = 3;

/// Measures the clock of the core that it is called on.
#[derive(Clone, Copy, Debug)]
pub(super) struct CoreClock {
    /// Cycles of one multiplication.
    latency: u32,
}

impl CoreClock {
    /// A clock for this processor, or `None` where the latency of its multiplication is not known.
    pub(super) fn detect() -> Option<Self> {
        latency().map(|latency| Self { latency })
    }

    /// Cycles a second, now.
    pub(super) fn read(self) -> f64 {
        let cycles = f64::from(ROUNDS * UNROLLED * self.latency);
        let times = (0..READINGS).map(|_| time_of(|| chain(ROUNDS)));
        let shortest = times.min().unwrap_or_default();
        cycles / shortest.as_secs_f64().max(1e-9)
    }
}

/// Processor time of this thread for `work`, so that other programs on the core don't count; else wall time.
fn time_of(work: impl Fn()) -> Duration {
    let (wall, processor) = (Instant::now(), thread_time());
    work();
    match (processor, thread_time()) {
        (Some(begin), Some(end)) => end.saturating_sub(begin),
        _ => wall.elapsed(),
    }
}

/// The chain: squares, because a compiler may fold products with a constant factor, but no repeated squaring.
#[inline(never)]
fn chain(rounds: u32) {
    let mut x = black_box(3_u32);
    for _ in 0..rounds {
        x = x.wrapping_mul(x);
        x = x.wrapping_mul(x);
        x = x.wrapping_mul(x);
        x = x.wrapping_mul(x);
    }
    black_box(x);
}

/// Cycles of a multiplication of two 32-bit registers, or `None` where nothing reliable is known.
///
/// Agner Fog's instruction tables have 3 cycles for `IMUL r32, r32` on Intel's cores since Nehalem and on AMD's since
/// Zen; uops.info measures 3 for the low half of a 32-bit product on the efficiency cores of Alder Lake, too. The
/// 64-bit form takes longer on some small cores.
#[cfg(target_arch = "x86_64")]
fn latency() -> Option<u32> {
    let vendor = std::arch::x86_64::__cpuid(0);
    let signature = std::arch::x86_64::__cpuid(1).eax;
    // Intel's processors before Haswell, and Atoms before Gracemont, lack AVX2 and are not worth a list of models.
    let is_recent = std::arch::is_x86_feature_detected!("avx2");
    let family = family(signature);
    known(&name(vendor.ebx, vendor.edx, vendor.ecx), family).filter(|_| is_recent)
}

#[cfg(not(target_arch = "x86_64"))]
fn latency() -> Option<u32> {
    None
}

/// The vendor's name out of leaf 0, whose registers hold it in this order.
#[cfg(target_arch = "x86_64")]
fn name(b: u32, d: u32, c: u32) -> Vec<u8> {
    [b, d, c].into_iter().flat_map(u32::to_le_bytes).collect()
}

/// The family that the signature in leaf 1 states: base family, plus the extended one if the base is full.
#[cfg(target_arch = "x86_64")]
fn family(signature: u32) -> u32 {
    let (base, extended) = (signature >> 8 & 0xf, signature >> 20 & 0xff);
    if base == 0xf { base + extended } else { base }
}

/// The latency by vendor and family.
#[cfg(target_arch = "x86_64")]
fn known(vendor: &[u8], family: u32) -> Option<u32> {
    match (vendor, family) {
        (b"GenuineIntel", 6) | (b"AuthenticAMD", 0x17 | 0x19 | 0x1a) => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_runs_at_a_plausible_clock_where_it_is_known() {
        if let Some(clock) = CoreClock::detect() {
            let hertz = clock.read();
            assert!((1e8..1e10).contains(&hertz), "{hertz}");
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_vendors_name_is_read_in_the_order_of_its_registers() {
        assert_eq!(name(0x756e_6547, 0x4965_6e69, 0x6c65_746e), b"GenuineIntel");
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn a_family_beyond_15_is_a_sum() {
        assert_eq!(family(0x000a_0671), 6);
        assert_eq!(family(0x00a2_0f10), 0x19);
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn nothing_is_guessed_about_processors_that_are_not_listed() {
        assert_eq!(known(b"GenuineIntel", 6), Some(3));
        assert_eq!(known(b"AuthenticAMD", 0x1a), Some(3));
        assert_eq!(known(b"AuthenticAMD", 0x15), None);
        assert_eq!(known(b"GenuineIntel", 15), None);
        assert_eq!(known(b"CentaurHauls", 6), None);
    }
}
