//! Programs that compete with one worker for one core: the worker may not leave it, and they never rest.

use std::io;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

/// The hidden argument that makes this program a competitor, followed by the core's number.
const ARGUMENT: &str = "--compete-on-core";

/// Programs that run on the caller's core until this is dropped.
pub(crate) struct Competition {
    programs: Vec<Child>,
    allowed: CpuSet,
}

impl Competition {
    /// Pins the calling thread to the core it runs on, and starts programs there.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn start(programs: u32) -> io::Result<Self> {
        let allowed = sched_getaffinity(None)?;
        let core = sched_getcpu();
        pin(core)?;
        let mut competition = Self {
            programs: Vec::new(),
            allowed,
        };
        for _ in 0..programs {
            competition.programs.push(program(core.to_string())?);
        }
        Ok(competition)
    }

    /// Programs on all cores that the calling thread may use, `on` and `off` in turn; the thread stays where it is.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn everywhere(on: Duration, off: Duration) -> io::Result<Self> {
        let allowed = sched_getaffinity(None)?;
        let mut competition = Self {
            programs: Vec::new(),
            allowed,
        };
        for core in (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)) {
            let how = format!("{core},{},{}", on.as_millis(), off.as_millis());
            competition.programs.push(program(how)?);
        }
        Ok(competition)
    }
}

impl Drop for Competition {
    fn drop(&mut self) {
        for program in &mut self.programs {
            // One that has ended already needs no end.
            let _ = program.kill();
            let _ = program.wait();
        }
        // A thread that stays on its core is slower, but works.
        let _ = sched_setaffinity(None, &self.allowed);
    }
}

fn program(how: String) -> io::Result<Child> {
    let mut program = Command::new(std::env::current_exe()?);
    program.arg(ARGUMENT).arg(how);
    // The end of this pipe tells the program that nobody is left who could end it.
    program.stdin(Stdio::piped());
    program.stdout(Stdio::null()).stderr(Stdio::null());
    program.spawn()
}

fn pin(core: usize) -> io::Result<()> {
    let mut only = CpuSet::new();
    only.set(core);
    Ok(sched_setaffinity(None, &only)?)
}

/// Competes for a core until standard input ends: always, or for so many milliseconds on and off.
///
/// # Errors
/// The system refuses the core.
pub(crate) fn compete(core: u64, rhythm: Option<[u64; 2]>) -> io::Result<()> {
    let core = usize::try_from(core)
        .ok()
        .filter(|core| *core < CpuSet::MAX_CPU);
    pin(core.ok_or(io::ErrorKind::InvalidInput)?)?;
    std::thread::Builder::new().spawn(|| {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        std::process::exit(0);
    })?;
    let [on, off] = rhythm.unwrap_or([1000, 0]).map(Duration::from_millis);
    loop {
        let start = Instant::now();
        while start.elapsed() < on {
            std::hint::spin_loop();
        }
        std::thread::sleep(off);
    }
}
