//! Stops in time. A server shuts its door on an address whose requests it refuses thousands of times in ten minutes
//! (Discord: 10,000 answers of 401, 403 or 429), and on one that goes on with a token that has ended.

use std::collections::VecDeque;
use std::time::Duration;

use guildhall_base::Error;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::Fault;
use super::fault::{NOT_LET_IN, TOO_MANY_REFUSALS};

/// Refusals within [`WINDOW`] after which nothing more is asked: a tenth of what Discord allows, for there may be others
/// behind this address.
const MOST: usize = 1000;
const WINDOW: Duration = Duration::from_secs(600);

/// What a target has refused lately.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    refused: VecDeque<Instant>,
    ended: bool,
}

impl Pace {
    /// Whether another request may be made.
    pub(super) fn admit(&self) -> Result<(), Error> {
        let mut state = self.0.lock();
        if state.ended {
            return Err(NOT_LET_IN.into());
        }
        let now = Instant::now();
        while state.refused.front().is_some_and(|&at| now.duration_since(at) >= WINDOW) {
            state.refused.pop_front();
        }
        if state.refused.len() >= MOST { Err(TOO_MANY_REFUSALS.into()) } else { Ok(()) }
    }

    /// Counts what came back.
    pub(super) fn note(&self, fault: &Fault) {
        let counts = match fault {
            Fault::Slow(_) => true,
            Fault::Refused(refusal) => matches!(refusal.status, 401 | 403),
            Fault::Failed(_) | Fault::Unsure(_) => false,
        };
        let mut state = self.0.lock();
        if counts {
            state.refused.push_back(Instant::now());
        }
        if matches!(fault, Fault::Refused(refusal) if refusal.status == 401) {
            state.ended = true;
        }
    }
}
