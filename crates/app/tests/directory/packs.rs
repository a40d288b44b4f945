//! Packs: what they may be, whose they are, and that every complaint about one is told.

use axum::http::StatusCode;
use guildhall_infra::sql;
use serde_json::{Value, json};

use crate::support::{Client, Hall};
use crate::world::{audit, count, events, give_ranks, id_of, listed_bot, set_state, started};

async fn bots(hall: &Hall, owner: &Client, many: usize) -> Vec<String> {
    let mut bots = Vec::new();
    for number in 0..many {
        let (bot, _) = listed_bot(hall, owner, &format!("Bot {number}")).await;
        set_state(hall, &bot, 0).await;
        bots.push(bot);
    }
    bots
}

fn pack(bots: &[String]) -> Value {
    json!({ "name": "A quiet guild", "description": "What I add to every new guild.", "bots": bots })
}

#[tokio::test]
async fn what_is_wrong_with_a_pack_is_told_and_nothing_is_kept() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let bots = bots(&hall, &owner, 2).await;
        let (pending, _) = listed_bot(&hall, &owner, "Pending").await;
        let many: Vec<String> = (1..=8).map(|number| number.to_string()).collect();
        // Fates List made these errors and then added the pack nonetheless.
        for (change, field) in [
            (json!({ "bots": [bots[0]] }), "bots"),
            (json!({ "bots": many }), "bots"),
            (json!({ "bots": [bots[0], bots[0]] }), "bots"),
            (json!({ "bots": [bots[0], "12345"] }), "bots.1"),
            (json!({ "bots": [pending, bots[0]] }), "bots.0"),
            (json!({ "description": "short" }), "description"),
            (json!({ "description": null }), "description"),
            (json!({ "name": "" }), "name"),
            (json!({ "icon": "http://example.com/x.png" }), "icon"),
            (json!({ "icon": "https://127.0.0.1/x.png" }), "icon"),
            (json!({ "banner": "https://[::1]/x.png" }), "banner"),
        ] {
            let mut body = pack(&bots);
            for (key, value) in change.as_object().unwrap() {
                body[key] = value.clone();
            }
            let (status, wrong) = owner.send("POST", "/v2/packs", Some(body)).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{change}: {wrong}");
            assert_eq!(wrong["errors"][0]["path"], field, "{change}: {wrong}");
        }
        let anonymous = hall.client("").send("POST", "/v2/packs", Some(pack(&bots))).await;
        assert_eq!(anonymous.0, StatusCode::UNAUTHORIZED);
        let all = sql!("SELECT COUNT(*) FROM listing_packs WHERE id > $1");
        assert_eq!(count(&hall, all, "0").await, 0);
        assert_eq!(events(&hall, "PACK_CREATE").await.len(), 0);
    }
}

#[tokio::test]
async fn a_pack_is_made_found_changed_and_removed_by_its_owner() {
    for hall in started().await {
        let (owner, other, above) =
            (hall.register("owner").await, hall.register("other").await, hall.register("above").await);
        give_ranks(&hall, &[(&above, "moderator")]).await;
        let bots = bots(&hall, &owner, 3).await;
        let (status, made) = other.send("POST", "/v2/packs", Some(pack(&bots[..2]))).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        assert_eq!(made["owner"]["name"], "other");
        let ids = |pack: &Value| {
            pack["bots"].as_array().unwrap().iter().map(|bot| bot["id"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&made), [json!(bots[0]), json!(bots[1])]);
        let path = format!("/v2/packs/{}", made["id"].as_str().unwrap());
        assert_eq!(hall.client("").get(&path).await, made);
        // Another order is another order.
        let change = json!({ "bots": [bots[2], bots[0]], "name": "Quieter" });
        let (status, refused) = owner.send("PATCH", &path, Some(change.clone())).await;
        assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!("not_your_pack")));
        let (status, changed) = other.send("PATCH", &path, Some(change)).await;
        assert_eq!((status, &changed["name"]), (StatusCode::OK, &json!("Quieter")), "{changed}");
        assert_eq!(ids(&changed), [json!(bots[2]), json!(bots[0])]);
        assert_eq!(changed["description"], made["description"]);
        let wrong = other.send("PATCH", &path, Some(json!({ "bots": [bots[0]] }))).await;
        assert_eq!(wrong.0, StatusCode::BAD_REQUEST);
        // What is listed no longer is not shown.
        set_state(&hall, &bots[0], 4).await;
        assert_eq!(ids(&other.get(&path).await), [json!(bots[2])]);
        set_state(&hall, &bots[0], 0).await;
        // Found by words, which mean themselves, and page by page.
        for number in 0..4 {
            let mut body = pack(&bots[..2]);
            body["name"] = json!(format!("100% number {number}"));
            assert_eq!(owner.send("POST", "/v2/packs", Some(body)).await.0, StatusCode::CREATED);
        }
        let found = async |query: &str| {
            let list = hall.client("").get(&format!("/v2/packs?{query}")).await;
            list.as_array()
                .unwrap()
                .iter()
                .map(|pack| pack["name"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(found("q=QUIETER").await, ["Quieter"]);
        assert_eq!(found("q=100%25").await.len(), 4);
        assert_eq!(found("q=1%25").await.len(), 0);
        assert_eq!(found(&format!("owner={}", id_of(&other).await)).await, ["Quieter"]);
        let first = hall.client("").get("/v2/packs?limit=3").await;
        let rest = found(&format!("before={}", first[2]["id"].as_str().unwrap())).await;
        assert_eq!((first.as_array().unwrap().len(), rest.len()), (3, 2));
        for wrong in ["limit=0", "limit=51", "before=x"] {
            let answer = owner.send("GET", &format!("/v2/packs?{wrong}"), None).await;
            assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{wrong}");
        }
        // Removed by whoever made it; by staff with a reason.
        assert_eq!(owner.send("DELETE", &path, None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(above.send("DELETE", &path, None).await.0, StatusCode::BAD_REQUEST);
        let why = format!("{path}?reason=A%20chain%20letter.");
        assert_eq!(above.send("DELETE", &why, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(other.send("DELETE", &path, None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(other.send("GET", &path, None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(audit(&hall, &other).await[0][0], "pack.delete");
        let told = events(&hall, "PACK_DELETE").await;
        assert_eq!(told[0]["users"], json!([id_of(&other).await]));
        assert_eq!(told[0]["body"]["reason"], "A chain letter.");
        let own = first[0]["id"].as_str().unwrap();
        assert_eq!(owner.send("DELETE", &format!("/v2/packs/{own}"), None).await.0, StatusCode::NO_CONTENT);
        // With a listing its place in packs goes.
        assert_eq!(
            owner.send("DELETE", &format!("/v2/listings/bots/{}", bots[1]), None).await.0,
            StatusCode::NO_CONTENT
        );
        let left = owner.get(&format!("/v2/packs/{}", first[1]["id"].as_str().unwrap())).await;
        assert_eq!(ids(&left), [json!(bots[0])]);
    }
}

#[tokio::test]
async fn nobody_makes_packs_without_end() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let bots = bots(&hall, &owner, 2).await;
        for _ in 0..49 {
            assert_eq!(owner.send("POST", "/v2/packs", Some(pack(&bots))).await.0, StatusCode::CREATED);
        }
        assert_eq!(owner.send("POST", "/v2/packs", Some(pack(&bots))).await.0, StatusCode::CREATED);
        let (status, full) = owner.send("POST", "/v2/packs", Some(pack(&bots))).await;
        assert_eq!((status, &full["code"]), (StatusCode::CONFLICT, &json!("too_many_packs")));
    }
}
