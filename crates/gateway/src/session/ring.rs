//! Where in the log each recently sent event stands: positions as differences in varints, no event's body.

use std::collections::VecDeque;

/// Numbers `s` with their log positions, the oldest dropped first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ring {
    /// The oldest `s` whose position is known: every event after it can be named.
    base: u32,
    base_position: u64,
    last: u32,
    last_position: u64,
    /// The positions of `base + 1` to `last`, each as its difference to the one before.
    deltas: VecDeque<u8>,
}

/// Bytes that a ring may take; about as many events, as most differences fit one byte.
const MOST: usize = 16 << 10;

impl Ring {
    /// A ring that knows one number.
    pub(crate) fn new(s: u32, position: u64) -> Self {
        Self { base: s, base_position: position, last: s, last_position: position, deltas: VecDeque::new() }
    }

    /// The latest number.
    pub(crate) fn last(&self) -> u32 {
        self.last
    }

    /// The latest number's position.
    pub(crate) fn last_position(&self) -> u64 {
        self.last_position
    }

    /// Gives the next number to the event at this position, which lies after all others.
    pub(crate) fn push(&mut self, position: u64) {
        let mut delta = position.saturating_sub(self.last_position);
        while delta >= 0x80 {
            self.deltas.push_back(delta.to_le_bytes()[0] | 0x80);
            delta >>= 7;
        }
        self.deltas.push_back(delta.to_le_bytes()[0]);
        self.last += 1;
        self.last_position = position;
        while self.deltas.len() > MOST {
            self.drop_oldest();
        }
    }

    /// Drops what is only needed to name events before `s`, which the client has acknowledged.
    pub(crate) fn forget_before(&mut self, s: u32) {
        while self.base < s && self.base < self.last {
            self.drop_oldest();
        }
        if self.deltas.is_empty() {
            self.deltas = VecDeque::new();
        }
    }

    /// The position of a number, if it is still known.
    pub(crate) fn position(&self, s: u32) -> Option<u64> {
        if s == self.last {
            return Some(self.last_position);
        }
        if s == self.base {
            return Some(self.base_position);
        }
        let steps = usize::try_from(s.checked_sub(self.base)?).ok()?;
        self.positions().nth(steps - 1)
    }

    /// The positions of the numbers after `s`, in order; `None` if some of them are not known any more, or if there
    /// never was such a number.
    pub(crate) fn after(&self, s: u32) -> Option<Vec<u64>> {
        if s > self.last {
            return None;
        }
        let skip = usize::try_from(s.checked_sub(self.base)?).ok()?;
        Some(self.positions().skip(skip).collect())
    }

    fn positions(&self) -> impl Iterator<Item = u64> {
        let mut bytes = self.deltas.iter().copied();
        let mut position = self.base_position;
        std::iter::from_fn(move || {
            position += read(&mut bytes)?;
            Some(position)
        })
    }

    fn drop_oldest(&mut self) {
        let mut taken = 0;
        let delta = read(&mut self.deltas.iter().copied().inspect(|_| taken += 1));
        if let Some(delta) = delta {
            self.deltas.drain(..taken);
            self.base += 1;
            self.base_position += delta;
        }
    }
}

fn read(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes.next()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_number_is_found_at_its_position(
            start in 0_u64..1 << 40,
            deltas in prop::collection::vec(prop_oneof![1_u64..5, 1_u64..1 << 30], 0..200),
            forget in 0_usize..250,
        ) {
            let mut ring = Ring::new(1, start);
            let mut positions = vec![start];
            for delta in deltas {
                positions.push(positions.last().unwrap() + delta);
                ring.push(*positions.last().unwrap());
            }
            ring.forget_before(forget as u32 + 1);
            let forgotten = forget.min(positions.len() - 1);
            for (i, position) in positions.iter().enumerate() {
                let s = i as u32 + 1;
                if i < forgotten {
                    prop_assert_eq!(ring.after(s), None);
                    prop_assert_eq!(ring.position(s), None);
                } else {
                    prop_assert_eq!(ring.after(s), Some(positions[i + 1..].to_vec()));
                    prop_assert_eq!(ring.position(s), Some(*position));
                }
            }
            prop_assert_eq!(ring.after(ring.last() + 1), None);
            prop_assert_eq!(ring.after(0), None);
        }
    }

    #[test]
    fn a_ring_is_bounded() {
        let mut ring = Ring::new(1, 0);
        for position in 1..=100_000 {
            ring.push(position);
        }
        assert_eq!(ring.deltas.len(), MOST);
        assert_eq!(ring.after(1), None);
        assert_eq!(ring.after(99_999), Some(vec![99_999, 100_000]));
    }
}
