//! Pictures of guilds, roles and members, from the body that names them to the address that shows them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
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
