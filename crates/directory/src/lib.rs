//! The directory: bots and guilds are listed, found, voted for and reviewed.

pub mod shown;
