-- The words of listings: rowid is twice the listing's id, and one more for a guild's.
{text_index listing_words};

-- What is in lists, the newest last.
CREATE INDEX listings_new ON listings (kind, approved_at, id) WHERE state IN (0, 6);
