CREATE INDEX jobs_client ON jobs (client, id) WHERE client IS NOT NULL;
CREATE INDEX jobs_cancelled ON jobs (id) WHERE state = 5;
CREATE INDEX jobs_done ON jobs (finished_at, queue) WHERE state = 3;
