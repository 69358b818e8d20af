-- Version 1 of Misto's part of a PostGIS database. Feature tables are plain tables
-- in schema public; everything else lies here.

-- Titles and publication policy. A row stays when another program drops the table,
-- so that a table written anew keeps its titles and its audience.
CREATE TABLE misto_private.collection (
  id text PRIMARY KEY,
  title_uk text NOT NULL,
  title_en text NOT NULL,
  description text NOT NULL DEFAULT '',
  audience text NOT NULL,
  sample boolean NOT NULL,
  geometry text NOT NULL,
  present boolean NOT NULL,  -- whether its table stood when last looked
  signature text             -- columns of the table when last looked
);

CREATE TABLE misto_private.property (
  collection text NOT NULL,
  name text NOT NULL,
  audience text NOT NULL,
  PRIMARY KEY (collection, name)
);

-- Change feed and history in one. geometry and properties hold the state after the
-- change, for a delete the last state. kind 'schema' (fid NULL) says: read the
-- collections anew. Rows are written under one advisory lock that is held to the
-- end of the transaction, so sequence is the order of commits.
CREATE TABLE misto_private.change (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  collection text NOT NULL,
  fid bigint,
  kind text NOT NULL,
  version bigint NOT NULL DEFAULT 0,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor text NOT NULL,
  reason text,
  geometry public.geometry,
  properties jsonb
);
CREATE INDEX change_version ON misto_private.change(collection, fid, version);

-- Who edits and why: set by Misto for its own transactions; otherwise another program writes.
CREATE FUNCTION misto_private.actor() RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT coalesce(nullif(current_setting('misto.actor', true), ''), 'external') $$;
CREATE FUNCTION misto_private.reason() RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('misto.reason', true), '') $$;

CREATE FUNCTION misto_private.feed_lock() RETURNS void LANGUAGE sql AS
  $$ SELECT pg_advisory_xact_lock(1835627380, 1) $$;

CREATE FUNCTION misto_private.record(of_collection text, of_fid bigint, is_delete boolean, shape public.geometry, told jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  last record;
  what text;
BEGIN
  SELECT c.kind, c.version INTO last FROM misto_private.change AS c
    WHERE c.collection = of_collection AND c.fid = of_fid ORDER BY c.version DESC LIMIT 1;
  what := CASE WHEN is_delete THEN 'delete' WHEN last.kind IS NULL OR last.kind = 'delete' THEN 'insert' ELSE 'update' END;
  INSERT INTO misto_private.change(collection, fid, kind, version, actor, reason, geometry, properties)
    VALUES (of_collection, of_fid, what, coalesce(last.version, 0) + 1, misto_private.actor(), misto_private.reason(), shape, told);
END $$;

-- Trigger of every feature table; arguments: collection, key column, geometry column.
-- It is deferred to the end of the transaction, so that the lock is held for the
-- commit only, however long another program keeps its transaction open.
CREATE FUNCTION misto_private.record_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, misto_private SET timezone = 'UTC' SET extra_float_digits = 1 AS $$
DECLARE
  id bigint;
  old_id bigint;
  shape public.geometry;
  blank jsonb := jsonb_build_object(TG_ARGV[1], NULL, TG_ARGV[2], NULL);
BEGIN
  PERFORM misto_private.feed_lock();
  IF TG_OP <> 'INSERT' THEN
    EXECUTE format('SELECT ($1).%I', TG_ARGV[1]) INTO old_id USING OLD;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    EXECUTE format('SELECT ($1).%I, ($1).%I', TG_ARGV[1], TG_ARGV[2]) INTO id, shape USING NEW;
  END IF;
  IF old_id IS NOT NULL AND old_id IS DISTINCT FROM id THEN
    EXECUTE format('SELECT ($1).%I', TG_ARGV[2]) INTO shape USING OLD;
    PERFORM misto_private.record(TG_ARGV[0], old_id, true, shape, jsonb_strip_nulls(to_jsonb(jsonb_populate_record(OLD, blank))));
  END IF;
  IF TG_OP <> 'DELETE' THEN
    EXECUTE format('SELECT ($1).%I', TG_ARGV[2]) INTO shape USING NEW;
    PERFORM misto_private.record(TG_ARGV[0], id, false, shape, jsonb_strip_nulls(to_jsonb(jsonb_populate_record(NEW, blank))));
  END IF;
  PERFORM pg_notify('misto_change', '');
  RETURN NULL;
END $$;

-- TRUNCATE fires no row triggers.
CREATE FUNCTION misto_private.record_truncate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, misto_private AS $$
BEGIN
  PERFORM misto_private.record_gone(TG_ARGV[0]);
  PERFORM pg_notify('misto_change', '');
  RETURN NULL;
END $$;

-- Records every standing feature of a collection as deleted.
CREATE FUNCTION misto_private.record_gone(of_collection text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM misto_private.feed_lock();
  INSERT INTO misto_private.change(collection, fid, kind, version, actor, reason, geometry, properties)
    SELECT last.collection, last.fid, 'delete', last.version + 1, misto_private.actor(), misto_private.reason(), last.geometry, last.properties
    FROM (SELECT DISTINCT ON (fid) * FROM misto_private.change
          WHERE collection = of_collection AND fid IS NOT NULL ORDER BY fid, version DESC) AS last
    WHERE last.kind <> 'delete' ORDER BY last.fid;
END $$;

CREATE FUNCTION misto_private.announce_schema(of_collection text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM misto_private.feed_lock();
  INSERT INTO misto_private.change(collection, kind, actor, reason)
    VALUES (of_collection, 'schema', misto_private.actor(), misto_private.reason());
  PERFORM pg_notify('misto_change', '');
END $$;

-- Vehicles and datastreams, told apart by series ('position', 'reading').
CREATE TABLE misto_private.subject (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series text NOT NULL,
  source text NOT NULL,
  owner text NOT NULL,
  name text NOT NULL,
  newest timestamptz,        -- its greatest time so far
  UNIQUE (series, source, owner, name)
);

-- What stays the same over many fixes of a journey, kept once.
CREATE TABLE misto_private.journey (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash bigint NOT NULL UNIQUE,
  kind text,
  route text,
  route_short_name text,
  direction smallint,
  headsign text,
  trip_start text,
  operating_day text,
  plate text
);

-- One partition for each day of fix time; days far from their receipt (recordings,
-- wrong clocks) share the last one.
CREATE TABLE misto_private.position (
  subject bigint NOT NULL,
  fix_time timestamptz NOT NULL,
  event text COLLATE "C" NOT NULL,
  hash bigint NOT NULL,
  precision smallint NOT NULL,   -- tens: of fix_time; ones: of received_at
  received_at timestamptz NOT NULL,
  lon double precision NOT NULL,
  lat double precision NOT NULL,
  journey bigint NOT NULL,
  speed_m_s double precision,
  bearing_deg double precision,
  accuracy_m double precision,
  odometer_m double precision,
  delay_s integer,
  doors_open boolean,
  next_stop text,
  rest text,                     -- JSON: job, occupancy, flags, extra
  PRIMARY KEY (subject, fix_time, event, hash)
) PARTITION BY RANGE (fix_time);
CREATE INDEX position_time ON misto_private.position(fix_time);
CREATE TABLE misto_private.position_other PARTITION OF misto_private.position DEFAULT;

CREATE TABLE misto_private.reading (
  subject bigint NOT NULL,
  phenomenon_time timestamptz NOT NULL,
  event text COLLATE "C" NOT NULL,
  hash bigint NOT NULL,
  precision smallint NOT NULL,
  received_at timestamptz NOT NULL,
  truth boolean,                 -- exactly one of truth, number, word is not NULL
  number double precision,
  word text,
  unit text,
  lon double precision,
  lat double precision,
  flags text,                    -- JSON array; NULL when empty
  PRIMARY KEY (subject, phenomenon_time, event, hash)
);
CREATE INDEX reading_time ON misto_private.reading(phenomenon_time);

CREATE TABLE misto_private.document (
  kind text NOT NULL,
  key text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  body json NOT NULL,
  PRIMARY KEY (kind, key)
);

CREATE TABLE misto_private.log (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  at timestamptz NOT NULL,
  precision smallint NOT NULL,
  body json NOT NULL
);
CREATE INDEX log_kind ON misto_private.log(kind, sequence);

CREATE TABLE misto_private.blob (
  kind text NOT NULL,
  key text NOT NULL,
  version bigint NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (kind, key)
);
