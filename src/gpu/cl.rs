//! The few OpenCL calls that a search makes, each with what it needs to be sound. The library is loaded at run time: without
//! it the first call fails with an error.
//!
//! Below is `cl3` rather than the wrapper around it, whose destructors panic when a device that was lost refuses to release.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_void};
use std::mem::ManuallyDrop;
use std::ptr;

use cl3::info_type::InfoType;
use cl3::types::{CL_BLOCKING, CL_NON_BLOCKING, cl_device_id, cl_mem};
use cl3::{command_queue, context, device, kernel, memory, platform, program};

use crate::GpuError;
use crate::handlers::Handlers;
use crate::objects::{Argument, Buffer, Event, Kernel, Later, Owned};

/// What a loader without any driver says: CL_PLATFORM_NOT_FOUND_KHR.
const NO_PLATFORM: i32 = -1001;

/// Names a failed call.
pub(crate) fn failed(call: &'static str) -> impl FnOnce(i32) -> GpuError {
    move |code| GpuError::call(call, code)
}

fn bytes(info: InfoType) -> Vec<u8> {
    match info {
        InfoType::VecUchar(bytes) => bytes,
        _ => Vec::new(),
    }
}

fn text(info: InfoType) -> String {
    let text = bytes(info);
    let text = String::from_utf8_lossy(&text);
    text.trim_end_matches('\0').trim().to_owned()
}

/// A device's handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeviceId(cl_device_id);

// SAFETY: OpenCL's functions other than clSetKernelArg may be called from any thread with the same handles (OpenCL 1.2,
// appendix A.2); the handle of a root device is never freed.
unsafe impl Send for DeviceId {}
// SAFETY: as above.
unsafe impl Sync for DeviceId {}

impl DeviceId {
    /// All devices of all platforms, in the library's order. A platform that has none or fails is passed over.
    ///
    /// # Errors
    /// There is no OpenCL library, or it fails.
    pub(crate) fn all() -> Result<Vec<Self>, GpuError> {
        let _kept = Handlers::keep();
        let platforms = match platform::get_platform_ids() {
            Err(NO_PLATFORM) => Vec::new(),
            platforms => platforms.map_err(failed("clGetPlatformIDs"))?,
        };
        let devices = platforms.into_iter().flat_map(|platform| {
            device::get_device_ids(platform, device::CL_DEVICE_TYPE_ALL).unwrap_or_default()
        });
        Ok(devices.map(Self).collect())
    }

    fn info(self, what: u32) -> Result<InfoType, GpuError> {
        device::get_device_info(self.0, what).map_err(failed("clGetDeviceInfo"))
    }

    /// Bytes; none where the device gives something else.
    ///
    /// # Errors
    /// The call fails.
    pub(crate) fn bytes(self, what: u32) -> Result<Vec<u8>, GpuError> {
        self.info(what).map(bytes)
    }

    /// A text; empty where the device gives none.
    ///
    /// # Errors
    /// The call fails.
    pub(crate) fn text(self, what: u32) -> Result<String, GpuError> {
        self.info(what).map(text)
    }

    /// A number; 0 where the device gives none.
    ///
    /// # Errors
    /// The call fails.
    pub(crate) fn number(self, what: u32) -> Result<u64, GpuError> {
        Ok(match self.info(what)? {
            InfoType::Uint(value) => value.into(),
            InfoType::Ulong(value) => value,
            InfoType::Size(value) => value as u64,
            _ => 0,
        })
    }
}

/// A context with a queue for kernels, in order, and one for copies, which don't wait for kernels. The queues are released
/// first.
pub(crate) struct Queue {
    device: DeviceId,
    kernels: Owned,
    copies: Owned,
    context: Owned,
}

impl Queue {
    /// A context and queue on a device.
    ///
    /// # Errors
    /// The device refuses.
    pub(crate) fn new(device: DeviceId) -> Result<Self, GpuError> {
        let context = context::create_context(&[device.0], ptr::null(), None, ptr::null_mut())
            .map(|context| Owned(context, context::release_context))
            .map_err(failed("clCreateContext"))?;
        let queue = || {
            // SAFETY: context and device are valid and belong together.
            unsafe { command_queue::create_command_queue(context.0, device.0, 0) }
                .map(|queue| Owned(queue, command_queue::release_command_queue))
                .map_err(failed("clCreateCommandQueue"))
        };
        Ok(Self {
            device,
            kernels: queue()?,
            copies: queue()?,
            context,
        })
    }

    /// Room for `count` words on the device.
    ///
    /// # Errors
    /// There is not so much memory.
    pub(crate) fn buffer(&self, count: usize) -> Result<Buffer, GpuError> {
        let bytes = count.max(1) * size_of::<u32>();
        // SAFETY: the context is valid, and no host memory is handed over.
        let handle = unsafe {
            memory::create_buffer(
                self.context.0,
                memory::CL_MEM_READ_WRITE,
                bytes,
                ptr::null_mut(),
            )
        };
        let handle = handle.map_err(failed("clCreateBuffer"))?;
        Ok(Buffer {
            handle: Owned(handle, memory::release_mem_object),
            count: count.max(1),
        })
    }

    /// Room on the device that holds these words.
    ///
    /// # Errors
    /// There is not so much memory, or the copy fails.
    pub(crate) fn buffer_of(&self, values: &[u32]) -> Result<Buffer, GpuError> {
        let mut buffer = self.buffer(values.len())?;
        self.write(&mut buffer, 0, values)?;
        Ok(buffer)
    }

    /// Copies words to the device at once, also while a kernel runs, which must not use that buffer.
    ///
    /// # Errors
    /// The copy fails, or the buffer is too small.
    pub(crate) fn write(
        &self,
        buffer: &mut Buffer,
        at: usize,
        values: &[u32],
    ) -> Result<(), GpuError> {
        buffer.check(at, values.len())?;
        if values.is_empty() {
            return Ok(());
        }
        // SAFETY: the range lies within the buffer, and the call blocks until the values were read.
        let done = unsafe {
            command_queue::enqueue_write_buffer(
                self.copies.0,
                buffer.handle.0,
                CL_BLOCKING,
                at * size_of::<u32>(),
                size_of_val(values),
                values.as_ptr().cast(),
                0,
                ptr::null(),
            )
        };
        done.map(|event| drop(Event::new(event)))
            .map_err(failed("clEnqueueWriteBuffer"))
    }

    /// Copies words from the beginning of a buffer at once, also while a kernel runs, which must not write to that buffer.
    ///
    /// # Errors
    /// The copy fails, or the buffer is too small.
    pub(crate) fn read(&self, buffer: &Buffer, values: &mut [u32]) -> Result<(), GpuError> {
        buffer.check(0, values.len())?;
        if values.is_empty() {
            return Ok(());
        }
        // SAFETY: the call blocks until they were written.
        unsafe { enqueue_read(&self.copies, buffer, CL_BLOCKING, values) }
            .map(drop)
            .map_err(failed("clEnqueueReadBuffer"))
    }

    /// Enqueues the copy of the first `count` words of a buffer, after all kernels enqueued before.
    ///
    /// # Errors
    /// The call fails.
    pub(crate) fn read_later(&self, buffer: &Buffer, count: usize) -> Result<Later, GpuError> {
        buffer.check(0, count)?;
        let mut words = ManuallyDrop::new(vec![0_u32; count]);
        // SAFETY: the words are freed only by Later, and only once the copy is complete.
        match unsafe { enqueue_read(&self.kernels, buffer, CL_NON_BLOCKING, &mut words) } {
            Ok(event) => Ok(Later { event, words }),
            Err(code) => {
                // nothing was enqueued, so that nobody else has the pointer
                drop(ManuallyDrop::into_inner(words));
                Err(GpuError::call("clEnqueueReadBuffer", code))
            }
        }
    }

    /// Compiles a source: one, since `cl3` hands several over wrongly.
    ///
    /// # Errors
    /// It does not compile; the error holds the compiler's words.
    pub(crate) fn kernel(
        &self,
        source: &str,
        options: &CStr,
        name: &CStr,
    ) -> Result<Kernel, GpuError> {
        let _kept = Handlers::keep();
        let program = program::create_program_with_source(self.context.0, &[source])
            .map(|program| Owned(program, program::release_program))
            .map_err(failed("clCreateProgramWithSource"))?;
        let devices = [self.device.0];
        program::build_program(program.0, &devices, options, None, ptr::null_mut()).map_err(
            |code| {
                let log = program::get_program_build_info(
                    program.0,
                    self.device.0,
                    program::CL_PROGRAM_BUILD_LOG,
                );
                let words = log.map_or_else(|_| String::new(), text);
                GpuError::Build { code, words }
            },
        )?;
        let handle = kernel::create_kernel(program.0, name).map_err(failed("clCreateKernel"))?;
        Ok(Kernel {
            handle: Owned(handle, kernel::release_kernel),
            _program: program,
        })
    }

    /// Enqueues a kernel over `items` work-items in groups of `group`.
    ///
    /// # Errors
    /// An argument or the launch is refused.
    ///
    /// # Safety
    /// The arguments must be what the kernel declares, in number, order and type, with buffers as large as it uses.
    pub(crate) unsafe fn launch(
        &self,
        kernel: &mut Kernel,
        arguments: &[Argument<'_>],
        items: usize,
        group: usize,
    ) -> Result<(), GpuError> {
        for (index, argument) in (0..).zip(arguments) {
            let (size, value): (usize, *const c_void) = match argument {
                Argument::Buffer(handle) => (size_of::<cl_mem>(), ptr::from_ref(*handle).cast()),
                Argument::Number(number) => (size_of::<u32>(), ptr::from_ref(number).cast()),
            };
            // SAFETY: the caller vouches for kind and order; the value is read during the call.
            unsafe { kernel::set_kernel_arg(kernel.handle.0, index, size, value) }
                .map_err(failed("clSetKernelArg"))?;
        }
        // SAFETY: one dimension, so that both pointers are to one size each.
        let event = unsafe {
            command_queue::enqueue_nd_range_kernel(
                self.kernels.0,
                kernel.handle.0,
                1,
                ptr::null(),
                &raw const items,
                &raw const group,
                0,
                ptr::null(),
            )
        };
        event
            .map(|event| drop(Event::new(event)))
            .map_err(failed("clEnqueueNDRangeKernel"))
    }

    /// Sends what was enqueued to the device.
    ///
    /// # Errors
    /// The call fails.
    pub(crate) fn flush(&self) -> Result<(), GpuError> {
        command_queue::flush(self.kernels.0).map_err(failed("clFlush"))
    }
}

/// Enqueues the copy of the first words of a buffer.
///
/// # Safety
/// The words must outlive the copy: `blocking`, or until its event is complete. There must be no more than the buffer has.
unsafe fn enqueue_read(
    queue: &Owned,
    buffer: &Buffer,
    blocking: u32,
    words: &mut [u32],
) -> Result<Event, i32> {
    // SAFETY: the caller vouches for length and lifetime.
    let event = unsafe {
        command_queue::enqueue_read_buffer(
            queue.0,
            buffer.handle.0,
            blocking,
            0,
            size_of_val(words),
            words.as_mut_ptr().cast(),
            0,
            ptr::null(),
        )
    };
    event.map(Event::new)
}
