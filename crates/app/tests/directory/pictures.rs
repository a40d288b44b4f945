//! Widgets, previews, feeds and the sitemap: what other sites and programs are given of listings.

use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::support::Hall;
use crate::world::{listed_bot, set_state, started};

/// What anybody gets at an address, with this ETag in hand.
async fn get(hall: &Hall, path: &str, known: &str) -> (StatusCode, HeaderMap, Bytes) {
    let stream = TcpStream::connect(hall.address()).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = axum::http::Request::builder()
        .uri(path)
        .header("host", "hall")
        .header("if-none-match", known)
        .body(Empty::<Bytes>::new())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn widgets_show_what_everybody_may_see() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let (bot, _) = listed_bot(&hall, &owner, "<Tidy & \"Sons\">").await;
        let svg = format!("/widgets/bots/{bot}.svg");
        assert_eq!(get(&hall, &svg, "").await.0, StatusCode::NOT_FOUND, "it waits for staff");
        set_state(&hall, &bot, 0).await;
        let (status, headers, body) =
            get(&hall, &format!("{svg}?bgcolor=fff&textcolor=black&size=large"), "").await;
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert_eq!(
            (status, headers[header::CONTENT_TYPE].to_str().unwrap()),
            (StatusCode::OK, "image/svg+xml")
        );
        assert!(text.contains("&#60;Tidy") && !text.contains("<Tidy") && text.contains("#ffffff"), "{text}");
        let etag = headers[header::ETAG].to_str().unwrap();
        assert_eq!(
            get(&hall, &format!("{svg}?bgcolor=fff&textcolor=black&size=large"), etag).await.0,
            StatusCode::NOT_MODIFIED
        );
        let (status, _, png) =
            get(&hall, &format!("/widgets/bots/{bot}.png?size=small&desc_length=9999"), "").await;
        assert_eq!((status, &png[..4]), (StatusCode::OK, &b"\x89PNG"[..]));
        let (_, _, counter) = get(&hall, &format!("/widgets/bots/votes/{bot}.svg?lang=fi"), "").await;
        assert!(String::from_utf8_lossy(&counter).contains("ääntä"));
        let (status, _, preview) = get(&hall, &format!("/bots/{bot}/preview.png"), "").await;
        assert_eq!((status, &preview[..4]), (StatusCode::OK, &b"\x89PNG"[..]));
        for wrong in [
            format!("/widgets/bots/{bot}.gif"),
            format!("/widgets/rooms/{bot}.svg"),
            format!("/widgets/bots/secrets/{bot}.svg"),
            format!("/widgets/guilds/{bot}.svg"),
            "/widgets/bots/x.svg".to_owned(),
        ] {
            assert_eq!(get(&hall, &wrong, "").await.0, StatusCode::NOT_FOUND, "{wrong}");
        }
    }
}

#[tokio::test]
async fn feeds_and_the_sitemap_have_what_is_listed() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        let (hidden, _) = listed_bot(&hall, &owner, "Waiting").await;
        set_state(&hall, &bot, 0).await;
        for (path, kind) in [
            ("/bots/new.rss", "application/rss+xml; charset=utf-8"),
            ("/bots/new.atom", "application/atom+xml; charset=utf-8"),
            ("/sitemap/bots/1", "application/xml; charset=utf-8"),
        ] {
            let (status, headers, body) = get(&hall, path, "").await;
            let text = String::from_utf8(body.to_vec()).unwrap();
            assert_eq!((status, headers[header::CONTENT_TYPE].to_str().unwrap()), (StatusCode::OK, kind));
            assert!(text.contains(&format!("/bots/{bot}")) && !text.contains(&hidden), "{path}: {text}");
        }
        let (status, _, index) = get(&hall, "/sitemap.xml", "").await;
        let index = String::from_utf8(index.to_vec()).unwrap();
        assert_eq!(status, StatusCode::OK);
        assert!(index.contains("/sitemap/bots/1") && !index.contains("/sitemap/guilds"), "{index}");
        assert_eq!(get(&hall, "/sitemap/rooms/1", "").await.0, StatusCode::NOT_FOUND);
        assert_eq!(get(&hall, "/guilds/new.rss", "").await.0, StatusCode::OK);
    }
}
