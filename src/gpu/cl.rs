//! The few OpenCL calls that a search makes, each with what it needs to be sound. The library is loaded at run time: without
//! it the first call fails with an error.
//!
//! Below is `cl3` rather than the wrapper around it, whose destructors panic when a device that was lost refuses to release.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_void};
use std::mem::ManuallyDrop;
use std::ptr;

use cl3::info_type::InfoType;
use cl3::types::{
    CL_BLOCKING, CL_NON_BLOCKING, cl_command_queue, cl_context, cl_device_id, cl_event, cl_kernel,
    cl_mem, cl_program,
};
use cl3::{command_queue, context, device, event, kernel, memory, platform, program};

use crate::GpuError;
use crate::handlers::Handlers;

/// What a loader without any driver says: CL_PLATFORM_NOT_FOUND_KHR.
const NO_PLATFORM: i32 = -1001;

/// Names a failed call.
fn failed(call: &'static str) -> impl FnOnce(i32) -> GpuError {
    move |code| GpuError::call(call, code)
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
        Ok(match self.info(what)? {
            InfoType::VecUchar(bytes) => bytes,
            _ => Vec::new(),
        })
    }

    /// A text; empty where the device gives none.
    ///
    /// # Errors
    /// The call fails.
    pub(crate) fn text(self, what: u32) -> Result<String, GpuError> {
        let bytes = self.bytes(what)?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.trim_end_matches('\0').trim().to_owned())
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

/// A context with a queue for kernels, in order, and one for copies, which don't wait for kernels.
pub(crate) struct Queue {
    device: DeviceId,
    context: cl_context,
    kernels: cl_command_queue,
    copies: cl_command_queue,
}

// SAFETY: as for DeviceId; only its owner releases the handles.
unsafe impl Send for Queue {}

impl Queue {
    /// A context and queue on a device.
    ///
    /// # Errors
    /// The device refuses.
    pub(crate) fn new(device: DeviceId) -> Result<Self, GpuError> {
        let context = context::create_context(&[device.0], ptr::null(), None, ptr::null_mut())
            .map_err(failed("clCreateContext"))?;
        // its Drop releases what has been made when a later call fails
        let mut queue = Self {
            device,
            context,
            kernels: ptr::null_mut(),
            copies: ptr::null_mut(),
        };
        for place in [&mut queue.kernels, &mut queue.copies] {
            // SAFETY: context and device are valid and belong together.
            let made = unsafe { command_queue::create_command_queue(context, device.0, 0) };
            *place = made.map_err(failed("clCreateCommandQueue"))?;
        }
        Ok(queue)
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
                self.context,
                memory::CL_MEM_READ_WRITE,
                bytes,
                ptr::null_mut(),
            )
        };
        Ok(Buffer {
            handle: handle.map_err(failed("clCreateBuffer"))?,
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
        // SAFETY: the range lies within the buffer, and the call blocks until the values were
        // read.
        let done = unsafe {
            command_queue::enqueue_write_buffer(
                self.copies,
                buffer.handle,
                CL_BLOCKING,
                at * size_of::<u32>(),
                size_of_val(values),
                values.as_ptr().cast::<c_void>(),
                0,
                ptr::null(),
            )
        };
        done.map(|event| drop(Event(event)))
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
        // SAFETY: the range lies within the buffer, and the call blocks until they were written.
        let done = unsafe {
            command_queue::enqueue_read_buffer(
                self.copies,
                buffer.handle,
                CL_BLOCKING,
                0,
                size_of_val(values),
                values.as_mut_ptr().cast::<c_void>(),
                0,
                ptr::null(),
            )
        };
        done.map(|event| drop(Event(event)))
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
        let event = unsafe {
            command_queue::enqueue_read_buffer(
                self.kernels,
                buffer.handle,
                CL_NON_BLOCKING,
                0,
                size_of_val(words.as_slice()),
                words.as_mut_ptr().cast::<c_void>(),
                0,
                ptr::null(),
            )
        };
        match event {
            Ok(event) => Ok(Later {
                event: Event(event),
                words,
            }),
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
        let handle = program::create_program_with_source(self.context, &[source])
            .map_err(failed("clCreateProgramWithSource"))?;
        let program = Program(handle);
        let devices = [self.device.0];
        program::build_program(program.0, &devices, options, None, ptr::null_mut()).map_err(
            |code| {
                let log = program::get_program_build_info(
                    program.0,
                    self.device.0,
                    program::CL_PROGRAM_BUILD_LOG,
                );
                let words = match log {
                    Ok(InfoType::VecUchar(bytes)) => String::from_utf8_lossy(&bytes)
                        .trim_end_matches('\0')
                        .trim()
                        .to_owned(),
                    _ => String::new(),
                };
                GpuError::Build { code, words }
            },
        )?;
        let kernel = kernel::create_kernel(program.0, name).map_err(failed("clCreateKernel"))?;
        Ok(Kernel {
            handle: kernel,
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
            unsafe { kernel::set_kernel_arg(kernel.handle, index, size, value) }
                .map_err(failed("clSetKernelArg"))?;
        }
        // SAFETY: one dimension, so that both pointers are to one size each.
        let event = unsafe {
            command_queue::enqueue_nd_range_kernel(
                self.kernels,
                kernel.handle,
                1,
                ptr::null(),
                &raw const items,
                &raw const group,
                0,
                ptr::null(),
            )
        };
        event
            .map(|event| drop(Event(event)))
            .map_err(failed("clEnqueueNDRangeKernel"))
    }

    /// Sends what was enqueued to the device.
    ///
    /// # Errors
    /// The call fails.
    pub(crate) fn flush(&self) -> Result<(), GpuError> {
        command_queue::flush(self.kernels).map_err(failed("clFlush"))
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: all are this value's own; a device that was lost may refuse, and then nothing is left to do.
        unsafe {
            for queue in [self.kernels, self.copies] {
                if !queue.is_null() {
                    let _ = command_queue::release_command_queue(queue);
                }
            }
            let _ = context::release_context(self.context);
        }
    }
}

/// Words of 32 bits on the device.
pub(crate) struct Buffer {
    handle: cl_mem,
    count: usize,
}

// SAFETY: as for Queue.
unsafe impl Send for Buffer {}

impl Buffer {
    /// Number of words.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// As an argument of a kernel.
    pub(crate) fn argument(&self) -> Argument<'_> {
        Argument::Buffer(&self.handle)
    }

    fn check(&self, at: usize, count: usize) -> Result<(), GpuError> {
        match at.checked_add(count) {
            Some(end) if end <= self.count => Ok(()),
            _ => Err(GpuError::Internal("a copy leaves its buffer")),
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: the handle is this value's own; commands that use it keep it until they are complete.
        let _ = unsafe { memory::release_mem_object(self.handle) };
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

struct Program(cl_program);

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: the handle is this value's own.
        let _ = unsafe { program::release_program(self.0) };
    }
}

/// A compiled kernel.
pub(crate) struct Kernel {
    handle: cl_kernel,
    _program: Program,
}

// SAFETY: clSetKernelArg, the one call that must not be made from two threads at once, is made through `&mut`.
unsafe impl Send for Kernel {}

impl Drop for Kernel {
    fn drop(&mut self) {
        // SAFETY: the handle is this value's own.
        let _ = unsafe { kernel::release_kernel(self.handle) };
    }
}

struct Event(cl_event);

// SAFETY: as for Queue.
unsafe impl Send for Event {}

impl Event {
    /// Whether the command is complete.
    fn is_complete(&self) -> Result<bool, GpuError> {
        let status = event::get_event_info(self.0, event::CL_EVENT_COMMAND_EXECUTION_STATUS)
            .map_err(failed("clGetEventInfo"))?;
        match status {
            InfoType::Int(code) if code < 0 => Err(GpuError::call("a kernel", code)),
            InfoType::Int(code) => Ok(code == event::CL_COMPLETE),
            _ => Err(GpuError::Internal("the status of an event is no number")),
        }
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: the handle is this value's own.
        let _ = unsafe { event::release_event(self.0) };
    }
}

/// Words that the device will write.
pub(crate) struct Later {
    event: Event,
    words: ManuallyDrop<Vec<u32>>,
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
