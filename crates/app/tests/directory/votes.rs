//! Votes: once in a window, whatever happens at the same time; counted as the ledger says; named to nobody who may not know.

use std::time::Duration;

use axum::http::StatusCode;
use guildhall_app::config::Settings;
use guildhall_base::{Clock, Timestamp};
use guildhall_directory::VoteWindow;
use guildhall_directory::model::ListingId;
use guildhall_infra::sql;
use serde_json::{Value, json};

use crate::support::{Client, Hall, halls};
use crate::world::{
    bot_of, confirmed, count, events, history, id_of, job_is_over, listed_bot, long, make_staff, set_flags,
    set_state, unlimited,
};

const START: &str = "2026-11-30T12:00:00Z";
const HOUR: Duration = Duration::from_secs(3600);

fn start() -> Timestamp {
    START.parse().unwrap()
}

/// Nobody is signed out while the clock goes on, and new accounts vote.
fn lenient(settings: &mut Settings) {
    settings.accounts.api_session_seconds = 400 * 24 * 3600;
    settings.accounts.session_days = 400;
    settings.directory.vote_verified_mail = false;
    settings.directory.vote_account_hours = 0;
    unlimited(settings);
}

async fn listed(hall: &Hall, owner: &Client, name: &str) -> (String, String) {
    let (bot, _) = listed_bot(hall, owner, name).await;
    set_state(hall, &bot, 0).await;
    let path = format!("/v2/listings/bots/{bot}/votes");
    (bot, path)
}

/// `votes` and `total_votes` of a listing, as everybody sees them.
async fn counted(hall: &Hall, bot: &str) -> (i64, i64) {
    let counts = hall.client("").get(&format!("/v2/listings/bots/{bot}")).await["counts"].clone();
    (counts["votes"].as_i64().unwrap(), counts["total_votes"].as_i64().unwrap())
}

fn is(answer: &(StatusCode, Value), status: u16, code: &str) {
    assert_eq!((answer.0.as_u16(), &answer.1["code"]), (status, &json!(code)), "{}", answer.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_votes_at_once_count_once() {
    for mut hall in halls().await {
        hall.configure(lenient);
        hall.start().await;
        let (owner, voter) = (hall.register("owner").await, hall.register("voter").await);
        let (bot, path) = listed(&hall, &owner, "Tidy").await;
        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let (voter, path) = (voter.clone(), path.clone());
            tries.spawn(async move { voter.send("POST", &path, None).await });
        }
        let answers = tries.join_all().await;
        let counted_once = answers.iter().filter(|answer| answer.0 == StatusCode::CREATED).count();
        assert_eq!(counted_once, 1, "{}", hall.database.name);
        answers.iter().filter(|answer| answer.0 != StatusCode::CREATED).for_each(|it| is(it, 429, "wait"));
        assert_eq!(counted(&hall, &bot).await, (1, 1));
        assert_eq!(count(&hall, sql!("SELECT COUNT(*) FROM votes WHERE listing_id = $1"), &bot).await, 1);
        assert_eq!(history(&hall, &bot).await, ["add", "vote"]);
        let told = events(&hall, "LISTING_VOTE").await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["users"], json!([id_of(&owner).await, bot]), "only its keepers and itself");
        assert_eq!(told[0]["body"]["user_id"], json!(id_of(&voter).await));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_votes_once_in_eight_hours_for_any_bot_and_is_told_how_long() {
    for mut hall in halls().await {
        hall.configure(lenient);
        let (clock, hand) = Clock::manual(start());
        hall.start_by(clock).await;
        let (owner, voter) = (hall.register("owner").await, hall.register("voter").await);
        let (one, vote_one) = listed(&hall, &owner, "One").await;
        let (two, vote_two) = listed(&hall, &owner, "Two").await;
        let cast = voter.post(&vote_one, json!({})).await;
        assert_eq!((&cast["votes"], &cast["total_votes"]), (&json!(1), &json!(1)));
        assert_eq!(cast["can_vote_at"], json!(start().after(8 * HOUR)));
        let voter_id = id_of(&voter).await;
        let has = |bot: &str| format!("/v2/users/{voter_id}/votes/bots/{bot}");
        let known = hall.client("").get(&has(&one)).await;
        // The first vote has the time at which it was cast (Fates List stamped it with a fixed day in 2022).
        assert_eq!(known["timestamps"], json!([start()]));
        assert_eq!((&known["votes"], &known["voted"]), (&json!(1), &json!(true)));
        assert_eq!(known["can_vote_at"], json!(start().after(8 * HOUR)));
        is(&voter.send("POST", &vote_two, None).await, 429, "wait");
        hand.advance(8 * HOUR - Duration::from_millis(1));
        let early = voter.send("POST", &vote_one, None).await;
        is(&early, 429, "wait");
        assert!(early.1["detail"].as_str().unwrap().contains("0 h 0 min 1 s"), "{}", early.1);
        hand.advance(Duration::from_millis(1));
        assert_eq!(voter.post(&vote_two, json!({})).await["votes"], 1);
        assert_eq!(voter.get(&has(&two)).await["voted"], true);
        let known = voter.get(&has(&one)).await;
        assert_eq!((&known["votes"], &known["voted"]), (&json!(1), &json!(false)));
        let own = voter.get("/v2/users/@me/votes").await;
        let ids: Vec<_> = own["votes"].as_array().unwrap().iter().map(|vote| &vote["listing_id"]).collect();
        assert_eq!(ids, [&json!(two), &json!(one)]);
        // Guilds have a window of their own.
        let (guild, _) = owner.found_guild("Gardeners").await;
        let draft = json!({ "short": "People who like to garden.", "long": long(), "tags": ["plants"] });
        owner.send("PUT", &format!("/v2/listings/guilds/{guild}"), Some(draft)).await;
        let votes = format!("/v2/listings/guilds/{guild}/votes");
        assert_eq!(voter.send("POST", &votes, None).await.0, StatusCode::CREATED);
        is(&voter.send("POST", &votes, None).await, 429, "wait");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_may_have_a_window_for_each_listing() {
    for mut hall in halls().await {
        hall.configure(lenient);
        hall.configure(|settings| settings.directory.vote_window = VoteWindow::Listing);
        hall.start().await;
        let (owner, voter) = (hall.register("owner").await, hall.register("voter").await);
        let (_, one) = listed(&hall, &owner, "One").await;
        let (_, two) = listed(&hall, &owner, "Two").await;
        for path in [&one, &two] {
            assert_eq!(voter.send("POST", path, None).await.0, StatusCode::CREATED);
            is(&voter.send("POST", path, None).await, 429, "wait");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_vote_and_what_takes_no_votes() {
    for mut hall in halls().await {
        hall.configure(lenient);
        hall.configure(|settings| {
            settings.directory.vote_verified_mail = true;
            settings.directory.vote_account_hours = 1;
        });
        let (clock, hand) = Clock::manual(start());
        hall.start_by(clock).await;
        let (owner, voter) = (hall.register("owner").await, hall.register("voter").await);
        let (bot, path) = listed(&hall, &owner, "Tidy").await;
        let robot = bot_of(&hall, &voter, "Robot").await.1;
        assert_eq!(hall.client("").send("POST", &path, None).await.0, StatusCode::UNAUTHORIZED);
        is(&robot.send("POST", &path, None).await, 403, "only_people");
        is(&voter.send("POST", &path, None).await, 403, "account_too_new");
        hand.advance(HOUR);
        is(&voter.send("POST", &path, None).await, 403, "unverified_mail");
        let voter = confirmed(&hall, "confirmed").await;
        is(&voter.send("POST", &path, None).await, 403, "account_too_new");
        hand.advance(HOUR);
        // Locked by staff (Fates List did not look at this), of the installation, or not approved.
        for (flags, state) in [(1 << 4, 0), (1 << 5, 0), (0, 7), (0, 8)] {
            set_flags(&hall, &bot, flags).await;
            set_state(&hall, &bot, state).await;
            is(&voter.send("POST", &path, None).await, 403, "no_votes");
        }
        set_state(&hall, &bot, 1).await;
        is(&voter.send("POST", &path, None).await, 404, "unknown_listing");
        assert_eq!(count(&hall, sql!("SELECT COUNT(*) FROM votes WHERE listing_id = $1"), &bot).await, 0);
        set_state(&hall, &bot, 6).await;
        assert_eq!(voter.send("POST", &path, None).await.0, StatusCode::CREATED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn private_votes_count_and_are_nobody_s_business() {
    for mut hall in halls().await {
        hall.configure(lenient);
        hall.start().await;
        let (owner, voter) = (hall.register("owner").await, hall.register("voter").await);
        let other = hall.register("other").await;
        let (bot, token) = listed_bot(&hall, &owner, "Tidy").await;
        set_state(&hall, &bot, 0).await;
        assert_eq!(
            voter.send("PATCH", "/v2/users/@me/votes", Some(json!({ "private": true }))).await.0,
            StatusCode::NO_CONTENT
        );
        voter.post(&format!("/v2/listings/bots/{bot}/votes"), json!({})).await;
        assert_eq!(counted(&hall, &bot).await, (1, 1));
        let voter_id = id_of(&voter).await;
        let has = format!("/v2/users/{voter_id}/votes/bots/{bot}");
        let nothing = json!({ "votes": 0, "voted": false, "can_vote_at": null, "timestamps": [] });
        assert_eq!(other.get(&has).await, nothing);
        assert_eq!(hall.client("").get(&has).await, nothing);
        for who in [&voter, &owner, &token] {
            assert_eq!(who.get(&has).await["voted"], true);
        }
        let told = events(&hall, "LISTING_VOTE").await;
        assert_eq!(told[0]["body"]["user_id"], json!(null));
        assert!(!told[0].to_string().contains(&voter_id), "{told:?}");
        let happened = owner.get(&format!("/v2/listings/bots/{bot}/history")).await;
        assert!(!happened.to_string().contains(&voter_id), "{happened}");
        assert_eq!(voter.get("/v2/users/@me/votes").await["private"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn test_votes_are_for_keepers_and_count_nothing() {
    for mut hall in halls().await {
        hall.configure(lenient);
        hall.start().await;
        let (owner, other) = (hall.register("owner").await, hall.register("other").await);
        let (bot, path) = listed(&hall, &owner, "Tidy").await;
        let test = format!("{path}/test");
        // Anyone could fire them at any bot (Fates List).
        is(&other.send("POST", &test, None).await, 403, "missing_listing_right");
        assert_eq!(hall.client("").send("POST", &test, None).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(owner.send("POST", &test, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(counted(&hall, &bot).await, (0, 0));
        assert_eq!(count(&hall, sql!("SELECT COUNT(*) FROM votes WHERE listing_id = $1"), &bot).await, 0);
        assert_eq!(history(&hall, &bot).await, ["add", "test_vote"]);
        assert_eq!(events(&hall, "LISTING_TEST_VOTE").await[0]["body"]["context"], json!({ "test": true }));
        // They may vote for real all the same.
        assert_eq!(owner.send("POST", &path, None).await.0, StatusCode::CREATED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_what_the_ledger_says() {
    for mut hall in halls().await {
        hall.configure(lenient);
        hall.start().await;
        let owner = hall.register("owner").await;
        let staff = hall.register("staff").await;
        make_staff(&hall, &staff).await;
        let (bot, path) = listed(&hall, &owner, "Tidy").await;
        let mut votes = tokio::task::JoinSet::new();
        for number in 0..20 {
            let voter = confirmed(&hall, &format!("voter{number}")).await;
            let path = path.clone();
            votes.spawn(async move { voter.send("POST", &path, None).await.0 });
        }
        // Staff reset while people vote: every vote is in the period in which it is counted.
        let reset = format!("{path}/reset");
        let (status, answer) = staff.send("POST", &reset, Some(json!({ "reason": "bought" }))).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
        assert!(votes.join_all().await.into_iter().all(|status| status == StatusCode::CREATED));
        let directory = &hall.server().hall().directory;
        assert_eq!(directory.recount_votes().await.unwrap(), [], "{}", hall.database.name);
        let (recent, total) = counted(&hall, &bot).await;
        assert!(recent <= 20 && total == 20, "{recent} of {total}");
        let sql = sql!("UPDATE listing_counts SET votes = 7, total_votes = 3 WHERE id = $1");
        let id: i64 = bot.parse().unwrap();
        hall.server().hall().db.run(sql, guildhall_infra::params![id]).await.unwrap();
        let corrected = directory.recount_votes().await.unwrap();
        assert_eq!(corrected, ["bots/".to_owned() + &bot].map(|text| text.parse::<ListingId>().unwrap()));
        assert_eq!(counted(&hall, &bot).await, (recent, total));
        // What staff did is written down, with its reason; others may not.
        let log = staff.get("/v2/staff/actions").await["actions"].clone();
        assert_eq!(
            (&log[0]["action"], &log[0]["reason"]),
            (&json!("listings.reset_votes"), &json!("bought"))
        );
        assert!(history(&hall, &bot).await.contains(&"vote_reset".to_owned()));
        is(&owner.send("POST", &reset, Some(json!({ "reason": "x" }))).await, 403, "missing_rights");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_ends_with_places_and_counting_begins_anew() {
    for mut hall in halls().await {
        hall.configure(lenient);
        let (clock, hand) = Clock::manual(start());
        hall.start_by(clock).await;
        let owner = hall.register("owner").await;
        let (first, vote_first) = listed(&hall, &owner, "First").await;
        let (second, vote_second) = listed(&hall, &owner, "Second").await;
        let (third, vote_third) = listed(&hall, &owner, "Third").await;
        for (number, path) in [&vote_first, &vote_first, &vote_second, &vote_third].into_iter().enumerate() {
            hall.register(&format!("voter{number}")).await.post(path, json!({})).await;
        }
        let jobs = &hall.server().hall().jobs;
        jobs.run_due().await.unwrap();
        assert_eq!(counted(&hall, &first).await, (2, 2), "the month is not over");
        hand.set("2026-12-01T00:00:00Z".parse().unwrap());
        jobs.run_due().await.unwrap();
        let boss = hall.register("boss").await;
        make_staff(&hall, &boss).await;
        job_is_over(&boss, "directory.month").await;
        assert_eq!(counted(&hall, &first).await, (0, 2));
        let past = |bot: &str| format!("/v2/listings/bots/{bot}/votes/months");
        let month = |votes: i64, place: i64| json!([{ "month": "2026-11", "votes": votes, "place": place }]);
        assert_eq!(owner.get(&past(&first)).await, month(2, 1));
        assert_eq!(owner.get(&past(&second)).await, month(1, 2));
        assert_eq!(owner.get(&past(&third)).await, month(1, 2));
        let top = owner.get("/v2/vote-months/2026-11/bots").await;
        assert_eq!((&top[0]["place"], &top[0]["listing"]["id"]), (&json!(1), &json!(first)));
        assert_eq!(owner.send("GET", "/v2/vote-months/2026-13/bots", None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(hall.server().hall().directory.recount_votes().await.unwrap(), []);
        // In the new month votes count from one again; what staff reset is kept as the month's.
        hand.advance(8 * HOUR);
        hall.register("late").await.post(&vote_first, json!({})).await;
        assert_eq!(counted(&hall, &first).await, (1, 3));
        let stranger = owner.send("POST", "/v2/staff/votes/reset", Some(json!({ "reason": "x" }))).await;
        assert_eq!(stranger.0, StatusCode::FORBIDDEN);
        let boss = hall.register("boss2").await;
        make_staff(&hall, &boss).await;
        let (status, doing) =
            boss.send("POST", "/v2/staff/votes/reset", Some(json!({ "reason": "flood" }))).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{doing}");
        jobs.run_due().await.unwrap();
        job_is_over(&boss, "directory.reset_votes").await;
        assert_eq!(counted(&hall, &first).await, (0, 3));
        let months = owner.get(&past(&first)).await;
        assert_eq!((&months[0]["month"], &months[0]["votes"]), (&json!("2026-12"), &json!(1)));
        assert!(history(&hall, &first).await.contains(&"vote_reset".to_owned()));
        assert_eq!(hall.server().hall().directory.recount_votes().await.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_it_is_told_once_when_they_can_vote_again() {
    for mut hall in halls().await {
        hall.configure(lenient);
        let (clock, hand) = Clock::manual(start());
        hall.start_by(clock).await;
        let (owner, voter) = (hall.register("owner").await, confirmed(&hall, "voter").await);
        let (_, path) = listed(&hall, &owner, "Tidy").await;
        let reminder = path.replace("/votes", "/reminder");
        let letters = || {
            let all = hall.server().hall().mailer.letters().unwrap().all();
            all.iter().filter(|letter| letter.mail.subject.contains("vote for Tidy again")).count()
        };
        voter.post(&path, json!({})).await;
        for _ in 0..2 {
            assert_eq!(voter.send("PUT", &reminder, None).await.0, StatusCode::NO_CONTENT);
        }
        assert_eq!(voter.get(&reminder).await, json!({ "reminded": true }));
        let jobs = &hall.server().hall().jobs;
        let boss = hall.register("boss").await;
        make_staff(&hall, &boss).await;
        hand.advance(8 * HOUR);
        jobs.run_due().await.unwrap();
        job_is_over(&boss, "directory.vote_reminder").await;
        jobs.run_due().await.unwrap();
        job_is_over(&boss, "accounts.mail").await;
        assert_eq!(letters(), 1);
        // Turned off, they are told no more.
        voter.post(&path, json!({})).await;
        assert_eq!(voter.send("DELETE", &reminder, None).await.0, StatusCode::NO_CONTENT);
        hand.advance(8 * HOUR);
        jobs.run_due().await.unwrap();
        job_is_over(&boss, "directory.vote_reminder").await;
        assert_eq!(letters(), 1);
    }
}
