-- +goose Up

-- The places that a resident keeps, for themselves alone.
CREATE TABLE place_saved (
  account_id TEXT NOT NULL,
  place_id TEXT NOT NULL REFERENCES place_place (id),
  saved_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, place_id)
);
