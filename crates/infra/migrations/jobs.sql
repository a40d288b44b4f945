CREATE TABLE jobs (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    queue TEXT NOT NULL,
    state BIGINT NOT NULL,
    priority BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    payload TEXT NOT NULL,
    user_id BIGINT,
    guild_id BIGINT,
    client TEXT,
    request_key TEXT,
    unique_key TEXT,
    limit_key TEXT,
    keep BIGINT NOT NULL,
    fence BIGINT NOT NULL DEFAULT 0,
    failures BIGINT NOT NULL DEFAULT 0,
    rescues BIGINT NOT NULL DEFAULT 0,
    worker TEXT,
    lease_until BIGINT,
    cancel BOOLEAN NOT NULL DEFAULT FALSE,
    done BIGINT NOT NULL DEFAULT 0,
    total BIGINT,
    words TEXT NOT NULL DEFAULT '',
    result TEXT,
    error TEXT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    claimed_at BIGINT,
    finished_at BIGINT,
    keep_until BIGINT
);
CREATE INDEX jobs_ready ON jobs (queue, priority DESC, run_at, id) WHERE state = 0;
CREATE INDEX jobs_scheduled ON jobs (run_at) WHERE state = 1;
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 2;
CREATE INDEX jobs_finished ON jobs (keep_until) WHERE state > 2;
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 4;
CREATE INDEX jobs_user ON jobs (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX jobs_guild ON jobs (guild_id, id) WHERE guild_id IS NOT NULL;
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key) WHERE unique_key IS NOT NULL AND state < 3;
CREATE UNIQUE INDEX jobs_request ON jobs (client, request_key) WHERE request_key IS NOT NULL;
CREATE TABLE job_steps (
    job_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    result TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (job_id, name)
);
CREATE TABLE job_lines (
    job_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (job_id, id)
);
CREATE TABLE job_files (
    job_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    fence BIGINT NOT NULL,
    whole BOOLEAN NOT NULL,
    size BIGINT NOT NULL,
    content_type TEXT NOT NULL,
    PRIMARY KEY (job_id, name, fence)
);
CREATE TABLE job_queues (
    name TEXT PRIMARY KEY,
    paused BOOLEAN NOT NULL DEFAULT FALSE,
    turn BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE job_starts (
    scope TEXT NOT NULL,
    at BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    PRIMARY KEY (scope, at, job_id, fence)
);
CREATE TABLE job_crons (
    name TEXT PRIMARY KEY,
    next_at BIGINT NOT NULL,
    schedule TEXT NOT NULL
);
