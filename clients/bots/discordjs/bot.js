// An unmodified discord.js bot that walks through the client suite's scenario (see ../../README.md).
// It reports every dispatch, every typed event and every step as one line of JSON on standard output.
'use strict';

const readline = require('node:readline');
const { AttachmentBuilder, ChannelType, Client, EmbedBuilder, Events, GatewayIntentBits, Partials } = require('discord.js');

const { GUILDHALL_URL, TOKEN, GUILD_ID, CHANNEL_ID, KICK_ID, MEMBER_ID } = process.env;
const BOT = 'discordjs';
const report = line => process.stdout.write(`${JSON.stringify({ bot: BOT, ...line })}\n`);
// One pixel.
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const warn = text => report({ warning: String(text?.stack ?? text) });

const client = new Client({
	intents: [
		GatewayIntentBits.Guilds,
		GatewayIntentBits.GuildMembers,
		GatewayIntentBits.GuildModeration,
		GatewayIntentBits.GuildMessages,
		GatewayIntentBits.GuildMessageReactions,
		GatewayIntentBits.MessageContent,
	],
	partials: [Partials.Message, Partials.GuildMember, Partials.Reaction, Partials.User],
	rest: { api: `${GUILDHALL_URL}/api` },
});

client.on('raw', packet => packet.op === 0 && report({ event: packet.t, seq: packet.s, data: packet.d }));
client.on(Events.Warn, warn);
client.on(Events.Error, warn);
process.on('unhandledRejection', warn);

// The events the library built objects for; the suite holds them against the raw ones.
const typed = {
	[Events.MessageCreate]: ['MESSAGE_CREATE', message => message.id],
	[Events.MessageUpdate]: ['MESSAGE_UPDATE', (_, message) => message.id],
	[Events.MessageDelete]: ['MESSAGE_DELETE', message => message.id],
	[Events.MessageReactionAdd]: ['MESSAGE_REACTION_ADD', reaction => reaction.message.id],
	[Events.ChannelCreate]: ['CHANNEL_CREATE', channel => channel.id],
	[Events.GuildRoleCreate]: ['GUILD_ROLE_CREATE', role => role.id],
	[Events.GuildMemberRemove]: ['GUILD_MEMBER_REMOVE', member => member.id],
};
for (const [name, [event, id]] of Object.entries(typed)) {
	client.on(name, (...args) => report({ typed: event, id: id(...args) }));
}

client.once(Events.ClientReady, () => report({ step: 'ready', user: client.user.id }));

client.on(Events.InteractionCreate, async interaction => {
	try {
		if (!interaction.isChatInputCommand()) throw new Error(`not a command: ${interaction.type}`);
		await interaction.reply(`pong: ${interaction.options.getString('text', true)}`);
		await interaction.followUp('a follow-up');
		await interaction.editReply('pong, edited');
		report({ step: 'answered' });
	} catch (error) {
		report({ step: 'failed', at: 'answered', error: String(error.stack) });
	}
});

async function scenario() {
	let message, doomed, role;
	const steps = {
		async read_guild() {
			const guild = await client.guilds.fetch({ guild: GUILD_ID, force: true });
			const channels = await guild.channels.fetch();
			return { name: guild.name, channels: channels.size };
		},
		async read_history() {
			const messages = await channel().messages.fetch({ limit: 100, cache: false });
			return { contents: [...messages.values()].map(one => one.content) };
		},
		async send_text() {
			message = await channel().send(`text from ${BOT}`);
			return { id: message.id };
		},
		async send_embed() {
			const embed = new EmbedBuilder().setTitle('Embed').setDescription(`from ${BOT}`).addFields({ name: 'a', value: 'b' });
			doomed = await channel().send({ embeds: [embed] });
			return { id: doomed.id, title: doomed.embeds[0].title, fields: doomed.embeds[0].fields.length };
		},
		async send_file() {
			const file = new AttachmentBuilder(Buffer.from(`file from ${BOT}`), { name: 'notes.txt' });
			const sent = await channel().send({ content: 'with a file', files: [file] });
			const attachment = sent.attachments.first();
			return { id: sent.id, name: attachment.name, size: attachment.size, url: attachment.url };
		},
		async react() {
			await message.react('👍');
		},
		async edit() {
			const edited = await message.edit(`edited by ${BOT}`);
			return { content: edited.content, edited: edited.editedTimestamp !== null };
		},
		async delete() {
			await doomed.delete();
		},
		async create_channel() {
			const made = await guild().channels.create({ name: `room-${BOT}`, type: ChannelType.GuildText, topic: 'made by a bot' });
			return { id: made.id, name: made.name };
		},
		async create_role() {
			role = await guild().roles.create({ name: `role-${BOT}`, colors: { primaryColor: 0x3366ff }, reason: 'client suite' });
			return { id: role.id, name: role.name };
		},
		async assign_role() {
			const member = await guild().members.fetch({ user: MEMBER_ID, force: true });
			await member.roles.add(role);
		},
		async kick() {
			await guild().members.kick(KICK_ID, 'client suite');
		},
		async register_command() {
			const [command] = await guild().commands.set([
				{ name: 'ping', description: 'Answers', options: [{ type: 3, name: 'text', description: 'What to say', required: true }] },
			]).then(commands => [...commands.values()]);
			return { id: command.id, version: command.version, application: client.application.id };
		},
		async use_webhook() {
			const webhook = await channel().createWebhook({ name: 'herald', reason: 'client suite' });
			const kept = await webhook.send({ content: 'by a webhook', username: 'Ada of old', embeds: [new EmbedBuilder().setTitle('Embed')] });
			const gone = await webhook.send('soon gone');
			const edited = await webhook.editMessage(kept, 'edited by a webhook');
			await webhook.deleteMessage(gone);
			const found = await webhook.fetchMessage(kept.id);
			const known = await channel().fetchWebhooks();
			return { id: webhook.id, kept: kept.id, gone: gone.id, author: kept.author.username, content: edited.content, found: found.webhookId === webhook.id, known: known.has(webhook.id) };
		},
		async use_emoji() {
			const picture = Buffer.from(PICTURE, 'base64');
			const emoji = await guild().emojis.create({ attachment: picture, name: `emoji_${BOT}`, reason: 'client suite' });
			const sent = await channel().send(`with ${emoji}`);
			await sent.react(emoji);
			const all = await guild().emojis.fetch();
			return { id: emoji.id, message: sent.id, name: emoji.name, kept: sent.content === `with <:${emoji.name}:${emoji.id}>`, known: all.has(emoji.id) };
		},
	};
	const guild = () => client.guilds.cache.get(GUILD_ID);
	const channel = () => client.channels.cache.get(CHANNEL_ID);
	for (const [step, run] of Object.entries(steps)) {
		try {
			report({ step, ...(await run()) });
		} catch (error) {
			report({ step: 'failed', at: step, error: String(error.stack) });
		}
	}
	report({ step: 'done' });
}

readline.createInterface({ input: process.stdin }).on('line', line => {
	if (line === 'start') scenario();
	if (line === 'quit') client.destroy().finally(() => process.exit(0));
});
client.login(TOKEN).catch(error => {
	report({ step: 'failed', at: 'ready', error: String(error.stack) });
	process.exit(1);
});
