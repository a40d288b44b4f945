//! Group 7: closing.

use crate::client::{Expect, Step};
use crate::{Case, case};

const FAILED: Expect = Expect::Close(Some(1002));
const NORMAL: Expect = Expect::Close(Some(1000));

pub(crate) fn cases() -> Vec<Case> {
    let hello = b"Hello World!";
    let close = || Step::close(Some(1000), b"");
    let big = vec![b'*'; 256 << 10];
    let reason = |length: usize| Step::close(Some(1000), &vec![b'*'; length]);
    let mut cases = vec![
        case("7.1.1", vec![Step::text(hello), close()], vec![Expect::Text(hello.to_vec()), NORMAL]),
        case("7.1.2", vec![close(), close()], vec![NORMAL]),
        case("7.1.3", vec![close(), Step::ping(b"")], vec![NORMAL]),
        case("7.1.4", vec![close(), Step::text(hello)], vec![NORMAL]),
        case(
            "7.1.5",
            vec![Step::frame(false, 0, 1, b"fragment1"), close(), Step::frame(true, 0, 0, b"fragment2")],
            vec![NORMAL],
        ),
        case(
            "7.1.6",
            vec![Step::text(&big), Step::text(hello), close(), Step::ping(b"")],
            vec![Expect::Text(big.clone()), Expect::Text(hello.to_vec()), NORMAL],
        ),
        case("7.3.1", vec![Step::close(None, b"")], vec![Expect::Close(None)]),
        case("7.3.2", vec![Step::frame(true, 0, 8, b"a")], vec![FAILED]),
        case("7.3.3", vec![close()], vec![NORMAL]),
        case("7.3.4", vec![Step::close(Some(1000), hello)], vec![NORMAL]),
        case("7.3.5", vec![reason(123)], vec![NORMAL]),
        case("7.3.6", vec![reason(124)], vec![FAILED]),
        case(
            "7.5.1",
            vec![Step::close(Some(1000), b"\xce\xba\xed\xa0\x80")],
            vec![Expect::Close(Some(1007))],
        ),
    ];
    let valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
    for (i, code) in valid.into_iter().enumerate() {
        let steps = vec![Step::close(Some(code), b"")];
        cases.push(case(format!("7.7.{}", i + 1), steps, vec![Expect::Close(Some(code))]));
    }
    for (i, code) in [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999].into_iter().enumerate() {
        cases.push(case(format!("7.9.{}", i + 1), vec![Step::close(Some(code), b"")], vec![FAILED]));
    }
    for (i, code) in [5000, 65535].into_iter().enumerate() {
        cases.push(case(format!("7.13.{}", i + 1), vec![Step::close(Some(code), b"")], vec![FAILED]));
    }
    cases
}
