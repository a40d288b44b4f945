-- 0 normal, 1 banned, 2 edit ban, 4 API ban.
ALTER TABLE users ADD COLUMN state BIGINT NOT NULL DEFAULT 0;
-- Counts the changes of state and ranks, so that nobody decides by what has changed meanwhile.
ALTER TABLE users ADD COLUMN standing BIGINT NOT NULL DEFAULT 0;

-- Who holds which rank. The highest rank of all, whatever the configuration calls it, is `users.staff`.
CREATE TABLE user_ranks (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Its name in the configuration; one that is no longer there gives nothing.
    rank TEXT NOT NULL,
    granted_by BIGINT NOT NULL,
    granted BIGINT NOT NULL,
    PRIMARY KEY (user_id, rank)
);

-- What staff did. Rows are added and read, never changed or removed, also when those they are about have gone.
CREATE TABLE staff_actions (
    -- A snowflake: it says when.
    id BIGINT PRIMARY KEY,
    -- NULL: at the server's own command line.
    actor_id BIGINT,
    action TEXT NOT NULL,
    target_id BIGINT,
    reason TEXT NOT NULL,
    -- What was before and what is now.
    before TEXT NOT NULL,
    after TEXT NOT NULL
);

CREATE INDEX staff_actions_by_target ON staff_actions (target_id, id);
CREATE INDEX staff_actions_by_actor ON staff_actions (actor_id, id)
