-- Version 2 of Misto's part of a PostGIS database: events.

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
