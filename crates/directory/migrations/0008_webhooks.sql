-- Where keepers want to be told of what happens to a listing.
CREATE TABLE listing_webhooks (
    id BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,
    listing_id BIGINT NOT NULL,
    -- How it is told: signed JSON (0), an embed (1), as top.gg does (2).
    style BIGINT NOT NULL,
    url TEXT NOT NULL,
    -- A bit for each group of events.
    events BIGINT NOT NULL,
    -- Sealed: bodies are signed with it.
    secret {bytes} NOT NULL,
    -- Why nothing is sent there any more; empty while it is.
    stopped TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    FOREIGN KEY (kind, listing_id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
CREATE INDEX listing_webhooks_listing ON listing_webhooks (kind, listing_id, id);

-- What was sent there, or is to be sent, and what came of it.
CREATE TABLE webhook_deliveries (
    id BIGINT PRIMARY KEY,
    hook BIGINT NOT NULL REFERENCES listing_webhooks (id) ON DELETE CASCADE,
    -- What the receiver knows it by: the same when it is sent again.
    message TEXT NOT NULL,
    event TEXT NOT NULL,
    -- The entry of the history, as JSON.
    entry TEXT NOT NULL,
    -- What is sent, word for word; empty until it is tried first.
    body TEXT NOT NULL,
    -- Waiting (0), taken (1), given up (2).
    state BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- Of the latest attempt: the status, 0 without an answer; how many milliseconds it took; what was answered.
    status BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    answer TEXT NOT NULL,
    problem TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    tried_at BIGINT
);
CREATE INDEX webhook_deliveries_hook ON webhook_deliveries (hook, id);
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at);
