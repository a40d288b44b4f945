//! Where events are laid out for sending: whole WebSocket frames one after the other, the same for every connection
//! of an encoding but for the digits of `s`, which are written in place before each write.

use crate::compression::{Encoding, Press};

/// Digits that `s` takes; shorter ones are padded with spaces, which JSON allows before a number.
const WIDTH: usize = 10;

/// Frames laid out for one encoding.
#[derive(Debug)]
pub(crate) struct Sheet {
    encoding: Encoding,
    bytes: Vec<u8>,
    /// Where the digits of each frame's `s` begin.
    marks: Vec<usize>,
    /// The first number that stands there now, and how much each is higher than the one before: recipients that stand
    /// alike need no writing.
    written: Option<(u32, u32)>,
    head: Vec<u8>,
    rest: Vec<u8>,
}

impl Sheet {
    /// An empty one.
    pub(crate) fn new(encoding: Encoding) -> Self {
        let (bytes, marks, head, rest) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { encoding, bytes, marks, written: None, head, rest }
    }

    /// How many frames are on it.
    pub(crate) fn len(&self) -> usize {
        self.marks.len()
    }

    /// Wipes it; a sheet that was very large gives its memory back.
    pub(crate) fn clear(&mut self) {
        self.marks.clear();
        self.written = None;
        self.bytes.clear();
        self.bytes.shrink_to(1 << 20);
    }

    /// Lays out one dispatch; `body` is the JSON of `d`.
    pub(crate) fn add(&mut self, name: &str, body: &[u8], press: &mut Press) {
        self.head.clear();
        self.head.extend_from_slice(b"{\"t\":\"");
        self.head.extend_from_slice(name.as_bytes());
        self.head.extend_from_slice(b"\",\"op\":0,\"s\":");
        let digits = self.head.len();
        self.head.extend_from_slice(&[b' '; WIDTH]);
        self.head.extend_from_slice(b",\"d\":");
        self.rest.clear();
        self.rest.extend_from_slice(body);
        self.rest.push(b'}');
        let head = self.encoding.put_with_head(&mut self.bytes, &self.head, &self.rest, press);
        self.marks.push(head + digits);
        self.written = None;
    }

    /// The frames, numbered from `first` on.
    pub(crate) fn numbered(&mut self, first: u32) -> &[u8] {
        self.write(first, 1)
    }

    /// The frames, all with the same number: what is not in the log repeats the latest `s`.
    pub(crate) fn repeating(&mut self, s: u32) -> &[u8] {
        self.write(s, 0)
    }

    fn write(&mut self, first: u32, step: u32) -> &[u8] {
        if self.written != Some((first, step)) {
            let mut s = first;
            for &mark in &self.marks {
                if let Some(field) = self.bytes.get_mut(mark..mark + WIDTH) {
                    write_number(field, s);
                }
                s = s.wrapping_add(step);
            }
            self.written = Some((first, step));
        }
        &self.bytes
    }
}

/// Writes a number right-aligned over spaces.
fn write_number(field: &mut [u8], number: u32) {
    let mut rest = number;
    let mut digits = field.iter_mut().rev();
    while let Some(digit) = digits.next() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            digits.for_each(|digit| *digit = b' ');
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_numbered_in_place() {
        let mut sheet = Sheet::new(Encoding::Plain);
        let mut press = Press::default();
        sheet.add("A", b"{\"x\":1}", &mut press);
        sheet.add("B", b"null", &mut press);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let first = text(sheet.numbered(99));
        assert!(first.contains("{\"t\":\"A\",\"op\":0,\"s\":        99,\"d\":{\"x\":1}}"), "{first}");
        assert!(first.contains("{\"t\":\"B\",\"op\":0,\"s\":       100,\"d\":null}"), "{first}");
        assert_eq!(text(sheet.numbered(99)), first);
        let second = text(sheet.numbered(4_294_967_294));
        assert!(second.contains("\"s\":4294967294,") && second.contains("\"s\":4294967295,"), "{second}");
        let third = text(sheet.repeating(7));
        assert_eq!(third.matches("\"s\":         7,").count(), 2, "{third}");
        let fourth = text(sheet.numbered(7));
        assert!(fourth.contains("\"s\":         7,") && fourth.contains("\"s\":         8,"), "{fourth}");
        sheet.clear();
        assert_eq!((sheet.len(), sheet.numbered(1).len()), (0, 0));
    }
}
