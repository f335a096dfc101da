//! What an outlet writes to: a pipe or file, or a terminal with progress at its bottom.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::outlet::{Message, Screen};

/// Time between attempts to write to a pipe that its owner made non-blocking.
const NON_BLOCKING_WAIT: Duration = Duration::from_millis(20);

/// Most frames of progress that are drawn a second.
const FRAMES: u8 = 10;

/// Results to standard output, other lines to standard error, no progress.
pub(crate) struct Lines {
    results: Box<dyn Write + Send>,
    chatter: Box<dyn Write + Send>,
}

impl Lines {
    /// The process's own streams, unbuffered.
    pub(crate) fn standard() -> Self {
        Self {
            results: unbuffered(io::stdout()),
            chatter: unbuffered(io::stderr()),
        }
    }
}

impl Screen for Lines {
    fn show(&mut self, message: Message) -> io::Result<()> {
        match message {
            Message::Result(line) => write_line(&mut self.results, line),
            Message::Chatter(line) => write_line(&mut self.chatter, line),
            Message::Status(_) => Ok(()),
        }
    }
}

/// A terminal with progress at the bottom, above which every other line is written.
pub(crate) struct Terminal {
    bar: ProgressBar,
    lines: Lines,
    drawn: bool,
}

impl Terminal {
    /// A terminal on standard error; results go above the progress, too.
    pub(crate) fn new() -> Self {
        let target = ProgressDrawTarget::stderr_with_hz(FRAMES);
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self {
            bar,
            lines: Lines::standard(),
            drawn: false,
        }
    }
}

impl Screen for Terminal {
    fn show(&mut self, message: Message) -> io::Result<()> {
        match message {
            Message::Status(status) if status.is_empty() => {
                self.finish();
                self.drawn = false;
                Ok(())
            }
            Message::Status(status) => {
                self.drawn = true;
                self.bar.set_message(status);
                self.bar.tick();
                Ok(())
            }
            line if self.drawn => {
                let lines = &mut self.lines;
                self.bar.suspend(|| lines.show(line))
            }
            line => self.lines.show(line),
        }
    }

    fn finish(&mut self) {
        if self.drawn {
            self.bar.finish_and_clear();
        }
    }
}

/// Writes a line in one piece if the system accepts it so.
fn write_line(writer: &mut dyn Write, mut line: String) -> io::Result<()> {
    line.push('\n');
    let mut rest = line.as_bytes();
    while !rest.is_empty() {
        match writer.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                thread::sleep(NON_BLOCKING_WAIT);
            }
            Err(error) => return Err(error),
        }
    }
    writer.flush()
}

/// A stream without a buffer in between, so that what was written is known.
#[cfg(unix)]
fn unbuffered(stream: impl std::os::fd::AsFd + Write + Send + 'static) -> Box<dyn Write + Send> {
    match stream.as_fd().try_clone_to_owned() {
        Ok(owned) => Box::new(std::fs::File::from(owned)),
        Err(_) => Box::new(stream),
    }
}

#[cfg(not(unix))]
fn unbuffered(stream: impl Write + Send + 'static) -> Box<dyn Write + Send> {
    Box::new(stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer that takes three bytes at a time and says every other time that it would block.
    #[derive(Default)]
    struct Reluctant {
        taken: Vec<u8>,
        calls: usize,
    }

    impl Write for Reluctant {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.calls += 1;
            if self.calls.is_multiple_of(2) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let taken = bytes.len().min(3);
            self.taken.extend(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_pipe_that_takes_a_line_piece_by_piece_gets_it_whole() {
        let mut writer = Reluctant::default();
        write_line(&mut writer, "abcdefg".to_owned()).unwrap();
        assert_eq!(writer.taken, b"abcdefg\n");
    }
}
