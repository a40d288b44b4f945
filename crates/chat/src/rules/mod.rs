//! Pure decisions: plain data in, plain data out. Nothing here is async, reads a clock or knows a database, so
//! every rule of the chat can be read and tested on its own.

pub mod codes;
pub mod commands;
pub mod emoji;
pub mod files;
pub mod hierarchy;
pub mod limits;
pub mod message;
pub mod names;
pub mod permissions;
pub mod positions;
pub mod read;
pub mod selection;
