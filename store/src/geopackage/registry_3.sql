-- misto.sqlite, version 3: entries of the log that may be told more than once.

ALTER TABLE log ADD COLUMN key TEXT;                         -- NULL where nothing is told twice
ALTER TABLE log ADD COLUMN told INTEGER NOT NULL DEFAULT 1;  -- how often its key was told
CREATE UNIQUE INDEX log_key ON log(kind, key) WHERE key IS NOT NULL;
