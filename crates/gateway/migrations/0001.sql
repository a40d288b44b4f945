CREATE TABLE gateway_sessions (
    id TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    bot BOOLEAN NOT NULL,
    intents BIGINT NOT NULL,
    shard BIGINT NOT NULL,
    shards BIGINT NOT NULL,
    s BIGINT NOT NULL,
    position BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX gateway_sessions_seen_at ON gateway_sessions (seen_at);
CREATE TABLE gateway_starts (
    user_id BIGINT PRIMARY KEY,
    since BIGINT NOT NULL,
    count BIGINT NOT NULL
);
