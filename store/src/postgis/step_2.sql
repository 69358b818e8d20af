-- Version 2 of Misto's part of a PostGIS database: events, the
-- log as a chain of hashes, declared fields of documents.

-- Their subjects have series 'event', the kind as source and the id of what it
-- happened to as name.
CREATE TABLE misto_private.event (
  subject bigint NOT NULL,
  time timestamptz NOT NULL,
  event text COLLATE "C" NOT NULL,  -- always '': subject and time are the key
  hash bigint NOT NULL,
  precision smallint NOT NULL,      -- tens: of time; ones: of received_at
  received_at timestamptz NOT NULL, -- recorded_at of the event
  lon double precision,
  lat double precision,
  body text NOT NULL,               -- JSON object
  PRIMARY KEY (subject, time, event, hash)
);
CREATE INDEX event_time ON misto_private.event(time);

ALTER TABLE misto_private.log ADD COLUMN hash bytea;  -- NULL in entries that are older than the chain

-- Both ends of the chain of each kind. Whoever appends locks the row of the kind, so
-- the order of sequences is the order of the chain.
CREATE TABLE misto_private.log_chain (
  kind text PRIMARY KEY,
  since bigint NOT NULL DEFAULT 0,  -- entries up to this sequence are older than the chain
  before bytea NOT NULL,            -- hash of the entry before the oldest kept; zeros before the first of all
  last bytea NOT NULL               -- hash of the newest entry
);

-- PostgreSQL knows no BLAKE3: the chain of a kind begins with its first new entry.
INSERT INTO misto_private.log_chain
  SELECT kind, max(sequence), decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex') FROM misto_private.log GROUP BY kind;

-- By which members the documents of a kind are found.
CREATE TABLE misto_private.declared_field (
  kind text NOT NULL,
  field text COLLATE "C" NOT NULL,
  pointer text NOT NULL,  -- RFC 6901
  is_unique boolean NOT NULL,
  PRIMARY KEY (kind, field)
);

-- What the documents hold there.
CREATE TABLE misto_private.document_field (
  kind text NOT NULL,
  field text NOT NULL,
  value text NOT NULL,    -- JSON text
  key text COLLATE "C" NOT NULL,
  is_unique boolean NOT NULL,
  PRIMARY KEY (kind, key, field),
  FOREIGN KEY (kind, key) REFERENCES misto_private.document ON DELETE CASCADE
);
CREATE INDEX document_field_value ON misto_private.document_field(kind, field, value, key);
CREATE UNIQUE INDEX document_field_unique ON misto_private.document_field(kind, field, value) WHERE is_unique;
