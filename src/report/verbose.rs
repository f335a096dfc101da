//! The lines of `-v`: what each worker completed, at most one line a second and worker, in true counts.

use std::collections::HashMap;
use std::time::Duration;

use crate::batch::{BatchReport, WorkerId};
use crate::event::message::name;
use crate::text::number::thousands;

/// Time that a line covers at least.
const PERIOD: Duration = Duration::from_secs(1);

/// What a worker completed since its last line.
#[derive(Debug, Default)]
struct Window {
    report: Option<BatchReport>,
    total: u64,
}

/// Folds batch reports into lines.
#[derive(Debug, Default)]
pub(crate) struct Verbose {
    windows: HashMap<WorkerId, Window>,
}

impl Verbose {
    /// Takes a report; returns the worker's line if a second's work has come together.
    pub(crate) fn take(&mut self, report: &BatchReport) -> Option<String> {
        let window = self.windows.entry(report.id).or_default();
        match &mut window.report {
            Some(sum) => sum.absorb(report.clone()),
            None => window.report = Some(report.clone()),
        }
        window.total += report.candidates;
        let is_full = window.report.as_ref().is_some_and(|sum| sum.wall >= PERIOD);
        if is_full { window.line() } else { None }
    }

    /// The lines of what is left at the end, by worker.
    pub(crate) fn finish(&mut self) -> Vec<String> {
        let mut windows: Vec<_> = self.windows.drain().collect();
        windows.sort_by_key(|(id, _)| (id.worker, id.generation));
        windows
            .iter_mut()
            .filter_map(|(_, window)| window.line())
            .collect()
    }
}

impl Window {
    /// The line, after which the window is empty.
    fn line(&mut self) -> Option<String> {
        let sum = self.report.take()?;
        let seconds = sum.wall.as_secs_f64();
        let rate = if seconds > 0.0 {
            sum.candidates as f64 / seconds
        } else {
            0.0
        };
        Some(format!(
            "{}: Completed {} in {seconds:.1}s ({} keys/sec) | Total: {}",
            name(sum.id),
            batches(&sum),
            thousands(rate.round() as u64),
            thousands(self.total)
        ))
    }
}

/// "131 batches of 1,000,000 keys"; if they were of different sizes, "4 batches with 131,402,000 keys".
fn batches(sum: &BatchReport) -> String {
    let count = thousands(sum.batches);
    let plural = if sum.batches == 1 { "batch" } else { "batches" };
    match sum.batch_size {
        Some(size) => format!("{count} {plural} of {} keys", thousands(size)),
        None => format!("{count} {plural} with {} keys", thousands(sum.candidates)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(worker: usize, candidates: u64, milliseconds: u64) -> BatchReport {
        BatchReport {
            id: WorkerId {
                worker,
                generation: 0,
            },
            batches: 1,
            batch_size: Some(candidates),
            candidates,
            sweeps: 1,
            wall: Duration::from_millis(milliseconds),
            processor: None,
            lanes: Vec::new(),
            skipped: 0,
            buffer_bytes: 0,
            calibration: Vec::new(),
            repeats: Vec::new(),
        }
    }

    #[test]
    fn batches_are_folded_into_one_line_a_second() {
        let mut verbose = Verbose::default();
        for _ in 0..3 {
            assert_eq!(verbose.take(&report(1, 32_000_000, 250)), None);
        }
        assert_eq!(
            verbose.take(&report(1, 32_000_000, 250)).unwrap(),
            "Worker 1: Completed 4 batches of 32,000,000 keys in 1.0s (128,000,000 keys/sec) | Total: 128,000,000"
        );
        assert_eq!(verbose.take(&report(1, 32_000_000, 250)), None);
    }

    #[test]
    fn the_total_of_a_worker_goes_on_and_counts_nobody_elses() {
        let mut verbose = Verbose::default();
        verbose.take(&report(1, 10, 1000));
        verbose.take(&report(2, 500, 1000));
        let line = verbose.take(&report(1, 10, 1000)).unwrap();
        assert!(line.ends_with("| Total: 20"), "{line}");
    }

    #[test]
    fn batches_of_different_sizes_are_told_by_their_sum() {
        let mut verbose = Verbose::default();
        verbose.take(&report(1, 10, 500));
        let line = verbose.take(&report(1, 30, 500)).unwrap();
        assert!(
            line.contains("2 batches with 40 keys in 1.0s (40 keys/sec)"),
            "{line}"
        );
    }

    #[test]
    fn what_is_left_at_the_end_is_told() {
        let mut verbose = Verbose::default();
        verbose.take(&report(2, 10, 100));
        verbose.take(&report(1, 10, 100));
        let lines = verbose.finish();
        assert!(lines[0].starts_with("Worker 1: Completed 1 batch of 10 keys in 0.1s"));
        assert!(lines[1].starts_with("Worker 2"));
    }
}
