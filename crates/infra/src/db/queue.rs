//! A queue between tasks that ask and threads that answer.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};

/// How many items may wait. More than that is minutes of work: whoever comes then is better told so at once.
const LIMIT: usize = 16_384;

/// First in, first out; any number of askers and of threads.
#[derive(Debug)]
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    closed: bool,
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self { state: Mutex::new(State { items: VecDeque::new(), closed: false }), filled: Condvar::new() }
    }

    /// Adds an item; gives it back where the queue is closed or full.
    pub(super) fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.state.lock();
        if state.closed || state.items.len() >= LIMIT {
            return Err(item);
        }
        state.items.push_back(item);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits for an item; `None` once the queue is closed and empty.
    pub(super) fn take(&self) -> Option<T> {
        let mut state = self.state.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                return Some(item);
            }
            if state.closed {
                return None;
            }
            self.filled.wait(&mut state);
        }
    }

    /// Takes an item that is there already and that `wanted` accepts.
    pub(super) fn take_if(&self, wanted: impl FnOnce(&T) -> bool) -> Option<T> {
        let mut state = self.state.lock();
        if state.items.front().is_some_and(wanted) { state.items.pop_front() } else { None }
    }

    /// Nothing is added from now on; what is in it will still be taken.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.filled.notify_all();
    }

    /// Closes it and forgets what is in it.
    pub(super) fn abandon(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let forgotten = std::mem::take(&mut state.items);
        drop(state);
        drop(forgotten);
        self.filled.notify_all();
    }
}

/// Abandons a queue when the thread that serves it ends, however it ends: nobody waits for an answer forever.
pub(super) struct Serving<'a, T>(pub(super) &'a Queue<T>);

impl<T> Drop for Serving<'_, T> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
