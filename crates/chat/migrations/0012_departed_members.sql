-- How much a guild remembers of those who go; no row: nothing.
CREATE TABLE guild_memories (
    guild_id BIGINT PRIMARY KEY REFERENCES guilds (id) ON DELETE CASCADE,
    -- Whoever set it: what is given back is given in their name.
    user_id BIGINT NOT NULL,
    enabled BOOLEAN NOT NULL,
    days BIGINT NOT NULL,
    kicked BOOLEAN NOT NULL,
    banned BOOLEAN NOT NULL,
    dangerous BOOLEAN NOT NULL
);
CREATE TABLE departed_members (
    guild_id BIGINT NOT NULL REFERENCES guilds (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    -- Ids with commas between.
    roles TEXT NOT NULL,
    nick TEXT,
    left_at BIGINT NOT NULL,
    keep_until BIGINT NOT NULL,
    -- In whose name it is given back; NULL: of whoever set up that the guild remembers.
    by_user_id BIGINT,
    PRIMARY KEY (guild_id, user_id)
);
CREATE INDEX departed_members_expiry ON departed_members (keep_until);
-- Sweeps look for what is over by these.
CREATE INDEX message_nonces_message ON message_nonces (message_id);
CREATE INDEX invites_expiry ON invites (expires_at) WHERE expires_at IS NOT NULL;
