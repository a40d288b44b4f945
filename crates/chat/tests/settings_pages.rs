//! The pages of a guild's webhooks, emojis and stickers, as a browser without scripts uses them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use axum::body::Body;
use axum::http::{Method, Request, header};
use guildhall_base::Id;
use guildhall_chat::pages;
use guildhall_infra::i18n::Words;
use guildhall_infra::pages::{Assets, Site};
use http_body_util::BodyExt as _;
use serde_json::json;
use support::{Hall, Somebody, halls, text};
use tower::ServiceExt as _;

/// A page that was asked for: status, where it leads, what it says.
type Seen = (u16, String, String);

async fn ask(hall: &Hall, who: &Somebody, path: &str, form: Option<(&str, Vec<u8>)>) -> Seen {
    let words = Words::new(&[guildhall_chat::SETTINGS_TEXTS]).unwrap();
    let site = Site::new("Guildhall", Assets::builder().build(), words);
    let router = pages::page_routes(hall.chat.clone(), site);
    let request = Request::builder()
        .method(if form.is_some() { Method::POST } else { Method::GET })
        .uri(path)
        .header("sec-fetch-site", "same-origin")
        .header(header::AUTHORIZATION, &who.token);
    let request = match form {
        Some((kind, body)) => request.header(header::CONTENT_TYPE, kind).body(Body::from(body)),
        None => request.body(Body::empty()),
    };
    let (parts, body) = router.oneshot(request.unwrap()).await.unwrap().into_parts();
    let place = parts.headers.get(header::LOCATION).map_or("", |place| place.to_str().unwrap()).to_owned();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    (parts.status.as_u16(), place, text)
}

fn plain(form: &str) -> Option<(&str, Vec<u8>)> {
    Some(("application/x-www-form-urlencoded", form.as_bytes().to_vec()))
}

/// A form with texts and a picture of one pixel.
fn with_picture<'a>(fields: &[(&str, &str)], file: &str, name: &str) -> Option<(&'a str, Vec<u8>)> {
    let chunk = |name: &[u8; 4], data: &[u8]| {
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], name, data, b"crc!"].concat()
    };
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    let head = format!("--b\r\nContent-Disposition: form-data; name=\"{file}\"; filename=\"{name}\"\r\n\r\n");
    body.extend(head.bytes());
    body.extend(b"\x89PNG\r\n\x1a\n");
    body.extend(chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"));
    body.extend(chunk(b"IDAT", b"pixel").into_iter().chain(chunk(b"IEND", b"")));
    body.extend(b"\r\n--b--\r\n");
    Some(("multipart/form-data; boundary=b", body))
}

#[tokio::test]
async fn webhooks_are_made_copied_and_deleted() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, channel) = hall.guild(&ada, "Engine <b>").await;
        let path = format!("/guilds/{guild}/settings/webhooks");
        assert_eq!(ask(&hall, &bob, &path, None).await.0, 404);
        hall.chat.enroll(Id::new(guild.parse().unwrap()), bob.user.id, Vec::new()).await.unwrap();
        assert_eq!(ask(&hall, &bob, &path, None).await.0, 403);
        assert!(ask(&hall, &ada, &path, None).await.2.contains("There are no webhooks."));

        let form = format!("name=Clyde&channel={channel}");
        let (status, _, shown) = ask(&hall, &ada, &path, plain(&form)).await;
        assert!(status == 400 && shown.contains("are not possible"), "{shown}");
        let form = format!("name=%3Ci%3EHerald&channel={channel}");
        let (status, place, _) = ask(&hall, &ada, &path, plain(&form)).await;
        assert_eq!((status, place), (303, path.clone()));
        let made = hall.get(&ada, &format!("/guilds/{guild}/webhooks")).await.ok()[0].clone();
        let shown = ask(&hall, &ada, &path, None).await.2;
        assert!(shown.contains(made["url"].as_str().unwrap()) && !shown.contains("<i>"), "{shown}");
        let form = format!("{path}/{}/delete", text(&made["id"]));
        assert_eq!(ask(&hall, &ada, &form, plain("")).await.0, 303);
        assert_eq!(hall.get(&ada, &format!("/guilds/{guild}/webhooks")).await.ok(), json!([]));
    }
}

#[tokio::test]
async fn emojis_and_stickers_are_uploaded_renamed_and_deleted() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, _) = hall.guild(&ada, "Engine").await;
        hall.chat.enroll(Id::new(guild.parse().unwrap()), bob.user.id, Vec::new()).await.unwrap();
        for (list, file, fields, wrong) in [
            ("emojis", "image", vec![("name", "cog")], "a-b"),
            ("stickers", "file", vec![("name", "cog"), ("tags", "wheel"), ("description", "")], "x"),
        ] {
            let path = format!("/guilds/{guild}/settings/{list}");
            let sent = with_picture(&fields, file, "a.png");
            assert_eq!(ask(&hall, &bob, &path, sent.clone()).await.0, 403);
            assert!(!ask(&hall, &bob, &path, None).await.2.contains("multipart"), "members only look");
            let (status, place, shown) = ask(&hall, &ada, &path, sent).await;
            assert_eq!((status, place), (303, path.clone()), "{shown}");
            let refused = with_picture(&[("name", wrong), ("tags", "wheel")], file, "a.png");
            let (status, _, shown) = ask(&hall, &ada, &path, refused).await;
            assert!(status == 400 && shown.contains("aria-invalid"), "{shown}");

            let listed = hall.get(&ada, &format!("/guilds/{guild}/{list}")).await.ok();
            assert_eq!(listed.as_array().unwrap().len(), 1);
            let one = format!("{path}/{}", text(&listed[0]["id"]));
            let shown = ask(&hall, &ada, &path, None).await.2;
            assert!(shown.contains(&format!("src=\"/{list}/{}.png\"", text(&listed[0]["id"]))), "{shown}");
            assert_eq!(ask(&hall, &ada, &format!("{one}/rename"), plain("name=gear")).await.0, 303);
            let listed = hall.get(&ada, &format!("/guilds/{guild}/{list}")).await.ok();
            assert_eq!(listed[0]["name"], "gear");
            assert_eq!(ask(&hall, &bob, &format!("{one}/delete"), plain("")).await.0, 403);
            assert_eq!(ask(&hall, &ada, &format!("{one}/delete"), plain("")).await.0, 303);
            assert_eq!(hall.get(&ada, &format!("/guilds/{guild}/{list}")).await.ok(), json!([]));
        }
    }
}
