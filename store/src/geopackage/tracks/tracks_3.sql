-- tracks.sqlite, version 3: which vehicles were in which part of the map, so that a box
-- is not looked for in all tracks.

-- A row when a vehicle has a fix in a cell (`cells.rs`) within five minutes. It says
-- where to look; one that outlives its fixes does no harm, one that is missing would.
CREATE TABLE visit (
  day INTEGER NOT NULL,      -- of fix time, since 1970
  cell INTEGER NOT NULL,
  slot INTEGER NOT NULL,     -- five minutes, since 1970
  subject INTEGER NOT NULL,
  PRIMARY KEY (day, cell, slot, subject)
) WITHOUT ROWID;

-- Counted down from the full slot, because SQLite divides towards zero.
INSERT OR IGNORE INTO visit
  SELECT (r.slot - (r.slot % 288 + 288) % 288) / 288, r.cell, r.slot, r.subject FROM (
    SELECT (time - (time % 300000000 + 300000000) % 300000000) / 300000000 AS slot, subject,
      CAST((lon + 180) * 400 AS INTEGER) * 131072 + CAST((lat + 90) * 400 AS INTEGER) AS cell
    FROM position) AS r;
