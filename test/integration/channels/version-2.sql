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
CREATE INDEX channels_in_order ON channels (position);
CREATE INDEX channels_by_name ON channels (name_key);
CREATE INDEX channels_by_group ON channels (group_title);
CREATE INDEX channels_by_number ON channels (number) WHERE number IS NOT NULL;
CREATE INDEX channels_disabled ON channels (enabled) WHERE enabled = 0;

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

INSERT INTO lists (key, origin, is_ordered) VALUES (1, '/lists/home.m3u', 1), (2, 'manual', 0);
INSERT INTO channels (key, id, list, position, name, group_title, logo, tvg_id, attributes, enabled, favourite, edited,
  folded, name_key) VALUES
  (1, 'ch_a', 1, 4294969344, 'Alpha', 'Mine', '', 'a', '{}', 0, 1, '["group_title","number"]', 'alpha', 'alpha'),
  (2, 'ch_b', 1, 4294967296, 'Beta', 'News', '', 'b', '{}', 1, 0, '["name"]', 'beta', 'beta'),
  (7, 'ch_d', 1, 4294968320, 'Delta', '', '', 'd', '{}', 1, 0, '[]', 'delta', 'delta');
INSERT INTO sources (channel, list, position, url, headers, identity) VALUES
  (1, 1, 0, 'http://panel.example/a.m3u8', '{}', 'a' || char(10) || 'Alpha' || char(10) || 'News'),
  (2, 1, 0, 'http://panel.example/b.m3u8', '{}', 'b' || char(10) || 'Beta' || char(10) || 'News'),
  (7, 1, 0, 'http://panel.example/d.m3u8', '{}', 'd' || char(10) || 'Delta' || char(10));
INSERT INTO removed (list, id) VALUES (1, 'ch_c');
INSERT INTO journal_rows (action, of, row, before) VALUES ('moved', 'channels', 1, '4294966272');
INSERT INTO journal (at, what, first_row, last_row) VALUES (0, 'Moved a channel.', 1, 1);

PRAGMA user_version = 2;
