-- +goose Up

-- Photos of a place, each at most 30 kB (platform/picture), so that they live beside the rest on both engines (ADR 12).
CREATE TABLE place_photo (
  id TEXT NOT NULL PRIMARY KEY,
  place_id TEXT NOT NULL REFERENCES place_place (id),
  rank BIGINT NOT NULL,
  alt TEXT NOT NULL CHECK (alt <> ''),
  width BIGINT NOT NULL CHECK (width > 0),
  height BIGINT NOT NULL CHECK (height > 0),
  body BYTEA NOT NULL,
  added_at BIGINT NOT NULL,
  UNIQUE (place_id, rank)
);
