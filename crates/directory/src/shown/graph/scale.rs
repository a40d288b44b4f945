//! Round numbers for an axis.

/// Levels from below `low` to above `high`, one to two round steps apart from each other: about `wanted` of them, two
/// at least. From zero where the lowest number is less than half of the highest.
pub(super) fn levels(low: u64, high: u64, wanted: u64) -> Vec<u64> {
    let low = if low < high / 2 || high < 8 { 0 } else { low };
    let step = step((high - low) / wanted.max(1));
    let first = low / step * step;
    let mut levels = vec![first];
    let mut level = first;
    while level < high || levels.len() < 2 {
        let Some(next) = level.checked_add(step) else { break };
        level = next;
        levels.push(level);
    }
    levels
}

/// The least of 1, 2, 5, 10, 20, 50 and so on that is more than `rough`.
fn step(rough: u64) -> u64 {
    let mut step = 1_u64;
    for factor in [2, 5, 10].into_iter().cycle() {
        if step > rough {
            break;
        }
        // From 1, 10, 100 … times 2, 5 and 10.
        let decade = 10_u64.saturating_pow(step.ilog10());
        step = decade.saturating_mul(factor);
        if step == u64::MAX {
            break;
        }
    }
    step
}
