//! What OpenCL makes for a program: buffers, kernels and events, each released at its end.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::ManuallyDrop;

use cl3::event;
use cl3::info_type::InfoType;
use cl3::types::{cl_event, cl_mem};

use crate::GpuError;
use crate::cl::failed;

/// A handle and what releases it; a device that was lost may refuse, and then nothing is left to do.
pub(crate) struct Owned(
    pub(crate) *mut c_void,
    pub(crate) unsafe fn(*mut c_void) -> Result<(), i32>,
);

// SAFETY: OpenCL's functions other than clSetKernelArg, which is called through `&mut`, may be called from any thread with the
// same handles (OpenCL 1.2, appendix A.2); only the owner releases them.
unsafe impl Send for Owned {}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the handle is this value's own; commands that use it keep it until they are complete.
        let _ = unsafe { (self.1)(self.0) };
    }
}

/// Words of 32 bits on the device.
pub(crate) struct Buffer {
    pub(crate) handle: Owned,
    pub(crate) count: usize,
}

impl Buffer {
    /// Number of words.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// As an argument of a kernel.
    pub(crate) fn argument(&self) -> Argument<'_> {
        Argument::Buffer(&self.handle.0)
    }

    pub(crate) fn check(&self, at: usize, count: usize) -> Result<(), GpuError> {
        match at.checked_add(count) {
            Some(end) if end <= self.count => Ok(()),
            _ => Err(GpuError::Internal("a copy leaves its buffer")),
        }
    }
}

/// An argument of a kernel.
#[derive(Clone, Copy)]
pub(crate) enum Argument<'a> {
    /// A buffer's handle.
    Buffer(&'a cl_mem),
    /// An unsigned number of 32 bits.
    Number(u32),
}

/// A compiled kernel, released before its program.
pub(crate) struct Kernel {
    pub(crate) handle: Owned,
    pub(crate) _program: Owned,
}

/// A command that was enqueued.
pub(crate) struct Event(Owned);

impl Event {
    pub(crate) fn new(event: cl_event) -> Self {
        Self(Owned(event, event::release_event))
    }

    /// Whether the command is complete.
    fn is_complete(&self) -> Result<bool, GpuError> {
        let status = event::get_event_info(self.0.0, event::CL_EVENT_COMMAND_EXECUTION_STATUS)
            .map_err(failed("clGetEventInfo"))?;
        match status {
            InfoType::Int(code) if code < 0 => Err(GpuError::call("a kernel", code)),
            InfoType::Int(code) => Ok(code == event::CL_COMPLETE),
            _ => Err(GpuError::Internal("the status of an event is no number")),
        }
    }
}

/// Words that the device will write.
pub(crate) struct Later {
    pub(crate) event: Event,
    pub(crate) words: ManuallyDrop<Vec<u32>>,
}

impl Later {
    /// The words, once the copy is complete.
    ///
    /// # Errors
    /// The copy, or a kernel before it, failed.
    pub(crate) fn get(&self) -> Result<Option<&[u32]>, GpuError> {
        Ok(self.event.is_complete()?.then_some(&self.words))
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        // While the device may still write, the memory is left to it for good.
        if self.event.is_complete().unwrap_or(false) {
            // SAFETY: nobody writes any more, and this is the only place that takes them.
            unsafe { ManuallyDrop::drop(&mut self.words) };
        }
    }
}
