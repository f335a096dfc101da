//! Releases freed memory to the system, where the allocator would keep it.

/// Releases freed memory.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
pub(crate) fn give_back() {
    unsafe extern "C" {
        fn malloc_trim(pad: usize) -> std::ffi::c_int;
    }
    // SAFETY: malloc_trim(3) of the C library that this target links has this signature, takes no pointer, may be
    // called from any thread at any time, and touches only memory that is free.
    unsafe {
        malloc_trim(0);
    }
}

/// Other allocators release freed memory by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back() {}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_in_use_is_left_alone() {
        let kept = vec![7u8; 1 << 20];
        drop(vec![1u8; 1 << 20]);
        super::give_back();
        assert!(kept.iter().all(|byte| *byte == 7));
    }
}
