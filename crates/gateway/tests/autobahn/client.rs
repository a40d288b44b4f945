//! A client that can be wrong on purpose.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Bytes to send, in portions of `chop` bytes.
#[derive(Clone)]
pub(crate) struct Step {
    bytes: Vec<u8>,
    chop: usize,
}

/// What must come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expect {
    Text(Vec<u8>),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    /// The last one: a close frame with this code (`None`: with no payload), then the end of the stream.
    Close(Option<u16>),
}

impl Step {
    pub(crate) fn frame(fin: bool, rsv: u8, opcode: u8, payload: &[u8]) -> Self {
        let mut bytes = vec![u8::from(fin) << 7 | rsv << 4 | opcode];
        match payload.len() {
            length @ 0..126 => bytes.push(0x80 | length as u8),
            length @ 126..65536 => {
                bytes.push(0x80 | 126);
                bytes.extend((length as u16).to_be_bytes());
            }
            length => {
                bytes.push(0x80 | 127);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend(MASK);
        bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
        Self { bytes, chop: usize::MAX }
    }

    pub(crate) fn text(payload: &[u8]) -> Self {
        Self::frame(true, 0, 1, payload)
    }

    pub(crate) fn binary(payload: &[u8]) -> Self {
        Self::frame(true, 0, 2, payload)
    }

    pub(crate) fn ping(payload: &[u8]) -> Self {
        Self::frame(true, 0, 9, payload)
    }

    pub(crate) fn pong(payload: &[u8]) -> Self {
        Self::frame(true, 0, 10, payload)
    }

    pub(crate) fn close(code: Option<u16>, reason: &[u8]) -> Self {
        let mut payload = code.map(|code| code.to_be_bytes().to_vec()).unwrap_or_default();
        payload.extend(reason);
        Self::frame(true, 0, 8, &payload)
    }

    /// A message in fragments.
    pub(crate) fn fragments(opcode: u8, parts: &[&[u8]]) -> Vec<Self> {
        let last = parts.len() - 1;
        let frame =
            |(i, part): (usize, &&[u8])| Self::frame(i == last, 0, if i == 0 { opcode } else { 0 }, part);
        parts.iter().enumerate().map(frame).collect()
    }

    /// The same in portions of this many bytes.
    pub(crate) fn chopped(mut self, chop: usize) -> Self {
        self.chop = chop;
        self
    }
}

/// All steps chopped.
pub(crate) fn chopped(steps: Vec<Step>, chop: usize) -> Vec<Step> {
    steps.into_iter().map(|step| step.chopped(chop)).collect()
}

/// Opens a connection, does the steps and compares.
pub(crate) async fn run(address: SocketAddr, steps: &[Step], expect: &[Expect]) -> Result<(), String> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let request = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::with_capacity(64 << 10, reader);
    skip_response(&mut reader).await;
    let steps = steps.to_vec();
    let sender = tokio::spawn(async move {
        for step in steps {
            for portion in step.bytes.chunks(step.chop) {
                // The server may have closed already, as some cases want.
                if writer.write_all(portion).await.is_err() {
                    return writer;
                }
                if step.chop < 16 {
                    tokio::task::yield_now().await;
                }
            }
        }
        writer
    });
    let compare = async {
        for (i, wanted) in expect.iter().enumerate() {
            let got = read_frame(&mut reader).await.map_err(|error| format!("message {i}: {error}"))?;
            if got != *wanted {
                return Err(format!("message {i}: wanted {:.90?}, got {:.90?}", wanted, got));
            }
        }
        if matches!(expect.last(), Some(Expect::Close(_))) {
            let rest = reader.read(&mut [0]).await;
            if !matches!(rest, Ok(0) | Err(_)) {
                return Err("bytes after the close frame".to_owned());
            }
        }
        Ok(())
    };
    let outcome = tokio::time::timeout(Duration::from_secs(60), compare).await;
    sender.abort();
    outcome.map_err(|_| "nothing came for a minute".to_owned())?
}

async fn skip_response(reader: &mut BufReader<OwnedReadHalf>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(reader.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(
        head.to_ascii_lowercase().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="),
        "{head}"
    );
}

async fn read_frame(reader: &mut BufReader<OwnedReadHalf>) -> Result<Expect, String> {
    let failed = |error: std::io::Error| error.to_string();
    let first = reader.read_u8().await.map_err(failed)?;
    let second = reader.read_u8().await.map_err(failed)?;
    if first & 0xf0 != 0x80 || second & 0x80 != 0 {
        return Err(format!(
            "a server's frame must be final, unmasked, without reserved bits: {first:x} {second:x}"
        ));
    }
    let length = match second {
        126 => u64::from(reader.read_u16().await.map_err(failed)?),
        127 => reader.read_u64().await.map_err(failed)?,
        short => u64::from(short),
    };
    let mut payload = vec![0; length as usize];
    reader.read_exact(&mut payload).await.map_err(failed)?;
    match (first & 0x0f, &*payload) {
        (1, _) => Ok(Expect::Text(payload)),
        (2, _) => Ok(Expect::Binary(payload)),
        (10, _) => Ok(Expect::Pong(payload)),
        (8, []) => Ok(Expect::Close(None)),
        (8, [high, low, ..]) => Ok(Expect::Close(Some(u16::from_be_bytes([*high, *low])))),
        (opcode, _) => Err(format!("unexpected opcode {opcode}")),
    }
}
