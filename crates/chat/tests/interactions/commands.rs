//! Registering commands and listing them.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{halls, request, text};
use crate::{plain, scene};

/// The keys that one library or another requires of a command.
const REQUIRED: [&str; 7] =
    ["id", "application_id", "version", "type", "name", "description", "default_member_permissions"];

#[tokio::test]
async fn a_command_is_created_once_and_then_changed() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let path = scene.in_guild();
        // As discord.py writes it.
        let ping = json!({
            "name": "ping", "description": "pong", "type": 1, "nsfw": false, "options": null,
            "integration_types": null, "contexts": null, "dm_permission": true,
            "default_member_permissions": null, "name_localizations": { "fi": "pingi" },
        });
        let created = hall.post(&scene.bot, &path, ping.clone()).await;
        assert_eq!(created.status.as_u16(), 201);
        let created = created.ok();
        for key in REQUIRED {
            assert!(created.get(key).is_some(), "{key} of {created}");
        }
        assert_eq!(created["guild_id"], scene.guild);
        assert_eq!(created["name_localizations"]["fi"], "pingi");
        for never_null in ["integration_types", "nsfw", "options"] {
            assert!(!created.get(never_null).is_some_and(Value::is_null), "{never_null}");
        }

        let same = hall.post(&scene.bot, &path, ping.clone()).await;
        assert_eq!(same.status.as_u16(), 200);
        let same = same.ok();
        assert_eq!((&same["id"], &same["version"]), (&created["id"], &created["version"]));

        let mut changed = ping;
        changed["description"] = "PONG".into();
        let changed = hall.post(&scene.bot, &path, changed).await.ok();
        assert_eq!(changed["id"], created["id"]);
        assert_ne!(changed["version"], created["version"]);

        let one = format!("{path}/{}", text(&created["id"]));
        let patched = hall.patch(&scene.bot, &one, json!({ "name": "pong" })).await.ok();
        assert_eq!((&patched["name"], &patched["description"]), (&json!("pong"), &json!("PONG")));
        assert_ne!(patched["version"], changed["version"]);
        assert_eq!(hall.get(&scene.bot, &one).await.ok()["name"], "pong");

        hall.delete(&scene.bot, &one).await.ok();
        hall.delete(&scene.bot, &one).await.refused(404, 10063);
        hall.get(&scene.bot, &one).await.refused(404, 10063);
        assert_eq!(hall.get(&scene.bot, &path).await.ok(), json!([]));
    }
}

#[tokio::test]
async fn overwriting_keeps_the_ids_of_what_stays() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        for path in [scene.global(), scene.in_guild()] {
            let first = hall.put(&scene.bot, &path, json!([plain("one"), plain("two")])).await.ok();
            assert_eq!((&first[0]["name"], &first[1]["name"]), (&json!("one"), &json!("two")));
            let user_command = json!({ "name": "Look up", "type": 2 });
            let mut two = plain("two");
            two["description"] = "another".into();
            let second = hall.put(&scene.bot, &path, json!([plain("three"), two, user_command])).await.ok();
            assert_eq!(second.as_array().unwrap().len(), 3);
            assert_eq!(second[0]["name"], "three");
            assert_eq!(second[1]["id"], first[1]["id"]);
            assert_ne!(second[1]["version"], first[1]["version"]);
            assert_eq!(second[2]["description"], "");
            let third = hall.put(&scene.bot, &path, second.clone()).await.ok();
            assert_eq!(third, second, "nothing changed, so no version did");
            assert_eq!(hall.put(&scene.bot, &path, json!([])).await.ok(), json!([]));
            assert_eq!(hall.get(&scene.bot, &path).await.ok(), json!([]));
        }
    }
}

#[tokio::test]
async fn overwriting_renames_what_says_its_id() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let named = |id: &Value, name: &str| json!({ "id": id, "name": name, "description": "x" });
        for path in [scene.global(), scene.in_guild()] {
            let first = hall.put(&scene.bot, &path, json!([plain("a"), plain("b"), plain("c")])).await.ok();
            let (a, b, c) = (&first[0]["id"], &first[1]["id"], &first[2]["id"]);

            // Two swap their names, and the third takes one that nothing had.
            let swapped = json!([named(a, "b"), named(b, "a"), named(c, "d")]);
            let swapped = hall.put(&scene.bot, &path, swapped).await.ok();
            for (index, (id, name)) in [(a, "b"), (b, "a"), (c, "d")].into_iter().enumerate() {
                assert_eq!((&swapped[index]["id"], &swapped[index]["name"]), (id, &json!(name)));
                assert_ne!(swapped[index]["version"], first[index]["version"]);
            }
            let listed = hall.get(&scene.bot, &format!("{path}?with_localizations=1")).await.ok();
            assert_eq!(listed, swapped);

            // One takes the name of another, which is not mentioned and goes; a command by its name stays.
            let taken = hall.put(&scene.bot, &path, json!([named(a, "a"), plain("d")])).await.ok();
            assert_eq!((&taken[0]["id"], &taken[0]["name"]), (a, &json!("a")));
            assert_eq!(&taken[1]["id"], c);
            hall.get(&scene.bot, &format!("{path}/{}", text(b))).await.refused(404, 10063);

            // Ids that are nobody's here, or another type's, mean nothing; null is none.
            let menu = json!({ "id": c, "name": "Look up", "type": 2 });
            let loose = json!([named(&json!("7"), "a"), named(&Value::Null, "d"), menu]);
            let loose = hall.put(&scene.bot, &path, loose).await.ok();
            assert_eq!((&loose[0]["id"], &loose[1]["id"]), (a, c));
            assert_ne!(&loose[2]["id"], c);

            let twice = hall.put(&scene.bot, &path, json!([named(a, "x"), named(a, "y")])).await;
            twice.refused(400, 50035);
            assert!(twice.body["errors"]["1"].get("id").is_some(), "{}", twice.body);
            hall.put(&scene.bot, &path, json!([named(&json!("me"), "x")])).await.refused(400, 50035);
            let left = hall.get(&scene.bot, &format!("{path}?with_localizations=1")).await.ok();
            assert_eq!(left.as_array().unwrap().len(), 3);
        }
        // An id of the other place is nobody's in this one.
        let global = hall.get(&scene.bot, &scene.global()).await.ok();
        let here = json!([named(&global[0]["id"], "z")]);
        let here = hall.put(&scene.bot, &scene.in_guild(), here).await.ok();
        assert_ne!(here[0]["id"], global[0]["id"]);
        assert_eq!(hall.get(&scene.bot, &scene.global()).await.ok(), global);
    }
}

#[tokio::test]
async fn lists_are_in_the_language_asked_for() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let texts = |fi: &str, en: &str| json!({ "fi": fi, "en-GB": en });
        let command = json!({
            "name": "colour-of", "description": "tells a colour",
            "name_localizations": texts("väri", "colour"),
            "description_localizations": { "fi": "kertoo värin" },
            "options": [{
                "type": 3, "name": "thing", "description": "of what",
                "name_localizations": { "fi": "asia" }, "description_localizations": { "fi": "minkä" },
                "choices": [{ "name": "sky", "value": "sky", "name_localizations": { "fi": "taivas" } }],
            }],
        });
        for path in [scene.global(), scene.in_guild()] {
            let full = hall.put(&scene.bot, &path, json!([command])).await.ok();
            let every = format!("{path}?with_localizations=true");
            let list = async |path: &str, locale: &str| {
                let mut request = request(&scene.bot, Method::GET, path, Value::Null);
                request.headers_mut().insert("X-Discord-Locale", locale.parse().unwrap());
                hall.send(request).await.ok()
            };
            assert_eq!(list(&every, "fi").await, full);

            let finnish = list(&path, "fi").await;
            let (command, option) = (&finnish[0], &finnish[0]["options"][0]);
            assert_eq!((&command["name"], &command["name_localized"]), (&json!("colour-of"), &json!("väri")));
            assert_eq!(command["description_localized"], "kertoo värin");
            assert_eq!(option["name_localized"], "asia");
            assert_eq!(option["description_localized"], "minkä");
            assert_eq!(option["choices"][0]["name_localized"], "taivas");
            for object in [command, option, &option["choices"][0]] {
                assert!(object.get("name_localizations").is_none(), "{object}");
                assert!(object.get("description_localizations").is_none(), "{object}");
            }

            // One English stands in for the other; what is not there is left out.
            let american = list(&path, "en-US").await;
            assert_eq!(american[0]["name_localized"], "colour");
            assert!(american[0].get("description_localized").is_none());
            for plain in [list(&path, "sv-SE").await, hall.get(&scene.bot, &path).await.ok()] {
                assert!(plain[0].get("name_localized").is_none(), "{plain}");
                assert!(plain[0].get("name_localizations").is_none(), "{plain}");
            }
        }
    }
}

#[tokio::test]
async fn overwriting_at_once_leaves_one_complete_list() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let path = scene.global();
        let lists: Vec<Value> = (0..6).map(|n| json!([plain("same"), plain(&format!("own-{n}"))])).collect();
        let puts = lists.iter().map(|list| hall.put(&scene.bot, &path, list.clone()));
        for answer in futures_util::future::join_all(puts).await {
            let answer = answer.ok();
            assert!(answer.as_array().unwrap().iter().any(|command| command["name"] == "same"));
        }
        let left = hall.get(&scene.bot, &path).await.ok();
        let same = left.as_array().unwrap().iter().filter(|command| command["name"] == "same");
        assert_eq!(same.count(), 1, "{left}");
    }
}

#[tokio::test]
async fn only_the_applications_own_bot_registers() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let other = hall.bot(&scene.ada, "other").await;
        let nobody = crate::support::Somebody { token: "Bot a.b.c".into(), ..other.clone() };
        for path in [scene.global(), scene.in_guild()] {
            hall.get(&other, &path).await.refused(403, 20012);
            hall.put(&other, &path, json!([])).await.refused(403, 20012);
            hall.post(&scene.ada, &path, plain("x")).await.refused(403, 20002);
            hall.get(&nobody, &path).await.refused(401, 0);
        }
        hall.get(&other, "/applications/1/commands").await.refused(404, 10002);
        let (elsewhere, _) = hall.guild(&scene.ada, "Elsewhere").await;
        let path = format!("/applications/{}/guilds/{elsewhere}/commands", scene.bot.id);
        hall.put(&scene.bot, &path, json!([plain("x")])).await.refused(403, 50001);
        // A command is found only where it was registered.
        let command = hall.post(&scene.bot, &scene.global(), plain("x")).await.ok();
        let elsewhere = format!("{}/{}", scene.in_guild(), text(&command["id"]));
        hall.get(&scene.bot, &elsewhere).await.refused(404, 10063);
        hall.delete(&scene.bot, &elsewhere).await.refused(404, 10063);

        assert_eq!(hall.get(&scene.bot, &format!("{}/permissions", scene.in_guild())).await.ok(), json!([]));
        let permissions = format!("{}/{}/permissions", scene.in_guild(), text(&command["id"]));
        hall.get(&scene.bot, &permissions).await.refused(404, 10066);
    }
}

#[tokio::test]
async fn bad_commands_are_refused_by_field_and_change_nothing() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let path = scene.global();
        let option = |kind: u8, name: &str| json!({ "type": kind, "name": name, "description": "x" });
        let with = |options: Value| {
            let mut command = plain("good");
            command["options"] = options;
            command
        };
        let mut required = option(3, "b");
        required["required"] = true.into();
        let mut both = option(3, "a");
        both["autocomplete"] = true.into();
        both["choices"] = json!([{ "name": "a", "value": "a" }]);
        let mut group = option(2, "a");
        group["options"] = json!([option(3, "b")]);
        let long = "x".repeat(100);
        let many: Vec<_> =
            (0..25).map(|n| json!({ "name": format!("{n}{}", &long[3..]), "value": long })).collect();
        let mut big = option(3, "a");
        big["choices"] = many.into();
        let mut huge = Vec::new();
        for name in ["a", "b", "c"] {
            big["name"] = name.into();
            huge.push(big.clone());
        }
        let bad = [
            (json!({ "description": "x" }), "name"),
            (plain("Upper"), "name"),
            (plain("with space"), "name"),
            (plain(&"x".repeat(33)), "name"),
            (json!({ "name": "x" }), "description"),
            (json!({ "name": "x", "description": "" }), "description"),
            (json!({ "name": "x", "type": 4, "description": "x" }), "type"),
            (json!({ "name": "x", "type": 2, "description": "x" }), "description"),
            (json!({ "name": " ", "type": 2 }), "name"),
            (json!({ "name": "bell\u{7}", "type": 3 }), "name"),
            (json!({ "name": "x", "description": "x", "contexts": [7] }), "contexts"),
            (
                json!({ "name": "x", "description": "x", "default_member_permissions": "all" }),
                "default_member_permissions",
            ),
            (
                json!({ "name": "x", "description": "x", "name_localizations": { "xx": "a" } }),
                "name_localizations",
            ),
            (with(json!([option(12, "a")])), "options"),
            (with(json!([option(3, "a"), option(3, "a")])), "options"),
            (with(json!([option(3, "a"), required])), "options"),
            (with(json!([option(1, "a"), option(3, "b")])), "options"),
            (with(json!([both])), "options"),
            (with(json!([group])), "options"),
            (with(json!((0..26).map(|n| option(3, &format!("o{n}"))).collect::<Vec<_>>())), "options"),
            (
                with(json!([{ "type": 4, "name": "a", "description": "x", "min_value": 3, "max_value": 2 }])),
                "options",
            ),
        ];
        for (body, field) in bad {
            let answer = hall.post(&scene.bot, &path, body.clone()).await;
            answer.refused(400, 50035);
            assert!(answer.body["errors"].get(field).is_some(), "{field}: {} for {body}", answer.body);
            let answer = hall.put(&scene.bot, &path, json!([plain("ok"), body])).await;
            answer.refused(400, 50035);
            assert!(answer.body["errors"]["1"].get(field).is_some(), "{}", answer.body);
        }
        hall.post(&scene.bot, &path, with(huge.into())).await.refused(400, 50035);
        hall.put(&scene.bot, &path, json!([plain("a"), plain("a")])).await.refused(400, 50035);
        hall.put(&scene.bot, &path, json!({ "name": "a" })).await.refused(400, 50035);
        assert_eq!(hall.get(&scene.bot, &path).await.ok(), json!([]));
    }
}

#[tokio::test]
async fn there_are_at_most_a_hundred() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let path = scene.global();
        let full: Vec<_> = (0..100).map(|n| plain(&format!("c{n}"))).collect();
        let more: Vec<_> = (0..101).map(|n| plain(&format!("c{n}"))).collect();
        hall.put(&scene.bot, &path, json!(more)).await.refused(400, 30032);
        hall.put(&scene.bot, &path, json!(full)).await.ok();
        hall.post(&scene.bot, &path, plain("one-more")).await.refused(400, 30032);
        hall.post(&scene.bot, &path, plain("c7")).await.ok();
        for n in 0..5 {
            hall.post(&scene.bot, &path, json!({ "type": 3, "name": format!("Quote {n}") })).await.ok();
        }
        hall.post(&scene.bot, &path, json!({ "type": 3, "name": "Quote 5" })).await.refused(400, 30032);
        assert_eq!(hall.get(&scene.bot, &path).await.ok().as_array().unwrap().len(), 105);
    }
}

#[tokio::test]
async fn registering_at_once_does_not_pass_the_limit() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let path = scene.global();
        let posts =
            (0..12).map(|n| hall.post(&scene.bot, &path, json!({ "type": 2, "name": format!("Look {n}") })));
        let posts = futures_util::future::join_all(posts).await;
        let taken = posts.iter().filter(|answer| answer.status.is_success()).count();
        assert_eq!(taken, 5, "{}", hall.db.name);
        assert_eq!(hall.get(&scene.bot, &path).await.ok().as_array().unwrap().len(), 5);
    }
}

#[tokio::test]
async fn options_come_back_as_they_were_registered() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let command = json!({
            "name": "config", "description": "settings",
            "options": [{ "type": 2, "name": "limits", "description": "limits", "options": [
                { "type": 1, "name": "set", "description": "set one", "options": [
                    { "type": 4, "name": "count", "description": "how many", "required": true,
                      "min_value": 1, "max_value": 10 },
                    { "type": 10, "name": "factor", "description": "x", "choices": [
                        { "name": "half", "value": 0.5 }, { "name": "one", "value": 1 } ] },
                    { "type": 7, "name": "where", "description": "x", "channel_types": [0, 5] },
                    { "type": 3, "name": "why", "description": "x", "max_length": 50, "autocomplete": true },
                ] },
            ] }],
        });
        let created = hall.post(&scene.bot, &scene.global(), command.clone()).await.ok();
        let set = &created["options"][0]["options"][0];
        let wanted = &command["options"][0]["options"][0];
        for (index, option) in wanted["options"].as_array().unwrap().iter().enumerate() {
            for (key, value) in option.as_object().unwrap() {
                if key != "choices" {
                    assert_eq!(&set["options"][index][key], value, "{key}");
                }
            }
        }
        assert_eq!(set["options"][1]["choices"][0]["value"], 0.5);
        let listed = hall.get(&scene.bot, &scene.global()).await.ok();
        assert!(listed[0].get("name_localizations").is_none());
        let listed = hall.get(&scene.bot, &format!("{}?with_localizations=true", scene.global())).await.ok();
        assert_eq!(listed[0], created);
    }
}

#[tokio::test]
async fn members_find_the_commands_that_they_may_use() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let absent = hall.bot(&scene.ada, "absent").await;
        let absents = format!("/applications/{}/commands", absent.id);
        hall.post(&absent, &absents, plain("nowhere")).await.ok();
        hall.post(&scene.bot, &scene.global(), plain("everywhere")).await.ok();
        hall.post(&scene.bot, &scene.in_guild(), plain("here")).await.ok();
        let mut admins = plain("admins");
        admins["default_member_permissions"] = "0".into();
        hall.post(&scene.bot, &scene.global(), admins).await.ok();
        let mut moderators = plain("moderators");
        moderators["default_member_permissions"] = "8192".into();
        hall.post(&scene.bot, &scene.global(), moderators).await.ok();
        let mut direct = plain("direct");
        direct["contexts"] = json!([1]);
        hall.post(&scene.bot, &scene.global(), direct).await.ok();

        let names = |index: &Value| -> Vec<String> {
            let commands = index["application_commands"].as_array().unwrap();
            commands.iter().map(|command| text(&command["name"])).collect()
        };
        for path in [
            format!("/channels/{}/application-command-index", scene.general),
            format!("/guilds/{}/application-command-index", scene.guild),
        ] {
            let index = hall.get(&scene.ada, &path).await.ok();
            assert_eq!(names(&index), ["everywhere", "here", "admins", "moderators"]);
            assert_eq!(index["applications"][0]["id"], scene.bot.id);
            assert_eq!(index["applications"][0]["bot"]["bot"], true);
            assert_eq!(names(&hall.get(&scene.bob, &path).await.ok()), ["everywhere", "here"]);
            let eve = hall.accounts.user_by_name("eve").await.unwrap();
            if eve.is_none() {
                let eve = hall.person("eve").await;
                let refused = hall.get(&eve, &path).await;
                assert_eq!(refused.status.as_u16(), 404);
            }
        }
    }
}

#[tokio::test]
async fn no_more_than_200_are_created_in_a_day() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let path = scene.in_guild();
        let many = |name: &str| {
            let one = |n: i32| json!({ "name": format!("{name}{n}"), "description": "one of many" });
            Value::Array((0..100).map(one).collect())
        };
        hall.put(&scene.bot, &path, many("a")).await.ok();
        hall.put(&scene.bot, &path, many("b")).await.ok();
        let mut renamed = hall.get(&scene.bot, &path).await.ok();
        for command in renamed.as_array_mut().unwrap() {
            command["name"] = format!("renamed-{}", text(&command["name"])).into();
        }
        hall.put(&scene.bot, &path, renamed.clone()).await.ok();
        for command in renamed.as_array_mut().unwrap() {
            command["name"] = text(&command["name"]).trim_start_matches("renamed-").into();
        }
        hall.put(&scene.bot, &path, renamed).await.ok();
        // What is only kept or changed is not created.
        hall.put(&scene.bot, &path, many("b")).await.ok();
        let kept = hall.get(&scene.bot, &path).await.ok();
        hall.put(&scene.bot, &path, many("c")).await.refused(400, 30034);
        assert_eq!(hall.get(&scene.bot, &path).await.ok(), kept, "and nothing was changed");
        let one = json!({ "name": "b7", "description": "another text" });
        assert_eq!(hall.post(&scene.bot, &path, one).await.status.as_u16(), 200);
        hall.hand.advance(std::time::Duration::from_secs(24 * 3600));
        hall.put(&scene.bot, &path, many("c")).await.ok();
    }
}
