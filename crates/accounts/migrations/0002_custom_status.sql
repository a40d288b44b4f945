-- What somebody says beside their status, as JSON; NULL for nothing.
ALTER TABLE users ADD COLUMN custom_status TEXT;
