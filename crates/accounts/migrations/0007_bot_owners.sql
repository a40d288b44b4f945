-- Whose bot it is: what its owner may not, it may not either. NULL for people.
ALTER TABLE users ADD COLUMN owner_id BIGINT;

CREATE INDEX users_by_owner ON users (owner_id) WHERE owner_id IS NOT NULL
