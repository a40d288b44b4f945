//! An unmodified serenity bot that walks through the client suite's scenario (see ../../../../README.md).
//! It reports every event the library parsed and every step as one line of JSON on standard output.

use std::sync::{Arc, Mutex};

use guildhall_client_bots::{Setting, report, report_warnings, step};
use serde_json::{Value, json};
use serenity::all::*;
use tokio::io::{AsyncBufReadExt, BufReader};

const BOT: &str = "serenity";

struct Bot {
    setting: Setting,
    commands: Mutex<Option<tokio::sync::mpsc::UnboundedReceiver<String>>>,
}

struct Raw;

#[async_trait]
impl RawEventHandler for Raw {
    async fn raw_event(&self, _: Context, event: Event) {
        let name = event.name().unwrap_or_else(|| "UNKNOWN".to_owned());
        let value = serde_json::to_value(&event).unwrap_or(Value::Null);
        report(BOT, json!({"event": name, "data": value.get("d").cloned().unwrap_or(value)}));
    }
}

#[async_trait]
impl EventHandler for Bot {
    async fn ready(&self, ctx: Context, ready: Ready) {
        ctx.http.set_application_id(ready.application.id);
        report(BOT, json!({"step": "ready", "user": ready.user.id.to_string()}));
        let Some(mut lines) = self.commands.lock().unwrap().take() else { return };
        while let Some(line) = lines.recv().await {
            match line.as_str() {
                "start" => scenario(&ctx, &self.setting).await,
                "quit" => ctx.shard.shutdown_clean(),
                _ => {}
            }
        }
    }

    async fn interaction_create(&self, ctx: Context, interaction: Interaction) {
        let answered = async {
            let Interaction::Command(command) = &interaction else {
                return Err(Error::Other("not a command"));
            };
            let text = command.data.options.first().and_then(|option| option.value.as_str()).unwrap_or("");
            let reply = CreateInteractionResponseMessage::new().content(format!("pong: {text}"));
            command.create_response(&ctx, CreateInteractionResponse::Message(reply)).await?;
            command
                .create_followup(&ctx, CreateInteractionResponseFollowup::new().content("a follow-up"))
                .await?;
            command.edit_response(&ctx, EditInteractionResponse::new().content("pong, edited")).await?;
            Ok(json!({}))
        };
        step(BOT, "answered", answered.await);
    }
}

async fn scenario(ctx: &Context, setting: &Setting) {
    let (guild, channel) = (GuildId::new(setting.guild), ChannelId::new(setting.channel));
    let read_guild = async {
        let found = guild.to_partial_guild(&ctx.http).await?;
        Ok::<_, Error>(json!({"name": found.name, "channels": guild.channels(ctx).await?.len()}))
    };
    step(BOT, "read_guild", read_guild.await);
    let history = channel.messages(ctx, GetMessages::new().limit(100)).await;
    let contents = history.map(|all| all.into_iter().map(|one| one.content).collect::<Vec<_>>());
    step(BOT, "read_history", contents.map(|contents| json!({"contents": contents})));

    let mut text = match channel.say(ctx, format!("text from {BOT}")).await {
        Ok(sent) => sent,
        Err(error) => return step(BOT, "send_text", Err(error)),
    };
    step(BOT, "send_text", Ok::<_, Error>(json!({"id": text.id.to_string()})));
    let embed = CreateEmbed::new().title("Embed").description(format!("from {BOT}")).field("a", "b", false);
    let doomed = match channel.send_message(ctx, CreateMessage::new().embed(embed)).await {
        Ok(sent) => sent,
        Err(error) => return step(BOT, "send_embed", Err(error)),
    };
    let seen = doomed.embeds.first();
    let (title, fields) = (seen.and_then(|e| e.title.clone()), seen.map(|e| e.fields.len()));
    step(
        BOT,
        "send_embed",
        Ok::<_, Error>(json!({"id": doomed.id.to_string(), "title": title, "fields": fields})),
    );

    let file = CreateAttachment::bytes(format!("file from {BOT}"), "notes.txt");
    let sent = channel.send_files(ctx, [file], CreateMessage::new().content("with a file")).await;
    let file = sent.and_then(|sent| {
        let file = sent.attachments.first().ok_or(Error::Other("no attachment"))?;
        Ok(json!({"id": sent.id.to_string(), "name": file.filename, "size": file.size, "url": file.url}))
    });
    step(BOT, "send_file", file);
    step(BOT, "react", text.react(ctx, '👍').await.map(|_| json!({})));
    let edited = text.edit(ctx, EditMessage::new().content(format!("edited by {BOT}"))).await;
    step(
        BOT,
        "edit",
        edited.map(|()| json!({"content": text.content, "edited": text.edited_timestamp.is_some()})),
    );
    step(BOT, "delete", doomed.delete(ctx).await.map(|()| json!({})));
    administer(ctx, setting, guild).await;
    step(BOT, "done", Ok::<_, Error>(json!({})));
}

async fn administer(ctx: &Context, setting: &Setting, guild: GuildId) {
    let channel = CreateChannel::new(format!("room-{BOT}")).kind(ChannelType::Text).topic("made by a bot");
    let channel = guild.create_channel(ctx, channel).await;
    step(BOT, "create_channel", channel.map(|made| json!({"id": made.id.to_string(), "name": made.name})));
    let role = EditRole::new().name(format!("role-{BOT}")).colour(0x3366ff).audit_log_reason("client suite");
    let role = match guild.create_role(ctx, role).await {
        Ok(role) => role,
        Err(error) => return step(BOT, "create_role", Err(error)),
    };
    step(BOT, "create_role", Ok::<_, Error>(json!({"id": role.id.to_string(), "name": role.name})));
    let assigned = async {
        let member = ctx.http.get_member(guild, UserId::new(setting.member)).await?;
        member.add_role(ctx, role.id).await
    };
    step(BOT, "assign_role", assigned.await.map(|()| json!({})));
    let kicked = guild.kick_with_reason(ctx, UserId::new(setting.kick), "client suite").await;
    step(BOT, "kick", kicked.map(|()| json!({})));
    let option = CreateCommandOption::new(CommandOptionType::String, "text", "What to say").required(true);
    let command = CreateCommand::new("ping").description("Answers").add_option(option);
    let registered = guild.set_commands(ctx, vec![command]).await.and_then(|all| {
        let command = all.first().ok_or(Error::Other("no command"))?;
        let ids = (command.id.to_string(), command.version.to_string(), command.application_id.to_string());
        Ok(json!({"id": ids.0, "version": ids.1, "application": ids.2}))
    });
    step(BOT, "register_command", registered);
}

#[tokio::main]
async fn main() {
    report_warnings(BOT);
    let setting = Setting::from_env();
    let http = HttpBuilder::new(&setting.token).proxy(&setting.url).ratelimiter_disabled(true).build();
    let intents = GatewayIntents::GUILDS
        | GatewayIntents::GUILD_MEMBERS
        | GatewayIntents::GUILD_MODERATION
        | GatewayIntents::GUILD_MESSAGES
        | GatewayIntents::GUILD_MESSAGE_REACTIONS
        | GatewayIntents::MESSAGE_CONTENT;
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    let bot = Bot { setting, commands: Mutex::new(Some(receiver)) };
    let client = ClientBuilder::new_with_http(http, intents)
        .event_handler_arc(Arc::new(bot))
        .raw_event_handler(Raw)
        .await;
    let mut client = match client {
        Ok(client) => client,
        Err(error) => return step(BOT, "ready", Err(error)),
    };
    let shards = client.shard_manager.clone();
    tokio::spawn(async move {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if line == "quit" {
                break;
            }
            let _ = sender.send(line);
        }
        shards.shutdown_all().await;
        std::process::exit(0);
    });
    if let Err(error) = client.start().await {
        step(BOT, "ready", Err(error));
    }
}
