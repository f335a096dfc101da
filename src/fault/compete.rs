//! Programs that compete with one worker for one core: the worker may not leave it, and they never rest.

use std::io;

#[cfg(target_os = "linux")]
use std::process::{Child, Command, Stdio};

#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

/// The hidden argument that makes this program a competitor, followed by the core's number.
pub const ARGUMENT: &str = "--compete-on-core";

/// Programs that run on the caller's core until this is dropped.
#[cfg(target_os = "linux")]
pub struct Competition {
    programs: Vec<Child>,
    allowed: CpuSet,
}

#[cfg(target_os = "linux")]
impl Competition {
    /// Pins the calling thread to the core it runs on, and starts programs there.
    ///
    /// # Errors
    /// What the system said.
    pub fn start(programs: u32) -> io::Result<Self> {
        let allowed = sched_getaffinity(None)?;
        let core = sched_getcpu();
        pin(core)?;
        let mut competition = Self {
            programs: Vec::new(),
            allowed,
        };
        for _ in 0..programs {
            let mut program = Command::new(std::env::current_exe()?);
            program.arg(ARGUMENT).arg(core.to_string());
            // The end of this pipe tells the program that nobody is left who could end it.
            program.stdin(Stdio::piped());
            program.stdout(Stdio::null()).stderr(Stdio::null());
            competition.programs.push(program.spawn()?);
        }
        Ok(competition)
    }
}

#[cfg(target_os = "linux")]
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

#[cfg(target_os = "linux")]
fn pin(core: usize) -> io::Result<()> {
    let mut only = CpuSet::new();
    only.set(core);
    Ok(sched_setaffinity(None, &only)?)
}

/// Competes for a core until standard input ends.
///
/// # Errors
/// The system refuses the core.
#[cfg(target_os = "linux")]
pub fn compete(core: usize) -> io::Result<()> {
    pin(core)?;
    std::thread::Builder::new().spawn(|| {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        std::process::exit(0);
    })?;
    loop {
        std::hint::spin_loop();
    }
}

/// No competition: only Linux lets a thread be pinned through the calls that this program uses.
#[cfg(not(target_os = "linux"))]
pub struct Competition;

#[cfg(not(target_os = "linux"))]
impl Competition {
    /// Never starts.
    ///
    /// # Errors
    /// Always: it is not supported here.
    pub fn start(_programs: u32) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Never competes.
///
/// # Errors
/// Always: it is not supported here.
#[cfg(not(target_os = "linux"))]
pub fn compete(_core: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
