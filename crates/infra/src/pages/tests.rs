use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use guildhall_base::codes;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::i18n::Words;

use super::{Assets, Failure, Reply, Site};

fn site() -> Site {
    Site::new("Test <Hall>", Assets::builder().build(), Words::new(&[]).unwrap())
}

async fn ask(router: Router, path: &str, tag: Option<&str>) -> (StatusCode, axum::http::HeaderMap, String) {
    let mut request = Request::get(path);
    if let Some(tag) = tag {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let text = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
    (parts.status, parts.headers, text)
}

#[tokio::test]
async fn assets_are_named_after_their_content_and_kept_for_ever() {
    let site = site();
    let url = site.asset("css/base.css").to_owned();
    assert!(url.starts_with("/assets/css/base.") && url.ends_with(".css") && url.len() > 30, "{url}");
    let (status, headers, text) = ask(site.routes(), &url, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    assert!(headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    assert!(!text.is_empty());
    let tag = headers[header::ETAG].to_str().unwrap();
    let (status, _, text) = ask(site.routes(), &url, Some(tag)).await;
    assert_eq!((status, text.as_str()), (StatusCode::NOT_MODIFIED, ""));
}

#[tokio::test]
async fn unknown_and_unhashed_assets_are_not_found() {
    for path in ["/assets/css/base.css", "/assets/nothing.0000000000000000.js", "/assets/../Cargo.toml"] {
        assert_eq!(ask(site().routes(), path, None).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_import_map_names_every_module() {
    let site = site();
    let map: serde_json::Value = serde_json::from_str(site.import_map()).unwrap();
    assert_eq!(map["imports"]["/assets/icons.svg"], site.asset("icons.svg"));
}

#[tokio::test]
async fn a_failure_becomes_a_page_with_the_security_headers() {
    async fn fails() -> Reply {
        Err(Failure(codes::NOT_FOUND.because("No <b>such</b> invite.")))
    }
    let site = site();
    let router = site.wrap(Router::new().route("/x", get(fails)));
    let (status, headers, text) = ask(router, "/x", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(text.contains("No &#60;b&#62;such") && !text.contains("<b>such"), "{text}");
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("script-src 'self' 'sha256-") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"));
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn scripts_connect_to_the_own_origin_and_the_announced_socket_alone() {
    for (address, sources) in [
        ("https://hall.example", "connect-src 'self' wss://hall.example;"),
        ("http://127.0.0.1:8080", "connect-src 'self' ws://127.0.0.1:8080;"),
        ("https://hall.example:8443/under", "connect-src 'self' wss://hall.example:8443;"),
        ("no address; script-src *", "connect-src 'self';"),
    ] {
        let words = Words::new(&[]).unwrap();
        let site = Site::found_at(address, "Hall", Assets::builder().build(), words);
        let router = site.wrap(Router::new().route("/", get(|| async { "" })));
        let answer = router.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.contains(sources), "{address}: {policy}");
    }
}
