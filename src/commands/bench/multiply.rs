//! How many cycles a multiplication of two 32-bit registers takes on this processor, where that is known.
//!
//! Agner Fog's instruction tables have 3 cycles for `IMUL r32, r32` on Intel's cores since Nehalem and on AMD's since
//! Zen; uops.info measures 3 for the low half of a 32-bit product on the efficiency cores of Alder Lake, too. The
//! 64-bit form takes longer on some small cores.

/// Cycles from operand to product, or `None` where nothing reliable is known.
#[cfg(target_arch = "x86_64")]
pub(super) fn latency() -> Option<u32> {
    let vendor = std::arch::x86_64::__cpuid(0);
    let signature = std::arch::x86_64::__cpuid(1).eax;
    // Intel's processors before Haswell, and Atoms before Gracemont, lack AVX2 and are not worth a list of models.
    let is_recent = std::arch::is_x86_feature_detected!("avx2");
    let family = family(signature);
    known(&name(vendor.ebx, vendor.edx, vendor.ecx), family).filter(|_| is_recent)
}

/// Cycles from operand to product, or `None` where nothing reliable is known.
#[cfg(not(target_arch = "x86_64"))]
pub fn latency() -> Option<u32> {
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

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_name_is_read_in_the_order_of_its_registers() {
        assert_eq!(name(0x756e_6547, 0x4965_6e69, 0x6c65_746e), b"GenuineIntel");
    }

    #[test]
    fn a_family_beyond_15_is_a_sum() {
        assert_eq!(family(0x000a_0671), 6);
        assert_eq!(family(0x00a2_0f10), 0x19);
    }

    #[test]
    fn nothing_is_guessed_about_processors_that_are_not_listed() {
        assert_eq!(known(b"GenuineIntel", 6), Some(3));
        assert_eq!(known(b"AuthenticAMD", 0x1a), Some(3));
        assert_eq!(known(b"AuthenticAMD", 0x15), None);
        assert_eq!(known(b"GenuineIntel", 15), None);
        assert_eq!(known(b"CentaurHauls", 6), None);
    }
}
