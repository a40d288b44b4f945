use super::*;
use crate::codes::DAMAGED;

/// Shapes and order as version 3.4.0 writes them: roles from the highest down, messages from the newest back.
fn file() -> Value {
    json!({
        "name": "Observatory", "verificationLevel": 2, "explicitContentFilter": 1, "defaultMessageNotifications": 1,
        "afk": {"name": "Lounge", "timeout": 900}, "widget": {"enabled": true, "channel": "general"},
        "channels": {
            "categories": [{
                "name": "Talk", "permissions": [{"roleName": "Astronomer", "allow": "1024", "deny": "0"}],
                "children": [
                    {"type": 0, "name": "general", "nsfw": false, "rateLimitPerUser": 5, "parent": "Talk", "topic": "stars",
                        "permissions": [{"roleName": "@everyone", "allow": "0", "deny": "2048"}, {"roleName": "Gone", "allow": "1", "deny": "0"}],
                        "isNews": false,
                        "messages": [
                            {"username": "bob", "avatar": "https://cdn.discordapp.com/embed/avatars/1.png", "content": "Beautiful",
                                "embeds": [{"title": "Sky", "description": null, "url": null, "color": 255, "fields": []}], "files": [],
                                "pinned": false, "sentAt": "2024-05-01T12:31:15.250Z"},
                            {"username": "ada", "avatar": "https://cdn.discordapp.com/embed/avatars/0.png", "content": "Look at this", "embeds": [],
                                "files": [{"name": "sky.png", "attachment": "aGVsbG8="}, {"name": "a.txt", "attachment": "https://cdn.discordapp.com/a.txt"}],
                                "pinned": true, "sentAt": "2024-05-01T12:30:15.250Z"}
                        ],
                        "threads": [{"type": 11, "name": "comets", "archived": true, "autoArchiveDuration": 60, "locked": false,
                            "rateLimitPerUser": 0, "messages": []}]},
                    {"type": 2, "name": "Lounge", "bitrate": 64000, "userLimit": 5, "parent": "Talk", "permissions": []}
                ]
            }],
            "others": [{"type": 5, "name": "news", "nsfw": false, "parent": null, "topic": null, "permissions": [], "messages": [],
                "isNews": true, "threads": []}]
        },
        "roles": [
            {"name": "Astronomer", "color": "#0000ff", "hoist": true, "permissions": "8", "mentionable": false, "position": 1, "isEveryone": false},
            {"name": "@everyone", "color": "#000000", "hoist": false, "permissions": "104324673", "mentionable": false, "position": 0, "isEveryone": true}
        ],
        "bans": [{"id": "80351110224678913", "reason": "spam"}],
        "emojis": [{"name": "star", "base64": "aGVsbG8="}, {"name": "moon", "url": "https://cdn.discordapp.com/emojis/1.gif"}],
        "members": [{"userId": "80351110224678912", "username": "ada", "discriminator": "0", "avatarUrl": null,
            "joinedTimestamp": 1700000000000_i64, "roles": ["41771983423143937"], "bot": false}],
        "createdTimestamp": 1714566615250_i64, "guildID": "41771983423143937", "id": "1235200000000000000",
        "iconURL": "https://cdn.discordapp.com/icons/1/a.png", "iconBase64": "aGVsbG8="
    })
}

#[test]
fn a_file_gives_the_same_model_as_any_other() {
    let found = read(file().to_string().as_bytes()).unwrap();
    let guild = &found.guild;
    assert_eq!((guild.settings.name.as_str(), guild.settings.afk_timeout), ("Observatory", 900));
    assert_eq!(guild.settings.icon, Some(FileRef("assets/icon".into())));
    let roles: Vec<_> =
        guild.roles.iter().map(|role| (role.name.as_str(), role.permissions.0, role.color)).collect();
    assert_eq!(roles, [("@everyone", 104_324_673, 0), ("Astronomer", 8, 255)]);
    assert_eq!(guild.roles[0].id.get(), 41_771_983_423_143_937);
    let names: Vec<_> = guild.channels.iter().map(|channel| (channel.name.as_str(), channel.kind)).collect();
    assert_eq!(names, [("Talk", 4), ("general", 0), ("Lounge", 2), ("news", 5), ("comets", 11)]);
    let general = &guild.channels[1];
    assert_eq!((general.parent_id, general.rate_limit_per_user), (Some(guild.channels[0].id), 5));
    assert_eq!(general.permission_overwrites.len(), 1, "a role that is gone has none");
    assert_eq!(guild.settings.widget_channel_id, Some(general.id));
    assert_eq!(guild.settings.afk_channel_id, Some(guild.channels[2].id));
    assert_eq!(guild.channels[4].parent_id, Some(general.id));
    assert!(guild.channels[4].thread.as_ref().unwrap().archived);
    let [(channel, messages)] = found.messages.as_slice() else { panic!() };
    assert_eq!(*channel, general.id);
    let said: Vec<_> =
        messages.iter().map(|message| (message.author.name.as_str(), message.content.as_str())).collect();
    assert_eq!(said, [("ada", "Look at this"), ("bob", "Beautiful")]);
    assert!(messages[0].pinned && messages[0].id < messages[1].id);
    assert_eq!(messages[1].embeds, [json!({"title": "Sky", "color": 255, "fields": []})]);
    assert_eq!(messages[0].attachments[0].size, 5);
    assert!(messages[0].attachments[0].file.is_some() && messages[0].attachments[1].url.is_some());
    assert_eq!((found.bans.len(), found.members.len(), found.files.len()), (1, 1, 3));
    assert_eq!((guild.emojis[0].image.is_some(), guild.emojis[1].animated), (true, true));
}

#[test]
fn other_json_is_refused() {
    assert!(read(b"{}").unwrap_err().is(NOT_A_BACKUP));
    assert!(read(b"{\"a\":").unwrap_err().is(DAMAGED));
    let mut wrong = file();
    wrong["roles"] = json!("none");
    assert!(read(wrong.to_string().as_bytes()).unwrap_err().is(DAMAGED));
    let mut wrong = file();
    wrong["iconBase64"] = json!("%%%");
    assert!(read(wrong.to_string().as_bytes()).unwrap_err().is(DAMAGED));
    let text = file().to_string();
    for length in (0..text.len()).step_by(7) {
        assert!(read(&text.as_bytes()[..length]).is_err(), "{length}");
    }
}
