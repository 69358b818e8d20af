-- misto.sqlite, version 2: the log as a chain of hashes, declared fields of documents.

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

-- By which members the documents of a kind are found.
CREATE TABLE declared_field (
  kind TEXT NOT NULL,
  field TEXT NOT NULL,
  pointer TEXT NOT NULL,       -- RFC 6901
  is_unique INTEGER NOT NULL,
  PRIMARY KEY (kind, field)
) WITHOUT ROWID;

-- What the documents hold there.
CREATE TABLE document_field (
  kind TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,         -- JSON text
  key TEXT NOT NULL,
  is_unique INTEGER NOT NULL,
  PRIMARY KEY (kind, key, field),
  FOREIGN KEY (kind, key) REFERENCES document ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX document_field_value ON document_field(kind, field, value, key);
CREATE UNIQUE INDEX document_field_unique ON document_field(kind, field, value) WHERE is_unique;
