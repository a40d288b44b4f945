use serde_json::json;

use super::*;

#[test]
fn what_a_server_answers_is_read_as_it_is() {
    let role: Role = serde_json::from_value(json!({
        "id": "41771983423143936", "name": "WE DEM BOYZZ!!!!!!", "color": 3447003,
        "colors": {"primary_color": 3447003, "secondary_color": null, "tertiary_color": null}, "hoist": true,
        "icon": "cf3ced8600b777c9486c6d8d84fb4327", "unicode_emoji": null, "position": 1,
        "permissions": "18446744073709551615", "managed": false, "mentionable": false, "flags": 0
    }))
    .unwrap();
    assert_eq!(role.permissions, Bits(u64::MAX));
    assert_eq!(role.icon, Some(FileRef("cf3ced8600b777c9486c6d8d84fb4327".into())));
    let channel: Channel = serde_json::from_value(json!({
        "id": "41771983423143937", "guild_id": "41771983423143937", "name": "general", "type": 0, "position": 6,
        "permission_overwrites": [{"id": "1", "type": 0, "allow": "1024", "deny": "0"}],
        "rate_limit_per_user": 2, "nsfw": true, "topic": "24/7", "last_message_id": "155117677105512449",
        "parent_id": "399942396007890945", "default_auto_archive_duration": 60
    }))
    .unwrap();
    assert_eq!((channel.kind, channel.permission_overwrites.len()), (0, 1));
    let again: Channel = serde_json::from_str(&serde_json::to_string(&channel).unwrap()).unwrap();
    assert_eq!(again, channel);
}
