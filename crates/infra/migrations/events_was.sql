-- What was before, for events that decide who sees what; NULL where nobody said.
ALTER TABLE events ADD COLUMN was TEXT;
