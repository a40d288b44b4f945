-- Bots that were there before accounts knew whose they are.
UPDATE users SET owner_id = (SELECT a.owner_id FROM applications AS a WHERE a.id = users.id)
WHERE bot AND owner_id IS NULL
