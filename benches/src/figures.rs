//! Samples and how they are printed.

use std::time::Duration;

use cpu_time::ProcessTime;

/// CPU time of this process since the epoch of the measurement.
pub(crate) struct Cpu(ProcessTime);

impl Cpu {
    pub(crate) fn start() -> Self {
        Self(ProcessTime::now())
    }

    pub(crate) fn spent(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Measurements of one thing.
#[derive(Debug, Default, Clone)]
pub(crate) struct Samples(Vec<f64>);

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Samples {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// What this share of the measurements is at most.
    pub(crate) fn at(&self, share: f64) -> f64 {
        let sorted = self.sorted();
        let index = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
        sorted.get(index).copied().unwrap_or(f64::NAN)
    }

    /// `median (min to max)`.
    pub(crate) fn text(&self) -> String {
        let sorted = self.sorted();
        let edge = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
        format!("{:8.2} ({:.2} to {:.2})", self.median(), edge(sorted.first()), edge(sorted.last()))
    }

    /// The ratios of pairs measured beside each other.
    pub(crate) fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a / b).collect())
    }
}

/// One line of the result.
#[expect(clippy::print_stdout, reason = "the result of the program")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}
