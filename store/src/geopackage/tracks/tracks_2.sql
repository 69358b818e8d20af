-- tracks.sqlite, version 2: events. Their subjects have series 'event', the kind as
-- source and the id of what it happened to as name.

CREATE TABLE event (
  subject INTEGER NOT NULL,
  time INTEGER NOT NULL,
  event TEXT NOT NULL,               -- always '': subject and time are the key
  hash INTEGER NOT NULL,
  precision INTEGER NOT NULL,        -- tens: of time; ones: of recorded_at
  received_after INTEGER NOT NULL,   -- recorded_at - time
  lon REAL,
  lat REAL,
  body TEXT NOT NULL,                -- JSON object
  PRIMARY KEY (subject, time, event, hash)
) WITHOUT ROWID;

INSERT INTO total VALUES ('event', 0);
