-- With what a listing speaks for itself: the hash of its token.
CREATE TABLE listing_tokens (
    kind BIGINT NOT NULL,
    id BIGINT NOT NULL,
    hash {bytes} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, id),
    FOREIGN KEY (kind, id) REFERENCES listings (kind, id) ON DELETE CASCADE
);

-- Guilds of each shard of a bot, as far as it says so.
CREATE TABLE listing_shards (
    kind BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shard BIGINT NOT NULL,
    guilds BIGINT NOT NULL,
    PRIMARY KEY (kind, id, shard),
    FOREIGN KEY (kind, id) REFERENCES listings (kind, id) ON DELETE CASCADE
);

-- What a listing's days (since 1970, UTC) brought; its size as it was said last on that day.
CREATE TABLE listing_days (
    kind BIGINT NOT NULL,
    id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    guilds BIGINT,
    users BIGINT,
    votes BIGINT NOT NULL DEFAULT 0,
    views BIGINT NOT NULL DEFAULT 0,
    invites BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, id, day),
    FOREIGN KEY (kind, id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
