-- How many commands were created in a scope within 24 hours since `day_began`.
ALTER TABLE command_scopes ADD COLUMN day_began BIGINT NOT NULL DEFAULT 0;
ALTER TABLE command_scopes ADD COLUMN created BIGINT NOT NULL DEFAULT 0;
