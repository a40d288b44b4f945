//! Writes that fail on purpose, so that tests see what a crash between any two of them leaves behind.

use guildhall_base::Result;
use parking_lot::Mutex;

use super::codes::UNAVAILABLE;

/// When a write fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing of it happened, as where the process died before it.
    Before,
    /// All of it happened and nobody was told, as where the process died after it.
    After,
}

/// The write that is to fail, counted from now.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Option<(u32, Fault)>>);

impl Faults {
    /// Has the n-th write from now fail, the first being 0; none: none, which says whether there was one to come.
    pub(super) fn set(&self, next: Option<(u32, Fault)>) -> bool {
        std::mem::replace(&mut *self.0.lock(), next).is_some()
    }

    /// Counts a write; tells whether it is the one.
    pub(super) fn count(&self) -> Option<Fault> {
        let mut next = self.0.lock();
        match *next {
            Some((0, fault)) => {
                *next = None;
                Some(fault)
            }
            Some((left, fault)) => {
                *next = Some((left - 1, fault));
                None
            }
            None => None,
        }
    }

    pub(super) fn fail<T>() -> Result<T> {
        Err(UNAVAILABLE.into())
    }
}
