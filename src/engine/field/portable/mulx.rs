//! The 64-bit product without fixed registers, where the processor has it.
#![allow(unsafe_code)]

/// Runs `f` where the compiler may use BMI2, if this processor has it: `mulx` leaves out most of the moves that `mul`
/// needs between its fixed registers.
#[inline(always)]
pub(super) fn with_mulx<R>(f: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("bmi2") {
        // SAFETY: the processor has BMI2
        return unsafe { with_bmi2(f) };
    }
    f()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi2")]
fn with_bmi2<R>(f: impl FnOnce() -> R) -> R {
    f()
}
