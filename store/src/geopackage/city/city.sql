-- city.gpkg, version 1 of Misto's part.
-- Misto's own part.

-- What the standard has no column for. A row stays when another program drops
-- the table, so that a table written anew keeps its titles and its audience.
CREATE TABLE misto_collection (
  id TEXT NOT NULL PRIMARY KEY,
  title_uk TEXT NOT NULL,
  title_en TEXT NOT NULL,
  audience TEXT NOT NULL,
  sample INTEGER NOT NULL,
  geometry TEXT NOT NULL,
  present INTEGER NOT NULL  -- whether its table stood when last looked
);

CREATE TABLE misto_property (
  collection TEXT NOT NULL,
  name TEXT NOT NULL,
  audience TEXT NOT NULL,
  PRIMARY KEY (collection, name)
) WITHOUT ROWID;

-- Change feed and history in one. Rows are written by triggers on the feature
-- tables. geometry and properties hold the state after the change, for a delete
-- the last state. kind 'schema' (fid NULL) says: read the collections anew.
CREATE TABLE misto_change (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  collection TEXT NOT NULL,
  fid INTEGER,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 0,
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  actor TEXT NOT NULL,
  reason TEXT,
  geometry BLOB,
  properties TEXT
);
CREATE INDEX misto_change_version ON misto_change(collection, fid, version, kind);

-- Filled inside Misto's own transactions only; empty means another program writes.
CREATE TABLE misto_context (actor TEXT NOT NULL, reason TEXT);

-- One table registered as attributes keeps GDAL from listing the private ones,
-- and planners can read in QGIS who changed what and why.
CREATE VIEW misto_history AS
  SELECT sequence, collection, fid, kind, version, at, actor, reason FROM misto_change;
INSERT INTO gpkg_contents(table_name, data_type, identifier, description)
  VALUES ('misto_history', 'attributes', 'History of changes', 'Who changed which feature, when and why. Written by triggers; do not edit.');
INSERT INTO gpkg_extensions VALUES
  ('misto_collection', NULL, 'misto_history', 'Titles and publication policy of the layers', 'read-write'),
  ('misto_property', NULL, 'misto_history', 'Publication policy of the attributes', 'read-write'),
  ('misto_change', NULL, 'misto_history', 'History of changes, written by triggers', 'read-write'),
  ('misto_context', NULL, 'misto_history', 'Who is editing, inside a transaction', 'read-write'),
  ('misto_schema', NULL, 'misto_history', 'Version of these tables', 'read-write');
