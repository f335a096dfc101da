//! The history of a worker's windows: its recent speed compared with the baseline, and how many windows in a row were
//! slow.

use std::collections::VecDeque;

use super::baseline::Normal;
use super::thresholds::{RestartPolicy, Thresholds};
use super::window::{Window, performance};

/// Windows that are averaged.
const RECENT: usize = 3;

/// A window as shares of the baselines.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Performance as a share of its baseline.
    pub performance: Option<f64>,
    /// Candidates a processor second as a share of their baseline.
    pub rate: Option<f64>,
    /// Processor time over wall time.
    pub processor: Option<f64>,
}

/// The last windows of one generation of a worker.
#[derive(Clone, Debug, Default)]
pub struct WindowHistory {
    /// Windows so far.
    pub windows: u64,
    recent: VecDeque<Figures>,
    /// Windows in a row with a slow performance.
    pub slow: u32,
    /// Windows in a row with a slow rate, for whatever reason.
    pub slow_rates: u32,
}

impl WindowHistory {
    /// Takes a window and updates the baselines; the first window of a worker is dropped.
    pub fn push(
        &mut self,
        window: &Window,
        normal: &mut Normal,
        t: &Thresholds,
    ) -> Option<Figures> {
        self.windows += 1;
        if self.windows == 1 {
            return None;
        }
        let rate = window.rate();
        let figure = window.calibration.map(|c| performance(rate, c));
        let figures = Figures {
            performance: figure.and_then(|f| normal.performance.share(f)),
            rate: normal.rate.share(rate),
            processor: window.processor_share(),
        };
        let first = t.baseline_windows as usize;
        if let Some(figure) = figure {
            normal.performance.learn(figure, first);
        }
        normal.rate.learn(rate, first);
        self.count(figures, t);
        Some(figures)
    }

    fn count(&mut self, figures: Figures, t: &Thresholds) {
        let is_slow = |share: Option<f64>| share.is_some_and(|s| s < t.degraded_share);
        let count = |slow: bool, before: u32| if slow { before + 1 } else { 0 };
        self.slow = count(is_slow(figures.performance), self.slow);
        // Candidates a second of wall time, as a share of those of a core that the worker has to itself.
        let by_the_wall = figures.rate.map(|r| r * figures.processor.unwrap_or(1.0));
        self.slow_rates = count(is_slow(by_the_wall), self.slow_rates);
        self.recent.push_back(figures);
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }

    /// The slow windows in a row that count for this policy.
    pub fn slow_run(&self, policy: RestartPolicy) -> u32 {
        match policy {
            RestartPolicy::Auto => self.slow,
            RestartPolicy::Always => self.slow.max(self.slow_rates),
        }
    }

    /// The means of the last three windows, once there are three.
    pub fn mean(&self) -> Figures {
        if self.recent.len() < RECENT {
            return Figures::default();
        }
        Figures {
            performance: self.mean_of(|f| f.performance),
            rate: self.mean_of(|f| f.rate),
            processor: self.mean_of(|f| f.processor),
        }
    }

    fn mean_of(&self, figure: impl Fn(&Figures) -> Option<f64>) -> Option<f64> {
        let sum: Option<f64> = self.recent.iter().map(figure).sum();
        sum.map(|sum| sum / self.recent.len() as f64)
    }

    /// Forgets all windows: those that follow can't be compared with them.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::health::fixtures::{ID, report};
    use crate::health::window::WindowBuilder;

    fn window(speed: f64, calibration: f64) -> Window {
        let mut report = report(ID, (speed * 1e8) as u64, 1.0);
        report.calibration = vec![Duration::from_secs_f64(20e-6 * calibration); 8];
        WindowBuilder::new(Duration::from_secs(1))
            .push(&report)
            .unwrap()
    }

    /// A history with a known baseline, then these windows (speed, calibration time).
    fn after(windows: &[(f64, f64)]) -> WindowHistory {
        let (mut history, mut normal) = (WindowHistory::default(), Normal::default());
        let t = Thresholds::default();
        for _ in 0..6 {
            history.push(&window(1.0, 1.0), &mut normal, &t);
        }
        for (speed, calibration) in windows {
            history.push(&window(*speed, *calibration), &mut normal, &t);
        }
        history
    }

    #[test]
    fn slow_windows_are_counted_in_a_row() {
        assert_eq!(after(&[(0.6, 1.0); 3]).slow, 3);
        assert_eq!(
            after(&[(0.6, 1.0), (0.6, 1.0), (0.9, 1.0), (0.6, 1.0)]).slow,
            1
        );
    }

    #[test]
    fn a_slower_core_lowers_the_rate_and_not_the_performance() {
        let history = after(&[(0.6, 1.0 / 0.6); 3]);
        assert_eq!((history.slow, history.slow_rates), (0, 3));
        let mean = history.mean();
        assert!((mean.rate.unwrap() - 0.6).abs() < 1e-3);
        assert!((mean.performance.unwrap() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_core_that_others_take_half_of_slows_only_what_counts_by_the_wall() {
        let (mut history, mut normal) = (WindowHistory::default(), Normal::default());
        let t = Thresholds::default();
        for _ in 0..6 {
            history.push(&window(1.0, 1.0), &mut normal, &t);
        }
        let half = Window {
            wall: Duration::from_secs(2),
            ..window(1.0, 1.0)
        };
        for _ in 0..3 {
            history.push(&half, &mut normal, &t);
        }
        assert_eq!((history.slow, history.slow_rates), (0, 3));
        assert_eq!(history.slow_run(RestartPolicy::Auto), 0);
        assert_eq!(history.slow_run(RestartPolicy::Always), 3);
    }

    #[test]
    fn before_six_windows_there_is_nothing_to_compare_with() {
        let (mut history, mut normal) = (WindowHistory::default(), Normal::default());
        let t = Thresholds::default();
        assert_eq!(history.push(&window(1.0, 1.0), &mut normal, &t), None);
        let second = history.push(&window(0.1, 1.0), &mut normal, &t).unwrap();
        assert_eq!((second.performance, second.rate), (None, None));
        assert_eq!(history.slow, 0);
    }
}
