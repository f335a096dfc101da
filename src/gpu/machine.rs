//! The device of a search: what both halves of the lanes use, and how a launch goes out and comes back.

use std::ffi::CString;
use std::ops::{Add, Mul};
use std::thread::sleep;
use std::time::{Duration, Instant};

use meshcore_keygen_engine::Survivor;
use meshcore_keygen_engine::coarse::Coarse;
use meshcore_keygen_engine::field::FieldElement;
use meshcore_keygen_engine::point::{D, Point};
use meshcore_keygen_engine::table::Table;

use crate::cl::Queue;
use crate::objects::{Argument, Buffer, Kernel, Later};
use crate::rules::{Look, Rules};
use crate::size::Size;
use crate::{Device, GpuError};

/// Pause between two looks whether a launch is complete: a wait of the driver's own would keep a core busy. It is an eighth of the
/// time since the launch, within these bounds; the other half of the lanes is searched meanwhile.
const SHORTEST_POLL: Duration = Duration::from_micros(500);
const LONGEST_POLL: Duration = Duration::from_millis(10);

/// A launch that takes longer never comes back.
const LOST: Duration = Duration::from_secs(60);

/// Words of a lane's centre: x and y.
const CENTRE: usize = 16;

/// Words of a survivor, and those before the first one.
const SURVIVOR: usize = 6;
const HEADER: usize = 2;

/// Survivors that are read with their number; more take a second copy.
const READ_AT_ONCE: usize = 256;

/// Survivors that there is room for at first, and at most.
pub(crate) const ROOM: usize = 1 << 12;
const MOST_ROOM: usize = 1 << 22;

/// Half of the lanes.
pub(crate) struct Half {
    /// Centres before and after a launch.
    pub from: Buffer,
    pub to: Buffer,
    pub found: Buffer,
    /// Survivors that `found` has room for.
    room: usize,
    /// Per lane, the offset of its centre from its start, in multiples of 8B.
    pub offsets: Vec<i64>,
    /// Centres that `from` does not hold yet: of a lane, or at first of all.
    pub moved: Vec<(usize, [u32; CENTRE])>,
    pub running: Option<Running>,
}

/// A launch on its way.
pub(crate) struct Running {
    found: Later,
    rounds: u32,
    since: Instant,
}

/// The device with all that both halves use.
pub(crate) struct Machine {
    pub device: Device,
    pub size: Size,
    queue: Queue,
    kernels: [Option<Kernel>; 4],
    pub table: Buffer,
    constants: Buffer,
    pub products: Buffer,
    pub rules: Rules,
    rule_words: Buffer,
    pub sets: Buffer,
}

impl Half {
    /// Waits for the launch and forgets what it found: the centres are as before.
    pub(crate) fn recall(&mut self) -> Result<(), GpuError> {
        match self.running.take() {
            Some(running) => wait(&running).map(drop),
            None => Ok(()),
        }
    }
}

impl Machine {
    pub(crate) fn new(device: &Device, size: Size) -> Result<Self, GpuError> {
        let queue = Queue::new(device.id)?;
        let table = Table::new(size.points);
        let words: Vec<u32> = table.constants().flatten().flat_map(limbs).collect();
        let rules = Rules::new(&Coarse::default());
        Ok(Self {
            table: queue.buffer_of(&words)?,
            constants: queue.buffer_of(&step_constants(&table))?,
            products: queue.buffer(8 * size.points * size.lanes)?,
            rule_words: queue.buffer_of(&rules.words)?,
            sets: queue.buffer_of(&[0])?,
            kernels: [None, None, None, None],
            device: device.clone(),
            size,
            rules,
            queue,
        })
    }

    /// A half with every lane at this centre.
    pub(crate) fn half(&self, centre: &[u32; CENTRE]) -> Result<Half, GpuError> {
        let room = ROOM.max(self.size.lanes);
        Ok(Half {
            from: self.queue.buffer_of(&centre.repeat(self.size.lanes))?,
            to: self.queue.buffer(CENTRE * self.size.lanes)?,
            found: self.queue.buffer(HEADER + SURVIVOR * room)?,
            room,
            offsets: vec![0; self.size.lanes],
            moved: Vec::new(),
            running: None,
        })
    }

    /// Makes rules the kernel's, while nothing runs.
    pub(crate) fn take_rules(&mut self, rules: Rules) -> Result<(), GpuError> {
        self.queue.write(&mut self.rule_words, 0, &rules.words)?;
        if rules.sets.len() > self.sets.len() {
            self.sets = self.queue.buffer(rules.sets.len())?;
        }
        self.queue.write(&mut self.sets, 0, &rules.sets)?;
        self.rules = rules;
        Ok(())
    }

    /// Sends a half on its way.
    pub(crate) fn launch(&mut self, half: &mut Half, rounds: u32) -> Result<(), GpuError> {
        let kernel = kernel(
            &mut self.kernels,
            &self.queue,
            &self.device,
            self.size,
            self.rules.look,
        )?;
        move_centres(&self.queue, half)?;
        self.queue.write(&mut half.found, 0, &[0])?;
        let arguments = [
            half.from.argument(),
            half.to.argument(),
            self.table.argument(),
            Argument::Number(self.size.points as u32),
            self.constants.argument(),
            self.products.argument(),
            Argument::Number(rounds),
            self.rule_words.argument(),
            self.sets.argument(),
            half.found.argument(),
            Argument::Number(half.room as u32),
        ];
        // SAFETY: these are the arguments of `sweep` in sweep.cl, and the buffers were made for this size.
        #[allow(unsafe_code)]
        unsafe {
            self.queue
                .launch(kernel, &arguments, self.size.lanes, self.size.group)?;
        }
        let words = HEADER + SURVIVOR * half.room.min(READ_AT_ONCE);
        let found = self.queue.read_later(&half.found, words)?;
        self.queue.flush()?;
        half.running = Some(Running {
            found,
            rounds,
            since: Instant::now(),
        });
        Ok(())
    }

    /// Waits for a half's launch and hands its survivors on; the centres after the launch become those of the next one. Where
    /// there was no room for all survivors, the launch is repeated in two parts, or with more room.
    pub(crate) fn collect(
        &mut self,
        half: &mut Half,
        accept: &mut dyn FnMut(Survivor),
    ) -> Result<(), GpuError> {
        let Some(running) = half.running.take() else {
            return Ok(());
        };
        let words = wait(&running)?;
        let (count, rounds) = (words[0] as usize, running.rounds);
        if count <= half.room {
            self.survivors(half, words, accept)?;
            let step = i64::from(rounds) * (2 * self.size.points as i64 + 1);
            half.offsets.iter_mut().for_each(|offset| *offset += step);
            std::mem::swap(&mut half.from, &mut half.to);
            return Ok(());
        }
        if half.room < MOST_ROOM {
            half.room = count.next_power_of_two().min(MOST_ROOM);
            half.found = self.queue.buffer(HEADER + SURVIVOR * half.room)?;
            self.launch(half, rounds)?;
            return self.collect(half, accept);
        }
        if rounds < 2 {
            return Err(GpuError::Internal("more survivors than a search can want"));
        }
        let first = rounds / 2;
        for rounds in [first, rounds - first] {
            self.launch(half, rounds)?;
            self.collect(half, accept)?;
        }
        Ok(())
    }

    /// Reads the survivors of a launch, of which `words` holds the number and the first ones. Lanes are the half's.
    pub(crate) fn survivors(
        &self,
        half: &Half,
        words: &[u32],
        accept: &mut dyn FnMut(Survivor),
    ) -> Result<(), GpuError> {
        let count = words.first().map_or(0, |count| *count as usize);
        let end = HEADER + SURVIVOR * count.min(half.room);
        let mut all = Vec::new();
        let words = match words.get(..end) {
            Some(words) => words,
            None => {
                all.resize(end, 0);
                self.queue.read(&half.found, &mut all)?;
                &all
            }
        };
        for found in words[HEADER..].as_chunks::<SURVIVOR>().0 {
            let lane = found[4] as usize;
            let Some(offset) = half.offsets.get(lane) else {
                return Err(GpuError::Internal(
                    "the device names a lane that does not exist",
                ));
            };
            accept(Survivor {
                lane,
                offset: offset + i64::from(found[5] as i32),
                low: u64::from(found[1]) << 32 | u64::from(found[0]),
                high: u64::from(found[3]) << 32 | u64::from(found[2]),
            });
        }
        Ok(())
    }
}

/// Writes the centres of lanes that moved.
fn move_centres(queue: &Queue, half: &mut Half) -> Result<(), GpuError> {
    let moved = std::mem::take(&mut half.moved);
    if moved.len() < half.offsets.len() / 16 {
        return moved
            .iter()
            .try_for_each(|(lane, words)| queue.write(&mut half.from, CENTRE * lane, words));
    }
    let mut all = vec![0; half.from.len()];
    queue.read(&half.from, &mut all)?;
    for (lane, words) in moved {
        all[CENTRE * lane..][..CENTRE].copy_from_slice(&words);
    }
    queue.write(&mut half.from, 0, &all)
}

/// The kernel for a first look, compiled at its first use.
fn kernel<'a>(
    kernels: &'a mut [Option<Kernel>; 4],
    queue: &Queue,
    device: &Device,
    size: Size,
    look: Look,
) -> Result<&'a mut Kernel, GpuError> {
    let place = &mut kernels[look as usize];
    if place.is_none() {
        let ptx = if device.ptx { " -DKEYGEN_PTX" } else { "" };
        let options = format!(
            "-cl-std=CL1.2 -DGROUP={} -DINVERTED={} -DLOOK={}{ptx}",
            size.group, size.inverted, look as usize
        );
        let options = CString::new(options).unwrap_or_default();
        let source = concat!(include_str!("field.cl"), include_str!("sweep.cl"));
        *place = Some(queue.kernel(source, &options, c"sweep")?);
    }
    place
        .as_mut()
        .ok_or(GpuError::Internal("a kernel that was compiled is gone"))
}

/// Waits until a launch is complete.
pub(crate) fn wait(running: &Running) -> Result<&[u32], GpuError> {
    loop {
        if let Some(words) = running.found.get()? {
            return Ok(words);
        }
        let elapsed = running.since.elapsed();
        if elapsed > LOST {
            return Err(GpuError::Internal(
                "the device has not answered for a minute",
            ));
        }
        sleep((elapsed / 8).clamp(SHORTEST_POLL, LONGEST_POLL));
    }
}

/// A value in the kernel's limbs.
fn limbs(value: FieldElement) -> [u32; 8] {
    let bytes = value.to_bytes();
    let mut limbs = [0; 8];
    for (limb, four) in limbs.iter_mut().zip(bytes.as_chunks().0) {
        *limb = u32::from_le_bytes(*four);
    }
    limbs
}

/// x and y of a point.
pub(crate) fn limbs_of(point: &Point) -> [u32; CENTRE] {
    let mut words = [0; CENTRE];
    words[..8].copy_from_slice(&limbs(point.x));
    words[8..].copy_from_slice(&limbs(point.y));
    words
}

/// 1 + d, d, and x, y and d x y of the step, in the order of sweep.cl.
fn step_constants(table: &Table) -> Vec<u32> {
    let (step, d) = (table.step(), *D);
    let values = [
        FieldElement::ONE.add(d),
        d,
        step.x,
        step.y,
        d.mul(step.x.mul(step.y)),
    ];
    values.into_iter().flat_map(limbs).collect()
}
