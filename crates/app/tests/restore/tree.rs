//! Backups of any size, and guilds as trees that can be held against each other.

use std::collections::HashMap;

use futures_util::TryStreamExt as _;
use guildhall_backup::archive::{Entry, PAGE, Work, pack};
use guildhall_backup::model::{Guild, Manifest, Message};
use guildhall_infra::blobs::Blobs;
use serde_json::{Value, json};

use crate::support::Client;

/// How large a guild is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) roles: usize,
    pub(crate) channels: usize,
    pub(crate) messages: usize,
}

fn role(index: usize) -> Value {
    json!({
        "id": (1000 + index).to_string(), "name": format!("role {}", index / 2), "position": index,
        "permissions": (index * 1024).to_string(), "color": index * 7, "hoist": index.is_multiple_of(2),
        "mentionable": index.is_multiple_of(3)
    })
}

fn channel(index: usize, size: Size) -> Value {
    let categories = size.channels / 20 + 1;
    let kind = if index < categories {
        4
    } else if index.is_multiple_of(9) {
        2
    } else {
        0
    };
    let overwrites: Vec<Value> = (0..index % 3)
        .map(|n| {
            let role = 1001 + (index + n) % (size.roles - 1);
            json!({ "id": role.to_string(), "type": 0, "allow": "1024", "deny": (n * 2048).to_string() })
        })
        .collect();
    let parent = (index >= categories).then(|| (5000 + index % categories).to_string());
    let mut channel = json!({
        "id": (5000 + index).to_string(), "name": format!("channel-{index}"), "type": kind, "position": index,
        "permission_overwrites": overwrites, "parent_id": parent
    });
    if kind == 0 {
        channel["topic"] = json!(format!("about {index}"));
        channel["rate_limit_per_user"] = json!(index % 4);
    }
    channel
}

fn message(number: usize, of: usize) -> Value {
    let mut message = json!({
        "id": (1_000_000 + number).to_string(), "content": format!("message {number} of <#{of}>"),
        "author": { "id": "77", "name": format!("Author {}", number % 5) },
        "timestamp": "2026-01-01T00:00:00Z", "pinned": number.is_multiple_of(97)
    });
    if number.is_multiple_of(10) {
        message["embeds"] = json!([{ "type": "rich", "title": format!("Title {number}"), "color": 255 }]);
    }
    if number % 50 == 7 {
        let file = format!("attachments/{number}");
        message["attachments"] =
            json!([{ "id": number.to_string(), "filename": format!("{number}.txt"), "file": file }]);
    }
    message
}

/// A guild of that size, made up.
pub(crate) fn guild(size: Size) -> Guild {
    let everyone = json!({ "id": "1", "name": "@everyone", "position": 0, "permissions": "1024" });
    let roles: Vec<Value> = std::iter::once(everyone).chain((1..size.roles).map(role)).collect();
    let channels: Vec<Value> = (0..size.channels).map(|index| channel(index, size)).collect();
    serde_json::from_value(json!({
        "settings": { "id": "1", "name": "Old guild", "description": "As it was", "verification_level": 2,
            "system_channel_id": (5000 + size.channels - 1).to_string() },
        "roles": roles, "channels": channels
    }))
    .unwrap()
}

/// Its messages by channel, as many in each as in the others.
pub(crate) fn messages(size: Size) -> Vec<(i64, Vec<Message>)> {
    let guild = guild(size);
    let open: Vec<i64> =
        guild.channels.iter().filter(|one| one.has_messages()).map(|one| one.id.get()).collect();
    let mut by_channel: Vec<(i64, Vec<Message>)> = open.iter().map(|id| (*id, Vec::new())).collect();
    for number in 0..size.messages {
        let at = number % open.len();
        let mut text = message(number, open[(number * 7) % open.len()].try_into().unwrap());
        // An answer to what was said before it in the channel.
        if number % 13 == 5 && number >= open.len() {
            text["type"] = json!(19);
            text["reply_to"] = json!((1_000_000 + number - open.len()).to_string());
        }
        by_channel[at].1.push(serde_json::from_value(text).unwrap());
    }
    by_channel
}

/// The backup as a file.
pub(crate) async fn file(size: Size) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&format!("file:{}", folder.path().display())).unwrap();
    let work = Work::new(blobs, "made");
    let manifest: Manifest = serde_json::from_value(json!({
        "format": 1, "guild_id": "1", "guild_name": "Old guild", "created_at": "2026-01-01T00:00:00Z",
        "origin": "guildhall", "made_by": "a test"
    }))
    .unwrap();
    let mut entries: Vec<Entry> = vec![work.put_manifest(&manifest).await.unwrap()];
    entries.push(work.put_guild(&guild(size)).await.unwrap());
    for (channel, messages) in messages(size) {
        let id = guildhall_base::Id::new(channel);
        for (page, chunk) in (0..).zip(messages.rchunks(PAGE)) {
            entries.push(work.put_messages(id, page, chunk).await.unwrap());
        }
        for file in messages.iter().flat_map(|message| &message.attachments) {
            let name = &file.file.as_ref().unwrap().0;
            entries.push(work.put_bytes(name, format!("content of {name}"), false).await.unwrap());
        }
    }
    let pieces: Vec<bytes::Bytes> = pack(work, entries).try_collect().await.unwrap();
    pieces.concat()
}

fn names(guild: &Guild) -> HashMap<String, String> {
    let roles =
        guild.roles.iter().map(|role| (role.id.to_string(), format!("{} {}", role.name, role.position)));
    let channels = guild.channels.iter().map(|channel| (channel.id.to_string(), channel.name.clone()));
    roles.chain(channels).collect()
}

/// A tree by names, with places counted anew.
pub(crate) fn shape(guild: &Guild) -> Value {
    let mut guild = guild.clone();
    guild.roles.sort_by_key(|role| (role.position, std::cmp::Reverse(role.id)));
    guild.roles.iter_mut().zip(0..).for_each(|(role, position)| role.position = position);
    let names = names(&guild);
    let name = |id: String| names.get(&id).cloned();
    let roles: Vec<Value> = guild
        .roles
        .iter()
        .map(|role| json!([role.name, role.permissions, role.color, role.hoist, role.mentionable]))
        .collect();
    guild.channels.sort_by_key(|channel| (channel.position, channel.id));
    let mut groups: std::collections::BTreeMap<String, Vec<Value>> = Default::default();
    for channel in &guild.channels {
        let parent = channel.parent_id.and_then(|id| name(id.to_string()));
        let mut overwrites: Vec<Value> = channel
            .permission_overwrites
            .iter()
            .map(|one| json!([name(one.id.to_string()), one.allow, one.deny]))
            .collect();
        overwrites.sort_by_key(Value::to_string);
        let body =
            json!([channel.name, channel.kind, channel.topic, channel.rate_limit_per_user, overwrites]);
        groups.entry(format!("{parent:?} {}", [4, 2].contains(&channel.kind))).or_default().push(body);
    }
    json!({
        "name": guild.settings.name, "description": guild.settings.description,
        "verification": guild.settings.verification_level,
        "system": guild.settings.system_channel_id.and_then(|id| name(id.to_string())),
        "roles": roles, "channels": groups
    })
}

/// A guild that is there, as it is.
pub(crate) async fn read(client: &Client, id: &str) -> Guild {
    let settings = client.get(&format!("/guilds/{id}")).await;
    let channels = client.get(&format!("/guilds/{id}/channels")).await;
    let mut guild = Guild {
        roles: serde_json::from_value(settings["roles"].clone()).unwrap(),
        channels: serde_json::from_value(channels).unwrap(),
        ..Guild::default()
    };
    guild.settings = serde_json::from_value(settings).unwrap();
    guild
}

/// What was said in each channel, by the channels' names, oldest first: who, what, embeds, files, whether pinned.
pub(crate) async fn said(client: &Client, guild: &Guild) -> HashMap<String, Vec<Value>> {
    let names = names(guild);
    let mut said = HashMap::new();
    for channel in guild.channels.iter().filter(|channel| channel.has_messages()) {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let before = all.last().map(|one| format!("&before={}", one["id"].as_str().unwrap()));
            let path = format!("/channels/{}/messages?limit=100{}", channel.id, before.unwrap_or_default());
            let page = client.get(&path).await;
            let page = page.as_array().unwrap();
            all.extend(page.iter().cloned());
            if page.len() < 100 {
                break;
            }
        }
        all.reverse();
        let line = |one: &Value| {
            let content = without_link(one["content"].as_str().unwrap(), &all);
            let content = with_names(&content, &names);
            let list = |key: &str, field: &str| -> Vec<Value> {
                one[key].as_array().unwrap().iter().map(|entry| entry[field].clone()).collect()
            };
            json!([
                one["author"]["username"],
                content,
                list("embeds", "title"),
                list("attachments", "filename"),
                one["pinned"]
            ])
        };
        let lines: Vec<Value> = all.iter().map(line).collect();
        if !lines.is_empty() {
            said.insert(channel.name.clone(), lines);
        }
    }
    said
}

/// The same of what a backup of that size says.
pub(crate) fn expected(size: Size) -> HashMap<String, Vec<Value>> {
    let guild = guild(size);
    let names = names(&guild);
    let by_channel = messages(size).into_iter().filter(|(_, messages)| !messages.is_empty());
    by_channel
        .map(|(channel, messages)| {
            let told = |one: &Message| {
                let quote = one.reply_to.map_or_else(String::new, |id| {
                    let said = messages.iter().find(|other| other.id == id).unwrap();
                    let begin = said.content.split(" <#").next().unwrap();
                    format!("> [{}: {begin}]\n", said.author.name)
                });
                format!("{quote}{}\n-# <t:1767225600:f>", with_names(&one.content, &names))
            };
            let line = |one: &Message| {
                let titles: Vec<Value> = one.embeds.iter().map(|embed| embed["title"].clone()).collect();
                let files: Vec<&String> = one.attachments.iter().map(|file| &file.filename).collect();
                json!([one.author.name, told(one), titles, files, one.pinned])
            };
            (names[&channel.to_string()].clone(), messages.iter().map(line).collect())
        })
        .collect()
}

fn with_names(text: &str, names: &HashMap<String, String>) -> String {
    let Some((before, rest)) = text.split_once("<#") else { return text.to_owned() };
    let (id, after) = rest.split_once('>').unwrap();
    format!("{before}#{}{after}", names.get(id).map_or("?", String::as_str))
}

/// An answer without the address of what it answers, which must be there and be what is quoted.
fn without_link(text: &str, all: &[Value]) -> String {
    let Some((quote, rest)) = text.strip_prefix("> [").and_then(|text| text.split_once("](")) else {
        return text.to_owned();
    };
    let (link, rest) = rest.split_once(')').unwrap();
    let id = link.rsplit('/').next().unwrap();
    let answered = all.iter().find(|one| one["id"] == id).unwrap();
    let (author, begin) = quote.split_once(": ").unwrap();
    assert_eq!(answered["author"]["username"], author);
    assert!(answered["content"].as_str().unwrap().contains(begin), "{answered} {quote}");
    assert!(link.contains(&format!("/{}/", answered["channel_id"].as_str().unwrap())), "{link}");
    format!("> [{quote}]{rest}")
}
