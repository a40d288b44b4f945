//! Groups 9 (limits and many messages) and 10 (automatic fragmentation).

use crate::client::{Expect, Step};
use crate::{Case, case};

fn whole(opcode: u8, payload: &[u8]) -> Expect {
    if opcode == 1 { Expect::Text(payload.to_vec()) } else { Expect::Binary(payload.to_vec()) }
}

pub(crate) fn cases() -> Vec<Case> {
    const K: usize = 1 << 10;
    let mut cases = Vec::new();
    for (opcode, [sizes, fragments, chops, rounds]) in
        [(1, ["9.1", "9.3", "9.5", "9.7"]), (2, ["9.2", "9.4", "9.6", "9.8"])]
    {
        let payload = |size: usize| vec![if opcode == 1 { b'*' } else { 0xfe }; size];
        let frame = |payload: &[u8]| Step::frame(true, 0, opcode, payload);
        for (i, size) in [64 * K, 256 * K, K * K, 4 * K * K, 8 * K * K, 16 * K * K].into_iter().enumerate() {
            let payload = payload(size);
            let expect = vec![whole(opcode, &payload)];
            cases.push(case(format!("{sizes}.{}", i + 1), vec![frame(&payload)], expect));
        }
        let parts = [64, 256, K, 4 * K, 16 * K, 64 * K, 256 * K, K * K, 4 * K * K];
        for (i, part) in parts.into_iter().enumerate() {
            let payload = payload(4 * K * K);
            let steps = Step::fragments(opcode, &payload.chunks(part).collect::<Vec<_>>());
            cases.push(case(format!("{fragments}.{}", i + 1), steps, vec![whole(opcode, &payload)]));
        }
        for (i, chop) in [64, 128, 256, 512, 1024, 2048].into_iter().enumerate() {
            let payload = payload(K * K);
            let steps = vec![frame(&payload).chopped(chop)];
            cases.push(case(format!("{chops}.{}", i + 1), steps, vec![whole(opcode, &payload)]));
        }
        for (i, size) in [0, 16, 64, 256, 1024, 4096].into_iter().enumerate() {
            let payload = payload(size);
            let expect = vec![whole(opcode, &payload); 1000];
            cases.push(case(format!("{rounds}.{}", i + 1), vec![frame(&payload); 1000], expect));
        }
    }
    let payload = vec![b'*'; 65536];
    let steps = Step::fragments(1, &payload.chunks(1300).collect::<Vec<_>>());
    cases.push(case("10.1.1", steps, vec![whole(1, &payload)]));
    cases
}
