//! Groups 1 (framing), 2 (pings and pongs), 3 (reserved bits) and 4 (reserved opcodes).

use crate::client::{Expect, Step, chopped};
use crate::{Case, case};

const FAILED: Expect = Expect::Close(Some(1002));

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (i, size) in [0, 125, 126, 127, 128, 65535, 65536, 65536].into_iter().enumerate() {
        let chop = if i == 7 { 997 } else { usize::MAX };
        let (text, bytes) = (vec![b'*'; size], vec![0xfe; size]);
        let step = Step::text(&text).chopped(chop);
        cases.push(case(format!("1.1.{}", i + 1), vec![step], vec![Expect::Text(text)]));
        let step = Step::binary(&bytes).chopped(chop);
        cases.push(case(format!("1.2.{}", i + 1), vec![step], vec![Expect::Binary(bytes)]));
    }
    let odd = [0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff];
    let long = [0xfe; 125];
    let pong = |payload: &[u8]| vec![Expect::Pong(payload.to_vec())];
    cases.push(case("2.1", vec![Step::ping(b"")], pong(b"")));
    cases.push(case("2.2", vec![Step::ping(b"Hello, world!")], pong(b"Hello, world!")));
    cases.push(case("2.3", vec![Step::ping(&odd)], pong(&odd)));
    cases.push(case("2.4", vec![Step::ping(&long)], pong(&long)));
    cases.push(case("2.5", vec![Step::ping(&[0xfe; 126])], vec![FAILED]));
    cases.push(case("2.6", vec![Step::ping(&long).chopped(1)], pong(&long)));
    let quiet = |payload: &[u8]| vec![Step::pong(payload), Step::close(Some(1000), b"")];
    cases.push(case("2.7", quiet(b""), vec![Expect::Close(Some(1000))]));
    cases.push(case("2.8", quiet(b"unsolicited pong payload"), vec![Expect::Close(Some(1000))]));
    let steps = vec![Step::pong(b"unsolicited pong payload"), Step::ping(b"ping payload")];
    cases.push(case("2.9", steps, pong(b"ping payload")));
    let ten: Vec<Step> = (0..10).map(|i| Step::ping(format!("payload-{i}").as_bytes())).collect();
    let pongs: Vec<Expect> = (0..10).map(|i| Expect::Pong(format!("payload-{i}").into_bytes())).collect();
    cases.push(case("2.10", ten.clone(), pongs.clone()));
    cases.push(case("2.11", chopped(ten, 1), pongs));
    cases
}

pub(crate) fn reserved() -> Vec<Case> {
    let hello = b"Hello, world!";
    let echo_then_failed = || vec![Expect::Text(hello.to_vec()), FAILED];
    let after_text = |bad: Step| vec![Step::text(hello), bad, Step::ping(b"")];
    let mut cases = vec![
        case("3.1", vec![Step::frame(true, 1, 1, hello)], vec![FAILED]),
        case("3.2", after_text(Step::frame(true, 2, 1, hello)), echo_then_failed()),
        case("3.3", after_text(Step::frame(true, 3, 1, hello)), echo_then_failed()),
        case("3.4", chopped(after_text(Step::frame(true, 4, 1, hello)), 1), echo_then_failed()),
        case("3.5", vec![Step::frame(true, 5, 2, &[0xff; 8])], vec![FAILED]),
        case("3.6", vec![Step::frame(true, 6, 9, hello)], vec![FAILED]),
        case("3.7", vec![Step::frame(true, 7, 8, b"")], vec![FAILED]),
    ];
    for (group, first) in [("4.1", 3), ("4.2", 11)] {
        let bad = |i: u8, payload: &[u8]| Step::frame(true, 0, first + i, payload);
        cases.push(case(format!("{group}.1"), vec![bad(0, b"")], vec![FAILED]));
        cases.push(case(format!("{group}.2"), vec![bad(1, b"reserved opcode payload")], vec![FAILED]));
        cases.push(case(format!("{group}.3"), after_text(bad(2, b"")), echo_then_failed()));
        cases.push(case(format!("{group}.4"), after_text(bad(3, hello)), echo_then_failed()));
        cases.push(case(format!("{group}.5"), chopped(after_text(bad(4, hello)), 1), echo_then_failed()));
    }
    cases
}
