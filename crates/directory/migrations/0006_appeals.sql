-- The queue of staff.
CREATE INDEX listings_queue ON listings (state, created_at, kind, id);

-- What a bot can be told to do.
CREATE TABLE listing_commands (
    id BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,
    listing_id BIGINT NOT NULL,
    -- 0 after a prefix, 1 everywhere, 2 in some guilds.
    command_kind BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- What else is said of it, as JSON.
    details TEXT NOT NULL,
    UNIQUE (kind, listing_id, command_kind, name),
    FOREIGN KEY (kind, listing_id) REFERENCES listings (kind, id) ON DELETE CASCADE
);

-- Where there is more to read about a listing.
CREATE TABLE listing_resources (
    id BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,
    listing_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    url TEXT NOT NULL,
    FOREIGN KEY (kind, listing_id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
CREATE INDEX listing_resources_listing ON listing_resources (kind, listing_id, id);

-- What its keepers tell everybody.
CREATE TABLE listing_news (
    id BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,
    listing_id BIGINT NOT NULL,
    -- 0 promotion, 1 maintenance, 2 announcement.
    news_kind BIGINT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    -- When it is news no longer.
    ends_at BIGINT,
    FOREIGN KEY (kind, listing_id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
CREATE INDEX listing_news_listing ON listing_news (kind, listing_id, id);

-- What staff are asked: to look again (0), to certify (1), to look into something (2).
CREATE TABLE listing_appeals (
    id BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,
    listing_id BIGINT NOT NULL,
    appeal_kind BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    -- The review that a report is about.
    review_id BIGINT,
    text TEXT NOT NULL,
    answered_at BIGINT,
    answered_by BIGINT,
    accepted BOOLEAN,
    answer TEXT,
    FOREIGN KEY (kind, listing_id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX listing_appeals_open ON listing_appeals (kind, listing_id, appeal_kind, user_id, (COALESCE(review_id, 0)))
    WHERE answered_at IS NULL;
CREATE INDEX listing_appeals_listing ON listing_appeals (kind, listing_id, id);
CREATE INDEX listing_appeals_user ON listing_appeals (user_id, id);
CREATE INDEX listing_appeals_waiting ON listing_appeals (id) WHERE answered_at IS NULL;
