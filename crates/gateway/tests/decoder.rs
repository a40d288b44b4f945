//! Properties of the WebSocket decoder.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

use guildhall_gateway::websocket::{Decoder, Message};
use proptest::prelude::*;

/// Everything the decoder makes of the bytes, fed in portions that end at `cuts`.
fn decode(bytes: &[u8], cuts: &[usize]) -> Vec<String> {
    let mut decoder = Decoder::new(1 << 16);
    let mut seen = Vec::new();
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    for pair in cuts.windows(2) {
        let mut input = &bytes[pair[0]..pair[1]];
        loop {
            match decoder.next(&mut input) {
                Ok(Some(message)) => seen.push(format!("{message:?}")),
                Ok(None) => break,
                Err(violation) => seen.push(format!("{violation:?}")),
            }
        }
        assert!(input.is_empty());
    }
    seen
}

fn frame(fin: bool, opcode: u8, mask: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![u8::from(fin) << 7 | opcode];
    match payload.len() {
        length @ 0..126 => bytes.push(0x80 | length as u8),
        length => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let opcode = prop::sample::select(vec![0, 0, 1, 1, 2, 8, 9, 10]);
    let payload = prop_oneof![
        "[a-zäλ🦀]{0,40}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..200)
    ];
    (any::<bool>(), opcode, any::<[u8; 4]>(), payload)
        .prop_map(|(fin, opcode, mask, payload)| frame(fin || opcode > 7, opcode, mask, &payload))
}

proptest! {
    #[test]
    fn any_split_of_the_bytes_gives_the_same(
        frames in prop::collection::vec(any_frame(), 1..12),
        cuts in prop::collection::vec(any::<usize>(), 0..40),
    ) {
        let bytes = frames.concat();
        prop_assert_eq!(decode(&bytes, &[]), decode(&bytes, &cuts));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), cuts in prop::collection::vec(any::<usize>(), 0..8)) {
        prop_assert_eq!(decode(&bytes, &[]), decode(&bytes, &cuts));
    }

    #[test]
    fn fragments_are_joined(text in "[a-zäλ🦀]{0,300}", cut in any::<usize>(), mask in any::<[u8; 4]>()) {
        let bytes = text.as_bytes();
        let (one, two) = bytes.split_at(cut % (bytes.len() + 1));
        let sent = [frame(false, 1, mask, one), frame(true, 9, mask, b"?"), frame(true, 0, mask, two)].concat();
        let pong = format!("{:?}", Message::Ping(b"?"));
        prop_assert_eq!(decode(&sent, &[3, 9, 12]), vec![pong, format!("{:?}", Message::Text(&text))]);
    }
}
