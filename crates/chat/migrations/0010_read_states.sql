-- Up to which message somebody has read a channel.
CREATE TABLE read_states (
    user_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    last_message_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, channel_id)
);
CREATE INDEX read_states_channel ON read_states (channel_id);
-- Whom a message calls: a user, a role, or by the guild's id everybody in the channel. So a message that calls thousands is
-- still one row, and who is called is decided by whoever reads.
CREATE TABLE mentions (
    message_id BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    PRIMARY KEY (message_id, target_id)
);
CREATE INDEX mentions_target ON mentions (target_id, channel_id, message_id);
