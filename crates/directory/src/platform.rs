//! Where bots and guilds are: this server, and others that speak Discord's protocol.

use std::future::Future;
use std::pin::Pin;

use guildhall_base::{ApplicationId, GuildId, Kind, Result, UserId};
use guildhall_chat::Chat;
use guildhall_oauth::Applications;

/// What a [`Platform`] answers later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A bot or a guild as its platform knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is called.
    pub name: String,
    /// The address of its picture.
    pub avatar: Option<String>,
    /// A bot's application.
    pub application: Option<ApplicationId>,
    /// Whose it is, where the platform says so.
    pub owner: Option<UserId>,
    /// Whether others may add the bot.
    pub public: bool,
    /// Members of a guild, or guilds that a bot is in, about.
    pub size: Option<u64>,
}

/// A platform on which listed bots and guilds are looked up.
pub trait Platform: Send + Sync + 'static {
    /// Its name as listings have it; empty for this server.
    fn name(&self) -> &str;

    /// A bot; none if there is none.
    ///
    /// # Errors
    /// If the platform cannot be asked.
    fn bot(&self, id: UserId) -> Later<'_, Result<Option<Found>>>;

    /// A guild; none if there is none or it is not known to it.
    ///
    /// # Errors
    /// If the platform cannot be asked.
    fn guild(&self, id: GuildId) -> Later<'_, Result<Option<Found>>>;
}

/// This server.
pub struct Here {
    chat: Chat,
    applications: Applications,
}

impl Here {
    /// Over what it knows.
    pub fn new(chat: Chat, applications: Applications) -> Self {
        Self { chat, applications }
    }
}

impl Platform for Here {
    fn name(&self) -> &'static str {
        ""
    }

    fn bot(&self, id: UserId) -> Later<'_, Result<Option<Found>>> {
        Box::pin(async move {
            let application = match self.applications.of_bot(id).await {
                Ok(application) => application,
                Err(error) if error.kind() == Kind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            let bot = self.applications.accounts().user(id).await?;
            Ok(Some(Found {
                name: bot.display_name().to_owned(),
                avatar: bot.avatar.as_ref().map(|hash| format!("/avatars/{id}/{hash}.png")),
                application: Some(application.id),
                owner: Some(application.owner),
                public: application.public,
                size: None,
            }))
        })
    }

    fn guild(&self, id: GuildId) -> Later<'_, Result<Option<Found>>> {
        Box::pin(async move {
            let Some(room) = self.chat.world().guild(id).await? else { return Ok(None) };
            let state = room.read();
            let guild = &state.guild;
            Ok(Some(Found {
                name: guild.settings.name.clone(),
                avatar: guild.settings.icon.as_ref().map(|hash| format!("/icons/{id}/{hash}.png")),
                application: None,
                owner: Some(guild.owner_id),
                public: true,
                size: Some(state.members.len() as u64),
            }))
        })
    }
}
