//! The WebSocket gateway v10: identify, resume, heartbeat, fan-out. It moves events and knows no feature's rules.

pub mod websocket;
