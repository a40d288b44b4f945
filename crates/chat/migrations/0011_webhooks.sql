-- Webhooks that people and bots made for channels.
CREATE TABLE webhooks (
    id BIGINT PRIMARY KEY,
    guild_id BIGINT NOT NULL REFERENCES guilds (id) ON DELETE CASCADE,
    channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    -- The application whose bot made it; NULL for a person's.
    application_id BIGINT,
    creator_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    avatar TEXT,
    -- Sealed: those who manage webhooks are shown it again.
    token {bytes} NOT NULL
);
CREATE INDEX webhooks_guild ON webhooks (guild_id);
CREATE INDEX webhooks_channel ON webhooks (channel_id);
