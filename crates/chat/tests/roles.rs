//! Roles: who may create, edit, move and delete them, what is told of it, and that their order survives a crowd.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};
use support::{Hall, Somebody, halls, request, send, text};

/// Somebody who is a member of a guild through being put there.
async fn member(hall: &Hall, guild: &str, name: &str) -> Somebody {
    let person = hall.person(name).await;
    hall.chat.enroll(guild.parse().unwrap(), person.user.id, Vec::new()).await.unwrap();
    person
}

/// Roles by name from the lowest up, and that their positions are 0, 1, 2 and so on, in the table as in memory.
async fn order(hall: &Hall, who: &Somebody, guild: &str) -> Vec<String> {
    let roles = hall.get(who, &format!("/guilds/{guild}/roles")).await.ok();
    let roles = roles.as_array().unwrap();
    for (index, role) in roles.iter().enumerate() {
        assert_eq!(role["position"], index, "{role}");
        let id = role["id"].as_str().unwrap().parse::<i64>().unwrap();
        let stored = guildhall_infra::sql!("SELECT position FROM roles WHERE id = $1");
        let row = hall.db.db.one(stored, guildhall_infra::params![id]).await.unwrap();
        assert_eq!(row.get::<i64>(0).unwrap(), i64::try_from(index).unwrap());
    }
    roles.iter().map(|role| text(&role["name"])).collect()
}

async fn role(hall: &Hall, who: &Somebody, guild: &str, body: Value) -> String {
    text(&hall.post(who, &format!("/guilds/{guild}/roles"), body).await.ok()["id"])
}

async fn give(hall: &Hall, guild: &str, user: &Somebody, role: &str) {
    let (guild, role) = (guild.parse::<i64>().unwrap(), role.parse::<i64>().unwrap());
    let room = hall.chat.world().guild(guildhall_base::GuildId::new(guild)).await.unwrap().unwrap();
    let mut member = hall.chat.member(&room, user.user.id).await.unwrap().unwrap();
    member.roles.push(guildhall_base::RoleId::new(role));
    let mut body = serde_json::to_value(&member).unwrap();
    body["guild_id"] = json!(guild.to_string());
    let audience = guildhall_infra::events::Audience::Guild(room.id);
    let event = guildhall_infra::events::NewEvent::new("GUILD_MEMBER_UPDATE", audience, &body).unwrap();
    let mut batch = guildhall_infra::db::Batch::new();
    batch.run(
        guildhall_infra::sql!("INSERT INTO member_roles (guild_id, user_id, role_id) VALUES ($1, $2, $3)"),
        guildhall_infra::params![guild, user.user.id, role],
    );
    hall.log.commit(batch, &[event]).await.unwrap();
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_role_is_created_told_and_written_down() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/roles");
        let before = hall.head().await;
        let body = json!({ "name": " Crew ", "color": 0xff_00_00, "hoist": true, "permissions": "8" });
        let made = hall.post(&ada, &path, body).await.ok();
        assert_eq!((&made["name"], &made["position"]), (&json!("Crew"), &json!(1)));
        assert_eq!(made["colors"]["primary_color"], 0xff_00_00);
        assert_eq!((&made["permissions"], &made["managed"]), (&json!("8"), &json!(false)));
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["GUILD_ROLE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
        assert_eq!(events[0].1, json!({ "guild_id": guild, "role": made }));
        assert_eq!((&events[1].1["action_type"], &events[1].1["target_id"]), (&json!(30), &made["id"]));
        let one = hall.get(&ada, &format!("{path}/{}", text(&made["id"]))).await.ok();
        assert_eq!(one, made);

        // The next one comes below it, and everybody is told that the first has moved up.
        let before = hall.head().await;
        let plain = hall.post(&ada, &path, Value::Null).await.ok();
        assert_eq!((&plain["name"], &plain["position"]), (&json!("new role"), &json!(1)));
        let everyone = hall.get(&ada, &format!("{path}/{guild}")).await.ok();
        assert_eq!(plain["permissions"], everyone["permissions"]);
        let events = hall.events_after(before).await;
        assert_eq!(
            names(&events),
            ["GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
        );
        assert_eq!(events[1].1["role"]["position"], 2);
        assert_eq!(order(&hall, &ada, &guild).await, ["@everyone", "new role", "Crew"]);
    }
}

#[tokio::test]
async fn a_role_is_edited_and_deleted() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let id = role(&hall, &ada, &guild, json!({ "name": "a" })).await;
        role(&hall, &ada, &guild, json!({ "name": "b" })).await;
        let path = format!("/guilds/{guild}/roles/{id}");
        let before = hall.head().await;
        let changes = json!({
            "name": "z", "colors": { "primary_color": 1, "secondary_color": 2 }, "mentionable": true,
            "unicode_emoji": "⚙", "denied_permissions": "2048", "icon": null,
        });
        let edited = hall.patch(&ada, &path, changes.clone()).await.ok();
        assert_eq!((&edited["name"], &edited["color"]), (&json!("z"), &json!(1)));
        assert_eq!((&edited["denied_permissions"], &edited["unicode_emoji"]), (&json!("2048"), &json!("⚙")));
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["GUILD_ROLE_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
        // The same again changes nothing and tells nothing.
        let before = hall.head().await;
        assert_eq!(hall.patch(&ada, &path, changes).await.ok(), edited);
        assert_eq!(hall.head().await, before);

        let eve = member(&hall, &guild, "eve").await;
        give(&hall, &guild, &eve, &id).await;
        let counts = hall.get(&ada, &format!("/guilds/{guild}/roles/member-counts")).await.ok();
        assert_eq!(counts[&id], 1);
        let overwrite = json!({ "type": 0, "deny": "1024" });
        hall.put(&ada, &format!("/channels/{general}/permissions/{id}"), overwrite).await.ok();
        let before = hall.head().await;
        assert_eq!(hall.delete(&ada, &path).await.status, 204);
        let events = hall.events_after(before).await;
        assert_eq!(names(&events)[0], "GUILD_ROLE_DELETE");
        assert_eq!(events[0].1, json!({ "guild_id": guild, "role_id": id }));
        hall.delete(&ada, &path).await.refused(404, 10011);
        hall.get(&ada, &path).await.refused(404, 10011);
        let channel = hall.get(&ada, &format!("/channels/{general}")).await.ok();
        assert_eq!(channel["permission_overwrites"], json!([]));
        assert_eq!(order(&hall, &ada, &guild).await, ["@everyone", "b"]);
    }
}

#[tokio::test]
async fn nobody_reaches_above_themselves() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/roles");
        let manage = json!({ "name": "low", "permissions": (1_u64 << 28).to_string() });
        let low = role(&hall, &ada, &guild, json!({ "name": "floor" })).await;
        let own = role(&hall, &ada, &guild, manage).await;
        let high = role(&hall, &ada, &guild, json!({ "name": "high" })).await;
        let places = json!([{ "id": low, "position": 1 }, { "id": own, "position": 2 }, { "id": high, "position": 3 }]);
        hall.patch(&ada, &path, places).await.ok();
        let (bob, eve) = (member(&hall, &guild, "bob").await, hall.person("eve").await);
        let before = hall.head().await;
        hall.get(&eve, &path).await.refused(404, 10004);
        hall.post(&eve, &path, json!({})).await.refused(404, 10004);
        hall.post(&bob, &path, json!({})).await.refused(403, 50013);
        assert_eq!(hall.head().await, before);
        give(&hall, &guild, &bob, &own).await;

        let before = hall.head().await;
        // Not a permission that bob does not have, nor a denial of one.
        hall.post(&bob, &path, json!({ "permissions": "8" })).await.refused(403, 50013);
        hall.post(&bob, &path, json!({ "permissions": "0", "denied_permissions": "8" }))
            .await
            .refused(403, 50013);
        for (target, code) in [(&own, 50013), (&high, 50013), (&guild, 50013)] {
            let status = if *target == guild { 400 } else { 403 };
            let edit = hall.patch(&bob, &format!("{path}/{target}"), json!({ "permissions": "8" })).await;
            edit.refused(403, 50013);
            let code = if *target == guild { 50028 } else { code };
            hall.delete(&bob, &format!("{path}/{target}")).await.refused(status, code);
        }
        hall.patch(&bob, &path, json!([{ "id": low, "position": 3 }])).await.refused(403, 50013);
        hall.patch(&bob, &path, json!([{ "id": high, "position": 1 }])).await.refused(403, 50013);
        assert_eq!(hall.head().await, before);
        hall.patch(&bob, &format!("{path}/{low}"), json!({ "name": "ground" })).await.ok();
        hall.delete(&bob, &format!("{path}/{low}")).await.ok();
    }
}

#[tokio::test]
async fn bad_roles_change_nothing() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/roles");
        let id = role(&hall, &ada, &guild, json!({ "name": "a" })).await;
        let before = hall.head().await;
        for body in [
            json!({ "name": "x".repeat(101) }),
            json!({ "color": 0x1_00_00_00 }),
            json!({ "permissions": "many" }),
            json!({ "permissions": [] }),
            json!({ "hoist": 7 }),
            json!({ "icon": "data:image/png;base64,AAAA" }),
            json!({ "unicode_emoji": "abc" }),
            json!([]),
        ] {
            hall.post(&ada, &path, body.clone()).await.refused(400, 50035);
            hall.patch(&ada, &format!("{path}/{id}"), body).await.refused(400, 50035);
        }
        for body in [
            json!([{ "id": id, "position": -1 }]),
            json!([{ "id": id, "position": 1 }, { "id": id, "position": 2 }]),
            json!([{ "id": guild, "position": 1 }]),
            json!([{ "position": 1 }]),
            json!({ "id": id }),
        ] {
            hall.patch(&ada, &path, body).await.refused(400, 50035);
        }
        hall.patch(&ada, &path, json!([{ "id": "7", "position": 1 }])).await.refused(404, 10011);
        hall.patch(&ada, &format!("{path}/{guild}"), json!({ "name": "all" })).await.refused(400, 50028);
        hall.delete(&ada, &format!("{path}/{guild}")).await.refused(400, 50028);
        assert_eq!(hall.head().await, before);
    }
}

#[tokio::test]
async fn a_guild_has_at_most_250_roles() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let mut batch = guildhall_infra::db::Batch::new();
        for index in 1..250_i64 {
            batch.run(
                guildhall_infra::sql!(
                    "INSERT INTO roles (id, guild_id, position, permissions, denied, settings)
                     SELECT $1, $2, $1, 0, 0, settings FROM roles WHERE id = $2"
                ),
                guildhall_infra::params![index, guild.parse::<i64>().unwrap()],
            );
        }
        hall.db.db.write(batch).await.unwrap();
        hall.post(&ada, &format!("/guilds/{guild}/roles"), json!({})).await.refused(400, 30005);
        // Turning all of them around is one request.
        let places: Vec<_> = (1..250_i64).map(|id| json!({ "id": id, "position": 250 - id })).collect();
        hall.patch(&ada, &format!("/guilds/{guild}/roles"), json!(places)).await.ok();
        let stored = guildhall_infra::sql!("SELECT position FROM roles WHERE guild_id = $1 ORDER BY id");
        let rows =
            hall.db.db.all(stored, guildhall_infra::params![guild.parse::<i64>().unwrap()]).await.unwrap();
        let positions: Vec<i64> = rows.iter().map(|row| row.get(0).unwrap()).collect();
        let expected: Vec<i64> = (1..250).rev().chain([0]).collect();
        assert_eq!(positions, expected);
    }
}

#[tokio::test]
async fn a_crowd_of_movers_creators_and_deleters_leaves_the_order_dense() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/roles");
        let mut ids = Vec::new();
        for index in 0..10 {
            ids.push(role(&hall, &ada, &guild, json!({ "name": format!("r{index}") })).await);
        }
        // Every other request goes to another process over the same database.
        let (there, _stop) = hall.neighbour().await;
        let (hall, ada, path) = (&hall, &ada, &path);
        let routers = [&hall.router, &there];
        let (mut kinds, mut calls) = (Vec::new(), Vec::new());
        let mut add = |kind, index: usize, method, path: String, body| {
            kinds.push(kind);
            calls.push(send(routers[index % 2], request(ada, method, &path, body)));
        };
        for (index, id) in ids.iter().enumerate() {
            let places = json!([{ "id": id, "position": 10 - index }]);
            add("move", index, Method::PATCH, path.clone(), places);
            add("edit", index + 1, Method::PATCH, format!("{path}/{id}"), json!({ "color": 7 }));
        }
        for index in 0..6 {
            add("create", index, Method::POST, path.clone(), json!({ "name": format!("n{index}") }));
        }
        for (index, id) in ids[..4].iter().enumerate() {
            add("delete", index, Method::DELETE, format!("{path}/{id}"), Value::Null);
        }
        let answers = futures_util::future::join_all(calls).await;
        for (kind, answer) in kinds.iter().zip(&answers) {
            let status = answer.status.as_u16();
            // Who comes after a role is gone is told so; nobody is turned away for being slow.
            match *kind {
                "create" => assert_eq!(status, 200, "{}", answer.body),
                "delete" => assert_eq!(status, 204, "{}", answer.body),
                _ => assert!(status == 200 || status == 404, "{kind} {}", answer.body),
            }
        }
        // When this has been answered, this process has heard of everything before it.
        hall.patch(ada, &format!("{path}/{guild}"), json!({ "permissions": "1024" })).await.ok();
        let left = order(hall, ada, &guild).await;
        assert_eq!(left.len(), 1 + 10 + 6 - 4);
        assert_eq!(left.iter().collect::<BTreeSet<_>>().len(), left.len());
        // The last that was told of each role is what is stored: nobody's edit was taken back.
        let roles = hall.get(ada, path).await.ok();
        let colored = roles.as_array().unwrap().iter().filter(|role| role["color"] == 7).count();
        assert_eq!(colored, 6);
    }
}
