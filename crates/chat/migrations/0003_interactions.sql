CREATE TABLE commands (
    id BIGINT PRIMARY KEY,
    application_id BIGINT NOT NULL,
    -- The guild it is for; NULL for a global one.
    guild_id BIGINT REFERENCES guilds (id) ON DELETE CASCADE,
    -- The same with 0 for NULL, so that one unique index holds for both.
    scope BIGINT NOT NULL,
    type BIGINT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (application_id, scope, type, name)
);
CREATE INDEX commands_guild ON commands (guild_id) WHERE guild_id IS NOT NULL;
-- One row for each scope in which somebody registers, so that those who register at once do it one after the other.
CREATE TABLE command_scopes (
    application_id BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    PRIMARY KEY (application_id, scope)
);
CREATE TABLE interactions (
    id BIGINT PRIMARY KEY,
    application_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    type BIGINT NOT NULL,
    -- SHA-256.
    token {bytes} NOT NULL,
    -- 0 waiting for an answer, 1 an answer was promised, 2 answered, 3 not answered in time.
    state BIGINT NOT NULL,
    answer_by BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- The message that is `@original`.
    original_id BIGINT,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX interactions_token ON interactions (token);
CREATE INDEX interactions_waiting ON interactions (answer_by) WHERE state = 0;
CREATE INDEX interactions_expiry ON interactions (expires_at);
CREATE INDEX interactions_channel ON interactions (channel_id);
-- Answers that only the one who interacted sees.
CREATE TABLE private_messages (
    id BIGINT PRIMARY KEY,
    interaction_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    author_id BIGINT NOT NULL,
    type BIGINT NOT NULL,
    flags BIGINT NOT NULL,
    content TEXT NOT NULL,
    edited_at BIGINT,
    body TEXT NOT NULL
);
CREATE INDEX private_messages_channel ON private_messages (channel_id);
