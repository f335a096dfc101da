//! What can go wrong with a device.

use cl3::error_codes::error_text;

/// What a device or its library can't do.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum GpuError {
    /// There is no OpenCL library.
    #[error(
        "no OpenCL library: install the one of the card's driver (on Debian nvidia-opencl-icd or mesa-opencl-icd, \
         and ocl-icd-libopencl1)"
    )]
    NoLibrary,
    /// A call failed.
    #[error("{call} fails: {name} ({code})")]
    Call {
        /// The function.
        call: &'static str,
        /// The error's name in the OpenCL standard.
        name: &'static str,
        /// Its number.
        code: i32,
    },
    /// The kernel does not compile.
    #[error("the device's compiler refuses the kernel ({code}): {words}")]
    Build {
        /// The error's number.
        code: i32,
        /// What the compiler says.
        words: String,
    },
    /// A bug of this program, or a library that breaks its rules.
    #[error("{0}")]
    Internal(&'static str),
    /// No point of the curve has this encoding.
    #[error("the start of lane {lane} is not a point of the curve")]
    NotAPoint {
        /// The lane that was to be set.
        lane: usize,
    },
    /// The card failed a known answer.
    #[error("{device} computes wrong results: {what}")]
    WrongAnswer {
        /// The card.
        device: String,
        /// What differs.
        what: String,
    },
    /// The device has too little memory.
    #[error("{device} has {has} MB of memory for one buffer, and a search needs {needs}")]
    TooSmall {
        /// The card.
        device: String,
        /// The largest buffer in MB.
        has: u64,
        /// The least that a search needs, in MB.
        needs: u64,
    },
}

/// The runtime loader found no library, or one without this function.
const NOT_LOADED: [i32; 2] = [-2000, -2001];

impl GpuError {
    /// The error of a call.
    pub(crate) fn call(call: &'static str, code: i32) -> Self {
        if code == NOT_LOADED[0] {
            return Self::NoLibrary;
        }
        Self::Call {
            call,
            name: error_text(code),
            code,
        }
    }
}
