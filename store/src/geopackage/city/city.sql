-- city.gpkg, version 1 of Misto's part.
-- What the standard wants of every GeoPackage (OGC 12-128r18, version 1.3).

CREATE TABLE IF NOT EXISTS gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT
);

-- Clause 1.1.2.1.2, requirement 11: these three always.
INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326,
   'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]',
   'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');

CREATE TABLE IF NOT EXISTS gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE,
  min_y DOUBLE,
  max_x DOUBLE,
  max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);

CREATE TABLE IF NOT EXISTS gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);

CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT,
  column_name TEXT,
  extension_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);

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
