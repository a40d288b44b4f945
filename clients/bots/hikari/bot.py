"""An unmodified hikari bot that walks through the client suite's scenario (see ../../README.md).

It reports every dispatch, every typed event and every step as one line of JSON on standard output.
"""

import asyncio
import json
import logging
import os
import sys
import traceback

import hikari

BOT = "hikari"
URL, TOKEN = os.environ["GUILDHALL_URL"], os.environ["TOKEN"]
GUILD, CHANNEL, KICK, MEMBER = (
    hikari.Snowflake(os.environ[name]) for name in ("GUILD_ID", "CHANNEL_ID", "KICK_ID", "MEMBER_ID")
)
Intents = hikari.Intents

bot = hikari.GatewayBot(
    TOKEN,
    rest_url=f"{URL}/api/v10",
    banner=None,
    logs=None,
    intents=Intents.GUILDS
    | Intents.GUILD_MEMBERS
    | Intents.GUILD_MODERATION
    | Intents.GUILD_MESSAGES
    | Intents.GUILD_MESSAGE_REACTIONS
    | Intents.MESSAGE_CONTENT,
)


def report(**line: object) -> None:
    print(json.dumps({"bot": BOT, **line}), flush=True)


class Warnings(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        report(warning=self.format(record))


@bot.listen()
async def on_payload(event: hikari.ShardPayloadEvent) -> None:
    report(event=event.name, data=dict(event.payload))


# The events the library built objects for; the suite holds them against the raw ones.
TYPED = {
    hikari.MessageCreateEvent: ("MESSAGE_CREATE", lambda event: event.message_id),
    hikari.MessageUpdateEvent: ("MESSAGE_UPDATE", lambda event: event.message_id),
    hikari.MessageDeleteEvent: ("MESSAGE_DELETE", lambda event: event.message_id),
    hikari.ReactionAddEvent: ("MESSAGE_REACTION_ADD", lambda event: event.message_id),
    hikari.GuildChannelCreateEvent: ("CHANNEL_CREATE", lambda event: event.channel_id),
    hikari.RoleCreateEvent: ("GUILD_ROLE_CREATE", lambda event: event.role_id),
    hikari.MemberDeleteEvent: ("GUILD_MEMBER_REMOVE", lambda event: event.user_id),
}


def listen_to(kind: type, name: str, ident) -> None:
    async def listener(event) -> None:
        report(typed=name, id=str(ident(event)))

    bot.event_manager.subscribe(kind, listener)


for kind, (name, ident) in TYPED.items():
    listen_to(kind, name, ident)


@bot.listen()
async def on_exception(event: hikari.ExceptionEvent) -> None:
    report(warning="".join(traceback.format_exception(event.exception)))


@bot.listen()
async def on_interaction(event: hikari.InteractionCreateEvent) -> None:
    try:
        interaction = event.interaction
        text = interaction.options[0].value
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, f"pong: {text}")
        await interaction.execute("a follow-up")
        await interaction.edit_initial_response("pong, edited")
        report(step="answered")
    except Exception:
        report(step="failed", at="answered", error=traceback.format_exc())


@bot.listen()
async def on_started(_: hikari.StartedEvent) -> None:
    report(step="ready", user=str(bot.get_me().id))
    asyncio.get_running_loop().create_task(listen())


async def listen() -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip() == "start":
            asyncio.get_running_loop().create_task(Scenario().run())
        if line.strip() == "quit":
            break
    await bot.close()


class Scenario:
    async def run(self) -> None:
        steps = (
            self.read_guild, self.read_history, self.send_text, self.send_embed, self.send_file, self.react, self.edit,
            self.delete, self.create_channel, self.create_role, self.assign_role, self.kick, self.register_command,
        )  # fmt: skip
        for step in steps:
            try:
                report(step=step.__name__, **(await step() or {}))
            except Exception:
                report(step="failed", at=step.__name__, error=traceback.format_exc())
        report(step="done")

    async def read_guild(self) -> dict:
        guild = await bot.rest.fetch_guild(GUILD)
        return {"name": guild.name, "channels": len(await bot.rest.fetch_guild_channels(GUILD))}

    async def read_history(self) -> dict:
        return {"contents": [message.content async for message in bot.rest.fetch_messages(CHANNEL).limit(100)]}

    async def send_text(self) -> dict:
        self.message = await bot.rest.create_message(CHANNEL, f"text from {BOT}")
        return {"id": str(self.message.id)}

    async def send_embed(self) -> dict:
        embed = hikari.Embed(title="Embed", description=f"from {BOT}").add_field("a", "b")
        self.doomed = await bot.rest.create_message(CHANNEL, embed=embed)
        sent = self.doomed.embeds[0]
        return {"id": str(self.doomed.id), "title": sent.title, "fields": len(sent.fields)}

    async def send_file(self) -> dict:
        file = hikari.Bytes(f"file from {BOT}".encode(), "notes.txt")
        sent = await bot.rest.create_message(CHANNEL, "with a file", attachment=file)
        attachment = sent.attachments[0]
        return {"id": str(sent.id), "name": attachment.filename, "size": attachment.size, "url": attachment.url}

    async def react(self) -> None:
        await self.message.add_reaction("👍")

    async def edit(self) -> dict:
        edited = await self.message.edit(f"edited by {BOT}")
        return {"content": edited.content, "edited": edited.edited_timestamp is not None}

    async def delete(self) -> None:
        await self.doomed.delete()

    async def create_channel(self) -> dict:
        made = await bot.rest.create_guild_text_channel(GUILD, f"room-{BOT}", topic="made by a bot")
        return {"id": str(made.id), "name": made.name}

    async def create_role(self) -> dict:
        self.role = await bot.rest.create_role(GUILD, name=f"role-{BOT}", color=0x3366FF, reason="client suite")
        return {"id": str(self.role.id), "name": self.role.name}

    async def assign_role(self) -> None:
        await bot.rest.add_role_to_member(GUILD, MEMBER, self.role)

    async def kick(self) -> None:
        await bot.rest.kick_user(GUILD, KICK, reason="client suite")

    async def register_command(self) -> dict:
        application = await bot.rest.fetch_application()
        builder = bot.rest.slash_command_builder("ping", "Answers").add_option(
            hikari.CommandOption(
                type=hikari.OptionType.STRING, name="text", description="What to say", is_required=True
            )
        )
        command = (await bot.rest.set_application_commands(application, [builder], guild=GUILD))[0]
        return {"id": str(command.id), "version": str(command.version), "application": str(application.id)}


if __name__ == "__main__":
    logging.getLogger().addHandler(Warnings(logging.WARNING))
    try:
        bot.run(check_for_updates=False)
    except Exception:
        report(step="failed", at="ready", error=traceback.format_exc())
        raise
