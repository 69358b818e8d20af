-- Version 3 of Misto's part of a PostGIS database: entries of the log that may be told
-- more than once.

ALTER TABLE misto_private.log ADD COLUMN key text COLLATE "C";             -- NULL where nothing is told twice
ALTER TABLE misto_private.log ADD COLUMN told bigint NOT NULL DEFAULT 1;  -- how often its key was told
CREATE UNIQUE INDEX log_key ON misto_private.log(kind, key) WHERE key IS NOT NULL;
