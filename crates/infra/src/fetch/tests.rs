use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use tokio::net::TcpListener;

use super::*;

/// A server on this machine, which only those may ask who are allowed to.
async fn neighbour(routes: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url.parse().unwrap()
}

fn allowed() -> Fetch {
    Fetch::new(Config { allow: vec!["127.0.0.0/8".parse().unwrap()], ..Config::default() }).unwrap()
}

async fn get_from(fetch: &Fetch, url: Url) -> Result<Answer> {
    fetch.send(Outgoing::new(Method::GET, url)).await
}

#[tokio::test]
async fn an_allowed_neighbour_answers() {
    let url = neighbour(Router::new().route("/", get(|| async { "hello" }))).await;
    let answer = get_from(&allowed(), url).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"hello"[..]));
}

#[tokio::test]
async fn this_machine_is_not_asked_by_number_by_name_or_by_redirect() {
    let url = neighbour(Router::new().route("/", get(|| async { "secret" }))).await;
    let port = url.port().unwrap();
    let strict = Fetch::new(Config::default()).unwrap();
    for address in
        [url.to_string(), format!("http://localhost:{port}/"), format!("http://[::ffff:127.0.0.1]:{port}/")]
    {
        let error = get_from(&strict, address.parse().unwrap()).await.unwrap_err();
        assert!(error.is(PRIVATE_ADDRESS), "{address}: {error}");
    }

    // One network is allowed, and its server sends us on to another that is not.
    let away = format!("http://10.0.0.1:{port}/");
    let door =
        neighbour(Router::new().route("/", get(move || async move { Redirect::temporary(&away) }))).await;
    let error = get_from(&allowed(), door).await.unwrap_err();
    assert!(error.is(PRIVATE_ADDRESS), "{error}");
}

#[tokio::test]
async fn what_changes_something_is_not_sent_on() {
    let routes = Router::new()
        .route("/", get(|| async { Redirect::to("/there") }).post(|| async { Redirect::to("/there") }))
        .route("/there", get(|| async { "there" }));
    let url = neighbour(routes).await;
    assert_eq!(&get_from(&allowed(), url.clone()).await.unwrap().body[..], b"there");
    let answer = allowed().send(Outgoing::new(Method::POST, url)).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::SEE_OTHER, &b""[..]));
}

#[tokio::test]
async fn what_is_no_web_address_is_refused() {
    let fetch = allowed();
    for address in ["ftp://example.org/", "file:///etc/passwd", "http://me:secret@127.0.0.1/"] {
        let error = fetch.check(&address.parse().unwrap()).unwrap_err();
        assert!(error.is(UNUSABLE_ADDRESS), "{address}");
    }
}

#[tokio::test]
async fn an_answer_is_bounded() {
    let url = neighbour(Router::new().route("/", get(|| async { "x".repeat(5000) }))).await;
    let request = Outgoing { max_bytes: Some(4999), ..Outgoing::new(Method::GET, url.clone()) };
    assert!(allowed().send(request).await.unwrap_err().is(ANSWER_TOO_LARGE));
    let request = Outgoing { max_bytes: Some(4999), cut: true, ..Outgoing::new(Method::GET, url.clone()) };
    assert_eq!(allowed().send(request).await.unwrap().body.len(), 4999);
    let request = Outgoing { max_bytes: Some(5000), ..Outgoing::new(Method::GET, url) };
    assert_eq!(allowed().send(request).await.unwrap().body.len(), 5000);
}

#[tokio::test]
async fn who_does_not_answer_is_told_apart() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = get_from(&allowed(), format!("http://{free}/").parse().unwrap()).await.unwrap_err();
    assert!(error.is(NO_ANSWER), "{error}");
}
