//! Real decoders read what connections of each encoding receive, whatever events they share or miss.

use std::io::Write as _;
use std::process::{Command, Stdio};

use flate2::{Decompress, FlushDecompress};

use super::{Encoding, Press};
use crate::sheet::Sheet;

/// The payloads of server frames.
fn payloads(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    while let [_, short, rest @ ..] = bytes {
        let (length, rest) = match short {
            126 => (usize::from(u16::from_be_bytes(rest[..2].try_into().unwrap())), &rest[2..]),
            127 => (u64::from_be_bytes(rest[..8].try_into().unwrap()) as usize, &rest[8..]),
            short => (usize::from(*short), rest),
        };
        payloads.push(rest[..length].to_vec());
        bytes = &rest[length..];
    }
    payloads
}

/// What two connections of an encoding receive: a hello, then different selections of the same laid-out events.
/// Answers with each connection's payloads and the texts that they must decode to.
fn conversations(encoding: Encoding) -> Vec<(Vec<Vec<u8>>, Vec<String>)> {
    let mut press = Press::default();
    let long = format!("[\"{}\"]", "ñandú и λ ".repeat(20_000));
    let message = r#"{"id":"175928847299117063","content":"hello, hello, hello","author":{"id":"17592884","bot":true}}"#;
    let bodies =
        [message.to_owned(), "null".to_owned(), long, message.replace("hello", "bye"), "{}".to_owned()];
    (1..=2)
        .map(|every| {
            let (mut bytes, mut texts) = (Vec::new(), vec!["{\"op\":10}".to_owned()]);
            encoding.put(&mut bytes, texts[0].as_bytes(), true, &mut press);
            for (i, body) in bodies.iter().enumerate().filter(|(i, _)| i % every == 0) {
                let mut sheet = Sheet::new(encoding);
                sheet.add("EVENT", body.as_bytes(), &mut press);
                let s = 10 * i as u32;
                bytes.extend_from_slice(sheet.numbered(s));
                texts.push(format!("{{\"t\":\"EVENT\",\"op\":0,\"s\":{s:>10},\"d\":{body}}}"));
            }
            (payloads(&bytes), texts)
        })
        .collect()
}

#[test]
fn one_inflater_reads_a_whole_connection() {
    for (payloads, texts) in conversations(Encoding::Zlib) {
        let mut inflater = Decompress::new(true);
        for (payload, text) in payloads.iter().zip(&texts) {
            assert!(payload.ends_with(&[0, 0, 0xff, 0xff]), "clients wait for this suffix");
            let mut out = Vec::with_capacity(text.len() + 64);
            inflater.decompress_vec(payload, &mut out, FlushDecompress::Sync).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), *text);
        }
        assert_eq!(payloads.len(), texts.len());
    }
}

#[test]
fn plain_frames_are_the_text_itself() {
    for (payloads, texts) in conversations(Encoding::Plain) {
        assert_eq!(payloads, texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>());
    }
}

/// Runs a program that reads lines of `hex of a payload, space, hex of its text`; `None` if it is not to be had.
fn decoded_by(program: &str, arguments: &[&str], encoding: Encoding) -> Option<bool> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for (payloads, texts) in conversations(encoding) {
        let mut child =
            Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().ok()?;
        let mut input = child.stdin.take()?;
        for (payload, text) in payloads.iter().zip(&texts) {
            // A program that gave up early shows in its exit code.
            let _ = writeln!(input, "{} {}", hex(payload), hex(text.as_bytes()));
        }
        drop(input);
        match child.wait().ok()?.code() {
            Some(0) => {}
            Some(77) => return None,
            _ => return Some(false),
        }
    }
    Some(true)
}

const PYTHON: &str = r"
import sys, zlib
kind = sys.argv[1]
if kind == 'zlib':
    decoder = zlib.decompressobj()
else:
    try:
        import zstandard
    except ImportError:
        sys.exit(77)
    decoder = zstandard.ZstdDecompressor().decompressobj()
for line in sys.stdin:
    payload, text = map(bytes.fromhex, line.split(' '))
    assert decoder.decompress(payload) == text, (payload[:40], text[:40])
";

const NODE: &str = r"
const zlib = require('zlib');
if (process.argv[1] === 'zstd' && !zlib.createZstdDecompress) process.exit(77);
const decoder = process.argv[1] === 'zlib' ? zlib.createInflate() : zlib.createZstdDecompress();
const lines = require('fs').readFileSync(0, 'utf8').trim().split('\n').map((l) => l.split(' ').map((h) => Buffer.from(h, 'hex')));
const got = [];
decoder.on('data', (chunk) => got.push(chunk));
decoder.on('error', (error) => { console.error(error); process.exit(1); });
(async () => {
  for (const [payload, text] of lines) {
    await new Promise((done) => decoder.write(payload, done));
    if (process.argv[1] === 'zlib') await new Promise((done) => decoder.flush(done));
    for (let i = 0; i < 50 && Buffer.concat(got).length < text.length; i++) await new Promise((r) => setImmediate(r));
    if (Buffer.compare(Buffer.concat(got.splice(0)), text) !== 0) process.exit(1);
  }
  process.exit(0);
})();
";

#[test]
fn the_decoders_of_python_and_node_agree() {
    let python = std::env::var("GUILDHALL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    for (name, program, flag, script) in
        [("python", python.as_str(), "-c", PYTHON), ("node", "node", "-e", NODE)]
    {
        for (encoding, kind) in [(Encoding::Zlib, "zlib"), (Encoding::Zstd, "zstd")] {
            match decoded_by(program, &[flag, script, kind], encoding) {
                Some(agrees) => assert!(agrees, "{name} does not read {kind}"),
                None => eprintln!("SKIPPED: {name} with a decoder for {kind} is not here"),
            }
        }
    }
}
