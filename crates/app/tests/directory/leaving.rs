//! Who leaves takes what they wrote along; what is counted stays right.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::reviews::{answer, crowd, recounted, review};
use crate::world::{listed_bot, set_state, unstarted};

#[tokio::test]
async fn who_leaves_takes_their_words_along_and_the_numbers_stay_right() {
    for mut hall in unstarted().await {
        hall.configure(|settings| settings.accounts.deletion_delay = 0);
        hall.start().await;
        let owner = hall.register("owner").await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        set_state(&hall, &bot, 0).await;
        let people = crowd(&hall, 3).await;
        let (gone, stays) = (&people[0], &people[1]);
        let mut reviews = Vec::new();
        for (number, person) in people.iter().enumerate() {
            reviews.push(review(person, &bot, 2 + 4 * i64::try_from(number).unwrap()).await.1["id"].clone());
        }
        let under = answer(gone, &bot, &reviews[1]).await.1["id"].clone();
        assert_eq!(answer(stays, &bot, &under).await.0, StatusCode::CREATED);
        assert_eq!(answer(stays, &bot, &reviews[0]).await.0, StatusCode::CREATED);
        let place = |id: &Value| format!("/v2/reviews/{}", id.as_str().unwrap());
        let up = format!("{}/vote", place(&reviews[1]));
        for (person, vote) in [(gone, "up"), (&people[2], "up")] {
            let body = json!({ "vote": vote });
            assert_eq!(person.send("PUT", &up, Some(body)).await.0, StatusCode::NO_CONTENT);
        }
        let accounts = &hall.server().hall().accounts;
        let actor = accounts.authenticate(&gone.authorization).await.unwrap();
        accounts.leave(&actor).await.unwrap();
        let (page, list) = (format!("/v2/listings/bots/{bot}"), format!("/v2/listings/bots/{bot}/reviews"));
        let waiting = async {
            while owner.get(&list).await["count"] != 2 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), waiting).await.unwrap();
        recounted(&hall).await;
        assert_eq!(owner.get(&page).await["rating"], json!(8.0));
        assert_eq!(owner.send("GET", &place(&reviews[0]), None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(owner.get(&place(&reviews[1])).await["up"], 1);
        let emptied = owner.get(&place(&under)).await;
        assert_eq!((&emptied["author"], &emptied["text"]), (&Value::Null, &json!("")));
        let thread = owner.get(&format!("{}/replies", place(&reviews[1]))).await;
        assert_eq!(thread.as_array().unwrap().len(), 2, "{thread}");
    }
}
