//! A mail server as small as RFC 5321 allows, which keeps what it is sent.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// What it does with mails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Takes,
    /// 451 to every recipient.
    Busy,
    /// 550 to every recipient.
    Refuses,
}

/// A mail that arrived.
pub(crate) struct Arrived {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) data: String,
}

pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    arrived: mpsc::UnboundedReceiver<Arrived>,
}

impl Sink {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, arrived) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, behaviour, sender.clone()));
            }
        });
        Self { address, arrived }
    }

    pub(crate) async fn next(&mut self) -> Arrived {
        self.arrived.recv().await.unwrap()
    }
}

async fn serve(stream: TcpStream, behaviour: Behaviour, arrived: mpsc::UnboundedSender<Arrived>) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let (mut from, mut to, mut data) = (String::new(), String::new(), None::<String>);
    writer.write_all(b"220 sink ESMTP\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(text) = &mut data {
            if line != "." {
                // RFC 5321 4.5.2: a line that begins with a dot was sent with one more.
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push('\n');
                continue;
            }
            let data = data.take().unwrap();
            let _ = arrived.send(Arrived { from: from.clone(), to: to.clone(), data });
            writer.write_all(b"250 taken\r\n").await.unwrap();
            continue;
        }
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let path = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let answer: &[u8] = match (verb.as_str(), behaviour) {
            ("EHLO", _) => b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            ("MAIL", _) => {
                from = path();
                b"250 ok\r\n"
            }
            ("RCPT", Behaviour::Busy) => b"451 later\r\n",
            ("RCPT", Behaviour::Refuses) => b"550 never\r\n",
            ("RCPT", Behaviour::Takes) => {
                to = path();
                b"250 ok\r\n"
            }
            ("DATA", _) => {
                data = Some(String::new());
                b"354 go on\r\n"
            }
            ("RSET" | "NOOP", _) => b"250 ok\r\n",
            ("QUIT", _) => b"221 bye\r\n",
            _ => b"502 what\r\n",
        };
        if writer.write_all(answer).await.is_err() || verb == "QUIT" {
            return;
        }
    }
}
