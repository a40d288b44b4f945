"""An unmodified discord.py bot that walks through the client suite's scenario (see ../../README.md).

It reports every dispatch, every typed event and every step as one line of JSON on standard output.
"""

import asyncio
import base64
import io
import json
import logging
import os
import sys
import traceback

import discord
import yarl
from discord import app_commands

BOT = "discordpy"
URL, TOKEN = os.environ["GUILDHALL_URL"], os.environ["TOKEN"]
GUILD, CHANNEL, KICK, MEMBER = (int(os.environ[name]) for name in ("GUILD_ID", "CHANNEL_ID", "KICK_ID", "MEMBER_ID"))

# One pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

# discord.py has no option for another server; these two constants are how one points it there.
discord.http.Route.BASE = f"{URL}/api/v10"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(URL.replace("http", "ws", 1)) / "gateway"
# The voice packages are left out on purpose; it need not warn about them.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def report(**line: object) -> None:
    print(json.dumps({"bot": BOT, **line}), flush=True)


class Warnings(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        report(warning=self.format(record))


class Bot(discord.Client):
    def __init__(self) -> None:
        intents = discord.Intents(
            guilds=True, members=True, moderation=True, guild_messages=True, guild_reactions=True, message_content=True
        )
        super().__init__(intents=intents, enable_debug_events=True)
        self.tree = app_commands.CommandTree(self)

        @self.tree.command(name="ping", description="Answers", guild=discord.Object(GUILD))
        @app_commands.describe(text="What to say")
        async def ping(interaction: discord.Interaction, text: str) -> None:
            await interaction.response.send_message(f"pong: {text}")
            await interaction.followup.send("a follow-up", wait=True)
            await interaction.edit_original_response(content="pong, edited")
            report(step="answered")

    async def on_socket_raw_receive(self, text: str) -> None:
        packet = json.loads(text)
        if packet["op"] == 0:
            report(event=packet["t"], seq=packet["s"], data=packet["d"])

    async def on_ready(self) -> None:
        report(step="ready", user=str(self.user.id))
        asyncio.get_running_loop().create_task(self.listen())

    async def on_error(self, event: str, *_: object, **__: object) -> None:
        report(warning=f"in {event}: {traceback.format_exc()}")

    # The events the library built objects for; the suite holds them against the raw ones.
    async def on_message(self, message: discord.Message) -> None:
        report(typed="MESSAGE_CREATE", id=str(message.id))

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        report(typed="MESSAGE_UPDATE", id=str(payload.message_id))

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        report(typed="MESSAGE_DELETE", id=str(payload.message_id))

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        report(typed="MESSAGE_REACTION_ADD", id=str(payload.message_id))

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        report(typed="CHANNEL_CREATE", id=str(channel.id))

    async def on_guild_role_create(self, role: discord.Role) -> None:
        report(typed="GUILD_ROLE_CREATE", id=str(role.id))

    async def on_raw_member_remove(self, payload: discord.RawMemberRemoveEvent) -> None:
        report(typed="GUILD_MEMBER_REMOVE", id=str(payload.user.id))

    async def listen(self) -> None:
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.strip() == "start":
                asyncio.get_running_loop().create_task(self.scenario())
            if line.strip() == "quit":
                break
        await self.close()

    async def scenario(self) -> None:
        self.home, self.room = self.get_guild(GUILD), self.get_channel(CHANNEL)
        steps = (
            self.read_guild, self.read_history, self.send_text, self.send_embed, self.send_file, self.react, self.edit,
            self.delete, self.create_channel, self.create_role, self.assign_role, self.kick, self.register_command,
            self.use_webhook, self.use_emoji,
        )  # fmt: skip
        for step in steps:
            try:
                report(step=step.__name__, **(await step() or {}))
            except Exception:
                report(step="failed", at=step.__name__, error=traceback.format_exc())
        report(step="done")

    async def read_guild(self) -> dict:
        guild = await self.fetch_guild(GUILD)
        return {"name": guild.name, "channels": len(await guild.fetch_channels())}

    async def read_history(self) -> dict:
        return {"contents": [message.content async for message in self.room.history(limit=100)]}

    async def send_text(self) -> dict:
        self.message = await self.room.send(f"text from {BOT}")
        return {"id": str(self.message.id)}

    async def send_embed(self) -> dict:
        embed = discord.Embed(title="Embed", description=f"from {BOT}").add_field(name="a", value="b")
        self.doomed = await self.room.send(embed=embed)
        sent = self.doomed.embeds[0]
        return {"id": str(self.doomed.id), "title": sent.title, "fields": len(sent.fields)}

    async def send_file(self) -> dict:
        file = discord.File(io.BytesIO(f"file from {BOT}".encode()), filename="notes.txt")
        sent = await self.room.send("with a file", file=file)
        attachment = sent.attachments[0]
        return {"id": str(sent.id), "name": attachment.filename, "size": attachment.size, "url": attachment.url}

    async def react(self) -> None:
        await self.message.add_reaction("👍")

    async def edit(self) -> dict:
        edited = await self.message.edit(content=f"edited by {BOT}")
        return {"content": edited.content, "edited": edited.edited_at is not None}

    async def delete(self) -> None:
        await self.doomed.delete()

    async def create_channel(self) -> dict:
        made = await self.home.create_text_channel(f"room-{BOT}", topic="made by a bot")
        return {"id": str(made.id), "name": made.name}

    async def create_role(self) -> dict:
        self.role = await self.home.create_role(name=f"role-{BOT}", colour=0x3366FF, reason="client suite")
        return {"id": str(self.role.id), "name": self.role.name}

    async def assign_role(self) -> None:
        member = await self.home.fetch_member(MEMBER)
        await member.add_roles(self.role)

    async def kick(self) -> None:
        await self.home.kick(discord.Object(KICK), reason="client suite")

    async def register_command(self) -> dict:
        command = (await self.tree.sync(guild=discord.Object(GUILD)))[0]
        return {"id": str(command.id), "version": None, "application": str(self.application_id)}

    async def use_webhook(self) -> dict:
        hook = await self.room.create_webhook(name="herald", reason="client suite")
        kept = await hook.send("by a webhook", username="Ada of old", embed=discord.Embed(title="Embed"), wait=True)
        gone = await hook.send("soon gone", wait=True)
        edited = await kept.edit(content="edited by a webhook")
        await hook.delete_message(gone.id)
        found = await hook.fetch_message(kept.id)
        known = [one.id for one in await self.room.webhooks()]
        return {
            "id": str(hook.id), "kept": str(kept.id), "gone": str(gone.id), "author": kept.author.name,
            "content": edited.content, "found": found.webhook_id == hook.id, "known": hook.id in known,
        }  # fmt: skip

    async def use_emoji(self) -> dict:
        emoji = await self.home.create_custom_emoji(name=f"emoji_{BOT}", image=PICTURE, reason="client suite")
        sent = await self.room.send(f"with {emoji}")
        await sent.add_reaction(emoji)
        known = [one.id for one in await self.home.fetch_emojis()]
        kept = sent.content == f"with <:{emoji.name}:{emoji.id}>"
        return {"id": str(emoji.id), "message": str(sent.id), "name": emoji.name, "kept": kept, "known": emoji.id in known}


if __name__ == "__main__":
    logging.getLogger().addHandler(Warnings(logging.WARNING))
    try:
        Bot().run(TOKEN, log_handler=None)
    except Exception:
        report(step="failed", at="ready", error=traceback.format_exc())
        raise
