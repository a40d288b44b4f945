//! The WebSocket gateway v10: identify, resume, heartbeat, fan-out. It moves events and knows no feature's rules.

mod compression;
mod intents;
mod protocol;
mod session;
mod sheet;
pub mod websocket;

pub use compression::Encoding;
