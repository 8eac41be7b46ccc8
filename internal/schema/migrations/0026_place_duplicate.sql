-- +goose Up

-- The id of the place that answers for this one since they were united; '' for a place of its own. Such a row is never
-- erased: its number leads to the other place, and imports know its standard_id again.
ALTER TABLE place_place ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';

-- Two places that were found to be one. ways is a JSON object of the fields that do not follow the kept record alone:
-- "merged" or "both". before is the kept place as it was (JSON), moved what followed it; kept_after and merged_after are
-- digests of both as the merge left them, so that it can be undone while nothing else has changed.
CREATE TABLE place_merge (
  merged_id TEXT NOT NULL PRIMARY KEY REFERENCES place_place (id),
  kept_id TEXT NOT NULL REFERENCES place_place (id),
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  ways TEXT NOT NULL,
  before TEXT NOT NULL,
  moved TEXT NOT NULL,
  kept_after TEXT NOT NULL,
  merged_after TEXT NOT NULL,
  CHECK (merged_id <> kept_id)
);
CREATE INDEX place_merge_kept ON place_merge (kept_id);
CREATE INDEX place_merge_at ON place_merge (at);

-- Two places that somebody found to be two, although they are alike. seen stands for what was compared: they are proposed
-- again once it is another. The lower id comes first.
CREATE TABLE place_distinct (
  a_id TEXT NOT NULL REFERENCES place_place (id),
  b_id TEXT NOT NULL REFERENCES place_place (id),
  seen TEXT NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  PRIMARY KEY (a_id, b_id),
  CHECK (a_id < b_id)
);
