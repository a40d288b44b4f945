//! Group 5: fragmentation.

use crate::client::{Expect, Step, chopped};
use crate::{Case, case};

const FAILED: Expect = Expect::Close(Some(1002));

fn text(text: &str) -> Expect {
    Expect::Text(text.as_bytes().to_vec())
}

fn joined(mut steps: Vec<Step>, more: Vec<Step>) -> Vec<Step> {
    steps.extend(more);
    steps
}

pub(crate) fn cases() -> Vec<Case> {
    let two = || Step::fragments(1, &[b"fragment1", b"fragment2"]);
    let with_ping = || {
        let [first, second] = <[Step; 2]>::try_from(two()).unwrap_or_else(|_| unreachable!());
        vec![first, Step::ping(b"ping payload"), second]
    };
    let both = || text("fragment1fragment2");
    let ponged = || vec![Expect::Pong(b"ping payload".to_vec()), both()];
    let stray = |fin| vec![Step::frame(fin, 0, 0, b"non-continuation payload"), Step::text(b"Hello, world!")];
    let restart = vec![Step::frame(false, 0, 1, b"fragment1"), Step::frame(true, 0, 1, b"fragment2")];
    vec![
        case("5.1", Step::fragments(9, &[b"fragment1", b"fragment2"]), vec![FAILED]),
        case("5.2", Step::fragments(10, &[b"fragment1", b"fragment2"]), vec![FAILED]),
        case("5.3", two(), vec![both()]),
        case("5.4", chopped(two(), 15), vec![both()]),
        case("5.5", chopped(two(), 1), vec![both()]),
        case("5.6", with_ping(), ponged()),
        case("5.7", chopped(with_ping(), 15), ponged()),
        case("5.8", chopped(with_ping(), 1), ponged()),
        case("5.9", stray(true), vec![FAILED]),
        case("5.10", chopped(stray(true), 30), vec![FAILED]),
        case("5.11", chopped(stray(true), 1), vec![FAILED]),
        case("5.12", stray(false), vec![FAILED]),
        case("5.13", chopped(stray(false), 30), vec![FAILED]),
        case("5.14", chopped(stray(false), 1), vec![FAILED]),
        case("5.15", joined(two(), stray(false)), vec![both(), FAILED]),
        case("5.16", joined(stray(false), stray(false)), vec![FAILED]),
        case("5.17", joined(stray(true), stray(true)), vec![FAILED]),
        case("5.18", restart, vec![FAILED]),
        case("5.19", five(), five_seen()),
        case("5.20", chopped(five(), 1), five_seen()),
    ]
}

fn five() -> Vec<Step> {
    let parts: [&[u8]; 5] = [b"fragment1", b"fragment2", b"fragment3", b"fragment4", b"fragment5"];
    let mut steps = Step::fragments(1, &parts);
    steps.insert(4, Step::ping(b"pongme 2!"));
    steps.insert(2, Step::ping(b"pongme 1!"));
    steps
}

fn five_seen() -> Vec<Expect> {
    let pong = |payload: &[u8]| Expect::Pong(payload.to_vec());
    let all = text("fragment1fragment2fragment3fragment4fragment5");
    vec![pong(b"pongme 1!"), pong(b"pongme 2!"), all]
}
