-- misto.sqlite, version 2: the log as a chain of hashes.

ALTER TABLE log ADD COLUMN hash BLOB;  -- NULL in entries that are older than the chain

-- Both ends of the chain of each kind.
CREATE TABLE log_chain (
  kind TEXT PRIMARY KEY,
  since INTEGER NOT NULL,  -- entries up to this sequence are older than the chain
  before BLOB NOT NULL,    -- hash of the entry before the oldest kept; zeros before the first of all
  last BLOB NOT NULL       -- hash of the newest entry
) WITHOUT ROWID;

-- SQLite knows no BLAKE3: the chain of a kind begins with its first new entry.
INSERT INTO log_chain SELECT kind, max(sequence), zeroblob(32), zeroblob(32) FROM log GROUP BY kind;
