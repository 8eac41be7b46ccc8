-- +goose Up

-- Which state of a place a form began from: one more with each change, so that a second one is told. A change keeps the
-- state that it led to; 0 for those from before states were counted.
ALTER TABLE place_place ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE place_change ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

-- What somebody has decided not to take from a source: the same value of the same source is not asked about again.
CREATE TABLE place_difference_kept (
  place_id TEXT NOT NULL REFERENCES place_place (id),
  field TEXT NOT NULL,
  source TEXT NOT NULL,
  value TEXT NOT NULL,
  kept_at BIGINT NOT NULL,
  PRIMARY KEY (place_id, field, source)
);

-- "Is it still right?": whom a place was asked of by mail since its last news, the civil day fresh_on ('' for none known).
-- The link's token stands nowhere, only its hash; '' once it was used, or for silence. An instant of 0 is never.
CREATE TABLE place_ask (
  place_id TEXT NOT NULL PRIMARY KEY REFERENCES place_place (id),
  fresh_on TEXT NOT NULL,
  asked BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  token_hash TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  silent_at BIGINT NOT NULL
);
CREATE INDEX place_ask_token ON place_ask (token_hash);
