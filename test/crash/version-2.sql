CREATE TABLE lists (
  key INTEGER PRIMARY KEY,
  origin TEXT NOT NULL UNIQUE,
  guide_urls TEXT NOT NULL DEFAULT '[]',
  refreshed_at INTEGER,
  kind TEXT NOT NULL DEFAULT 'file',
  name TEXT NOT NULL DEFAULT '',
  refresh_hours INTEGER NOT NULL DEFAULT 0,
  tried_at INTEGER,
  failure TEXT NOT NULL DEFAULT '',
  etag TEXT NOT NULL DEFAULT '',
  last_modified TEXT NOT NULL DEFAULT '',
  credentials TEXT NOT NULL DEFAULT '',
  groups TEXT,
  merges INTEGER NOT NULL DEFAULT 0,
  is_ordered INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE channels (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  list INTEGER NOT NULL REFERENCES lists,
  position INTEGER NOT NULL,
  number INTEGER,
  name TEXT NOT NULL,
  group_title TEXT NOT NULL,
  logo TEXT NOT NULL,
  tvg_id TEXT NOT NULL,
  attributes TEXT NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1,
  favourite INTEGER NOT NULL DEFAULT 0,
  notes TEXT NOT NULL DEFAULT '',
  edited TEXT NOT NULL DEFAULT '[]',
  gone_at INTEGER,
  folded TEXT NOT NULL DEFAULT '',
  name_key TEXT NOT NULL DEFAULT '',
  options TEXT NOT NULL DEFAULT '{}',
  health TEXT NOT NULL DEFAULT 'unknown',
  health_sentence TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE sources (
  key INTEGER PRIMARY KEY,
  channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
  list INTEGER NOT NULL REFERENCES lists,
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  headers TEXT NOT NULL,
  priority INTEGER NOT NULL DEFAULT 0,
  identity TEXT NOT NULL DEFAULT '',
  own_headers TEXT,
  is_hidden INTEGER NOT NULL DEFAULT 0,
  UNIQUE (channel, list, position)
) STRICT;
CREATE INDEX channels_in_order ON channels (position);
CREATE INDEX channels_by_name ON channels (name_key);
CREATE INDEX channels_by_group ON channels (group_title);
CREATE INDEX channels_by_number ON channels (number) WHERE number IS NOT NULL;
CREATE INDEX channels_disabled ON channels (enabled) WHERE enabled = 0;

CREATE TABLE removed (
  key INTEGER PRIMARY KEY,
  list INTEGER NOT NULL REFERENCES lists ON DELETE CASCADE,
  id TEXT NOT NULL,
  UNIQUE (list, id)
) STRICT;

CREATE TABLE journal (
  key INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  what TEXT NOT NULL,
  first_row INTEGER NOT NULL,
  last_row INTEGER NOT NULL
) STRICT;

CREATE TABLE journal_rows (
  key INTEGER PRIMARY KEY,
  action TEXT NOT NULL,
  of TEXT NOT NULL,
  row INTEGER NOT NULL,
  before TEXT
) STRICT;

PRAGMA user_version = 2;
