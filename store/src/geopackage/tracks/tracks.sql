-- tracks.sqlite, version 1: series. Times are microseconds since 1970 (POSIX).

-- Vehicles and datastreams, told apart by series ('position', 'reading').
CREATE TABLE subject (
  id INTEGER PRIMARY KEY,
  series TEXT NOT NULL,
  source TEXT NOT NULL,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (series, source, owner, name)
);

-- What stays the same over many fixes of a journey, kept once. Rows stay when
-- their fixes are forgotten: a city makes some thousand a day.
CREATE TABLE journey (
  id INTEGER PRIMARY KEY,
  hash INTEGER NOT NULL UNIQUE,
  kind TEXT,
  route TEXT,
  route_short_name TEXT,
  direction INTEGER,
  headsign TEXT,
  trip_start TEXT,
  operating_day TEXT,
  plate TEXT
);

-- Clustered by subject and time, so that one vehicle's track is one stretch of the file.
CREATE TABLE position (
  subject INTEGER NOT NULL,
  time INTEGER NOT NULL,
  event TEXT NOT NULL,
  hash INTEGER NOT NULL,
  precision INTEGER NOT NULL,        -- tens: of time; ones: of received_at
  received_after INTEGER NOT NULL,   -- received_at - time
  lon REAL NOT NULL,
  lat REAL NOT NULL,
  journey INTEGER NOT NULL,
  speed_m_s REAL,
  bearing_deg REAL,
  accuracy_m REAL,
  odometer_m REAL,
  delay_s INTEGER,
  doors_open INTEGER,
  next_stop TEXT,
  rest TEXT,                         -- JSON: job, occupancy, flags, extra; NULL when all are unknown
  PRIMARY KEY (subject, time, event, hash)
) WITHOUT ROWID;

CREATE TABLE reading (
  subject INTEGER NOT NULL,
  time INTEGER NOT NULL,
  event TEXT NOT NULL,
  hash INTEGER NOT NULL,
  precision INTEGER NOT NULL,
  received_after INTEGER NOT NULL,
  truth INTEGER,                     -- exactly one of truth, number, word is not NULL
  number REAL,
  word TEXT,
  unit TEXT,
  lon REAL,
  lat REAL,
  flags TEXT,                        -- JSON array; NULL when empty
  PRIMARY KEY (subject, time, event, hash)
) WITHOUT ROWID;

-- Counted along, since counting ten million rows takes a second.
CREATE TABLE total (series TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO total VALUES ('position', 0), ('reading', 0);
