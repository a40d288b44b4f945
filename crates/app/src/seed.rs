//! `guildhall seed`: builds a described world, as often as one likes with the same result.
//!
//! What it makes in guilds it makes through the chat's own routes, called within the process as whomever the file names: a
//! seeded world is one that people and bots could have made.

mod api;
mod file;
mod guilds;
mod people;
mod report;
mod tokens;

use anyhow::{Context, Result};

use api::Api;
use file::World;
use guilds::Builder;
use people::People;
pub use report::{Report, ReportedBot, ReportedChannel, ReportedGuild, ReportedRole, ReportedUser};
use tokens::TokenKey;

use crate::hall::Hall;

/// The world that comes with the program.
pub const DEMO: &str = include_str!("seed/demo.toml");

/// Builds the world that a seed file's text describes. What is there already, by its name, is left as it is.
///
/// # Errors
/// If the text has a mistake (then nothing was written), or something in it is refused (then what came before
/// it is there, and another run goes on).
pub async fn build(hall: &Hall, text: &str) -> Result<Report> {
    let world = World::parse(text)?;
    let key = TokenKey::open(&hall.settings.data)?;
    let api = Api(guildhall_chat::api_routes(hall.chat.clone()));
    let People { by_name, users, bots } = People::gather(hall, &key, &world).await?;
    let people = People { by_name, users: Vec::new(), bots: Vec::new() };
    let mut guilds = Vec::new();
    for guild in &world.guilds {
        let built = Builder::build(hall, &api, &people, guild).await;
        guilds.push(built.with_context(|| format!("guild \"{}\"", guild.name))?);
    }
    Ok(Report { users, bots, guilds })
}
