CREATE TABLE event_head (
    position BIGINT NOT NULL
);
INSERT INTO event_head (position) VALUES (0);
CREATE TABLE events (
    position BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    name TEXT NOT NULL,
    scope BIGINT NOT NULL,
    guild_id BIGINT,
    channel_id BIGINT,
    permissions BIGINT,
    users TEXT,
    actor_id BIGINT,
    body TEXT NOT NULL
);
CREATE INDEX events_guild ON events (guild_id, position);
