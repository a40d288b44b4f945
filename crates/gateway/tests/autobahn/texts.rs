//! Group 6: UTF-8.

use crate::client::{Expect, Step};
use crate::{Case, case};

const FAILED: Expect = Expect::Close(Some(1007));
const KOSME: &[u8] = "κόσμε".as_bytes();
const VALID: &[u8] = "Hello-µ@ßöäüàá-UTF-8!!".as_bytes();

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().map(|byte| (byte as char).to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn by_octet(payload: &[u8]) -> Vec<Step> {
    Step::fragments(1, &payload.chunks(1).collect::<Vec<_>>())
}

pub(crate) fn cases() -> Vec<Case> {
    let text = |payload: &[u8]| vec![Expect::Text(payload.to_vec())];
    let invalid = [KOSME, &hex("eda080"), b"edited"].concat();
    let over = hex("f4908080");
    let cut = [KOSME, &[0xf4]].concat();
    // The fail-fast cases leave the message unfinished: the server must not wait for the rest.
    let begun = |parts: &[&[u8]]| {
        let frame = |(i, part): (usize, &&[u8])| Step::frame(false, 0, u8::from(i == 0), part);
        parts.iter().enumerate().map(frame).collect::<Vec<_>>()
    };
    let whole = [KOSME, &over, b"edited"].concat();
    let mut cases = vec![
        case("6.1.1", vec![Step::text(b"")], text(b"")),
        case("6.1.2", Step::fragments(1, &[b"", b"", b""]), text(b"")),
        case(
            "6.1.3",
            Step::fragments(1, &[b"", b"middle frame payload", b""]),
            text(b"middle frame payload"),
        ),
        case("6.2.1", vec![Step::text(VALID)], text(VALID)),
        case("6.2.2", Step::fragments(1, &[&VALID[..12], &VALID[12..]]), text(VALID)),
        case("6.2.3", by_octet(VALID), text(VALID)),
        case("6.2.4", by_octet(KOSME), text(KOSME)),
        case("6.3.1", vec![Step::text(&invalid)], vec![FAILED]),
        case("6.3.2", by_octet(&invalid), vec![FAILED]),
        case("6.4.1", begun(&[KOSME, &over]), vec![FAILED]),
        case("6.4.2", begun(&[&cut, &over[1..2]]), vec![FAILED]),
        case("6.4.3", vec![Step::text(&whole).chopped(6 + KOSME.len() + 4)], vec![FAILED]),
        case("6.4.4", vec![Step::text(&whole).chopped(6 + KOSME.len() + 1)], vec![FAILED]),
    ];
    for (group, sequences) in sequences() {
        for (i, (sequence, valid)) in sequences.into_iter().enumerate() {
            let expect = if valid { Expect::Text(sequence.clone()) } else { FAILED };
            cases.push(case(format!("{group}.{}", i + 1), vec![Step::text(&sequence)], vec![expect]));
        }
    }
    cases
}

type Sequences = Vec<(Vec<u8>, bool)>;

/// Groups 6.5 to 6.23: sequences and whether they are UTF-8.
fn sequences() -> Vec<(&'static str, Sequences)> {
    let all = |valid: bool, list: &[&str]| list.iter().map(|text| (hex(text), valid)).collect::<Sequences>();
    let prefixes =
        (1..=KOSME.len()).map(|end| (KOSME[..end].to_vec(), std::str::from_utf8(&KOSME[..end]).is_ok()));
    let continuation_runs = ["80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf"];
    let mut unexpected = all(false, &continuation_runs);
    unexpected.push(((0x80..=0xbf).collect(), false));
    let lonely =
        |range: std::ops::RangeInclusive<u8>| range.flat_map(|start| [start, b' ']).collect::<Vec<u8>>();
    let starts = [0xc0..=0xdf, 0xe0..=0xef, 0xf0..=0xf7, 0xf8..=0xfb, 0xfc..=0xfd];
    let lonely: Sequences = starts.into_iter().map(|range| (lonely(range), false)).collect();
    let cut =
        ["c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf"];
    let surrogates = ["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"];
    let pairs = [
        "eda080edb080",
        "eda080edbfbf",
        "edadbfedb080",
        "edadbfedbfbf",
        "edae80edb080",
        "edae80edbfbf",
        "edafbfedb080",
        "edafbfedbfbf",
    ];
    vec![
        (
            "6.5",
            all(
                true,
                &[
                    "68656c6c6f24776f726c64",
                    "68656c6c6fc2a2776f726c64",
                    "68656c6c6fe282ac776f726c64",
                    "68656c6c6ff0a4ada2776f726c64",
                    "cebae1bdb9cf83cebcceb5",
                ],
            ),
        ),
        ("6.6", prefixes.collect()),
        ("6.7", all(true, &["00", "c280", "e0a080", "f0908080"])),
        ("6.8", all(false, &["f888808080", "fc8480808080"])),
        ("6.9", all(true, &["7f", "dfbf", "efbfbf", "f48fbfbf"])),
        ("6.10", all(false, &["f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"])),
        (
            "6.11",
            [all(true, &["ed9fbf", "ee8080", "efbfbd", "f48fbfbf"]), all(false, &["f4908080"])].concat(),
        ),
        ("6.12", unexpected),
        ("6.13", lonely),
        ("6.14", all(false, &cut)),
        ("6.15", all(false, &[&cut.concat()])),
        ("6.16", all(false, &["fe", "ff", "fefeffff"])),
        ("6.17", all(false, &["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"])),
        ("6.18", all(false, &["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"])),
        ("6.19", all(false, &["c080", "e08080", "f0808080", "f880808080", "fc8080808080"])),
        ("6.20", all(false, &surrogates)),
        ("6.21", all(false, &pairs)),
        ("6.22", noncharacters()),
        ("6.23", ('\u{fff9}'..='\u{ffff}').map(|c| (c.to_string().into_bytes(), true)).collect()),
    ]
}

/// U+xFFFE and U+xFFFF of every plane: not characters, yet well-formed.
fn noncharacters() -> Sequences {
    let planes = (0..=16_u32).flat_map(|plane| [plane << 16 | 0xfffe, plane << 16 | 0xffff]);
    planes.map(|point| (char::from_u32(point).unwrap().to_string().into_bytes(), true)).collect()
}
