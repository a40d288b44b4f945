-- How somebody had signed in, word by word (RFC 8176), parted by blanks.
ALTER TABLE grants ADD COLUMN amr TEXT NOT NULL DEFAULT '';
ALTER TABLE authorization_codes ADD COLUMN amr TEXT NOT NULL DEFAULT '';
ALTER TABLE device_codes ADD COLUMN amr TEXT NOT NULL DEFAULT '';

-- When the application was told that the session is over in which this was granted.
ALTER TABLE grants ADD COLUMN told BIGINT;

CREATE INDEX authorization_codes_by_session ON authorization_codes (session_id);

-- Which attempt it was, and what would be sent again, as JSON; empty where nothing can be.
ALTER TABLE deliveries ADD COLUMN attempt BIGINT NOT NULL DEFAULT 1;
ALTER TABLE deliveries ADD COLUMN subject TEXT NOT NULL DEFAULT '';

-- Requests of the current day (UTC), for limits that outlive a process. user_id 0: all of the application.
CREATE TABLE application_days (
    application_id BIGINT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    PRIMARY KEY (application_id, user_id, day)
);

CREATE INDEX application_days_by_day ON application_days (day);

-- The private half of verify_key, sealed. NULL until an address for interactions is set for the first time.
ALTER TABLE applications ADD COLUMN interaction_key {bytes}
