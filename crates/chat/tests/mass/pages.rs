//! The tools as a browser without scripts uses them.

use axum::body::Body;
use axum::http::{Method, Request, header};
use guildhall_base::JobId;
use guildhall_infra::i18n::Words;
use guildhall_infra::jobs::State;
use guildhall_infra::pages::{Assets, Site};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::support::{Somebody, halls};
use crate::yard::{Yard, tally, yard};

impl Yard {
    /// Status, where it leads, and what is shown.
    async fn page(&self, who: &Somebody, path: &str, form: Option<&str>) -> (u16, String, String) {
        let words = Words::new(&[guildhall_chat::TEXTS]).unwrap();
        let site = Site::new("Guildhall", Assets::builder().build(), words);
        let router = guildhall_chat::pages::tool_routes(self.hall.chat.clone(), site);
        let request = Request::builder()
            .method(if form.is_some() { Method::POST } else { Method::GET })
            .uri(format!("/guilds/{}/tools{path}", self.guild))
            .header("sec-fetch-site", "same-origin")
            .header(header::AUTHORIZATION, &who.token)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.body(Body::from(form.unwrap_or_default().to_owned())).unwrap();
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let place =
            parts.headers.get(header::LOCATION).map_or("", |place| place.to_str().unwrap()).to_owned();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        (parts.status.as_u16(), place, text)
    }
}

/// The hidden field of a preview, as a browser would send it back.
#[track_caller]
fn hidden(text: &str, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let rest = text.split_once(&begin).unwrap_or_else(|| panic!("no {name} in {text}")).1;
    let value = rest.split_once('"').unwrap().0.replace("&#34;", "\"").replace("&#38;", "&");
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_are_banned_after_a_look_and_once() {
    for hall in halls().await {
        let yard = yard(hall, 3).await;
        let (status, _, text) = yard.page(&yard.ada, "", None).await;
        assert_eq!(status, 200);
        for tool in ["prune", "roles", "bans", "memory"] {
            assert!(text.contains(&format!("/tools/{tool}\"")), "{text}");
        }
        assert_eq!(yard.page(&yard.people[0], "", None).await.0, 403);
        assert_eq!(yard.page(&yard.ada, "/nothing", None).await.0, 404);
        assert!(yard.page(&yard.ada, "/bans", None).await.2.contains("members.name"));

        let (status, _, text) = yard.page(&yard.ada, "/bans", Some("step=preview")).await;
        assert_eq!(status, 400);
        assert!(text.contains("everybody cannot be banned"), "{text}");
        let (status, _, text) = yard.page(&yard.ada, "/bans", Some("members.users=x")).await;
        assert_eq!((status, text.contains("This cannot be read.")), (400, true));

        let form =
            "step=preview&members.name=person*&members.bots=people&delete_message_hours=1&reason=%3Craid%3E";
        let (status, _, text) = yard.page(&yard.ada, "/bans", Some(form)).await;
        assert_eq!(status, 200);
        assert!(text.contains("3 members are banned.") && !text.contains("<raid>"), "{text}");
        assert!(!yard.is_banned(&yard.people[0]).await, "looking changes nothing");
        let (payload, once) = (hidden(&text, "payload"), hidden(&text, "once"));
        let start = format!("step=start&payload={payload}&once={once}");
        let (status, place, text) = yard.page(&yard.ada, "/bans", Some(&start)).await;
        assert_eq!(status, 303, "{text}");
        assert_eq!(yard.page(&yard.ada, "/bans", Some(&start)).await.1, place, "the same job");
        let id: JobId = place.strip_prefix("/jobs/").unwrap().parse().unwrap();
        let record = yard.ran(id).await;
        assert_eq!((record.state, tally(&record)), (State::Done, (3, 0, 0)));
        assert_eq!((record.owner.user, record.owner.guild), (Some(yard.ada.user.id), Some(yard.id())));
        // A start that somebody made up is read like any other.
        for payload in ["", "{}", "%7B%22members%22%3A%7B%22nobody%22%3A1%7D%7D"] {
            let (status, ..) =
                yard.page(&yard.ada, "/bans", Some(&format!("step=start&payload={payload}"))).await;
            assert_eq!(status, 400, "{payload}");
        }
        assert_eq!(yard.page(&yard.people[0], "/bans", Some(&start)).await.0, 404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_and_messages_have_their_forms() {
    for hall in halls().await {
        let yard = yard(hall, 2).await;
        let fan = yard.role("fan & co", "0").await;
        let (_, _, text) = yard.page(&yard.ada, "/roles", None).await;
        assert!(text.contains("fan &#38; co"), "{text}");
        let form = format!("give={fan}&members.users={}", yard.people[0].id);
        let (_, _, text) = yard.page(&yard.ada, "/roles", Some(&form)).await;
        assert!(text.contains("One member is meant.") && text.contains("Something changes in one of them."));
        // What one may not give is said at the form.
        let helper = yard.role("helper", "268435488").await;
        let order = serde_json::json!([{ "id": fan, "position": 2 }, { "id": helper, "position": 1 }]);
        yard.hall.patch(&yard.ada, &format!("/guilds/{}/roles", yard.guild), order).await.ok();
        yard.give(&yard.people[1], &helper).await;
        let (status, _, text) = yard.page(&yard.people[1], "/roles", Some(&form)).await;
        assert_eq!((status, text.contains("beyond you")), (409, true), "{text}");
        assert_eq!(yard.page(&yard.people[1], "/bans", None).await.0, 403, "no tool without its right");

        let path = format!("/channels/{}/messages", yard.general);
        yard.hall.post(&yard.ada, &path, serde_json::json!({ "content": "hello" })).await.ok();
        let form = format!("channels={}&contains=HELL", yard.general);
        let (_, _, text) = yard.page(&yard.ada, "/prune", Some(&form)).await;
        assert!(text.contains("One message is deleted."), "{text}");
        let (_, _, text) = yard.page(&yard.ada, "/prune", Some("contains=nothing")).await;
        assert!(text.contains("There is nothing to do.") && !text.contains("name=\"payload\""), "{text}");
        assert_eq!(yard.page(&yard.ada, "/prune", Some("max=5000")).await.0, 400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_remembered_is_set_and_given_back() {
    for hall in halls().await {
        let yard = yard(hall, 1).await;
        let who = &yard.people[0];
        let moderator = yard.role("moderator", "4").await;
        assert!(yard.page(&yard.ada, "/memory", None).await.2.contains("Nobody is remembered."));
        assert_eq!(yard.page(who, "/memory", None).await.0, 403);
        assert_eq!(yard.page(&yard.ada, "/memory", Some("enabled=on&days=0")).await.0, 400);
        let (status, _, text) = yard.page(&yard.ada, "/memory", Some("enabled=on&days=9")).await;
        assert_eq!((status, text.contains("Saved.")), (200, true));
        yard.give(who, &moderator).await;
        yard.hall.delete(who, &format!("/users/@me/guilds/{}", yard.guild)).await.ok();
        yard.join(who).await;
        yard.hall.jobs.run_due().await.unwrap();
        let (_, _, text) = yard.page(&yard.ada, "/memory", None).await;
        assert!(text.contains("person0") && text.contains("Give back"), "{text}");
        let (status, place, _) = yard.page(&yard.ada, &format!("/memory/{}", who.id), Some("")).await;
        assert_eq!(status, 303);
        let record = yard.ran(place.strip_prefix("/jobs/").unwrap().parse().unwrap()).await;
        assert_eq!(record.state, State::Done);
        assert_eq!(yard.roles_of(who).await, serde_json::json!([moderator]));
        assert_eq!(yard.page(&yard.ada, &format!("/memory/{}", who.id), Some("")).await.0, 404);
    }
}
