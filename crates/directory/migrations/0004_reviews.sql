-- Reviews of listings, and answers to them, as deep as people talk.
CREATE TABLE listing_reviews (
    id BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,
    listing_id BIGINT NOT NULL,
    -- The review at the top, and what is answered. NULL: it is a review itself.
    root_id BIGINT,
    parent_id BIGINT,
    -- NULL: an answer that was taken away; its place stays for the answers to it.
    author_id BIGINT,
    -- 0 to 10; NULL for answers.
    stars BIGINT,
    text TEXT NOT NULL,
    -- Said in the name of the listing.
    official BOOLEAN NOT NULL,
    up BIGINT NOT NULL DEFAULT 0,
    down BIGINT NOT NULL DEFAULT 0,
    -- up - down.
    score BIGINT NOT NULL DEFAULT 0,
    -- Counts changes, so that of two at once one is refused.
    version BIGINT NOT NULL DEFAULT 1,
    edited_at BIGINT,
    FOREIGN KEY (kind, listing_id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX listing_reviews_one ON listing_reviews (kind, listing_id, author_id) WHERE root_id IS NULL;
CREATE INDEX listing_reviews_newest ON listing_reviews (kind, listing_id, id) WHERE root_id IS NULL;
CREATE INDEX listing_reviews_helpful ON listing_reviews (kind, listing_id, score, id) WHERE root_id IS NULL;
CREATE INDEX listing_reviews_thread ON listing_reviews (root_id, id);
CREATE INDEX listing_reviews_parent ON listing_reviews (parent_id, id);
CREATE INDEX listing_reviews_author ON listing_reviews (author_id);

-- What people think of reviews, one voice each.
CREATE TABLE listing_review_votes (
    review_id BIGINT NOT NULL REFERENCES listing_reviews (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    up BOOLEAN NOT NULL,
    PRIMARY KEY (review_id, user_id)
);
CREATE INDEX listing_review_votes_user ON listing_review_votes (user_id);

-- What reviews said before they were changed.
CREATE TABLE listing_review_edits (
    review_id BIGINT NOT NULL REFERENCES listing_reviews (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    stars BIGINT,
    text TEXT NOT NULL,
    -- When it was changed.
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (review_id, version)
);
