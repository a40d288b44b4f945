//! What the server says besides the log's events. Every frame carries all of `t`, `s`, `op` and `d`, because some
//! libraries read all of them from every frame.

use serde::Serialize;

/// A payload without a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outgoing {
    /// Op 10: beat this often, in milliseconds.
    Hello(u64),
    /// Op 11.
    HeartbeatAck,
    /// Op 1: beat now.
    #[expect(dead_code, reason = "no situation asks for a beat out of turn yet")]
    Heartbeat,
    /// Op 7: come again and RESUME.
    Reconnect,
    /// Op 9, with whether a RESUME may be tried again.
    InvalidSession(bool),
}

impl Outgoing {
    /// As JSON.
    pub(crate) fn json(self) -> String {
        match self {
            Self::Hello(interval) => format!(
                r#"{{"t":null,"s":null,"op":10,"d":{{"heartbeat_interval":{interval},"_trace":["guildhall"]}}}}"#
            ),
            Self::HeartbeatAck => r#"{"t":null,"s":null,"op":11,"d":null}"#.to_owned(),
            Self::Heartbeat => r#"{"t":null,"s":null,"op":1,"d":null}"#.to_owned(),
            Self::Reconnect => r#"{"t":null,"s":null,"op":7,"d":null}"#.to_owned(),
            Self::InvalidSession(resumable) => format!(r#"{{"t":null,"s":null,"op":9,"d":{resumable}}}"#),
        }
    }
}

/// A dispatch for one connection alone, as JSON.
pub(crate) fn dispatch(name: &str, s: u32, d: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut json = format!(r#"{{"t":"{name}","s":{s},"op":0,"d":"#).into_bytes();
    serde_json::to_writer(&mut json, d)?;
    json.push(b'}');
    Ok(json)
}
