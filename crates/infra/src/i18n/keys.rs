//! Which keys a Fluent file has, found out while compiling.

/// Whether two Fluent files have the same keys in the same order.
pub const fn same_keys(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (mut at_a, mut at_b) = (0, 0);
    loop {
        let (in_a, in_b) = (next_key(a, at_a), next_key(b, at_b));
        if !same(a, in_a, b, in_b) {
            return false;
        }
        if in_a.0 == in_a.1 {
            return true;
        }
        (at_a, at_b) = (in_a.1, in_b.1);
    }
}

/// From where to where the next key goes after `from`; an empty range if there is none. A key begins a line with a
/// letter; a term, with a hyphen. Lines that go on are indented, comments begin with `#`.
const fn next_key(bytes: &[u8], mut from: usize) -> (usize, usize) {
    while from < bytes.len() {
        let begins_line = from == 0 || byte(bytes, from - 1) == b'\n';
        if begins_line && (byte(bytes, from).is_ascii_alphabetic() || byte(bytes, from) == b'-') {
            let mut end = from;
            while end < bytes.len() && !matches!(byte(bytes, end), b' ' | b'=' | b'\n') {
                end += 1;
            }
            return (from, end);
        }
        from += 1;
    }
    (bytes.len(), bytes.len())
}

const fn same(a: &[u8], in_a: (usize, usize), b: &[u8], in_b: (usize, usize)) -> bool {
    if in_a.1 - in_a.0 != in_b.1 - in_b.0 {
        return false;
    }
    let mut index = 0;
    while index < in_a.1 - in_a.0 {
        if byte(a, in_a.0 + index) != byte(b, in_b.0 + index) {
            return false;
        }
        index += 1;
    }
    true
}

#[expect(clippy::indexing_slicing, reason = "get is not const, and every caller stays below the length")]
const fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes[at]
}
