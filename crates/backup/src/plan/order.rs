//! Merging two orders.

use std::collections::HashMap;
use std::hash::Hash;

/// Puts `extras` into `base`, each right behind what it stands behind in `there` (as far as that is in the result). What
/// comes out merged once more with itself stays as it is.
pub(super) fn merge<T: Clone + Eq + Hash>(
    base: Vec<T>,
    there: &[T],
    is_extra: impl Fn(&T) -> bool,
) -> Vec<T> {
    // For each thing of the result, the extra that stands right behind it; `None` is the beginning.
    let mut behind: HashMap<Option<T>, T> = HashMap::new();
    let mut last: Option<T> = None;
    let kept: std::collections::HashSet<&T> = base.iter().collect();
    for thing in there {
        if is_extra(thing) {
            behind.insert(last.clone(), thing.clone());
            last = Some(thing.clone());
        } else if kept.contains(thing) {
            last = Some(thing.clone());
        }
    }
    let mut result = Vec::with_capacity(base.len() + behind.len());
    for thing in std::iter::once(None).chain(base.into_iter().map(Some)) {
        let mut last = thing.clone();
        result.extend(thing);
        while let Some(extra) = behind.remove(&last) {
            result.push(extra.clone());
            last = Some(extra);
        }
    }
    result
}
