//! Listings: adding, reading, changing, locking, handing over, removing.

use axum::http::StatusCode;
use guildhall_infra::sql;
use serde_json::json;

use crate::world::{
    bot_of, count, draft, events, history, id_of, listed_bot, long, make_staff, set_state, started,
};

#[tokio::test]
async fn a_bot_is_listed_and_waits_for_staff() {
    for hall in started().await {
        let (owner, other, staff) =
            (hall.register("owner").await, hall.register("other").await, hall.register("staff").await);
        make_staff(&hall, &staff).await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        let path = format!("/v2/listings/bots/{bot}");
        let listing = owner.get(&path).await;
        assert_eq!((&listing["state"], &listing["name"]), (&json!("pending"), &json!("Tidy")), "{listing}");
        assert_eq!(listing["tags"], json!(["moderation", "utility"]));
        assert_eq!(listing["counts"]["votes"], 0);
        // Not there for those who may not see it, there for staff.
        assert_eq!(other.send("GET", &path, None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(hall.client("").send("GET", &path, None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(staff.send("GET", &path, None).await.0, StatusCode::OK);
        assert_eq!(history(&hall, &bot).await, ["add"]);
        let told = events(&hall, "LISTING_CREATE").await;
        assert_eq!(told[0]["users"], json!([id_of(&owner).await, bot]));
        assert_eq!(told[0]["body"]["listing_id"], bot.as_str());
        // Once only, and only by whoever owns it.
        let again = owner.send("PUT", &path, Some(draft())).await;
        assert_eq!((again.0, &again.1["code"]), (StatusCode::CONFLICT, &json!("listed_already")));
        let (foreign, _) = bot_of(&hall, &owner, "Mine").await;
        let taken = other.send("PUT", &format!("/v2/listings/bots/{foreign}"), Some(draft())).await;
        assert_eq!((taken.0, &taken.1["code"]), (StatusCode::FORBIDDEN, &json!("not_yours")));
        let nobody = owner.send("PUT", "/v2/listings/bots/12345", Some(draft())).await;
        assert_eq!((nobody.0, &nobody.1["code"]), (StatusCode::BAD_REQUEST, &json!("not_on_platform")));
    }
}

#[tokio::test]
async fn of_many_who_add_at_once_one_does() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let (bot, _) = bot_of(&hall, &owner, "Tidy").await;
        let path = format!("/v2/listings/bots/{bot}");
        let tries = (0..10).map(|_| {
            let (owner, path) = (owner.clone(), path.clone());
            tokio::spawn(async move { owner.send("PUT", &path, Some(draft())).await })
        });
        let mut statuses = Vec::new();
        for one in tries.collect::<Vec<_>>() {
            statuses.push(one.await.unwrap().0.as_u16());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409, 409, 409]);
        assert_eq!(count(&hall, sql!("SELECT COUNT(*) FROM listings WHERE id = $1"), &bot).await, 1);
        assert_eq!(history(&hall, &bot).await, ["add"]);
    }
}

#[tokio::test]
async fn a_listing_is_changed_by_its_keepers_only_and_not_while_it_is_locked() {
    for hall in started().await {
        let (owner, other) = (hall.register("owner").await, hall.register("other").await);
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        set_state(&hall, &bot, 0).await;
        let path = format!("/v2/listings/bots/{bot}");
        let body = json!({ "short": "A better short text for it.", "prefix": "!", "vanity": "Tidy-Bot", "flags": ["nsfw"],
            "links": [{ "name": "Site", "url": "https://example.com" }, { "name": "_hidden", "url": "https://example.com/h" }] });
        let (status, refused) = other.send("PATCH", &path, Some(body.clone())).await;
        assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!("missing_listing_right")));
        let (status, changed) = owner.send("PATCH", &path, Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{changed}");
        assert_eq!((&changed["prefix"], &changed["vanity"]), (&json!("!"), &json!("tidy-bot")));
        assert_eq!((&changed["long"], &changed["flags"]), (&json!(long()), &json!(["nsfw"])));
        assert_eq!(owner.get("/v2/vanities/TIDY-bot").await, json!({ "kind": "bot", "id": bot }));
        // Links that begin with _ are for its keepers.
        assert_eq!(
            other.get(&path).await["links"],
            json!([{ "name": "Site", "url": "https://example.com" }])
        );
        // A wrong field changes nothing.
        let (status, wrong) = owner.send("PATCH", &path, Some(json!({ "short": "x", "prefix": "?" }))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
        let (status, wrong) = owner.send("PATCH", &path, Some(json!({ "tags": ["no-such-tag"] }))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
        assert_eq!(owner.get(&path).await["prefix"], "!");
        // The lock is what the database says, whatever the body claims (Fates List read it from the body).
        assert_eq!(owner.send("PUT", &format!("{path}/lock"), None).await.0, StatusCode::NO_CONTENT);
        let (status, locked) = owner.send("PATCH", &path, Some(json!({ "prefix": "?", "flags": [] }))).await;
        assert_eq!((status, &locked["code"]), (StatusCode::CONFLICT, &json!("edit_locked")));
        assert_eq!(owner.send("DELETE", &path, None).await.0, StatusCode::CONFLICT);
        assert_eq!(owner.send("DELETE", &format!("{path}/lock"), None).await.0, StatusCode::NO_CONTENT);
        let cleared = owner.send("PATCH", &path, Some(json!({ "prefix": null, "vanity": null }))).await.1;
        assert_eq!((&cleared["prefix"], &cleared["vanity"]), (&json!(null), &json!(null)));
        assert_eq!(owner.send("GET", "/v2/vanities/tidy-bot", None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(history(&hall, &bot).await, ["add", "edit", "lock", "unlock", "edit"]);
        assert_eq!(other.send("GET", &format!("{path}/history"), None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(owner.get(&format!("{path}/history?limit=2")).await[0]["event"], "edit");
    }
}

#[tokio::test]
async fn short_names_are_taken_once() {
    for hall in started().await {
        let (one, two) = (hall.register("one").await, hall.register("two").await);
        let (first, _) = listed_bot(&hall, &one, "First").await;
        let (second, _) = listed_bot(&hall, &two, "Second").await;
        let (a, b) = (format!("/v2/listings/bots/{first}"), format!("/v2/listings/bots/{second}"));
        assert_eq!(one.send("PATCH", &a, Some(json!({ "vanity": "best" }))).await.0, StatusCode::OK);
        let (status, taken) = two.send("PATCH", &b, Some(json!({ "vanity": "BEST" }))).await;
        assert_eq!((status, &taken["code"]), (StatusCode::CONFLICT, &json!("vanity_taken")));
        // What a stranger may not see has no short name for them either.
        assert_eq!(hall.client("").send("GET", "/v2/vanities/best", None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(one.send("DELETE", &a, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(two.send("PATCH", &b, Some(json!({ "vanity": "best" }))).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn keepers_do_what_they_were_allowed() {
    for hall in started().await {
        let (owner, helper, third) =
            (hall.register("owner").await, hall.register("helper").await, hall.register("third").await);
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        let path = format!("/v2/listings/bots/{bot}");
        let (helper_id, third_id) = (id_of(&helper).await, id_of(&third).await);
        let at = |user: &str| format!("{path}/owners/{user}");
        let edit = json!({ "rights": ["edit"] });
        assert_eq!(owner.send("PUT", &at(&helper_id), Some(edit.clone())).await.0, StatusCode::NO_CONTENT);
        let changed = helper.send("PATCH", &path, Some(json!({ "prefix": "!" }))).await;
        assert_eq!(changed.0, StatusCode::OK, "{}", changed.1);
        assert_eq!(helper.send("DELETE", &path, None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(helper.send("PUT", &at(&third_id), Some(edit.clone())).await.0, StatusCode::FORBIDDEN);
        // Nobody gives what they do not have.
        let more = json!({ "rights": ["edit", "owners"] });
        assert_eq!(owner.send("PUT", &at(&helper_id), Some(more.clone())).await.0, StatusCode::NO_CONTENT);
        let all = json!({ "rights": ["edit", "delete"] });
        assert_eq!(helper.send("PUT", &at(&third_id), Some(all)).await.0, StatusCode::FORBIDDEN);
        assert_eq!(helper.send("PUT", &at(&third_id), Some(edit)).await.0, StatusCode::NO_CONTENT);
        let owners = owner.get(&format!("{path}/owners")).await;
        assert_eq!(owners.as_array().unwrap().len(), 3, "{owners}");
        assert_eq!((&owners[0]["main"], &owners[1]["rights"]), (&json!(true), &json!(["edit", "owners"])));
        // Handed over: the heir is the main owner, who had it keeps it.
        let heir = json!({ "user_id": helper_id });
        assert_eq!(
            helper.send("PUT", &format!("{path}/main-owner"), Some(heir.clone())).await.0,
            StatusCode::CONFLICT
        );
        assert_eq!(
            owner.send("PUT", &format!("{path}/main-owner"), Some(heir)).await.0,
            StatusCode::NO_CONTENT
        );
        assert_eq!(helper.get(&path).await["owner_id"], helper_id.as_str());
        let owner_id = id_of(&owner).await;
        assert_eq!(helper.send("DELETE", &at(&owner_id), None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(owner.send("PATCH", &path, Some(json!({ "prefix": "?" }))).await.0, StatusCode::NOT_FOUND);
        let told = events(&hall, "LISTING_TRANSFER").await;
        assert_eq!(told.len(), 1);
        assert!(told[0]["users"].as_array().unwrap().contains(&json!(third_id)), "{told:?}");
    }
}

#[tokio::test]
async fn a_team_keeps_listings() {
    for hall in started().await {
        let (owner, member, other) =
            (hall.register("owner").await, hall.register("member").await, hall.register("other").await);
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        let path = format!("/v2/listings/bots/{bot}");
        let team = owner.post("/v2/teams", json!({ "name": "Keepers" })).await;
        let team = team["id"].as_str().unwrap();
        let place = format!("/v2/teams/{team}");
        assert_eq!(other.send("GET", &place, None).await.0, StatusCode::NOT_FOUND);
        let seat = format!("{place}/members/{}", id_of(&member).await);
        let rights = json!({ "rights": ["edit"] });
        assert_eq!(member.send("PUT", &seat, Some(rights.clone())).await.0, StatusCode::NOT_FOUND);
        assert_eq!(owner.send("PUT", &seat, Some(rights)).await.0, StatusCode::NO_CONTENT);
        assert_eq!(
            member.send("PATCH", &path, Some(json!({ "prefix": "!" }))).await.0,
            StatusCode::NOT_FOUND
        );
        let of_team = json!({ "team_id": team });
        assert_eq!(owner.send("PUT", &format!("{path}/team"), Some(of_team)).await.0, StatusCode::NO_CONTENT);
        assert_eq!(member.send("PATCH", &path, Some(json!({ "prefix": "!" }))).await.0, StatusCode::OK);
        assert_eq!(member.send("DELETE", &path, None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(member.send("DELETE", &seat, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(member.send("GET", &path, None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(owner.send("DELETE", &place, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(owner.get(&path).await["team_id"], json!(null));
    }
}

#[tokio::test]
async fn a_guild_is_listed_by_those_who_manage_it() {
    for hall in started().await {
        let (owner, other) = (hall.register("owner").await, hall.register("other").await);
        let (guild, _) = owner.found_guild("Gardeners").await;
        let path = format!("/v2/listings/guilds/{guild}");
        let body = json!({ "short": "People who like to garden.", "long": long(), "tags": ["plants"], "flags": ["login_required"] });
        // Who is no member does not learn that the guild is there.
        let (status, hidden) = other.send("PUT", &path, Some(body.clone())).await;
        assert_eq!((status, &hidden["code"]), (StatusCode::BAD_REQUEST, &json!("not_on_platform")));
        let (status, listed) = owner.send("PUT", &path, Some(body)).await;
        assert_eq!(status, StatusCode::CREATED, "{listed}");
        assert_eq!((&listed["state"], &listed["counts"]["users"]), (&json!("approved"), &json!(1)));
        let seen = hall.client("").get(&path).await;
        assert_eq!((&seen["name"], &seen["tags"]), (&json!("Gardeners"), &json!(["plants"])));
        assert_eq!(other.send("DELETE", &path, None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(owner.send("DELETE", &path, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(hall.client("").send("GET", &path, None).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn banners_are_fetched_past_the_guard_only() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        let path = format!("/v2/listings/bots/{bot}");
        for address in [
            "https://127.0.0.1/x.png",
            "https://[::1]/x.png",
            "https://169.254.169.254/latest",
            "https://10.0.0.1/",
        ] {
            let (status, refused) = owner.send("PATCH", &path, Some(json!({ "card_banner": address }))).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{address}: {refused}");
        }
        assert_eq!(owner.get(&path).await["card_banner"], json!(null));
    }
}
