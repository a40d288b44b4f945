//! Pictures of guilds, roles and members, from the body that names them to the address that shows them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
use guildhall_chat::jobs::ForgetFiles;
use guildhall_infra::jobs::NewJob;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use support::{Hall, halls};
use tower::ServiceExt as _;

/// One pixel, with a text beside it.
fn uri() -> String {
    let chunk = |name: &[u8; 4], data: &[u8]| {
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], name, data, b"crc!"].concat()
    };
    let png = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"),
        chunk(b"tEXt", b"Author\0Ada, at home"),
        chunk(b"IDAT", b"pixel"),
        chunk(b"IEND", b""),
    ];
    format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(png.concat()))
}

async fn fetch(hall: &Hall, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::builder().uri(path).body(Body::empty()).unwrap();
    let (parts, body) = hall.router.clone().oneshot(request).await.unwrap().into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

async fn is_shown(hall: &Hall, path: &str) {
    let answer = fetch(hall, path).await;
    assert_eq!(answer.0, StatusCode::OK, "{path}");
    assert_eq!(answer.1[header::CONTENT_TYPE], "image/png");
    assert!(!String::from_utf8_lossy(&answer.2).contains("at home"));
}

#[tokio::test]
async fn guilds_have_pictures() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let made = hall.post(&ada, "/guilds", json!({ "name": "Engine", "icon": uri() })).await.ok();
        let id = made["id"].as_str().unwrap();
        is_shown(&hall, &format!("/icons/{id}/{}.png", made["icon"].as_str().unwrap())).await;
        let path = format!("/guilds/{id}");
        let before = hall.head().await;
        let body = json!({ "icon": null, "splash": uri(), "discovery_splash": uri(), "banner": uri() });
        let guild = hall.patch(&ada, &path, body).await.ok();
        assert_eq!(guild["icon"], Value::Null);
        for (field, folder) in [("splash", "splashes"), ("discovery_splash", "discovery-splashes")] {
            is_shown(&hall, &format!("/{folder}/{id}/{}.webp", guild[field].as_str().unwrap())).await;
        }
        let events = hall.events_after(before).await;
        assert_eq!(events[0].1["banner"], guild["banner"]);
        for wrong in [json!("x"), json!("data:image/png;base64,AAAA"), json!(7)] {
            hall.patch(&ada, &path, json!({ "icon": wrong })).await.refused(400, 50035);
        }
        assert_eq!(
            fetch(&hall, &format!("/icons/{id}/{}.png", "0".repeat(32))).await.0,
            StatusCode::NOT_FOUND
        );
    }
}

#[tokio::test]
async fn roles_and_members_have_pictures() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let roles = format!("/guilds/{guild}/roles");
        let role = hall.post(&ada, &roles, json!({ "name": "crew", "icon": uri() })).await.ok();
        let id = role["id"].as_str().unwrap();
        is_shown(&hall, &format!("/role-icons/{id}/{}.png", role["icon"].as_str().unwrap())).await;
        let role = hall.patch(&ada, &format!("{roles}/{id}"), json!({ "icon": null })).await.ok();
        assert_eq!(role["icon"], Value::Null);

        let path = format!("/guilds/{guild}/members/@me");
        let before = hall.head().await;
        let body = json!({ "avatar": uri(), "banner": uri(), "bio": "here I cook" });
        let member = hall.patch(&ada, &path, body).await.ok();
        for (field, folder) in [("avatar", "avatars"), ("banner", "banners")] {
            let hash = member[field].as_str().unwrap();
            is_shown(&hall, &format!("/guilds/{guild}/users/{}/{folder}/{hash}.png", ada.id)).await;
        }
        assert_eq!(member["bio"], "here I cook");
        let events = hall.events_after(before).await;
        assert_eq!(events[0].1["avatar"], member["avatar"]);
        let member = hall.patch(&ada, &path, json!({ "avatar": null, "nick": "Countess" })).await.ok();
        assert_eq!((&member["avatar"], &member["bio"]), (&Value::Null, &json!("here I cook")));
        hall.patch(&ada, &path, json!({ "bio": "x".repeat(191) })).await.refused(400, 50035);
    }
}

/// Has the files of what is gone looked for; says of how many owners some were removed.
async fn swept(hall: &Hall) -> String {
    let id = hall.jobs.enqueue_now(NewJob::of::<ForgetFiles>(&())).await.unwrap();
    hall.jobs.run_due().await.unwrap();
    let record = hall.jobs.get(id).await.unwrap();
    record.result.unwrap_or_else(|| panic!("{:?} {:?}", record.state, record.error))
}

#[tokio::test]
async fn files_go_a_while_after_whose_they_were() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let (gone, _) = hall.guild(&ada, "Gone").await;
        hall.patch(&ada, &format!("/guilds/{gone}"), json!({ "icon": uri() })).await.ok();
        let body = json!({ "name": "crew", "icon": uri() });
        let role = hall.post(&ada, &format!("/guilds/{guild}/roles"), body).await.ok();
        let role = support::text(&role["id"]);
        let made = async |name: &str| {
            let body = json!({ "name": name, "image": uri() });
            support::text(&hall.post(&ada, &format!("/guilds/{guild}/emojis"), body).await.ok()["id"])
        };
        let (kept, dropped) = (made("kept").await, made("dropped").await);
        let emoji = |id: &str| format!("/guilds/{guild}/emojis/{id}");
        let place = |key: &str| hall.folder.path().join(key);
        let lay = |key: &str| {
            std::fs::create_dir_all(place(key).parent().unwrap()).unwrap();
            std::fs::write(place(key), "left").unwrap();
        };
        // A process died before it could write the rows of the second and third.
        let files = [
            format!("attachments/{general}/5/0f/a.txt"),
            "attachments/5/5/0f/a.txt".to_owned(),
            "stickers/5".to_owned(),
            format!("guilds/{guild}/users/5/avatars/0f"),
        ];
        files.iter().for_each(|key| lay(key));
        hall.delete(&ada, &emoji(&dropped)).await.ok();
        hall.delete(&ada, &format!("/guilds/{gone}")).await.ok();
        hall.delete(&ada, &format!("/guilds/{guild}/roles/{role}")).await.ok();

        let there = |key: &str| place(key).is_file();
        assert_eq!(swept(&hall).await, "0", "it is only noted");
        assert!(files.iter().all(|key| there(key)));
        hall.hand.advance(DAY);
        assert_eq!(swept(&hall).await, "3", "the guild's, the role's and the unknown channel's");
        assert!(std::fs::read_dir(place("icons")).unwrap().flatten().all(|entry| entry.file_name() != *gone));
        assert_eq!(files.each_ref().map(|key| there(key)), [true, false, true, true]);
        assert!(there(&format!("emojis/{dropped}")), "messages show it for a while");
        hall.hand.advance(DAY * 29);
        assert_eq!(swept(&hall).await, "2");
        assert_eq!(swept(&hall).await, "0");
        assert_eq!(files.each_ref().map(|key| there(key)), [true, false, false, true]);
        assert!(there(&format!("emojis/{kept}")) && !there(&format!("emojis/{dropped}")));
        let left = guildhall_infra::sql!("SELECT id FROM gone_files");
        assert!(hall.db.db.all(left, guildhall_infra::params![]).await.unwrap().is_empty());
    }
}
