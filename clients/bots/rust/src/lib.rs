//! What the two Rust bots of the client suite share: where they are told to go, and how they report.

use serde_json::{Value, json};

/// What the suite tells a bot through its environment.
pub struct Setting {
    /// `http://host:port` of the server.
    pub url: String,
    /// The bot's token.
    pub token: String,
    /// The guild, the channel, the member to kick and the member to give a role to.
    pub guild: u64,
    pub channel: u64,
    pub kick: u64,
    pub member: u64,
}

impl Setting {
    /// Reads the environment; a bot without it cannot do anything, so a missing variable ends it.
    pub fn from_env() -> Setting {
        let text = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
        let id = |name: &str| text(name).parse().unwrap_or_else(|_| panic!("{name} is not an id"));
        Setting {
            url: text("GUILDHALL_URL"),
            token: text("TOKEN"),
            guild: id("GUILD_ID"),
            channel: id("CHANNEL_ID"),
            kick: id("KICK_ID"),
            member: id("MEMBER_ID"),
        }
    }
}

/// Prints one line of JSON: `fields` beside the bot's name.
pub fn report(bot: &str, mut fields: Value) {
    fields["bot"] = json!(bot);
    println!("{fields}");
}

/// Reports what a step returned, or how it failed.
pub fn step<E: std::fmt::Debug>(bot: &str, name: &str, outcome: Result<Value, E>) {
    match outcome {
        Ok(mut fields) => {
            fields["step"] = json!(name);
            report(bot, fields);
        }
        Err(error) => report(bot, json!({"step": "failed", "at": name, "error": format!("{error:?}")})),
    }
}

/// A log sink that reports every warning and error of the library as a line of its own.
pub struct Warnings(pub &'static str);

impl std::io::Write for Warnings {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        report(self.0, json!({"warning": String::from_utf8_lossy(bytes).trim()}));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Sends the library's warnings to [`Warnings`].
pub fn report_warnings(bot: &'static str) {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_ansi(false)
        .with_writer(move || Warnings(bot))
        .init();
}
