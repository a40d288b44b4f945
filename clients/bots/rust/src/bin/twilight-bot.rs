//! An unmodified twilight bot that walks through the client suite's scenario (see ../../../../README.md).
//! It reports every event the library parsed and every step as one line of JSON on standard output.

use std::sync::Arc;

use futures_util::StreamExt as _;
use guildhall_client_bots::{Setting, report, report_warnings, step};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use twilight_gateway::{ConfigBuilder, EventTypeFlags, Intents, Message, Shard, ShardId, parse};
use twilight_http::Client;
use twilight_http::request::channel::reaction::RequestReactionType;
use twilight_model::application::command::{CommandOption, CommandOptionType, CommandType};
use twilight_model::application::interaction::{Interaction, InteractionData};
use twilight_model::channel::ChannelType;
use twilight_model::channel::message::embed::{Embed, EmbedField};
use twilight_model::gateway::event::{DispatchEvent, GatewayEvent};
use twilight_model::http::attachment::Attachment;
use twilight_model::http::interaction::{
    InteractionResponse, InteractionResponseData, InteractionResponseType,
};
use twilight_model::id::Id;

const BOT: &str = "twilight";
type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

async fn scenario(http: Arc<Client>, setting: Arc<Setting>) {
    step(BOT, "read_guild", read_guild(&http, &setting).await);
    step(BOT, "read_history", read_history(&http, &setting).await);
    if let Err(error) = talk(&http, &setting).await {
        step(BOT, "talk", Err(error));
    }
    if let Err(error) = administer(&http, &setting).await {
        step(BOT, "administer", Err(error));
    }
    report(BOT, json!({"step": "done"}));
}

async fn read_guild(http: &Client, setting: &Setting) -> Fallible<Value> {
    let guild = http.guild(Id::new(setting.guild)).await?.model().await?;
    let channels = http.guild_channels(Id::new(setting.guild)).await?.model().await?;
    Ok(json!({"name": guild.name, "channels": channels.len()}))
}

async fn read_history(http: &Client, setting: &Setting) -> Fallible<Value> {
    let messages = http.channel_messages(Id::new(setting.channel)).limit(100).await?.model().await?;
    Ok(json!({"contents": messages.into_iter().map(|one| one.content).collect::<Vec<_>>()}))
}

async fn talk(http: &Client, setting: &Setting) -> Fallible<()> {
    let channel = Id::new(setting.channel);
    let text = http.create_message(channel).content(&format!("text from {BOT}")).await?.model().await?;
    report(BOT, json!({"step": "send_text", "id": text.id.to_string()}));
    let embeds = [embed()];
    let doomed = http.create_message(channel).embeds(&embeds).await?.model().await?;
    let seen = doomed.embeds.first();
    let (title, fields) = (seen.and_then(|one| one.title.clone()), seen.map(|one| one.fields.len()));
    report(BOT, json!({"step": "send_embed", "id": doomed.id.to_string(), "title": title, "fields": fields}));
    let files = [Attachment::from_bytes("notes.txt".to_owned(), format!("file from {BOT}").into_bytes(), 0)];
    let sent = http.create_message(channel).content("with a file").attachments(&files).await?.model().await?;
    let file = sent.attachments.first().ok_or("no attachment")?;
    let id = sent.id.to_string();
    report(
        BOT,
        json!({"step": "send_file", "id": id, "name": file.filename, "size": file.size, "url": file.url}),
    );
    http.create_reaction(channel, text.id, &RequestReactionType::Unicode { name: "👍" }).await?;
    report(BOT, json!({"step": "react"}));
    let content = format!("edited by {BOT}");
    let edited = http.update_message(channel, text.id).content(Some(&content)).await?.model().await?;
    let when = edited.edited_timestamp.is_some();
    report(BOT, json!({"step": "edit", "content": edited.content, "edited": when}));
    http.delete_message(channel, doomed.id).await?;
    report(BOT, json!({"step": "delete"}));
    Ok(())
}

fn embed() -> Embed {
    let field = EmbedField { inline: false, name: "a".to_owned(), value: "b".to_owned() };
    Embed {
        author: None,
        color: None,
        description: Some(format!("from {BOT}")),
        fields: vec![field],
        flags: None,
        footer: None,
        image: None,
        kind: "rich".to_owned(),
        provider: None,
        thumbnail: None,
        timestamp: None,
        title: Some("Embed".to_owned()),
        url: None,
        video: None,
    }
}

async fn administer(http: &Client, setting: &Setting) -> Fallible<()> {
    let guild = Id::new(setting.guild);
    let name = format!("room-{BOT}");
    let made = http.create_guild_channel(guild, &name).kind(ChannelType::GuildText).topic("made by a bot");
    let made = made.await?.model().await?;
    report(BOT, json!({"step": "create_channel", "id": made.id.to_string(), "name": made.name}));
    let name = format!("role-{BOT}");
    let role = http.create_role(guild).name(&name).color(0x3366ff).await?.model().await?;
    report(BOT, json!({"step": "create_role", "id": role.id.to_string(), "name": role.name}));
    http.guild_member(guild, Id::new(setting.member)).await?.model().await?;
    http.add_guild_member_role(guild, Id::new(setting.member), role.id).await?;
    report(BOT, json!({"step": "assign_role"}));
    http.remove_guild_member(guild, Id::new(setting.kick)).await?;
    report(BOT, json!({"step": "kick"}));
    let application = http.current_user_application().await?.model().await?;
    let commands = [command()];
    let made = http.interaction(application.id).set_guild_commands(guild, &commands).await?.model().await?;
    let made = made.first().ok_or("no command")?;
    let id = made.id.ok_or("no command id")?.to_string();
    let (version, application) = (made.version.to_string(), application.id.to_string());
    report(
        BOT,
        json!({"step": "register_command", "id": id, "version": version, "application": application}),
    );
    Ok(())
}

#[expect(deprecated, reason = "the model's own deprecated fields have to be written in a literal")]
fn command() -> twilight_model::application::command::Command {
    let option = CommandOption {
        autocomplete: None,
        channel_types: None,
        choices: None,
        description: "What to say".to_owned(),
        description_localizations: None,
        file_types: None,
        kind: CommandOptionType::String,
        max_length: None,
        max_value: None,
        min_length: None,
        min_value: None,
        name: "text".to_owned(),
        name_localizations: None,
        options: None,
        required: Some(true),
    };
    twilight_model::application::command::Command {
        application_id: None,
        contexts: None,
        default_member_permissions: None,
        dm_permission: None,
        description: "Answers".to_owned(),
        description_localizations: None,
        guild_id: None,
        id: None,
        integration_types: None,
        kind: CommandType::ChatInput,
        name: "ping".to_owned(),
        name_localizations: None,
        nsfw: None,
        options: vec![option],
        version: Id::new(1),
    }
}

async fn answer(http: Arc<Client>, interaction: Interaction) -> Fallible<Value> {
    let Some(InteractionData::ApplicationCommand(data)) = &interaction.data else {
        return Err("not a command".into());
    };
    let text = match data.options.first().map(|option| &option.value) {
        Some(twilight_model::application::interaction::application_command::CommandOptionValue::String(
            text,
        )) => text,
        other => return Err(format!("not a text: {other:?}").into()),
    };
    let client = http.interaction(interaction.application_id);
    let reply = InteractionResponse {
        kind: InteractionResponseType::ChannelMessageWithSource,
        data: Some(InteractionResponseData { content: Some(format!("pong: {text}")), ..Default::default() }),
    };
    client.create_response(interaction.id, &interaction.token, &reply).await?;
    client.create_followup(&interaction.token).content("a follow-up").await?.model().await?;
    client.update_response(&interaction.token).content(Some("pong, edited")).await?.model().await?;
    Ok(json!({}))
}

fn on_dispatch(text: String, http: &Arc<Client>) {
    let raw: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    if raw["op"] != 0 {
        return;
    }
    let line = json!({"event": raw["t"], "seq": raw["s"], "data": raw["d"]});
    match parse(text, EventTypeFlags::all()) {
        Ok(Some(GatewayEvent::Dispatch(_, event))) => {
            report(BOT, line);
            if let DispatchEvent::Ready(ready) = &event {
                report(BOT, json!({"step": "ready", "user": ready.user.id.to_string()}));
            }
            if let DispatchEvent::InteractionCreate(interaction) = event {
                let (http, interaction) = (http.clone(), interaction.0);
                tokio::spawn(async move { step(BOT, "answered", answer(http, interaction).await) });
            }
        }
        Ok(_) => report(BOT, line),
        Err(error) => {
            let source = std::error::Error::source(&error).map(|source| source.to_string());
            report(BOT, json!({"warning": format!("cannot parse {}: {error} {source:?}", raw["t"])}));
        }
    }
}

#[tokio::main]
async fn main() {
    report_warnings(BOT);
    let setting = Arc::new(Setting::from_env());
    let host = setting.url.trim_start_matches("http://").to_owned();
    let http = Arc::new(Client::builder().token(setting.token.clone()).proxy(host.clone(), true).build());
    let intents = Intents::GUILDS
        | Intents::GUILD_MEMBERS
        | Intents::GUILD_MODERATION
        | Intents::GUILD_MESSAGES
        | Intents::GUILD_MESSAGE_REACTIONS
        | Intents::MESSAGE_CONTENT;
    let config = ConfigBuilder::new(setting.token.clone(), intents).proxy_url(format!("ws://{host}/gateway"));
    let mut shard = Shard::with_config(ShardId::ONE, config.build());
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => match line.ok().flatten().as_deref() {
                Some("start") => { tokio::spawn(scenario(http.clone(), setting.clone())); }
                Some("quit") | None => return,
                Some(_) => {}
            },
            item = shard.next() => match item {
                Some(Ok(Message::Text(text))) => on_dispatch(text, &http),
                Some(Ok(Message::Close(_))) => {}
                Some(Err(error)) => report(BOT, json!({"disconnected": format!("{error}")})),
                None => return report(BOT, json!({"step": "failed", "at": "gateway", "error": "the shard ended"})),
            },
        }
    }
}
