-- What is queried has a column; the rest of a thing lies in `settings` or `body` as JSON.
CREATE TABLE guilds (
    id BIGINT PRIMARY KEY,
    owner_id BIGINT NOT NULL,
    -- Goes up with every change of the order of roles or channels; concurrent movers compare it.
    layout BIGINT NOT NULL,
    settings TEXT NOT NULL
);
CREATE TABLE roles (
    id BIGINT PRIMARY KEY,
    guild_id BIGINT NOT NULL REFERENCES guilds (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    permissions BIGINT NOT NULL,
    denied BIGINT NOT NULL,
    settings TEXT NOT NULL
);
CREATE INDEX roles_guild ON roles (guild_id);
CREATE TABLE channels (
    id BIGINT PRIMARY KEY,
    -- NULL for direct messages.
    guild_id BIGINT REFERENCES guilds (id) ON DELETE CASCADE,
    type BIGINT NOT NULL,
    position BIGINT NOT NULL,
    parent_id BIGINT,
    last_message_id BIGINT,
    last_pin_at BIGINT,
    settings TEXT NOT NULL
);
CREATE INDEX channels_guild ON channels (guild_id);
CREATE TABLE overwrites (
    channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL,
    -- 0 role, 1 member.
    type BIGINT NOT NULL,
    allow BIGINT NOT NULL,
    deny BIGINT NOT NULL,
    PRIMARY KEY (channel_id, target_id)
);
CREATE TABLE members (
    guild_id BIGINT NOT NULL REFERENCES guilds (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    joined_at BIGINT NOT NULL,
    timed_out_until BIGINT,
    settings TEXT NOT NULL,
    PRIMARY KEY (guild_id, user_id)
);
CREATE INDEX members_user ON members (user_id, guild_id);
CREATE TABLE member_roles (
    guild_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    PRIMARY KEY (guild_id, user_id, role_id),
    FOREIGN KEY (guild_id, user_id) REFERENCES members (guild_id, user_id) ON DELETE CASCADE
);
CREATE INDEX member_roles_role ON member_roles (role_id);
CREATE TABLE bans (
    guild_id BIGINT NOT NULL REFERENCES guilds (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    reason TEXT,
    PRIMARY KEY (guild_id, user_id)
);
-- Who takes part in a direct message. The pair key makes a one-to-one channel unique.
CREATE TABLE recipients (
    channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    closed BOOLEAN NOT NULL,
    PRIMARY KEY (channel_id, user_id)
);
CREATE INDEX recipients_user ON recipients (user_id);
CREATE TABLE direct_pairs (
    low_user_id BIGINT NOT NULL,
    high_user_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    PRIMARY KEY (low_user_id, high_user_id)
);
CREATE TABLE messages (
    id BIGINT PRIMARY KEY,
    channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    author_id BIGINT NOT NULL,
    type BIGINT NOT NULL,
    flags BIGINT NOT NULL,
    content TEXT NOT NULL,
    edited_at BIGINT,
    pinned_at BIGINT,
    body TEXT NOT NULL
);
CREATE INDEX messages_channel ON messages (channel_id, id);
CREATE INDEX messages_pinned ON messages (channel_id, pinned_at) WHERE pinned_at IS NOT NULL;
-- A client that repeats a send with the same nonce and `enforce_nonce` gets the first message back.
CREATE TABLE message_nonces (
    channel_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL,
    nonce TEXT NOT NULL,
    message_id BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    PRIMARY KEY (channel_id, author_id, nonce)
);
CREATE TABLE reactions (
    message_id BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    -- The emoji itself, or `name:id` of a custom one.
    emoji TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (message_id, emoji, user_id)
);
CREATE TABLE invites (
    code TEXT PRIMARY KEY,
    guild_id BIGINT NOT NULL REFERENCES guilds (id) ON DELETE CASCADE,
    channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    inviter_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- 0: never.
    max_age_s BIGINT NOT NULL,
    expires_at BIGINT,
    -- 0: no limit.
    max_uses BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    temporary BOOLEAN NOT NULL
);
CREATE INDEX invites_guild ON invites (guild_id);
CREATE INDEX invites_channel ON invites (channel_id);
CREATE TABLE audit_entries (
    id BIGINT PRIMARY KEY,
    guild_id BIGINT NOT NULL REFERENCES guilds (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    target_id BIGINT,
    action_type BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX audit_entries_guild ON audit_entries (guild_id, id);
