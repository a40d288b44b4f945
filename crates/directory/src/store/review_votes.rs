//! Table `listing_review_votes`. The numbers beside a review change with it, in the same transaction and by what was there
//! before, under a lock on the review.

use guildhall_base::{ReviewId, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::{params, sql};

use super::reviews::hold;
use crate::model::Voice;

/// Says what somebody thinks of a review, in place of what they thought.
pub(crate) fn put(batch: &mut Batch, review: ReviewId, user: UserId, voice: Option<Voice>) {
    hold(batch, review);
    let (up, down) = (i64::from(voice == Some(Voice::Up)), i64::from(voice == Some(Voice::Down)));
    batch.run(
        sql!(
            "UPDATE listing_reviews SET
                 up = listing_reviews.up + $3 - (SELECT COUNT(*) FROM listing_review_votes AS v
                                                 WHERE v.review_id = $1 AND v.user_id = $2 AND v.up),
                 down = listing_reviews.down + $4 - (SELECT COUNT(*) FROM listing_review_votes AS v
                                                     WHERE v.review_id = $1 AND v.user_id = $2 AND NOT v.up)
             WHERE id = $1"
        ),
        params![review, user, up, down],
    );
    batch.run(
        sql!("UPDATE listing_reviews SET score = listing_reviews.up - listing_reviews.down WHERE id = $1"),
        params![review],
    );
    match voice {
        None => batch.run(
            sql!("DELETE FROM listing_review_votes WHERE review_id = $1 AND user_id = $2"),
            params![review, user],
        ),
        Some(voice) => batch.run(
            sql!(
                "INSERT INTO listing_review_votes (review_id, user_id, up) VALUES ($1, $2, $3)
                 ON CONFLICT (review_id, user_id) DO UPDATE SET up = excluded.up"
            ),
            params![review, user, voice == Voice::Up],
        ),
    };
}
