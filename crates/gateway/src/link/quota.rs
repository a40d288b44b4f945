//! How much a client may say.

use std::time::Duration;

use guildhall_base::Timestamp;

/// Frames per window.
const FRAMES: u16 = 120;
const WINDOW: Duration = Duration::from_secs(60);

/// Counts the frames of the current window of 60 seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quota {
    began: Timestamp,
    frames: u16,
}

impl Quota {
    pub(super) const fn new(now: Timestamp) -> Self {
        Self { began: now, frames: 0 }
    }

    /// Counts one frame; false if it is one too many.
    pub(super) fn take(&mut self, now: Timestamp) -> bool {
        if now.since(self.began) >= WINDOW {
            *self = Self::new(now);
        }
        self.frames = self.frames.saturating_add(1);
        self.frames <= FRAMES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_121st_frame_of_a_minute_is_one_too_many() {
        let start = Timestamp::from_millis(1_000_000);
        let mut quota = Quota::new(start);
        assert!((0..120).all(|_| quota.take(start)));
        assert!(!quota.take(start.after(Duration::from_secs(59))));
        assert!(quota.take(start.after(Duration::from_secs(60))));
    }
}
