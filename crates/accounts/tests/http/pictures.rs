//! Avatars and banners: sent, kept without what is beside the picture, served, replaced.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use base64::Engine as _;
use serde_json::{Value, json};

use crate::support::{PASSWORD, halls, request};

/// One pixel, with a text beside it.
fn png() -> Vec<u8> {
    let chunk = |name: &[u8; 4], data: &[u8]| {
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], name, data, b"crc!"].concat()
    };
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"),
        chunk(b"tEXt", b"Author\0Ada, at home"),
        chunk(b"IDAT", b"pixel"),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn uri(bytes: &[u8]) -> String {
    format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes))
}

#[tokio::test]
async fn a_picture_is_kept_clean_and_served_to_everybody_for_ever() {
    for hall in halls().await {
        let (id, ada) = hall.person("ada").await;
        let body = json!({ "avatar": uri(&png()), "banner": uri(&png()) });
        let me = hall.call(Method::PATCH, "/users/@me", &ada, body).await.ok();
        let hash = me["avatar"].as_str().unwrap();
        assert_eq!(me["banner"], json!(hash));
        for path in [format!("/avatars/{id}/{hash}.png?size=64"), format!("/banners/{id}/{hash}.webp")] {
            let answer = hall.page(&path, "").await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_eq!(answer.headers[header::CONTENT_TYPE], "image/png");
            assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert!(answer.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
            assert!(answer.text.contains("pixel") && !answer.text.contains("at home"));
        }
        let other = "0".repeat(32);
        for path in [
            format!("/avatars/{id}/{other}.png"),
            format!("/avatars/{id}/..%2f..%2fx"),
            "/avatars/1/x".into(),
        ] {
            assert_eq!(hall.page(&path, "").await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let same = hall.call(Method::PATCH, "/users/@me", &ada, json!({ "bio": "x" })).await.ok();
        assert_eq!(same["avatar"], json!(hash), "what is absent stays");
        let none = hall.call(Method::PATCH, "/users/@me", &ada, json!({ "avatar": null })).await.ok();
        assert_eq!((&none["avatar"], &none["banner"]), (&Value::Null, &json!(hash)));
    }
}

#[tokio::test]
async fn what_is_no_picture_is_refused_at_its_field() {
    for hall in halls().await {
        let (_, ada) = hall.person("ada").await;
        let svg = "data:image/svg+xml;base64,PHN2Zy8+".to_owned();
        let large = uri(&[png(), vec![0; 4 * 1024 * 1024]].concat());
        for bad in
            [svg, large, "https://x.test/a.png".into(), "data:image/png;base64,!!".into(), String::new()]
        {
            let answer =
                hall.call(Method::PATCH, "/users/@me", &ada, json!({ "avatar": bad, "bio": "new" })).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            assert!(answer.json()["errors"]["avatar"].is_object(), "{}", answer.text);
        }
        let me = hall.get("/users/@me", &ada).await.ok();
        assert_eq!((&me["avatar"], &me["bio"]), (&Value::Null, &json!("")));
    }
}

#[tokio::test]
async fn a_picture_is_changed_on_the_settings_page() {
    for hall in halls().await {
        let cookie = hall.form("/register", "", &format!("username=ada&password={PASSWORD}")).await.cookie();
        let send = async |file: &[u8]| {
            let head = b"--x\r\nContent-Disposition: form-data; name=\"avatar\"; filename=\"a.png\"\r\n\r\n";
            let body = [&head[..], file, b"\r\n--x--\r\n"].concat();
            let request = request(Method::POST, "/settings/avatar")
                .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
                .header("sec-fetch-site", "same-origin")
                .header(header::COOKIE, &cookie);
            hall.send(request.body(Body::from(body)).unwrap()).await
        };
        assert_eq!(send(&png()).await.location(), "/settings?done=avatar");
        assert!(hall.page("/settings", &cookie).await.text.contains("<img src=\"/avatars/"));
        let refused = send(b"no picture").await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.text.contains("avatar-problem"), "{}", refused.text);
        assert_eq!(send(b"").await.status, StatusCode::BAD_REQUEST);
        assert_eq!(
            hall.form("/settings/avatar/remove", &cookie, "").await.location(),
            "/settings?done=avatar"
        );
        assert!(!hall.page("/settings", &cookie).await.text.contains("<img src=\"/avatars/"));
    }
}
