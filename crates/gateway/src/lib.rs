//! The WebSocket gateway v10: identify, resume, heartbeat, fan-out.
